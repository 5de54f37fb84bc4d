"""Writes rows in bulk, and keeps what they were."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.engine import Connection, Dialect
from sqlmodel import Session

from bot.loading.images import digest, from_plain, to_plain, write_row
from bot.loading.kind import Kind, M
from bot.loading.rows import Values
from models.columns import EncryptedText
from models.load_run import ChangeAction, LoadChange, LoadRun
from models.tables import table_of

Stored: TypeAlias = Mapping[str, object]
"""A row as the database holds it."""

_KEY: Final = "the_key"


@dataclass(frozen=True, slots=True)
class Write:
    """One row ready to be written: the columns to write, and what is kept about it, sealed."""

    key: str
    action: ChangeAction
    values: Values
    before: str
    after_digest: str

    def to_plain(self) -> list[JsonValue]:
        """Return it as JSON values."""
        values: Any = to_plain(self.values)
        return [self.key, self.action.value, values, self.before, self.after_digest]

    @classmethod
    def from_plain(cls, table: sa.Table, plain: Sequence[Any]) -> "Write":
        """Return what `to_plain` wrote."""
        key, action, values, before, after_digest = plain
        return cls(key, ChangeAction(action), from_plain(table, values), before, after_digest)


class Seal:
    """Encrypts for one database, ahead of the transaction: encrypting takes its time."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._type = EncryptedText()

    def __call__(self, text: str) -> str:
        """Return the text as `EncryptedText` columns hold it."""
        return self._type.process_bind_param(text, self._dialect) or ""


def prepare(kind: Kind[M], before: Stored | None, after: Values | None, seal: Seal) -> Write:
    """Return how a row becomes another one; None is a row that is not there."""
    row = after if after is not None else before
    assert row is not None  # noqa: S101 - nothing does not become nothing
    action, values = ChangeAction.REMOVED, {}
    if before is None:
        action = ChangeAction.ADDED
        values = {name: value for name, value in row.items() if (name, value) != ("id", None)}
    elif after is not None:
        action = ChangeAction.CHANGED
        values = {name: after[name] for name in kind.owned if after[name] != before[name]}
    return Write(
        key=str(row[kind.key]),
        action=action,
        values=values,
        before=seal(write_row(before)) if before is not None else "",
        after_digest=digest(after, kind.owned),
    )


def fetch(
    connection: Connection, kind: Kind[M], keys: Sequence[str], *, lock: bool = False
) -> dict[str, Stored]:
    """Return what is stored under these keys; with `lock`, nobody else may change it meanwhile."""
    statement = sa.select(kind.table).where(kind.table.c[kind.key].in_(keys))
    rows = connection.execute(statement.with_for_update() if lock else statement).mappings()
    return {str(row[kind.key]): dict(row) for row in rows}


def fingerprint(row: Stored | None) -> int:
    """Return a number by which this process knows a stored row again."""
    return 0 if row is None else hash(repr(tuple(row.values())))


def store(session: Session, kind: Kind[M], run: LoadRun, writes: Sequence[Write]) -> None:
    """Write the rows, and remember under the run what they were."""
    connection = session.connection()
    groups: dict[tuple[ChangeAction, tuple[str, ...]], list[Write]] = {}
    for write in writes:
        groups.setdefault((write.action, tuple(write.values)), []).append(write)
    for (action, columns), group in groups.items():
        connection.execute(_statement(kind, action, columns), _parameters(group))
    if writes:
        connection.execute(_keep(), [_kept(run, write) for write in writes])


def _statement(kind: Kind[M], action: ChangeAction, columns: Iterable[str]) -> sa.Executable:
    table = kind.table
    if action is ChangeAction.ADDED:
        return sa.insert(table)
    is_it = table.c[kind.key] == sa.bindparam(_KEY)
    if action is ChangeAction.REMOVED:
        return sa.delete(table).where(is_it)
    new: dict[str, sa.BindParameter[object]] = {
        name: sa.bindparam(f"new_{name}") for name in columns
    }
    return sa.update(table).where(is_it).values(new)


def _parameters(group: Sequence[Write]) -> list[Values]:
    if group[0].action is ChangeAction.ADDED:
        return [write.values for write in group]
    return [
        {_KEY: write.key} | {f"new_{name}": value for name, value in write.values.items()}
        for write in group
    ]


def _keep() -> sa.Executable:
    sealed = sa.bindparam("sealed", type_=sa.Text())
    return sa.insert(table_of(LoadChange)).values(before=sealed)


def _kept(run: LoadRun, write: Write) -> Values:
    return {
        "run_id": run.id,
        "key": write.key,
        "action": write.action,
        "sealed": write.before,
        "after_digest": write.after_digest,
    }
