"""How the roster says things: days, hours, reasons, and why something did not work."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from models.duty import CloseReason
from models.holiday import Day, DayKind
from models.roster import DutyState
from models.roster_changes import RosterRefusal

WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
CLOSE_REASONS: Final[Mapping[CloseReason, str]] = {
    CloseReason.ILL: "身体不舒服",
    CloseReason.FAMILY: "家里有事",
    CloseReason.WORK: "单位走不开",
    CloseReason.OTHER: "别的事",
    CloseReason.ENDED: "这一班不再排了",
}
CHOSEN_REASONS: Final = (
    CloseReason.ILL,
    CloseReason.FAMILY,
    CloseReason.WORK,
    CloseReason.OTHER,
)
STATES: Final[Mapping[DutyState, str]] = {
    DutyState.OPEN: "在",
    DutyState.ASKED: "还没定",
    DutyState.CLOSED: "来不了",
}
DAY_KINDS: Final[Mapping[DayKind, str]] = {
    DayKind.HOLIDAY: "放假",
    DayKind.MAKE_UP: "调休上班",
    DayKind.ORDINARY: "照常",
}
REFUSALS: Final[Mapping[RosterRefusal, str]] = {
    RosterRefusal.MISSING: "没有这一班了，看看下面最新的。",
    RosterRefusal.NOT_YOURS: "这一班不在您名下，或者不是问您的。",
    RosterRefusal.OVER: "这一班已经过去了。",
    RosterRefusal.CLOSED: "这一班已经停了。",
    RosterRefusal.NOT_CLOSED: "这一班本来就在，没有停。",
    RosterRefusal.NO_SKILL: "这一班要有这项专长的志愿者来值。",
    RosterRefusal.OVERLAPS: "这个时间已经有一班了，不能重着值。",
    RosterRefusal.TIMES: "时间不对：要有头有尾，一班最长 14 小时。",
    RosterRefusal.OFFERED: "这一班已经在问人了，先等回话，或者收回。",
    RosterRefusal.ACCEPTED: "已经有人接下了，不用再管。",
    RosterRefusal.REFUSED: "对方已经说来不了。",
    RosterRefusal.WITHDRAWN: "这一班已经收回了。",
    RosterRefusal.SAME_PERSON: "这一班本来就是自己的。",
}


def say_day(day: date, *, today: date) -> str:
    """Return a day as people say it: 今天 周二, 11月26日 周四."""
    near = {0: "今天", 1: "明天", 2: "后天"}.get((day - today).days)
    return f"{near or f'{day.month}月{day.day}日'} {WEEKDAYS[day.weekday()]}"


def say_hours(starts_at: datetime, ends_at: datetime, *, zone: ZoneInfo) -> str:
    """Return from when to when: 19:30–21:30, 22:00–次日02:00."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    next_day = "次日" if end.date() > start.date() else ""
    return f"{start:%H:%M}–{next_day}{end:%H:%M}"


def say_festival(day: Day | None) -> str:
    """Return what is special about a day; nothing where nothing is."""
    if day is None or (day.kind is DayKind.ORDINARY and not day.name):
        return ""
    if day.kind is DayKind.HOLIDAY:
        return day.name or "放假"
    return f"{day.name}{DAY_KINDS[day.kind]}"


def say_reason(reason: str) -> str:
    """Return why a duty does not take place; a word that is not ours stays as it is."""
    return CLOSE_REASONS.get(CloseReason(reason), "") if reason in set(CloseReason) else reason


def say_length(length: timedelta) -> str:
    """Return a length in hours: 41 小时."""
    return f"{int(length.total_seconds()) // 3600} 小时"


def say_unpublished(years: Sequence[int]) -> str:
    """Return the sentence about years whose holidays nobody knows yet; nothing where all are."""
    if not years:
        return ""
    named = "、".join(str(year) for year in years)
    return f"{named} 年：节假日安排未公布，先按法定日子和管理员填的表来。"
