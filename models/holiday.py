"""Public holidays and make-up workdays: what is published, and what people here decide of a day.

A calendar year is known once the government has published its holidays (and the library has them).
Beyond that only the dates that the law itself fixes are taken as holidays, and the table `holiday`,
which people edit, says the rest; it goes before the library in every year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from chinese_calendar import Holiday as Named  # type: ignore[import-untyped]
from chinese_calendar import get_holiday_detail
from sqlmodel import Field, Session, SQLModel, col, select

from models.audit import record_audit
from models.columns import enum_column

EVENING: Final = time(18)
"""Who has to work on a weekend day can still be there from now on."""

_FIXED: Final[Mapping[tuple[int, int], str]] = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}
"""The law gives these days off in every year; the others follow the moon or the sun."""

_NAMES: Final[Mapping[str, str]] = {named.value: named.chinese for named in Named}


class DayKind(StrEnum):
    """What a day is to people who work: as its weekday says, off, or a weekend day to be worked."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"


class Holiday(SQLModel, table=True):
    """What people here decided of one day."""

    __tablename__ = "holiday"

    day: date = Field(primary_key=True)
    kind: DayKind = Field(sa_column=enum_column(DayKind))
    name: str = Field(default="", max_length=20)


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what it is, its festival, and whether the holidays of its year are published."""

    date: date
    kind: DayKind
    name: str
    is_published: bool
    is_ours: bool = False

    def asks(self, starts: time) -> bool:
        """Tell whether a weekly duty that begins then is asked for instead of taken for granted.

        On a public holiday people may be with their family; on a make-up workday they work until
        the evening.
        """
        if self.kind is DayKind.HOLIDAY:
            return True
        return self.kind is DayKind.MAKE_UP and starts < EVENING


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of some time, with what people here decided of them."""

    ours: Mapping[date, Holiday]

    def day(self, of: date) -> Day:
        """Return what is known of a day; there is an answer for each."""
        known = _published(of)
        own = self.ours.get(of)
        if own is not None:
            return Day(of, own.kind, own.name, known is not None, is_ours=True)
        return known or _unpublished(of)


def load_calendar(session: Session, *, start: date, end: date) -> Calendar:
    """Return the calendar of a time, both ends included."""
    rows = session.exec(select(Holiday).where(col(Holiday.day).between(start, end)))
    return Calendar({row.day: row for row in rows})


def list_special_days(session: Session, *, start: date, end: date) -> list[Day]:
    """Return the days of a time that are not as their weekday says, or that we decided about."""
    calendar = load_calendar(session, start=start, end=end)
    days = [calendar.day(start + timedelta(days=n)) for n in range((end - start).days + 1)]
    return [day for day in days if day.is_ours or day.kind is not DayKind.ORDINARY]


def list_unpublished_years(start: date, end: date) -> list[int]:
    """Return the years of a time whose holidays are not published."""
    return [year for year in range(start.year, end.year + 1) if not _published(date(year, 1, 1))]


def decide_day(
    session: Session, *, day: date, kind: DayKind, name: str, actor_id: int, now: datetime
) -> None:
    """Write down what a day is; it counts from the next message on."""
    session.merge(Holiday(day=day, kind=kind, name=name))
    session.flush()  # the next duty must see it
    _record(session, "holiday", day, actor_id=actor_id, now=now, reason=kind.value)


def forget_day(session: Session, *, day: date, actor_id: int, now: datetime) -> None:
    """Let a day be again what the published calendar says."""
    row = session.get(Holiday, day)
    if row is not None:
        session.delete(row)
        session.flush()  # the next duty must see it
        _record(session, "holiday_off", day, actor_id=actor_id, now=now)


def _record(
    session: Session, action: str, day: date, *, actor_id: int, now: datetime, reason: str = ""
) -> None:
    subject = f"day:{day.isoformat()}"
    record_audit(session, actor_id=actor_id, action=action, subject=subject, now=now, reason=reason)


@lru_cache(maxsize=1024)
def _published(of: date) -> Day | None:
    try:
        is_off, festival = get_holiday_detail(of)
    except NotImplementedError:
        return None
    if festival is None:
        return Day(of, DayKind.ORDINARY, "", is_published=True)
    kind = DayKind.HOLIDAY if is_off else DayKind.MAKE_UP
    return Day(of, kind, _NAMES.get(festival, festival), is_published=True)


def _unpublished(of: date) -> Day:
    name = _FIXED.get((of.month, of.day), "")
    kind = DayKind.HOLIDAY if name else DayKind.ORDINARY
    return Day(of, kind, name, is_published=False)
