"""What WeChat still lets us send to a contact: the ledger that every sender spends from.

A message of theirs allows five of ours within 48 hours; a tap on the menu, a follow or a scan three
within a minute. A new grant of a kind starts it anew and does not add to what was left. Whether the
kinds add up is not documented, so one message is charged to every open grant: each grant alone is
never overspent, whichever of them WeChat has in mind.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, UniqueConstraint, case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime, enum_column


class GrantReason(StrEnum):
    """What a contact did that lets us send."""

    MESSAGE = "message"
    MENU = "menu"
    FOLLOW = "follow"
    SCAN = "scan"

    @property
    def allowed(self) -> int:
        """Return how many messages it allows."""
        return 5 if self is GrantReason.MESSAGE else 3

    @property
    def lifetime(self) -> timedelta:
        """Return for how long."""
        return timedelta(hours=48) if self is GrantReason.MESSAGE else timedelta(minutes=1)


class ReplyWindow(SQLModel, table=True):
    """The newest grant of a kind to a contact, and how much of it is used."""

    __tablename__ = "reply_window"
    __table_args__ = (UniqueConstraint("contact_id", "reason", name="uq_reply_window_contact_id"),)

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id")
    reason: GrantReason = Field(sa_column=enum_column(GrantReason))
    granted_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    allowed: int
    used: int = 0


@dataclass(frozen=True, slots=True)
class WindowState:
    """How many messages may still be sent, and until when; None where none may."""

    left: int
    until: datetime | None


CLOSED = WindowState(0, None)


def grant(session: Session, *, contact_id: int, reason: GrantReason, now: datetime) -> None:
    """Open the window that the contact has just given us; an older grant never replaces it."""
    values = {
        "contact_id": contact_id,
        "reason": reason,
        "granted_at": now,
        "expires_at": now + reason.lifetime,
        "allowed": reason.allowed,
        "used": 0,
    }
    connection = session.connection()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(ReplyWindow).values(**values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["contact_id", "reason"],
            set_={name: statement.excluded[name] for name in values},
            where=col(ReplyWindow.granted_at) <= statement.excluded.granted_at,
        )
    )


def take(session: Session, *, contact_id: int, now: datetime, keep: int = 0) -> bool:
    """Spend one message, leaving `keep` for others; tell whether there was one to spend.

    The condition is in the statement: of two senders at the same moment the last one serves one.
    """
    taken = session.connection().execute(
        update(ReplyWindow)
        .where(*_open(contact_id, now), col(ReplyWindow.used) + keep < col(ReplyWindow.allowed))
        .values(used=col(ReplyWindow.used) + 1)
    )
    return taken.rowcount > 0


def give_back(session: Session, *, contact_id: int, taken_at: datetime) -> None:
    """Take back the spending of a message that certainly was not sent.

    A grant that came after it was not charged, and is left alone.
    """
    session.connection().execute(
        update(ReplyWindow)
        .where(col(ReplyWindow.contact_id) == contact_id)
        .where(col(ReplyWindow.granted_at) <= taken_at, col(ReplyWindow.expires_at) > taken_at)
        .values(used=case((col(ReplyWindow.used) > 0, col(ReplyWindow.used) - 1), else_=0))
    )


def use_up(session: Session, *, contact_id: int, taken_at: datetime) -> None:
    """Believe WeChat, who said that there is nothing left; what was granted since stays."""
    session.connection().execute(
        update(ReplyWindow)
        .where(col(ReplyWindow.contact_id) == contact_id)
        .where(col(ReplyWindow.granted_at) <= taken_at)
        .values(used=col(ReplyWindow.allowed))
    )


def close_windows(session: Session, *, contact_id: int) -> None:
    """Forget what was allowed: they have left."""
    session.connection().execute(
        delete(ReplyWindow).where(col(ReplyWindow.contact_id) == contact_id)
    )


def remaining(session: Session, *, contact_id: int, now: datetime) -> WindowState:
    """Return what may still be sent to this contact."""
    windows = session.exec(
        select(ReplyWindow)
        .where(*_open(contact_id, now))
        .where(col(ReplyWindow.used) < col(ReplyWindow.allowed))
        .execution_options(populate_existing=True)
    ).all()
    if not windows:
        return CLOSED
    left = max(window.allowed - window.used for window in windows)
    return WindowState(left, max(window.expires_at for window in windows))


def drop_expired(session: Session, *, now: datetime) -> int:
    """Delete the grants that are over; return how many there were."""
    gone = session.connection().execute(
        delete(ReplyWindow).where(col(ReplyWindow.expires_at) <= now)
    )
    return gone.rowcount


def _open(contact_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (col(ReplyWindow.contact_id) == contact_id, col(ReplyWindow.expires_at) > now)
