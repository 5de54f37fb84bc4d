"""Counting by the calendar: months that end on the day they should, or on the last there is."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year, as 2026-05."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def spoken(self) -> str:
        """Return the month as it is said."""
        return f"{self.year}年{self.month}月"

    def plus(self, months: int) -> "Month":
        """Return the month so many months later."""
        years, rest = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, rest + 1)

    def since(self, earlier: "Month") -> int:
        """Return the number of months since an earlier month (negative before it)."""
        return (self.year - earlier.year) * 12 + self.month - earlier.month


def add_months(day: date, months: int) -> date:
    """Return the corresponding day so many months later, or the last of a shorter month."""
    month = Month(day.year, day.month).plus(months)
    last = calendar.monthrange(month.year, month.month)[1]
    return date(month.year, month.month, min(day.day, last))


def whole_months(start: date, end: date) -> int:
    """Return how many whole months lie between two days, the second one left out."""
    months = Month(end.year, end.month).since(Month(start.year, start.month))
    return months if add_months(start, months) <= end else months - 1


def spoken(day: date) -> str:
    """Return a day as it is said."""
    return f"{day.year}年{day.month}月{day.day}日"
