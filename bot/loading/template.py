"""Writes an empty sheet with headers and one example row, ready to be filled in."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from bot.loading.kind import Column, Kind, M
from bot.loading.workbook import NOTES_SHEET

ENDINGS: Final = (".xlsx", ".csv")
_ROWS: Final = 2000
_STAR: Final = "*"
_NOTES: Final = ("列", "必填", "怎么填", "例子")
_SHADE: Final = PatternFill("solid", fgColor="E2F0D9")


def write_template(kind: Kind[M], path: Path) -> None:
    """Write the template; raise ValueError for an ending we cannot write."""
    if path.suffix.lower() not in ENDINGS:
        message = f"模板只能存成 {' 或 '.join(ENDINGS)}"
        raise ValueError(message)
    if path.exists():
        message = f"{path} 已经有了，为免盖掉别人填好的表，请换个名字"
        raise ValueError(message)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".csv":
        _write_csv(kind.columns, path)
    else:
        _write_workbook(kind, path)


def _headers(columns: Sequence[Column]) -> list[str]:
    return [column.titles[0] + (_STAR if column.required else "") for column in columns]


def _write_csv(columns: Sequence[Column], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # Excel needs the mark
        writer = csv.writer(file)
        writer.writerow(_headers(columns))
        writer.writerow([column.example for column in columns])


def _write_workbook(kind: Kind[M], path: Path) -> None:
    book = Workbook()
    sheet: Any = book.worksheets[0]
    sheet.title = kind.noun
    sheet.append(_headers(kind.columns))
    sheet.append([column.example for column in kind.columns])
    sheet.freeze_panes = "B2"
    for number, column in enumerate(kind.columns, start=1):
        _shape(sheet, number, column)
    _write_notes(book.create_sheet(NOTES_SHEET), kind.columns)
    book.save(path)


def _shape(sheet: Any, number: int, column: Column) -> None:  # noqa: ANN401 - see the stubs
    letter = get_column_letter(number)
    sheet.column_dimensions[letter].width = max(12, min(40, 2 * len(column.example) + 2))
    sheet.cell(1, number).font = Font(bold=True)
    sheet.cell(1, number).fill = _SHADE
    # As typed: Excel turns nothing into a date.
    sheet.column_dimensions[letter].number_format = "@"
    sheet.cell(2, number).number_format = "@"
    if column.options:
        listed = DataValidation(type="list", formula1=f'"{",".join(column.options)}"')
        listed.add(f"{letter}2:{letter}{_ROWS + 1}")
        sheet.add_data_validation(listed)


def _write_notes(sheet: Any, columns: Sequence[Column]) -> None:  # noqa: ANN401 - see the stubs
    sheet.append(_NOTES)
    for column in columns:
        needed = "必填" if column.required else ""
        sheet.append([column.titles[0], needed, column.hint, column.example])
    sheet.append([])
    sheet.append(["示例那一行不会载入，可以留着照着填。"])
    for letter, width in zip("ABCD", (14, 8, 60, 40), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=cell.column == 3, vertical="top")  # noqa: PLR2004
