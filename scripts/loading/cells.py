"""What stands in one cell, and how it becomes a value. A refusal says what to write instead."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

Cell: TypeAlias = object
"""Text, a number, a date or a time (spreadsheets), a list or a mapping (JSON, YAML), or None."""

Parse: TypeAlias = Callable[[Cell], object]

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
LONGEST_SHOWN: Final = 60
_EXACT_DIGITS: Final = 10**15
_EXCEL_DAYS: Final = (20_000, 80_000)
_EXCEL_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no zones
_INVISIBLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BROKEN: Final = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)")
_NOTHING: Final = frozenset(
    {"", "-", "--", "—", "——", "/", "无", "不限", "面议", "暂无", "长期", "null", "none", "n/a"}
)
_NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?)(千|万|[kKwW])?")
_SUFFIX: Final = re.compile(r"(?:元|块钱?|岁|人|名|个|位|周岁)?(?:以上|左右|起)?$")
_SCALES: Final = {"千": 1000, "k": 1000, "万": 10_000, "w": 10_000}
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT_DAY: Final = re.compile(r"(20\d{2})(\d{2})(\d{2})")
_CLOCK: Final = re.compile(
    r"[T\s]*(\d{1,2})\s*[:点时]\s*(\d{1,2})?\s*(?:[:分]\s*(\d{1,2})?)?(?:\.\d+)?\s*秒?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)
_PHONE: Final = re.compile(
    r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(?:[-转]\d{1,6})?|[48]00-?\d{3}-?\d{4}|9[56]\d{3,6}|1[02]\d{3}"
    r"|11[09]|12[02]"
)
_PHONE_BREAKS: Final = re.compile(r"[/、,，;；\n]+|(?<=\d{7})\s+(?=[01])|或")


class BadCellError(ValueError):
    """A cell cannot be used; the text says in plain Chinese what to write instead."""


def show(cell: Cell) -> str:
    """Return a cell as a person would see it in the sheet."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes").removesuffix(" 00:00")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT_DIGITS:
        return str(int(cell))
    if isinstance(cell, time):
        return cell.isoformat(timespec="minutes")
    return str(cell)


def shorten(said: str) -> str:
    """Return the beginning of a long value, enough to find it."""
    said = _SURROGATE.sub("?", said)
    return said if len(said) <= LONGEST_SHOWN else f"{said[:LONGEST_SHOWN]}…"


def is_blank(cell: Cell) -> bool:
    """Tell whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not _clean(cell))


def text(longest: int) -> Parse:
    """Take text as it is written, up to `longest` characters."""

    def parse(cell: Cell) -> str:
        return _at_most(longest, _words(cell))

    return parse


def key(longest: int) -> Parse:
    """Take what identifies a row: full-width letters and digits become plain ones."""

    def parse(cell: Cell) -> str:
        said = _at_most(longest, _plain(_words(cell)))
        if re.search(r"\s", said):
            msg = "编号里不要有空格或换行"
            raise BadCellError(msg)
        return said

    return parse


def whole_number(lowest: int, highest: int, *, unit: str = "") -> Parse:
    """Take a whole number between two bounds, None for an empty cell."""

    @lru_cache(maxsize=4096)
    def parse_text(said: str) -> int | None:
        number = _number(said, example=lowest)
        if number is None:
            return None
        if number != int(number):
            msg = f"请填整数，如 {int(number)}"
            raise BadCellError(msg)
        if not lowest <= number <= highest:
            msg = f"应在 {lowest} 到 {highest}{unit} 之间，请核对"
            raise BadCellError(msg)
        return int(number)

    def parse(cell: Cell) -> int | None:
        return parse_text(_figure(cell))

    return parse


def decimal(lowest: float, highest: float) -> Parse:
    """Take a number with a point between two bounds, None for an empty cell."""

    def parse(cell: Cell) -> float | None:
        said = re.sub(r"[°度]|北纬|东经|[NE]$", "", _plain(_figure(cell)))
        if said.casefold() in _NOTHING:
            return None
        try:
            number = Decimal(said)
        except InvalidOperation as error:
            raise _not_a_number(said, example=lowest) from error
        if not number.is_finite() or not lowest <= number <= highest:
            msg = f"应在 {lowest:g} 到 {highest:g} 之间，请核对"
            raise BadCellError(msg)
        return float(number)

    return parse


def day(cell: Cell) -> date | None:
    """Take a date in any usual form, an Excel serial number too; None for an empty cell."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    said = _plain(_figure(cell))
    if said.casefold() in _NOTHING:
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
    said = _plain(_figure(cell))
    if said.casefold() in _NOTHING:
        return None
    serial = _serial(said)
    if serial is not None:
        return _aware(serial)
    try:
        found, rest = _leading_day(said)
    except BadCellError as error:
        raise _not_a_moment(said) from error
    return _aware(datetime.combine(found, _clock(rest, said)))


def phone(longest: int) -> Parse:
    """Take one or more telephone numbers, tidied."""

    @lru_cache(maxsize=4096)
    def parse_text(said: str) -> str:
        numbers = [_one_phone(part) for part in _PHONE_BREAKS.split(said) if part.strip()]
        return _at_most(longest, " / ".join(dict.fromkeys(numbers)))

    def parse(cell: Cell) -> str:
        said = re.sub("[—–－―‐−]", "-", _plain(_words(cell)))
        return "" if said.casefold() in _NOTHING else parse_text(said)

    return parse


