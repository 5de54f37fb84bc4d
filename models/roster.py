"""Who is there when: weekly duties laid over the calendar, with what became of single dates.

Everything that is promised to people, shown to volunteers and warned of comes from `list_duties`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, SQLModel, col, or_, select
from sqlmodel.sql.expression import Select

from models.duty import Duty, WeeklyDuty
from models.holiday import Calendar, Day, load_calendar
from models.volunteer import Skill, Volunteer

HORIZON: Final = timedelta(weeks=8)
"""How far ahead a duty is promised."""

LONGEST_GAP: Final = timedelta(hours=40)
"""A longer one costs the way back to somebody: WeChat closes it 48 hours after their message."""

GAPS_AHEAD: Final = timedelta(days=10)
_SOON: Final = timedelta(days=8)
_LOOK_BACK: Final = timedelta(days=8)
_ONE_DAY: Final = timedelta(days=1)


class DutyState(StrEnum):
    """Whether somebody is there: yes, to be asked first, no. Only the first is promised."""

    OPEN = "open"
    ASKED = "asked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, order=True)
class DutyKey:
    """Names a duty: by its row, or by the weekly duty and the day, before it has a row."""

    weekly_id: int = 0
    day: date = date.min
    duty_id: int = 0

    def __str__(self) -> str:
        if self.duty_id:
            return f"d{self.duty_id}"
        return f"w{self.weekly_id}-{self.day.isoformat()}"


def parse_key(text: str) -> DutyKey | None:
    """Return the key that a text names; None where it names none."""
    number, _, day = text[1:].partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):  # noqa: PLR2004 - an id
        return None
    if text[0] == "d" and not day:
        return DutyKey(duty_id=int(number))
    try:
        return DutyKey(int(number), date.fromisoformat(day)) if text[0] == "w" else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class RosterDuty:
    """One duty as it stands now."""

    key: DutyKey
    volunteer_id: int
    who: str
    skill: Skill
    starts_at: datetime
    ends_at: datetime
    state: DutyState
    closed_reason: str | None = None
    day: Day | None = None


class NextDuty(SQLModel):
    """Who is there now, or next, for what, and from when to when."""

    who: str
    skill: Skill
    starts_at: datetime
    ends_at: datetime

    def is_on(self, now: datetime) -> bool:
        """Tell whether this duty has begun."""
        return self.starts_at <= now


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without anybody for a skill; None is an end that is out of sight."""

    skill: Skill
    starts_at: datetime | None
    ends_at: datetime | None


def find_next_duty(session: Session, *, skills: Iterable[Skill], now: datetime) -> NextDuty | None:
    """Return the duty that is on for one of `skills`, else the next one, else None."""
    wanted = frozenset(skills)
    for ahead in (_SOON, HORIZON):
        for duty in list_duties(session, start=now, end=now + ahead, skills=wanted):
            if duty.state is DutyState.OPEN:
                return NextDuty(
                    who=duty.who,
                    skill=duty.skill,
                    starts_at=duty.starts_at,
                    ends_at=duty.ends_at,
                )
    return None


def list_duties(
    session: Session,
    *,
    start: datetime,
    end: datetime,
    skills: Collection[Skill] = tuple(Skill),
    volunteer_id: int | None = None,
) -> list[RosterDuty]:
    """Return the duties that touch a time, by their beginning; those of one person where named."""
    rows = session.exec(
        _dated_rows()
        .where(col(Duty.skill).in_(list(skills)))
        .where(col(Duty.ends_at) > start, col(Duty.starts_at) < end)
    ).all()
    # Days of other clocks than UTC, and duties that began the day before, are within these.
    first, last = (start - 2 * _ONE_DAY).date(), (end + _ONE_DAY).date()
    weekly = _weekly_rows(session, skills, first, last)
    calendar = load_calendar(session, start=first, end=last)
    laid = _lay_out(weekly, [row[0] for row in rows], calendar, start=start, end=end)
    dated = [_dated(*row, calendar) for row in rows if row[1].is_active]
    duties = [d for d in (*dated, *laid) if volunteer_id in (None, d.volunteer_id)]
    return sorted(duties, key=lambda duty: (duty.starts_at, duty.volunteer_id, duty.skill))


def list_on_duty(
    session: Session, *, now: datetime, skills: Collection[Skill] = tuple(Skill)
) -> list[RosterDuty]:
    """Return the duties that are on now."""
    soon = now + timedelta(seconds=1)
    duties = list_duties(session, start=now, end=soon, skills=skills)
    return [duty for duty in duties if duty.state is DutyState.OPEN and duty.starts_at <= now]


def find_later_duty(
    session: Session, skills: Collection[Skill], *, now: datetime
) -> RosterDuty | None:
    """Return the next duty for one of `skills` that has not begun yet."""
    for ahead in (_SOON, HORIZON):
        for duty in list_duties(session, start=now, end=now + ahead, skills=skills):
            if duty.state is DutyState.OPEN and duty.starts_at > now:
                return duty
    return None


def find_duty(session: Session, duty_id: int) -> RosterDuty | None:
    """Return what became of one row, if the person is still with us."""
    found = session.exec(
        _dated_rows().where(Duty.id == duty_id, col(Volunteer.is_active).is_(True))
    ).first()
    if found is None:
        return None
    day = found[0].day or found[0].starts_at.date()
    return _dated(*found, load_calendar(session, start=day, end=day))


