"""Rows as JSON: for what was there before, for comparing, for waiting outside the database."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

import sqlalchemy as sa
from pydantic import JsonValue

from models.columns import LowerCaseEnum, UtcDateTime


def write_row(row: Mapping[str, object]) -> str:
    """Return the values as JSON, moments in UTC."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, default=_plain)


def read_row(table: sa.Table, text: str) -> dict[str, object]:
    """Return the values that `write_row` wrote, with the types of the table's columns."""
    return from_plain(table, json.loads(text))


def to_plain(row: Mapping[str, object]) -> dict[str, object]:
    """Return the values as JSON knows them."""
    return {
        name: _plain(value) if isinstance(value, date) else value for name, value in row.items()
    }


def from_plain(table: sa.Table, stored: Mapping[str, JsonValue]) -> dict[str, object]:
    """Return what `to_plain` was given."""
    return {name: _typed(table.columns[name].type, value) for name, value in stored.items()}


def digest(row: Mapping[str, object] | None, columns: Iterable[str]) -> str:
    """Return a digest of these columns, an empty one for a row that is not there."""
    if row is None:
        return ""
    text = write_row({name: row[name] for name in columns})
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    message = f"a {type(value).__name__} cannot be kept as JSON"
    raise TypeError(message)


def _typed(kind: object, value: JsonValue) -> object:
    if not isinstance(value, str):
        return value
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, LowerCaseEnum):
        return kind.enum(value)
    return value
