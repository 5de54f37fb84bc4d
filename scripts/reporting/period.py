"""The days that a report is about, in the configured zone; weeks begin on Monday."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_WEEK_DAYS: Final = timedelta(days=7)
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        """Return the moment at which the first day begins."""
        return datetime.combine(self.first, time.min, tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        """Return the moment at which the last day is over."""
        return datetime.combine(self.last + _ONE_DAY, time.min, tzinfo=self.zone)

    @property
    def name(self) -> str:
        """Return what the period is called."""
        year, week, day = self.first.isocalendar()
        is_week = day == 1 and self.last == self.first + _WEEK_DAYS - _ONE_DAY
        days = f"{self.first} 至 {self.last}"
        return f"{year} 年第 {week} 周（{days}）" if is_week else days

    def day_of(self, moment: datetime) -> date:
        """Return the day of a moment on the clock of the zone."""
        return moment.astimezone(self.zone).date()


def choose_period(
    week: str | None, first: str | None, last: str | None, *, now: datetime, zone: ZoneInfo
) -> Period:
    """Return the period that is named, else the newest week that is over; may raise ValueError."""
    if week is not None and (first or last):
        msg = "either a week, or the first and the last day"
        raise ValueError(msg)
    if week is not None:
        return read_week(week, zone)
    if first is None and last is None:
        return last_week(now, zone)
    if first is None or last is None:
        msg = "the first and the last day belong together"
        raise ValueError(msg)
    return read_days(first, last, zone)


def read_week(text: str, zone: ZoneInfo) -> Period:
    """Read `2026-W47`; raise ValueError for anything else."""
    found = _WEEK.fullmatch(text)
    if found is None:
        msg = f"{text!r} is not a week like 2026-W47"
        raise ValueError(msg)
    monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
    return Period(monday, monday + _WEEK_DAYS - _ONE_DAY, zone)


def read_days(first: str, last: str, zone: ZoneInfo) -> Period:
    """Read two days like 2026-11-16, both included; raise ValueError where that is no time."""
    period = Period(date.fromisoformat(first), date.fromisoformat(last), zone)
    if period.last < period.first:
        msg = f"{last} is before {first}"
        raise ValueError(msg)
    return period


def last_week(now: datetime, zone: ZoneInfo) -> Period:
    """Return the newest week that is over."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday()) - _WEEK_DAYS
    return Period(monday, monday + _WEEK_DAYS - _ONE_DAY, zone)
