"""Opens a file by what it holds; its name is only believed when nothing speaks against it."""

import re
import zipfile
from enum import StrEnum
from pathlib import Path
from typing import Final

from bot.loading.delimited import find_encoding, read_delimited
from bot.loading.headers import HeaderBook
from bot.loading.sheet import Sheet, SheetError
from bot.loading.trees import read_json, read_yaml
from bot.loading.workbook import read_workbook


class Form(StrEnum):
    """The forms of file that can be loaded."""

    CSV = "CSV"
    XLSX = "XLSX"
    JSON = "JSON"
    YAML = "YAML"


_BY_ENDING: Final = {
    ".csv": Form.CSV,
    ".tsv": Form.CSV,
    ".txt": Form.CSV,
    ".xlsx": Form.XLSX,
    ".xlsm": Form.XLSX,
    ".json": Form.JSON,
    ".jsonl": Form.JSON,
    ".yaml": Form.YAML,
    ".yml": Form.YAML,
}
_HEAD: Final = 4096
_SAVE_AS: Final = "请用 Excel 或 WPS 打开，另存为 .xlsx 再载入"
_FOREIGN: Final = (
    (b"\xd0\xcf\x11\xe0", f"这是旧式的 .xls，或是加了密码的表格；{_SAVE_AS}"),
    (b"%PDF", "这是 PDF，不是表格；请找到原来的表格"),
    (b"\xff\xd8\xff", "这是图片，不是表格"),
    (b"\x89PNG", "这是图片，不是表格"),
)
_MARKUP: Final = re.compile(r"\s*(?:<!doctype|<html|<\?xml|<table|<meta|<head|mime-version:)", re.I)
_YAML_LINE: Final = re.compile(r"---|-(?:\s|$)|[\w\u4e00-\u9fff]+:(?:\s|$)")


def open_sheet(path: Path, book: HeaderBook) -> Sheet:
    """Open a file of any form; raise SheetError, with what to do, for one that is no sheet."""
    form, encoding = _recognise(path)
    if form is Form.XLSX:
        sheet = read_workbook(path, book)
    elif form is Form.JSON:
        sheet = read_json(path, encoding, book)
    elif form is Form.YAML:
        sheet = read_yaml(path, encoding, book)
    else:
        sheet = read_delimited(path, encoding, book)
    if _BY_ENDING.get(path.suffix.lower(), form) is not form:
        sheet.warnings.insert(0, f"文件名以 {path.suffix} 结尾，内容其实是 {form}，已按 {form} 读")
    return sheet


def _recognise(path: Path) -> tuple[Form, str]:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        msg = "文件是空的"
        raise SheetError(msg)
    for mark, reason in _FOREIGN:
        if head.startswith(mark):
            raise SheetError(reason)
    if head.startswith(b"PK"):
        _require_workbook(path)
        return Form.XLSX, ""
    encoding = find_encoding(path)
    with path.open(encoding=encoding) as text:
        return _recognise_text(text.read(_HEAD).lstrip("\ufeff"), path), encoding


def _recognise_text(head: str, path: Path) -> Form:
    if _MARKUP.match(head):
        msg = f"这是网页（HTML 或 XML）存成的表格，不是真的表格；{_SAVE_AS}"
        raise SheetError(msg)
    is_yaml = _BY_ENDING.get(path.suffix.lower()) is Form.YAML
    if head.lstrip().startswith(("[", "{")):
        return Form.YAML if is_yaml else Form.JSON
    lines = (line for line in head.splitlines() if line.strip() and not line.startswith("#"))
    return Form.YAML if _YAML_LINE.match(next(lines, "")) else Form.CSV


def _require_workbook(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile as error:
        msg = "这个文件坏了或没有传完，请重新拷贝一份"
        raise SheetError(msg) from error
    if "xl/workbook.xml" not in names:
        msg = f"这是压缩包或别的文档，不是 .xlsx 表格；{_SAVE_AS}"
        raise SheetError(msg)
