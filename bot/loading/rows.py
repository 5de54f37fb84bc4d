"""Judges rows: parses their cells, and decides beside what is stored what becomes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from bot.loading.cells import BadCellError, is_blank, shorten, show
from bot.loading.headers import HeaderBook
from bot.loading.kind import Column, Fault, Kind, M, Settling
from bot.loading.report import Rejection
from bot.loading.sheet import RawRow
from models.load_run import ChangeAction

Values = dict[str, object]
"""Values by column."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row whose cells are all good."""

    line: int
    key: str
    values: Values


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an entry: nothing (`action` None), a change, or faults."""

    action: ChangeAction | None
    row: Values
    faults: tuple[Fault, ...] = ()


class Judge(Generic[M]):
    """Judges the rows of one file, and remembers the keys it has seen."""

    def __init__(self, kind: Kind[M], *, now: datetime) -> None:
        self.book = HeaderBook(kind.columns)
        self._kind = kind
        self._now = now
        self._lines: dict[str, int] = {}
        self._headers: dict[str, str] = {}

    def is_example(self, raw: RawRow) -> bool:
        """Tell the example row of a template, which nobody wants to load."""
        return any(
            show(cell).strip() == self._kind.example_key
            for header, cell in raw.cells.items()
            if self.book.find(header) is self._kind.columns[0]
        )

    def parse(self, raw: RawRow) -> Entry | Rejection:
        """Return the row's values, or why it is rejected."""
        if raw.fault:
            return Rejection(raw.line, "", "", raw.fault)
        values: Values = {}
        faults: list[Fault] = []
        for header, cell in raw.cells.items():
            column = self.book.find(header)
            if column is None:
                continue
            self._headers[column.name] = header
            try:
                values[column.name] = column.parse(cell)
            except BadCellError as error:
                faults.append(Fault(column.name, str(error)))
        faults += self._missing(values, faults)
        entry = Entry(raw.line, str(values.get(self._kind.key, "")), values)
        faults += self._repeated(entry)
        return self._reject(raw, faults) if faults else entry

    def decide(self, entry: Entry, present: Mapping[str, object] | None) -> Verdict:
        """Decide what becomes of an entry beside what is stored under its key."""
        kind = self._kind
        base = dict(present) if present is not None else kind.blank(self._now)
        row = kind.model(**(base | entry.values | {"is_demo": False}))
        stored = kind.model(**present) if present is not None else None
        settling = Settling(row=row, present=stored, given=frozenset(entry.values))
        faults = tuple(kind.settle(settling))
        if present is None:
            return Verdict(ChangeAction.ADDED, self._values(row), faults)
        if all(getattr(row, name) == base[name] for name in kind.compared):
            return Verdict(None, base, faults)
        stamps = dict.fromkeys(kind.touched, self._now)
        return Verdict(ChangeAction.CHANGED, self._values(row) | stamps, faults)

    def reject(self, entry: Entry, verdict: Verdict, raw: RawRow | None = None) -> Rejection:
        """Return the rejection of an entry that does not fit together or beside the database."""
        if raw is None:  # what was written is no longer at hand
            cells = {self._header(name): value for name, value in entry.values.items()}
            raw = RawRow(entry.line, cells)
        return self._reject(raw, verdict.faults)

    def _values(self, row: M) -> Values:
        return {name: getattr(row, name) for name in self._kind.model.model_fields}

    def _missing(self, values: Values, faults: Sequence[Fault]) -> list[Fault]:
        refused = {fault.column for fault in faults}
        return [
            Fault(column.name, self._wanted(column))
            for column in self._kind.columns
            if column.required and column.name not in refused and _is_empty(values, column)
        ]

    def _wanted(self, column: Column) -> str:
        if column.name == self._kind.key:  # who copies the example has their row passed over
            return "必填，每行写一个，各不相同，定了就不要改"
        return f"必填，请填写，如“{column.example}”"

    def _repeated(self, entry: Entry) -> list[Fault]:
        if not entry.key:
            return []
        first = self._lines.setdefault(entry.key, entry.line)
        if first == entry.line:
            return []
        return [Fault(self._kind.key, f"和第 {first} 行的编号重复，每个编号只能有一行")]

    def _reject(self, raw: RawRow, faults: Sequence[Fault]) -> Rejection:
        order = {column.name: place for place, column in enumerate(self._kind.columns)}
        first, *others = sorted(faults, key=lambda fault: order[fault.column])
        also = "".join(f"；同一行还有 {self._header(f.column)}：{f.reason}" for f in others)
        header = self._header(first.column)
        cell = raw.cells.get(header)
        value = "" if is_blank(cell) else shorten(show(cell).strip())
        return Rejection(raw.line, header, value, first.reason + also)

    def _header(self, name: str) -> str:
        return self._headers.get(name, name)


def _is_empty(values: Values, column: Column) -> bool:
    return values.get(column.name) in (None, "", [])
