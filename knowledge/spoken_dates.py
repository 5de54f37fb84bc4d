"""Days and months as people say them: 2024年3月1号, 去年5月, 68年5月, 上个月5号."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from knowledge.numbers import parse_number

_N: Final = r"[0-9]{1,2}|[零〇一二三四五六七八九十]{1,3}"
_YEAR: Final = (
    r"(?:19|20)[0-9]{2}|[一二][零〇一二三四五六七八九]{3}|[0-9]{2}|[零〇一二三四五六七八九]{2}"
)
_DATE: Final = re.compile(
    rf"(?<![0-9])(?:(?P<year>{_YEAR})年|(?P<said>大前年|前年|去年|今年))"
    rf"(?:的|[ ])?(?:(?P<month>{_N}|正|腊)月份?(?:的|[ ])?"
    rf"(?:(?P<day>{_N})(?:号|日|[^0-9年月个天]|$))?)?"
)
_DOTTED: Final = re.compile(
    r"(?<![0-9])(?P<year>(?:19|20)[0-9]{2})[-./](?P<month>[0-9]{1,2})"
    r"(?:[-./](?P<day>[0-9]{1,2}))?(?![0-9])"
)
_SHORT: Final = re.compile(
    rf"(?<![0-9年])(?P<month>{_N})月(?:份|(?P<day>{_N})(?:号|日))(?!工资)|(?P<last>上个?月)(?:(?P<only>{_N})(?:号|日))?"
)
_NEAR: Final = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2, "大前天": 3}
_YEARS_BACK: Final = {"今年": 0, "去年": 1, "前年": 2, "大前年": 3}
_CENTURY: Final = 100
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class SpokenDate:
    """A date as far as it was said; `start` is where."""

    year: int
    month: int | None = None
    day: int | None = None
    start: int = 0

    @property
    def whole(self) -> date | None:
        """Return the day, where all of it was said and there is such a day."""
        if self.month is None or self.day is None:
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


def find_dates(text: str, today: date) -> list[SpokenDate]:
    """Return the dates of a normalised text in their order; a year of two digits is the nearer."""
    found = [_dated(match, today) for match in _DATE.finditer(text)]
    found += [_dated(match, today) for match in _DOTTED.finditer(text)]
    taken = [match.span() for match in (*_DATE.finditer(text), *_DOTTED.finditer(text))]
    for match in _SHORT.finditer(text):
        if not any(low <= match.start() < high for low, high in taken):
            found.append(_yearless(match, today))
    for word, days in _NEAR.items():
        position = text.find(word)
        if position >= 0 and not (word == "前天" and "大前天" in text):
            day = today - timedelta(days=days)
            found.append(SpokenDate(day.year, day.month, day.day, position))
    return sorted((said for said in found if _is_possible(said)), key=lambda said: said.start)


def find_day(text: str, today: date) -> date | None:
    """Return the first whole day that a text names."""
    return next((d.whole for d in find_dates(text, today) if d.whole is not None), None)


def find_month(text: str, today: date) -> tuple[int, int] | None:
    """Return the first year and month that a text names; 196805 is one too."""
    joined = re.search(r"(?<![0-9])((?:19|20)[0-9]{2})([01][0-9])(?:[0-3][0-9])?(?![0-9])", text)
    if joined and 1 <= int(joined[2]) <= _MONTHS:
        return int(joined[1]), int(joined[2])
    return next(((d.year, d.month or 1) for d in find_dates(text, today)), None)


def _dated(match: re.Match[str], today: date) -> SpokenDate:
    parts = match.groupdict()
    year = _year(parts["year"], today) if parts["year"] else today.year
    year -= _YEARS_BACK.get(parts.get("said") or "", 0)
    return SpokenDate(year, _month(parts["month"]), _small(parts["day"]), match.start())


def _yearless(match: re.Match[str], today: date) -> SpokenDate:
    """Take the last such day before today."""
    month, day = _month(match["month"]), _small(match["day"])
    if match["last"]:
        before = today.replace(day=1) - timedelta(days=1)
        return SpokenDate(before.year, before.month, _small(match["only"]), match.start())
    is_past = (month or 1, day or 1) <= (today.month, today.day)
    return SpokenDate(today.year if is_past else today.year - 1, month, day, match.start())


def _year(said: str, today: date) -> int:
    digits = said.translate(str.maketrans("零〇一二三四五六七八九", "00123456789"))
    number = int(digits)
    if number >= _CENTURY:
        return number
    return 2000 + number if 2000 + number <= today.year else 1900 + number


def _month(said: str | None) -> int | None:
    return {"正": 1, "腊": 12}.get(said or "") or _small(said)


def _small(said: str | None) -> int | None:
    number = parse_number(said) if said else None
    return None if number is None else int(number)


def _is_possible(said: SpokenDate) -> bool:
    if said.month is None or not 1 <= said.month <= _MONTHS:
        return False
    return said.day is None or said.whole is not None
