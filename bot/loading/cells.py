"""What stands in one cell, and how it becomes a value. A refusal says what to write instead."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, TypeAlias

Cell: TypeAlias = object
"""Text, a number, a date or a time (spreadsheets), a list or a mapping (JSON, YAML), or None."""

Parse: TypeAlias = Callable[[Cell], object]

LONGEST_SHOWN: Final = 60
_EXACT_DIGITS: Final = 10**15
_INVISIBLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BROKEN: Final = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)")
NOTHING: Final = frozenset(
    {"", "-", "--", "—", "——", "/", "无", "不限", "面议", "暂无", "长期", "null", "none", "n/a"}
)
"""What people write into a cell to leave it empty."""

_NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?)(千|万|[kKwW])?")
_SUFFIX: Final = re.compile(r"(?:元|块钱?|岁|人|名|个|位|周岁)?(?:以上|左右|起)?$")
_SCALES: Final = {"千": 1000, "k": 1000, "万": 10_000, "w": 10_000}


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
        return at_most(longest, words(cell))

    return parse


def key(longest: int) -> Parse:
    """Take what identifies a row: full-width letters and digits become plain ones."""

    def parse(cell: Cell) -> str:
        said = at_most(longest, plain(words(cell)))
        if re.search(r"\s", said):
            msg = "这里不要有空格或换行"
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
        return parse_text(figure(cell))

    return parse


def decimal(lowest: float, highest: float, *, example: str) -> Parse:
    """Take a number with a point between two bounds, None for an empty cell."""

    def parse(cell: Cell) -> float | None:
        said = re.sub(r"[°度]|北纬|东经|[NE]$", "", plain(figure(cell)))
        if said.casefold() in NOTHING:
            return None
        try:
            number = Decimal(said)
        except InvalidOperation as error:
            raise _not_a_number(said, example=example) from error
        if not number.is_finite() or not lowest <= number <= highest:
            msg = f"太大或太小，请核对，例如 {example}"
            raise BadCellError(msg)
        return float(number)

    return parse


def listed(longest: int, most: int, *, breaks: str = r"[|｜\n]") -> Parse:
    """Take several texts, in one cell with separators or as a list."""

    def parse(cell: Cell) -> list[str]:
        parts = cell if isinstance(cell, list) else re.split(breaks, words(cell))
        texts = [at_most(longest, words(part)) for part in parts]
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
        said = _bare(words(cell))
        if not said:
            return ""
        if said not in known:
            msg = f"请写 {say}"
            raise BadCellError(msg)
        return known[said]

    return parse


def words(cell: Cell) -> str:
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


def figure(cell: Cell) -> str:
    """Return the text of a cell that should hold a number or a date; formulas are refused."""
    said = words(cell)
    if re.match(r"[+-][\d.]+$", plain(said)):
        msg = "前面不要写 + 或 -，请只写数字"
        raise BadCellError(msg)
    if len(said) > 1 and plain(said)[0] in "=+@-":
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


def plain(said: str) -> str:
    """Return full-width letters and digits as plain ones."""
    return unicodedata.normalize("NFKC", said).strip()


def _bare(said: str) -> str:
    return re.sub(r"\s", "", plain(said)).casefold()


def refuse_scientific(said: str) -> None:
    """Refuse what a spreadsheet has rounded: the digits are lost."""
    if re.search(r"\d[eE][+-]?\d", said):
        msg = "被表格改成了科学计数法，请把单元格格式改成“文本”再填一遍"
        raise BadCellError(msg)


def at_most(longest: int, said: str) -> str:
    """Return the text, unless it is too long."""
    if len(said) > longest:
        msg = f"太长：{len(said)} 个字，最多 {longest} 个，请写短些"
        raise BadCellError(msg)
    return said


def _number(said: str, *, example: float) -> Decimal | None:
    bare = re.sub(r"[,\s¥￥]", "", plain(said))
    if bare.casefold() in NOTHING:
        return None
    if re.fullmatch(r"\d+[万千kK]?[-~至到]\d+.*", bare):
        msg = "这里只填一个数；最低和最高请分两列填"
        raise BadCellError(msg)
    match = _NUMBER.fullmatch(_SUFFIX.sub("", bare))
    if match is None:
        raise _not_a_number(said, example=f"{max(example, 1):g}")
    return Decimal(match[1]) * _SCALES.get((match[2] or "").lower(), 1)


def _not_a_number(said: str, *, example: str) -> BadCellError:
    refuse_scientific(said)
    return BadCellError(f"请填阿拉伯数字，如 {example}")
