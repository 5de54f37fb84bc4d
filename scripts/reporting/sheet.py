"""The report as CSV for a spreadsheet, of which no cell can become a formula."""

import csv
import io
from collections.abc import Iterator, Sequence

from scripts.reporting.tables import Line, Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HEADER = ("从", "到", "部分", "键", "项目", "指标", "数值")


def to_csv(tables: Sequence[Table], *, first: str, last: str) -> str:
    """Return one row for each number; the first character tells Excel that it is UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_HEADER)
    for table in tables:
        for line in (*table.lines, table.total):
            for row in _rows(table, line):
                writer.writerow([guard(cell) for cell in (first, last, *row)])
    return f"\ufeff{file.getvalue()}"


def guard(cell: str) -> str:
    """Return a text that a spreadsheet takes for a text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _rows(table: Table, line: Line) -> Iterator[tuple[str, ...]]:
    for column, value in zip(table.columns, line.values, strict=True):
        yield table.title, f"{table.key}.{line.key}", line.label, column, str(value)
