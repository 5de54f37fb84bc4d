"""What a person is promised, and what they are told when that was not kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from handlers.base import Context
from handlers.wording import say_duty, say_moment
from models.promise import remember_promise
from models.roster import NextDuty, find_next_duty
from models.ticket import Ticket, TicketKind
from models.volunteer import Skill

_WHO: Final[Mapping[Skill, str]] = {
    Skill.LAWYER: "律师",
    Skill.COUNSELOR: "心理顾问",
    Skill.CAREER: "职业顾问",
    Skill.STAFF: "工作人员",
}
_HELP: Final = "心里撑不住就打12356，有危险打110或120，一直有人接。"


@dataclass(frozen=True, slots=True)
class Delay:
    """How a promise stands: until when the duty goes on, when the next begins, who is before."""

    ticket: Ticket
    promised_at: datetime
    is_called_off: bool
    until: datetime | None
    next_at: datetime | None
    ahead: int


def promise_duty(ticket: Ticket, ctx: Context) -> NextDuty | None:
    """Return who is there for a ticket now or next; what is still to come is a promise."""
    duty = find_next_duty(ctx.session, skills=ticket.served_by, now=ctx.now)
    if duty is not None and not duty.is_on(ctx.now):
        skill, begins_at = duty.skill, duty.starts_at
        remember_promise(ctx.session, ticket, skill=skill, begins_at=begins_at, now=ctx.now)
    return duty


def say_when(ticket: Ticket, ctx: Context) -> str:
    """Say honestly whether somebody is on duty for a ticket, and if not, promise the next one."""
    return say_duty(promise_duty(ticket, ctx), now=ctx.now, timezone=ctx.timezone)


def say_delay(delay: Delay, *, now: datetime, timezone: ZoneInfo) -> str:
    """Tell the truth and a new time."""

    def say(moment: datetime) -> str:
        return say_moment(moment, now=now, timezone=timezone)

    ticket, place = delay.ticket, f"您前面还有 {delay.ahead} 位" if delay.ahead else "您排在头一个"
    who = "人" if ticket.kind is TicketKind.CRISIS else _WHO[ticket.skill]
    what = (
        f"那一班临时取消了，对不住。{place}。"
        if delay.is_called_off
        else f"到现在还没接上您，对不住。我已经去催了，{place}。"
    )
    lines = [
        f"说好{say(delay.promised_at)}有{who}值班，{what}",
        _say_new_time(delay, say(delay.next_at) if delay.next_at else "", timezone),
        f"编号 {ticket.id} 一直给您留着，不用再排。想起什么接着写。",
    ]
    return "\n".join([*lines, _HELP] if ticket.skill is Skill.COUNSELOR else lines)


def _say_new_time(delay: Delay, later: str, timezone: ZoneInfo) -> str:
    next_time = f"下一次值班是{later}" if later else "下一次值班还没排出来，排好了再给您准话"
    if delay.until is None:
        return f"{next_time}。" if delay.is_called_off else f"这一班过去了，{next_time}。"
    end = f"{delay.until.astimezone(timezone):%H:%M}"
    which = "眼下还有人值班，" if delay.is_called_off else "这一班"
    return f"{which}到 {end}，轮到您就在这里回您；万一没轮到，{next_time}。"