def find_gaps(session: Session, *, now: datetime) -> list[Gap]:
    """Return where a skill has nobody for too long within the next days."""
    start, end = now - _LOOK_BACK, now + GAPS_AHEAD + LONGEST_GAP
    duties = [
        duty for duty in list_duties(session, start=start, end=end) if duty.state is DutyState.OPEN
    ]
    return [
        gap
        for skill in Skill
        for gap in _gaps_of(skill, [d for d in duties if d.skill is skill], now=now)
    ]


def occurrence(weekly: WeeklyDuty, day: date) -> tuple[datetime, datetime]:
    """Return from when to when a weekly duty is on one day."""
    zone = ZoneInfo(weekly.timezone)
    last = day if weekly.ends > weekly.starts else day + _ONE_DAY
    return (
        datetime.combine(day, weekly.starts, tzinfo=zone),
        datetime.combine(last, weekly.ends, tzinfo=zone),
    )


def takes_place(weekly: WeeklyDuty, day: date) -> bool:
    """Tell whether a weekly duty has this day among its days."""
    is_over = weekly.valid_until is not None and day > weekly.valid_until
    return day.weekday() == weekly.weekday and day >= weekly.valid_from and not is_over


def _dated_rows() -> Select[Duty, Volunteer, WeeklyDuty]:
    return (
        select(Duty, Volunteer, WeeklyDuty)
        .join(Volunteer, col(Volunteer.id) == col(Duty.volunteer_id))
        .join(WeeklyDuty, col(WeeklyDuty.id) == col(Duty.weekly_id), isouter=True)
        .execution_options(populate_existing=True)  # the roster is as it is now
    )


def _weekly_rows(
    session: Session, skills: Collection[Skill], first: date, last: date
) -> Sequence[tuple[WeeklyDuty, Volunteer]]:
    until = col(WeeklyDuty.valid_until)
    return session.exec(
        select(WeeklyDuty, Volunteer)
        .join(Volunteer, col(Volunteer.id) == col(WeeklyDuty.volunteer_id))
        .where(col(WeeklyDuty.skill).in_(list(skills)), col(Volunteer.is_active).is_(True))
        .where(col(WeeklyDuty.valid_from) <= last, or_(until.is_(None), until >= first))
    ).all()


def _lay_out(
    weekly: Iterable[tuple[WeeklyDuty, Volunteer]],
    rows: Iterable[Duty],
    calendar: Calendar,
    *,
    start: datetime,
    end: datetime,
) -> Iterator[RosterDuty]:
    """Yield the weekly duties on their days, but where a row stands in their place."""
    taken = {(row.weekly_id, row.day) for row in rows}
    # Before there were weekly duties, each evening was a row: it still stands for the evening.
    same = {(row.volunteer_id, row.skill, row.starts_at) for row in rows}
    for pattern, who in weekly:
        for day in _days(pattern, start, end):
            starts_at, ends_at = occurrence(pattern, day)
            is_here = starts_at < end and ends_at > start
            is_row = (pattern.id, day) in taken or (who.id, pattern.skill, starts_at) in same
            if is_here and not is_row:
                known = calendar.day(day)
                yield RosterDuty(
                    key=DutyKey(pattern.id or 0, day),
                    volunteer_id=who.id or 0,
                    who=who.display_name,
                    skill=pattern.skill,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    state=DutyState.ASKED if known.asks(pattern.starts) else DutyState.OPEN,
                    day=known,
                )


def _days(weekly: WeeklyDuty, start: datetime, end: datetime) -> Iterator[date]:
    zone = ZoneInfo(weekly.timezone)
    first = start.astimezone(zone).date() - _ONE_DAY  # one that began yesterday may still be on
    first += timedelta(days=(weekly.weekday - first.weekday()) % 7)
    last = end.astimezone(zone).date()
    for weeks in range((last - first).days // 7 + 1):
        day = first + timedelta(weeks=weeks)
        if takes_place(weekly, day):
            yield day


def _dated(duty: Duty, who: Volunteer, weekly: WeeklyDuty | None, calendar: Calendar) -> RosterDuty:
    known = calendar.day(duty.day) if duty.day else None
    return RosterDuty(
        key=DutyKey(duty_id=duty.id or 0),
        volunteer_id=who.id or 0,
        who=who.display_name,
        skill=duty.skill,
        starts_at=duty.starts_at,
        ends_at=duty.ends_at,
        state=_state_of(duty, weekly, known),
        closed_reason=duty.closed_reason,
        day=known,
    )


def _state_of(duty: Duty, weekly: WeeklyDuty | None, day: Day | None) -> DutyState:
    if duty.closed_reason is not None:
        return DutyState.CLOSED
    if duty.confirmed or weekly is None or day is None:
        return DutyState.OPEN
    return DutyState.ASKED if day.asks(weekly.starts) else DutyState.OPEN


def _gaps_of(skill: Skill, duties: Iterable[RosterDuty], *, now: datetime) -> Iterator[Gap]:
    """Yield the gaps between duties in their order; who wrote just after one waits all of it."""
    last: datetime | None = None
    for duty in duties:
        reached = last or now - _LOOK_BACK
        if duty.starts_at - reached > LONGEST_GAP and duty.starts_at > now:
            yield Gap(skill, last, duty.starts_at)
        if last is None or duty.ends_at > last:
            last = duty.ends_at
        if last > now + GAPS_AHEAD:
            return
    yield Gap(skill, last, None)
