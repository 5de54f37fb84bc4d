"""Finds the line with the headers, and which column each of them means."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from bot.loading.cells import Cell, is_blank, show
from bot.loading.kind import Column
from bot.loading.sheet import GridLine, RawRow, SheetError

LOOK_AT: Final = 10
"""The headers stand within so many lines: titles and notes may stand above them."""

_FEWEST: Final = 2
_BRACKETED: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】|〔[^〕]*〕|<[^>]*>")
_DECORATION: Final = re.compile(r"[\W_]|必填|选填")


class HeaderBook:
    """Knows by which names the columns of a kind are called."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self._by_name = {
            _plain(name): column for column in columns for name in (*column.titles, column.name)
        }
        self._known: dict[str, Column | None] = {}

    def find(self, header: str) -> Column | None:
        """Return the column that a header means: spaces, brackets and stars do not matter."""
        if header not in self._known:
            self._known[header] = self._by_name.get(_plain(header))
        return self._known[header]

    def count(self, cells: Sequence[Cell]) -> int:
        """Return how many columns these cells name."""
        found = {column.name for cell in cells if (column := self.find(show(cell)))}
        return len(found)

    def say_required(self) -> str:
        """Return the columns that must be there, for a message."""
        return "、".join(f"{c.titles[0]} {c.name}" for c in self.columns if c.required)


def tabulate(
    lines: Iterator[GridLine], book: HeaderBook, *, refuse_wide: bool
) -> tuple[Iterator[RawRow], list[str]]:
    """Return the rows below the headers, and warnings; raise SheetError without good headers.

    `refuse_wide` is for files in which a cell too many means that a separator was not quoted.
    """
    above: list[GridLine] = []
    for line in lines:
        if book.count(line.cells) >= _FEWEST:
            headers = [show(cell).strip() for cell in line.cells]
            warnings = _check(headers, book, line=line.line)
            return _rows(lines, headers, book, refuse_wide=refuse_wide), warnings
        above.append(line)
        if len(above) >= LOOK_AT:
            break
    if all(is_blank(cell) for line in above for cell in line.cells):
        msg = "文件是空的，没有表头也没有内容"
        raise SheetError(msg)
    message = f"没有找到表头：前 {LOOK_AT} 行里要有一行写着列名，至少有 {book.say_required()}"
    raise SheetError(message, line=above[0].line)


def unknown_column(header: str, book: HeaderBook) -> str:
    """Return the warning about a column that means nothing to us."""
    names = "、".join(column.titles[0] for column in book.columns)
    return f"不认识的列“{header}”没有载入（能用的列：{names}）"


def _check(headers: Sequence[str], book: HeaderBook, *, line: int) -> list[str]:
    found: dict[str, str] = {}
    for header in headers:
        column = book.find(header)
        if column is None:
            continue
        if column.name in found:
            message = f"“{found[column.name]}”和“{header}”是同一列，请只留一列"
            raise SheetError(message, line=line, field=header)
        found[column.name] = header
    for column in book.columns:
        if column.required and column.name not in found:
            message = f"缺少必填的列：{column.titles[0]}（{column.name}），请在表头补上这一列"
            raise SheetError(message, line=line, field=column.name)
    return [unknown_column(name, book) for name in headers if name and not book.find(name)]


def _rows(
    lines: Iterator[GridLine], headers: Sequence[str], book: HeaderBook, *, refuse_wide: bool
) -> Iterator[RawRow]:
    width = len(headers)
    key = next((i for i, name in enumerate(headers) if book.find(name) is book.columns[0]), None)
    for line in lines:
        if line.fault:
            yield RawRow(line.line, {}, line.fault)
        elif refuse_wide and any(not is_blank(cell) for cell in line.cells[width:]):
            fault = f"比表头多出 {len(line.cells) - width} 格：内容里有分隔符时要用英文双引号括起来"
            yield RawRow(line.line, {}, fault)
        elif not all(map(is_blank, line.cells)) and not _repeats_header(line, key, book):
            yield RawRow(line.line, dict(zip(headers, line.cells, strict=False)))


def _repeats_header(line: GridLine, key: int | None, book: HeaderBook) -> bool:
    """Tell a header printed again, as on every page or in a merged second header line."""
    if key is None or len(line.cells) <= key:
        return False
    return book.find(show(line.cells[key])) is book.columns[0]


def _plain(header: str) -> str:
    said = unicodedata.normalize("NFKC", header).casefold()
    bare = _DECORATION.sub("", _BRACKETED.sub("", said))
    return bare or _DECORATION.sub("", said)
