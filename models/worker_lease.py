"""Who does the timed work: one process at a time, until it says so no more."""

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col

from models.columns import UtcDateTime


class WorkerLease(SQLModel, table=True):
    """A piece of work and who has it until when."""

    __tablename__ = "worker_lease"

    name: str = Field(primary_key=True, max_length=40)
    holder: str = Field(max_length=64)
    until: datetime = Field(sa_type=UtcDateTime)


def take_lease(
    session: Session, *, name: str, holder: str, now: datetime, length: timedelta
) -> bool:
    """Take or prolong the work; tell whether this holder has it now."""
    connection = session.connection()
    free = or_(col(WorkerLease.holder) == holder, col(WorkerLease.until) <= now)
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {"holder": holder, "until": now + length}
    taken = connection.execute(
        insert(WorkerLease)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values, where=free)
        .returning(col(WorkerLease.name))
    )
    return taken.first() is not None


def end_lease(session: Session, *, name: str, holder: str, now: datetime) -> None:
    """Let the next one begin at once."""
    session.connection().execute(
        update(WorkerLease)
        .where(col(WorkerLease.name) == name, col(WorkerLease.holder) == holder)
        .values(until=now)
    )
