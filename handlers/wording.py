"""Ways of saying things that several topics share."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.roster import NextDuty
from models.ticket import Ticket
from models.ticket_flow import queue_position

_WEEKDAYS = "一二三四五六日"


def say_moment(moment: datetime, *, now: datetime, timezone: ZoneInfo) -> str:
    """Say a moment as people do: 今晚 19:30, 明天 14:00, 周四（11月26日）19:30."""
    local, today = moment.astimezone(timezone), now.astimezone(timezone).date()
    clock = f"{local:%H:%M}"
    days = (local.date() - today).days
    if days == 0:
        return f"今晚 {clock}" if local.hour >= 18 else f"今天 {clock}"  # noqa: PLR2004 - evening
    if days == 1:
        return f"明天（周{_WEEKDAYS[local.weekday()]}）{clock}"
    if days == -1:
        return f"昨天 {clock}"
    return f"周{_WEEKDAYS[local.weekday()]}（{local.month}月{local.day}日）{clock}"


def say_date(moment: datetime, *, timezone: ZoneInfo) -> str:
    """Say a moment so that it is right whenever it is read: 11月26日（周四）19:30."""
    local = moment.astimezone(timezone)
    weekday = _WEEKDAYS[local.weekday()]
    return f"{local.month}月{local.day}日（周{weekday}）{local:%H:%M}"


def say_duty(duty: NextDuty | None, *, now: datetime, timezone: ZoneInfo) -> str:
    """Say honestly whether somebody is on duty, and if not, when the next one is."""
    if duty is None:
        return "最近的值班还没排出来，志愿者看到就会回您，急事可以打12348（法律）或12356（心理）。"
    end = f"{duty.ends_at.astimezone(timezone):%H:%M}"
    if duty.is_on(now):
        return f"{duty.who}正在值班（到{end}），看到就回您。"
    start = say_moment(duty.starts_at, now=now, timezone=timezone)
    return f"现在没人值班。下次值班：{start}到{end}，{duty.who}。"


def say_ahead(session: Session, ticket: Ticket, *, now: datetime) -> str:
    """Say how many people are served before this one; nothing where nobody is."""
    ahead = queue_position(session, ticket, now)
    return f"您前面还有{ahead}位。" if ahead else ""


def shorten(text: str, limit: int) -> str:
    """Cut a text to `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
