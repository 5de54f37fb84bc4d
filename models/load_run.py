"""What loaders wrote, row by row, so that a load can be taken back."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import islice

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import EncryptedText, UtcDateTime, enum_column

_AT_ONCE = 500


class ChangeAction(StrEnum):
    """What happened to a row."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class LoadRun(SQLModel, table=True):
    """One load that wrote something, or (`undoes`) the taking back of one."""

    __tablename__ = "load_run"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=20)
    file_name: str = Field(default="", max_length=200)
    loaded_at: datetime = Field(sa_type=UtcDateTime)
    added: int = 0
    changed: int = 0
    removed: int = 0
    rejected: int = 0
    undoes: int | None = Field(default=None, foreign_key="load_run.id")
    undone_by: int | None = Field(default=None, foreign_key="load_run.id")


class LoadChange(SQLModel, table=True):
    """One row that a run wrote: what it was before, and a digest of what it became.

    `before` is JSON, empty for an added row; `after_digest` is empty for a removed one.
    """

    __tablename__ = "load_change"
    __table_args__ = (Index("ix_load_change_key", "key"),)

    run_id: int = Field(foreign_key="load_run.id", primary_key=True)
    key: str = Field(primary_key=True, max_length=64)
    action: ChangeAction = Field(sa_column=enum_column(ChangeAction))
    before: str = Field(default="", sa_type=EncryptedText)
    after_digest: str = Field(default="", max_length=64)


def find_run(session: Session, run_id: int) -> LoadRun | None:
    """Return the run of that number, if there is one."""
    return session.get(LoadRun, run_id)


def iterate_changes(session: Session, run_id: int) -> Iterator[list[LoadChange]]:
    """Yield what a run wrote, in parts, so that a large run needs little memory."""
    last = ""
    while True:
        part = session.exec(
            select(LoadChange)
            .where(LoadChange.run_id == run_id, col(LoadChange.key) > last)
            .order_by(col(LoadChange.key))
            .limit(_AT_ONCE)
        ).all()
        if not part:
            return
        last = part[-1].key
        yield list(part)
        for change in part:
            session.expunge(change)


def find_later_run(session: Session, run: LoadRun, keys: Iterable[str]) -> LoadRun | None:
    """Return the newest later load, still in force, that wrote one of the same rows."""
    later = (
        select(LoadRun)
        .join(LoadChange, col(LoadChange.run_id) == col(LoadRun.id))
        .where(LoadRun.kind == run.kind, col(LoadRun.id) > run.id)
        .where(col(LoadRun.undone_by).is_(None), col(LoadRun.undoes).is_(None))
        .order_by(col(LoadRun.id).desc())
    )
    remaining = iter(keys)
    while part := list(islice(remaining, _AT_ONCE)):
        found = session.exec(later.where(col(LoadChange.key).in_(part))).first()
        if found is not None:
            return found
    return None
