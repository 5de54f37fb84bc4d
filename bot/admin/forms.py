"""A form made of the columns of a sheet: what is typed is judged as a cell of a sheet is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.loading.kind import Column
from models.job import SalaryUnit
from models.local_figure import FigureName

SEEN: Final = "seen"
"""The field with the digest of what the form was made from."""

_LONG: Final = frozenset({"answer", "text", "similar", "services", "citations"})
UNITS: Final = {
    SalaryUnit.MONTH: "元/月",
    SalaryUnit.DAY: "元/天",
    SalaryUnit.HOUR: "元/小时",
    SalaryUnit.PIECE: "元/件",
    SalaryUnit.YEAR: "元/年",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field as the page shows it."""

    name: str
    label: str
    hint: str
    value: str
    error: str
    is_required: bool
    is_fixed: bool
    is_long: bool
    options: tuple[str, ...]


class SheetForm:
    """What sqladmin takes for a form: fields with texts, and the errors beside them."""

    def __init__(
        self,
        columns: Sequence[Column],
        values: Mapping[str, str],
        *,
        fixed: frozenset[str] = frozenset(),
        errors: Mapping[str, str] | None = None,
    ) -> None:
        self._columns = columns
        self._fixed = fixed
        self.errors = dict(errors or {})
        names = [*(column.name for column in columns), SEEN]
        self.data: dict[str, Any] = {name: str(values.get(name) or "") for name in names}

    def validate(self) -> bool:
        """Leave judging to the machine of the loaders, which knows what is stored."""
        return True

    def __iter__(self) -> Iterator[Field]:
        return map(self._field, self._columns)

    def _field(self, column: Column) -> Field:
        value = self.data[column.name]
        return Field(
            name=column.name,
            label=column.titles[0],
            hint=column.hint or (f"例如：{column.example}" if column.example else ""),
            value=value,
            error=self.errors.get(column.name, ""),
            is_required=column.required,
            is_fixed=column.name in self._fixed,
            is_long=column.name in _LONG,
            options=tuple(dict.fromkeys((*column.options, value))) if column.options else (),
        )


def write_cell(value: object, *, zone: ZoneInfo) -> str:
    """Return a stored value as a person writes it into a sheet."""
    if isinstance(value, bool):
        return "取消" if value else "正常"
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, list):
        return "\n".join(map(write_item, value))
    if isinstance(value, SalaryUnit):
        return UNITS[value]
    return "" if value is None else _say_plain(value)


def _say_plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return value.spoken if isinstance(value, FigureName) else str(value)


def write_item(item: object) -> str:
    """Return one of several values of a cell, a citation as people write it."""
    if isinstance(item, Mapping):
        return f"{item.get('statute', '')}{item.get('article', '')}"
    return str(item)
