"""Readers that several calculations share: each returns the value as text, or None."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from handlers.calculations.sheet import Reader
from knowledge import spoken
from knowledge.calculators.dates import Month, add_months
from knowledge.places import find_places
from knowledge.spoken_dates import SpokenDate, find_dates, find_day, find_month

_RANGE: Final = 2
_MONTH: Final = len("2015-03")
UNKNOWN: Final = re.compile(
    r"(?:我|俺|这个|也)*(?:真)?(?:不知道|不清楚|不晓得|不懂|不会|记不清|记不得|忘了|不记得|说不准|没印象|查不到|哪知道)"
)


def number_text(value: Decimal | int | None) -> str | None:
    """Return a number as it is kept."""
    return None if value is None else str(value)


def find_wage(text: str, _: date) -> str | None:
    """Return a month's pay."""
    return number_text(spoken.find_wage(text))


def read_wage(text: str, today: date) -> str | None:
    """Return a month's pay; a bare number is one, a range is none."""
    return find_wage(text, today) or read_sum(text, today)


_AVERAGE: Final = re.compile(
    r"(?:社平|(?:本地|当地|全市|统筹地区|职工)[^,。]{0,6}平均)(?:工资)?[^,。0-9]{0,6}([0-9.]+万?)"
)


def find_average(text: str, today: date) -> str | None:
    """Return the local average wage that a sentence names as such."""
    match = _AVERAGE.search(text)
    return read_sum(match[1], today) if match else None


def find_own_wage(text: str, today: date) -> str | None:
    """Return a month's pay, which is not the local average."""
    return find_wage(_AVERAGE.sub(" ", text), today)


def read_sum(text: str, _: date) -> str | None:
    """Return a sum of money; a bare number is one, a range is none."""
    return number_text(spoken.find_sum(text))


def read_count(text: str, _: date) -> str | None:
    """Return a plain number, as days."""
    return number_text(spoken.read_number(text))


def find_months(text: str, _: date) -> str | None:
    """Return a time in months, with a + when some days come on top."""
    return _months_text(spoken.find_service(text))


def read_months(text: str, _: date) -> str | None:
    """Return a time in months; a bare number is years."""
    return _months_text(spoken.read_service(text))


def _months_text(service: spoken.Service | None) -> str | None:
    return None if service is None else f"{service.months}{'+' if service.more else ''}"


def service_of(text: str) -> spoken.Service:
    """Return the time that `read_months` kept."""
    return spoken.Service(int(text.rstrip("+")), more=text.endswith("+"))


def find_span(text: str, today: date) -> str | None:
    """Return two dates, from first to last, as 2015-03-01/2023-04-30 or 2015-03/2023-04."""
    dates = find_dates(text, today)
    if len(dates) != _RANGE:
        return None
    said = f"{_said(dates[0])}/{_said(dates[1])}"
    start, end = span_of(said)
    return said if start < end else None


def _said(said: SpokenDate) -> str:
    return said.whole.isoformat() if said.whole else f"{said.year:04}-{said.month or 1:02}"


def span_of(text: str, *, to_the_end: bool = False) -> tuple[date, date]:
    """Return the days that `find_span` kept.

    A last month without its day is taken to its beginning, so that months are counted as people
    do; or `to_the_end`, which may be a month more.
    """
    first, _, last = text.partition("/")
    start = date.fromisoformat(first if len(first) > _MONTH else f"{first}-01")
    if len(last) > _MONTH:
        return start, date.fromisoformat(last)
    begins = date.fromisoformat(f"{last}-01")
    return start, (add_months(begins, 1) if to_the_end else begins) - timedelta(days=1)


def read_day(text: str, today: date) -> str | None:
    """Return a whole day."""
    day = find_day(text, today)
    return None if day is None else day.isoformat()


def read_month(text: str, today: date) -> str | None:
    """Return a month, as 1968-05."""
    month = find_month(text, today)
    return None if month is None else str(Month(*month))


def month_of(text: str) -> Month:
    """Return the month that `read_month` kept."""
    year, _, month = text.partition("-")
    return Month(int(year), int(month))


def read_region(text: str, _: date) -> str | None:
    """Return the city a sentence names, in the person's words where we know no such place."""
    places = find_places(text)
    if places:
        return places[0].city or places[0].name
    said = text.strip(" ,。")
    return said if re.fullmatch(r"[\u4e00-\u9fa5]{2,8}", said) else None


def find_region(text: str, _: date) -> str | None:
    """Return the city that a sentence names, if we know it."""
    places = [place for place in find_places(text) if place.city]
    return places[0].city if places else None


def one_of(words: Mapping[str, str]) -> Reader:
    """Return a reader of a few values, each known by the words (a pattern) people use."""
    patterns = {value: re.compile(pattern) for value, pattern in words.items()}

    def read(text: str, _: date) -> str | None:
        said = re.sub(r"不是[^,。]*[,。]?", "", text) or text
        return next((value for value, words in patterns.items() if words.search(said)), None)

    return read


def yes_or_no(yes: str, no: str) -> Reader:
    """Return a reader of yes and no, which also finds either in the words given (patterns)."""
    told = one_of({"no": no, "yes": yes})

    def read(text: str, today: date) -> str | None:
        plain = spoken.read_yes(text)
        return told(text, today) if plain is None else ("yes" if plain else "no")

    return read
