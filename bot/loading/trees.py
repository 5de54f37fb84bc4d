"""JSON, JSON lines and YAML: a list of rows, or a mapping with one. Values stay as written."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final, TypeAlias

import yaml

from bot.loading.cells import Cell, show
from bot.loading.headers import HeaderBook, unknown_column
from bot.loading.sheet import RawRow, Sheet, SheetError

_Loader: TypeAlias = type[yaml.SafeLoader]

LARGEST: Final = 64 << 20
_DEEPEST: Final = 8
_NOT_A_ROW: Final = "这里应当是一条带列名的记录，如 id: 1"
_SPACE: Final = re.compile(r"[\s,]*")
_YAML: Final[_Loader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def read_json(path: Path, encoding: str, book: HeaderBook) -> Sheet:
    """Open a JSON array, an object that holds one, or one object a line."""
    text = _read(path, encoding)
    try:
        rows = list(_json_rows(text))
    except json.JSONDecodeError as error:
        message = f"不是正确的 JSON（第 {error.lineno} 行第 {error.colno} 个字附近）"
        raise SheetError(message, line=error.lineno) from error
    except RecursionError as error:
        msg = "JSON 里套了太多层，请只留一层记录"
        raise SheetError(msg) from error
    return _sheet(rows, book)


def read_yaml(path: Path, encoding: str, book: HeaderBook) -> Sheet:
    """Open a YAML list of records, or a mapping that holds one."""
    text = _read(path, encoding)
    try:
        _refuse_tricks(text)
        root = yaml.compose(text, Loader=_YAML)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        msg = f"不是正确的 YAML（第 {line} 行附近）"
        raise SheetError(msg, line=line) from error
    return _sheet([_yaml_row(node) for node in _yaml_records(root)], book)


def _sheet(rows: list[RawRow], book: HeaderBook) -> Sheet:
    if not rows:
        msg = "文件是空的，没有内容"
        raise SheetError(msg)
    names = dict.fromkeys(chain.from_iterable(row.cells for row in rows))
    warnings = [unknown_column(name, book) for name in names if not book.find(name)]
    return Sheet(rows=iter(rows), lines=rows[-1].line, warnings=warnings)


def _read(path: Path, encoding: str) -> str:
    if path.stat().st_size > LARGEST:
        msg = f"JSON 和 YAML 文件最大 {LARGEST >> 20} MB，更多的请用 CSV 或 Excel"
        raise SheetError(msg)
    return path.read_text(encoding=encoding).lstrip("\ufeff")


def _json_rows(text: str) -> Iterator[RawRow]:
    start = _skip(text, 0)
    if text.startswith("{", start):
        whole, end = _DECODER.raw_decode(text, start)
        name = _name_of_list(whole)
        if name is not None and _skip(text, end) == len(text):
            match = re.compile(rf"{re.escape(json.dumps(name, ensure_ascii=False))}\s*:\s*").search(
                text, start
            )
            start = match.end() if match else start
    is_array = text.startswith("[", start)
    yield from _json_items(text, start + 1 if is_array else start, closed=is_array)


def _json_items(text: str, position: int, *, closed: bool) -> Iterator[RawRow]:
    line, counted = 1, 0
    while True:
        position = _skip(text, position)
        if position >= len(text) and not closed:
            return
        if closed and text.startswith("]", position):
            return
        line, counted = line + text.count("\n", counted, position), position
        item, position = _DECODER.raw_decode(text, position)
        yield _row(line, item)


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _name_of_list(whole: object) -> str | None:
    if not isinstance(whole, dict):
        return None
    lists = [name for name, value in whole.items() if _is_list_of_rows(value)]
    return lists[0] if len(lists) == 1 else None


def _is_list_of_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _row(line: int, item: object) -> RawRow:
    if not isinstance(item, Mapping):
        return RawRow(line, {}, _NOT_A_ROW)
    return RawRow(line, {str(name): value for name, value in item.items()})


def _refuse_tricks(text: str) -> None:
    """Refuse aliases (a few lines can mean gigabytes) and nesting that no row needs."""
    depth = 0
    for event in yaml.parse(text, Loader=_YAML):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 0
            msg = "请不要用 YAML 的引用（& 和 *）或套很多层，把内容直接写出来"
            raise SheetError(msg, line=line)


def _yaml_records(root: yaml.Node | None) -> list[yaml.Node]:
    if isinstance(root, yaml.SequenceNode):
        return list(root.value)
    lists = [
        value
        for _, value in (root.value if isinstance(root, yaml.MappingNode) else ())
        if isinstance(value, yaml.SequenceNode)
        and any(isinstance(item, yaml.MappingNode) for item in value.value)
    ]
    if len(lists) == 1:
        return list(lists[0].value)
    msg = "没有找到记录：请写成一条一条以“- id: …”开头的列表"
    raise SheetError(msg)


def _yaml_row(node: yaml.Node) -> RawRow:
    return _row(node.start_mark.line + 1, _yaml_value(node))


def _yaml_value(node: yaml.Node) -> Cell:
    if isinstance(node, yaml.MappingNode):
        return {show(_yaml_value(name)): _yaml_value(value) for name, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_yaml_value(item) for item in node.value]
    return None if node.tag == "tag:yaml.org,2002:null" else node.value
