"""What can be loaded, told as data: a kind is its columns and how a row becomes a model."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Generic, TypeVar

from sqlalchemy import Table
from sqlmodel import Session, SQLModel

from bot.loading.cells import Parse
from models.tables import table_of

M = TypeVar("M", bound=SQLModel)


@dataclass(frozen=True)
class Column:
    """One column of a sheet: the first of `titles` is written in templates, all are understood."""

    name: str
    titles: tuple[str, ...]
    parse: Parse
    example: str
    required: bool = False
    hint: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """What is wrong with one value of a row, and what to write instead."""

    column: str
    reason: str


@dataclass(frozen=True)
class Settling(Generic[M]):
    """A row about to be stored, as `settle` sees it.

    `row` may still be changed; `present` is what is stored now; `given` names the columns that
    the sheet has (a column that it lacks keeps what is stored).
    """

    row: M
    present: M | None
    given: frozenset[str]

    def lacks(self, column: str) -> bool:
        """Tell whether the row has nothing in this column (the model may not allow that)."""
        return getattr(self.row, column) is None


def nothing_promised(_: SQLModel) -> Iterable[Fault]:
    """Let a row become what it was, whatever happened since."""
    return ()


def nothing_follows(session: Session, keys: Sequence[str], now: datetime) -> None:
    """Leave it at the rows themselves."""


def nothing_to_settle(_: Settling[M]) -> Iterable[Fault]:
    """Accept every row."""
    return ()


@dataclass(frozen=True)
class Kind(Generic[M]):
    """One kind of thing that sheets bring.

    `columns` begin with the key. `settle` fills in what follows from other columns and yields
    what is wrong across them; `derived` names the columns it fills. `touched` are set to the
    present moment whenever a row changes, `born` only when it is added. `promised` yields what
    stands against a row when a load is taken back (`settle` judges what a sheet brings). `follow`
    does, in the same transaction, what follows from rows just written. `content` names the
    knowledge that must be compiled again.
    """

    name: str
    noun: str
    model: type[M]
    columns: tuple[Column, ...]
    settle: Callable[[Settling[M]], Iterable[Fault]] = nothing_to_settle
    derived: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    born: tuple[str, ...] = ()
    promised: Callable[[M], Iterable[Fault]] = nothing_promised
    follow: Callable[[Session, Sequence[str], datetime], None] = nothing_follows
    content: str = ""

    @property
    def key(self) -> str:
        """Return the name of the column that identifies a row."""
        return self.columns[0].name

    @cached_property
    def table(self) -> Table:
        """Return the table that holds this kind."""
        return table_of(self.model)

    @cached_property
    def compared(self) -> tuple[str, ...]:
        """Return the columns that a sheet decides; a row is unchanged when they are."""
        return (*(column.name for column in self.columns), *self.derived, "is_demo")

    @cached_property
    def owned(self) -> tuple[str, ...]:
        """Return the columns that a load writes, and that taking it back restores."""
        return (*self.compared, *self.touched)

    @cached_property
    def example_key(self) -> str:
        """Return the key of the template's example row, which is never loaded."""
        return self.columns[0].example

    def blank(self, now: datetime) -> dict[str, object]:
        """Return the values of a new row before the sheet has said anything."""
        fields = self.model.model_fields
        defaults = {
            name: fields[name].get_default(call_default_factory=True)
            for name in self.table.columns.keys()  # noqa: SIM118 - a column collection
            if not fields[name].is_required()
        }
        return defaults | dict.fromkeys((*self.touched, *self.born), now)
