"""Text tables: any usual encoding, any usual separator."""

import codecs
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from bot.loading.headers import LOOK_AT, HeaderBook, tabulate
from bot.loading.sheet import GridLine, Sheet, SheetError

SEPARATORS: Final = (",", "\t", ";", "|", "，")
_CHUNK: Final = 1 << 20
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_encoding(path: Path) -> str:
    """Return the encoding in which the whole file can be read; raise SheetError for none."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return _checked(path, [encoding])
    if b"\x00" in head:
        even, odd = head[::2].count(0), head[1::2].count(0)
        return _checked(path, ["utf-16-le" if odd > even else "utf-16-be"])
    return _checked(path, ["utf-8", "gb18030"])


def read_delimited(path: Path, encoding: str, book: HeaderBook) -> Sheet:
    """Open a text table; its separator is the one that makes most of the headers known."""
    separator = max(SEPARATORS, key=lambda mark: _known_headers(path, encoding, mark, book))
    rows, warnings = tabulate(_lines(path, encoding, separator), book, refuse_wide=True)
    return Sheet(rows=rows, lines=_count_lines(path), warnings=warnings)


def _checked(path: Path, encodings: list[str]) -> str:
    for encoding in encodings:
        if _decodes(path, encoding):
            return encoding
    msg = "文字编码认不出来，请用 Excel 打开后另存为 .xlsx，或另存为 UTF-8 的 CSV"
    raise SheetError(msg)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _known_headers(path: Path, encoding: str, separator: str, book: HeaderBook) -> int:
    lines = islice(_lines(path, encoding, separator), LOOK_AT)
    return max((book.count(line.cells) for line in lines), default=0)


def _lines(path: Path, encoding: str, separator: str) -> Iterator[GridLine]:
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        while True:
            start = reader.line_num + 1
            try:
                yield GridLine(start, next(reader))
            except StopIteration:
                return
            except csv.Error:
                yield GridLine(start, (), _broken_quotes(start, reader.line_num))


def _broken_quotes(start: int, end: int) -> str:
    where = f"（读到第 {end} 行）" if end > start else ""
    return f"引号不成对{where}：内容里的英文双引号要写成两个，首尾各加一个"


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))
