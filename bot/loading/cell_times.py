"""Days and moments in cells, in every form in which people and spreadsheets write them."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.loading.cells import NOTHING, BadCellError, Cell, figure, plain, shorten

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_EXCEL_DAYS: Final = (20_000, 80_000)
_EXCEL_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no zones
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT_DAY: Final = re.compile(r"(20\d{2})(\d{2})(\d{2})")
_CLOCK: Final = re.compile(
    r"[T\s]*(\d{1,2})\s*[:点时]\s*(\d{1,2})?\s*(?:[:分]\s*(\d{1,2})?)?(?:\.\d+)?\s*秒?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)


def day(cell: Cell) -> date | None:
    """Take a date in any usual form, an Excel serial number too; None for an empty cell."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    said = plain(figure(cell))
    if said.casefold() in NOTHING:
        return None
    serial = _serial(said)
    if serial is not None:
        return serial.date()
    found, rest = _leading_day(said)
    if rest and not re.fullmatch(r"[T\s]*0{1,2}:00(:00)?(\.0+)?", rest):
        raise _not_a_day(said)
    return found


def moment(cell: Cell) -> datetime | None:
    """Take a day with its time, in Shanghai unless it says otherwise; None for an empty cell."""
    if isinstance(cell, datetime):
        return _aware(cell)
    said = plain(figure(cell))
    if said.casefold() in NOTHING:
        return None
    serial = _serial(said)
    if serial is not None:
        return _aware(serial)
    try:
        found, rest = _leading_day(said)
    except BadCellError as error:
        raise _not_a_moment(said) from error
    return _aware(datetime.combine(found, _clock(rest, said)))


def _serial(said: str) -> datetime | None:
    """Return the day and time that Excel counts, where the text is such a number."""
    if not re.fullmatch(r"\d{5}(\.\d+)?", said):
        return None
    days = float(said)
    if not _EXCEL_DAYS[0] <= days <= _EXCEL_DAYS[1]:
        return None
    seconds = round(days * 86_400)
    return _EXCEL_EPOCH + timedelta(seconds=seconds)


def _leading_day(said: str) -> tuple[date, str]:
    match = _DAY.match(said) or _COMPACT_DAY.match(said)
    if match is None:
        raise _not_a_day(said)
    try:
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        msg = "没有这一天，请核对日期"
        raise BadCellError(msg) from error
    return found, said[match.end() :].strip()


def _not_a_day(said: str) -> BadCellError:
    return BadCellError(f"“{shorten(said)}”不是日期，请写成 2026-11-26")


def _not_a_moment(said: str) -> BadCellError:
    return BadCellError(f"“{shorten(said)}”不是日期加时间，请写成 2026-11-26 19:30")


def _clock(rest: str, said: str) -> time:
    match = _CLOCK.fullmatch(rest)
    if match is None:
        raise _not_a_moment(said)
    try:
        clock = time(int(match[1]), int(match[2] or 0), int(match[3] or 0))
    except ValueError as error:
        msg = "没有这个钟点，请写成 19:30"
        raise BadCellError(msg) from error
    if not match[4]:
        return clock
    offset = datetime.strptime(match[4].replace("Z", "+0000"), "%z").tzinfo
    return clock.replace(tzinfo=offset)


def _aware(value: datetime) -> datetime:
    value = value.replace(tzinfo=SHANGHAI) if value.tzinfo is None else value
    whole = value + timedelta(milliseconds=500)  # Excel stores 19:30 as a rounded fraction
    return whole.replace(microsecond=0).astimezone(UTC)
