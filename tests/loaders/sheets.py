"""Small files for the loaders, and what each kind needs in a row."""

import csv
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from bot.loading.files import open_sheet
from bot.loading.headers import HeaderBook
from bot.loading.kind import Kind
from bot.loading.sheet import RawRow

Row = dict[str, object]

POSTING: Row = {
    "source_id": "J1",
    "title": "小区门岗保安",
    "employer": "青檐物业服务",
    "category": "安保",
    "district": "肥城",
    "salary_min": "2800",
    "salary_max": "3200",
    "salary_unit": "元/月",
    "age_min": "18",
    "age_max": "60",
    "contact_phone": "0538-0000001",
    "valid_until": "2026-12-31",
}
ANSWER: Row = {
    "id": "F1",
    "question": "驿站能热饭吗？",
    "answer": "能，有微波炉。下一步：带饭去就行。",
}
LESSON: Row = {
    "id": "C1",
    "title": "新单位的合同",
    "starts_at": "2026-11-26 19:30",
    "ends_at": "2026-11-26 20:45",
    "capacity": "100",
}
STATION: Row = {
    "id": "S1",
    "name": "老城驿站",
    "address": "肥城市老城街道",
    "lat": "36.24",
    "lon": "116.77",
    "services": "饮水、充电",
}


def write_csv(path: Path, *rows: Row, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Write rows that have the same columns; return the path."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)
    return path


def write_xlsx(path: Path, lines: Sequence[Sequence[object]], *, merge: Sequence[str] = ()) -> Path:
    """Write lines of cells as they are; return the path."""
    book = Workbook()
    sheet = book.worksheets[0]
    for line in lines:
        sheet.append(list(line))
    for cells in merge:
        sheet.merge_cells(cells)
    book.save(path)
    return path


def grid(*rows: Row) -> list[list[object]]:
    """Return rows that have the same columns as lines of cells, headers first."""
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def read(path: Path, kind: Kind) -> list[RawRow]:  # type: ignore[type-arg]
    """Return the rows of a file as its reader sees them."""
    return list(open_sheet(path, HeaderBook(kind.columns)).rows)
