"""Excel workbooks, read row by row: merged cells are filled, nothing is ever calculated."""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from bot.loading.cells import Cell
from bot.loading.headers import HeaderBook, tabulate
from bot.loading.sheet import GridLine, Sheet, SheetError

NOTES_SHEET: Final = "填写说明"
"""The second sheet of our templates."""

_LARGEST: Final = 1 << 30
_MOST_MERGES: Final = 20_000
_CHUNK: Final = 1 << 20
_OVERLAP: Final = 256
_MERGE: Final = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]+\d+:[A-Z]+\d+)\"")
_DOCTYPE: Final = re.compile(rb"<\x00?!\x00?D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E")
_BROKEN: Final = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    ParseError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class _Merge:
    left: int
    top: int
    right: int
    bottom: int


def read_workbook(path: Path, book: HeaderBook) -> Sheet:
    """Open the first visible sheet of a workbook; raise SheetError for a broken one."""
    file = path.open("rb")
    try:
        with zipfile.ZipFile(file) as archive:
            _refuse_bombs(archive)
        with _quietly():
            workbook = load_workbook(file, read_only=True)  # a file has any name, a path has not
        visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        sheet: Any = visible[0]  # the stubs know no read-only sheet
        total = sheet.max_row or 0
        merges = _merges(path, str(sheet._worksheet_path))  # noqa: SLF001 - no public name for it
        sheet.reset_dimensions()  # some programs write wrong ones
    except _BROKEN as error:
        file.close()
        raise _unreadable() from error
    except SheetError:
        file.close()
        raise
    lines = _filled(_lines(file, sheet), merges)
    rows, found = tabulate(lines, book, refuse_wide=False)
    return Sheet(rows=rows, lines=total, warnings=[*found, *_other_sheets(visible[1:])])


def _lines(file: IO[bytes], sheet: Any) -> Iterator[GridLine]:  # noqa: ANN401 - the stubs know no read-only sheet
    rows = sheet.iter_rows(values_only=True)
    with file, closing(sheet.parent):
        for number in count(1):
            try:
                with _quietly():
                    row = next(rows, None)
            except _BROKEN as error:
                raise _unreadable(number) from error
            if row is None:
                return
            yield GridLine(number, [_plain(cell) for cell in row])


def _plain(cell: Cell) -> Cell:
    """Return an array formula as the text it was written as."""
    return getattr(cell, "text", cell)


def _filled(lines: Iterator[GridLine], merges: Sequence[_Merge]) -> Iterator[GridLine]:
    """Give every cell of a merged range the value of its first cell."""
    waiting = sorted(merges, key=lambda merge: merge.top, reverse=True)
    open_ones: list[tuple[_Merge, Cell]] = []
    for line in lines:
        open_ones = [(merge, value) for merge, value in open_ones if merge.bottom >= line.line]
        while waiting and waiting[-1].top <= line.line:
            merge = waiting.pop()
            value = line.cells[merge.left - 1] if len(line.cells) >= merge.left else None
            open_ones.append((merge, value))
        yield _fill(line, open_ones) if open_ones else line


def _fill(line: GridLine, merges: Sequence[tuple[_Merge, Cell]]) -> GridLine:
    cells = list(line.cells)
    for merge, value in merges:
        cells += [None] * (merge.right - len(cells))
        cells[merge.left - 1 : merge.right] = [value] * (merge.right - merge.left + 1)
    return GridLine(line.line, cells)


def _merges(path: Path, member: str) -> list[_Merge]:
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        ranges = {match[1].decode() for piece in _pieces(file) for match in _MERGE.finditer(piece)}
    unique = [_Merge(*range_boundaries(found)) for found in ranges]
    if len(unique) > _MOST_MERGES:
        msg = f"合并的单元格太多（{len(unique)} 处），请先取消合并"
        raise SheetError(msg)
    return unique


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if sum(member.file_size for member in members) > _LARGEST:
        msg = "这个 Excel 文件解开后超过 1 GB，请拆成几个文件"
        raise SheetError(msg)
    for member in members:
        if not member.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(member) as file:
            if any(_DOCTYPE.search(piece) for piece in _pieces(file)):
                msg = "这个 Excel 文件里有不该有的内容（DOCTYPE），请用 Excel 另存一次"
                raise SheetError(msg)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the file in pieces that overlap, so that nothing short is cut in two."""
    tail = b""
    while chunk := file.read(_CHUNK):
        yield tail + chunk
        tail = chunk[-_OVERLAP:]


def _other_sheets(sheets: Sequence[Any]) -> list[str]:
    names = [sheet.title for sheet in sheets if sheet.title != NOTES_SHEET]
    if not names:
        return []
    return [f"只读了第一张工作表，没有读：{'、'.join(names)}（要载入请另存为单独的文件）"]


def _unreadable(line: int = 0) -> SheetError:
    return SheetError("这个 Excel 文件读不出来，请用 Excel 打开后另存为新的 .xlsx 再试", line=line)


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep openpyxl's remarks about styles and dates to itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