def https(longest: int) -> Parse:
    """Take a web address that begins with https://."""

    def parse(cell: Cell) -> str:
        said = _at_most(longest, _plain(_words(cell)))
        if said.casefold() in _NOTHING:
            return ""
        if said.lower().startswith("http://"):
            msg = "请用 https:// 开头的网址（http:// 不安全）"
            raise BadCellError(msg)
        if not _is_https(said):
            msg = "请填 https:// 开头的完整网址，如 https://example.org/class"
            raise BadCellError(msg)
        return said

    return parse


def listed(longest: int, most: int, *, breaks: str = r"[|｜\n]") -> Parse:
    """Take several texts, in one cell with separators or as a list."""

    def parse(cell: Cell) -> list[str]:
        parts = cell if isinstance(cell, list) else re.split(breaks, _words(cell))
        texts = [_at_most(longest, _words(part)) for part in parts]
        unique = list(dict.fromkeys(text for text in texts if text))
        if len(unique) > most:
            msg = f"最多 {most} 项，这里有 {len(unique)} 项，请删去一些"
            raise BadCellError(msg)
        return unique

    return parse


def choice(values: Mapping[str, str], *, say: str) -> Parse:
    """Take one of the words people use for a few values; `say` names what may be written."""
    known = {_bare(word): value for word, value in values.items()}

    def parse(cell: Cell) -> str:
        said = _bare(_words(cell))
        if not said:
            return ""
        if said not in known:
            msg = f"请写 {say}"
            raise BadCellError(msg)
        return known[said]

    return parse


def _words(cell: Cell) -> str:
    """Return a cell's text; what the spreadsheet has spoilt is refused."""
    if isinstance(cell, list | dict):
        msg = "这里只能填文字"
        raise BadCellError(msg)
    if isinstance(cell, datetime | date):
        msg = "被表格认成了日期，请把单元格格式改成“文本”再填一遍"
        raise BadCellError(msg)
    _refuse_lost_digits(cell)
    said = _clean(show(cell))
    if _BROKEN.fullmatch(said):
        msg = "表格里的公式出错了，请直接填内容"
        raise BadCellError(msg)
    if _SURROGATE.search(said):
        msg = "有无法保存的字符，请重新输入这一格"
        raise BadCellError(msg)
    return said


def _figure(cell: Cell) -> str:
    """Return the text of a cell that should hold a number or a date; formulas are refused."""
    said = _words(cell)
    if re.match(r"[+-][\d.]+$", _plain(said)):
        msg = "前面不要写 + 或 -，请只写数字"
        raise BadCellError(msg)
    if len(said) > 1 and _plain(said)[0] in "=+@-":
        msg = "开头是 = + - @，像公式；公式不会计算，请直接填算好的结果"
        raise BadCellError(msg)
    return said


def _refuse_lost_digits(cell: Cell) -> None:
    if isinstance(cell, int | float) and abs(cell) >= _EXACT_DIGITS:
        msg = "数字太长，表格只保住了前15位，请把单元格格式改成“文本”再填一遍"
        raise BadCellError(msg)


def _clean(said: str) -> str:
    lines = said.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub("", lines).strip(" \t\n\u3000\xa0")


def _plain(said: str) -> str:
    return unicodedata.normalize("NFKC", said).strip()


def _bare(said: str) -> str:
    return re.sub(r"\s", "", _plain(said)).casefold()


def _at_most(longest: int, said: str) -> str:
    if len(said) > longest:
        msg = f"太长：{len(said)} 个字，最多 {longest} 个，请写短些"
        raise BadCellError(msg)
    return said


def _number(said: str, *, example: float) -> Decimal | None:
    plain = re.sub(r"[,\s¥￥]", "", _plain(said))
    if plain.casefold() in _NOTHING:
        return None
    if re.fullmatch(r"\d+[万千kK]?[-~至到]\d+.*", plain):
        msg = "这里只填一个数；最低和最高请分两列填"
        raise BadCellError(msg)
    match = _NUMBER.fullmatch(_SUFFIX.sub("", plain))
    if match is None:
        raise _not_a_number(said, example=example)
    return Decimal(match[1]) * _SCALES.get((match[2] or "").lower(), 1)


def _not_a_number(said: str, *, example: float) -> BadCellError:
    if re.search(r"\d[eE][+-]?\d", said):
        return BadCellError("被表格改成了科学计数法，请把单元格格式改成“文本”再填一遍")
    return BadCellError(f"请填阿拉伯数字，如 {max(example, 1):g}")


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


def _one_phone(part: str) -> str:
    said = re.sub(r"^(?:\+|00)?86-?(?=1\d{10}|0\d)", "", re.sub(r"[\s()]", "", part))
    said = re.sub(r"^(1[3-9]\d)-?(\d{4})-?(\d{4})$", r"\1\2\3", said)
    if re.search(r"\d[eE][+-]?\d", said):
        msg = "被表格改成了科学计数法，请把单元格格式改成“文本”再填一遍"
        raise BadCellError(msg)
    if re.fullmatch(r"\d{7,8}", said):
        msg = f"座机要加区号，如 0538-{said}"
        raise BadCellError(msg)
    if not _PHONE.fullmatch(said):
        msg = "请填手机号（11位）或带区号的座机，如 0538-1234567"
        raise BadCellError(msg)
    return said


def _is_https(said: str) -> bool:
    try:
        parts = urlsplit(said)
        host = parts.hostname or ""
    except ValueError:
        return False
    has_host = "." in host and not host.startswith(".")
    return parts.scheme == "https" and has_host and not re.search(r"[\s<>\"]", said)
