"""Messages whose answer was not ready in time: what a worker finishes, whoever began it.

A row here says that WeChat was told something else than the answer, or nothing yet. The answer
itself, with all its effects, stands in the inbox under the same unique key, whoever commits it
first. Whoever takes the row away is the one who brings the answer to the person, and nobody else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import EncryptedText, UtcDateTime
from models.inbox import InboxEntry
from models.messages import InboundMessage

LEASE = timedelta(seconds=6)
"""How long the one who is at it may take before another one begins too."""

LONGEST_LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 8
"""After so many attempts of workers the message is handed to people."""

RETRIES_OVER = timedelta(seconds=20)
"""After this time WeChat does not ask again for the answer."""

_MESSAGES = TypeAdapter(InboundMessage)


class PendingMessage(SQLModel, table=True):
    """A message that waits for its answer, or whose answer waits to be brought.

    `deliveries` counts how often WeChat has asked and was not answered in time. `is_told`: the
    person knows that the answer comes later. `claimed_until` is how long somebody is at it.
    """

    __tablename__ = "pending_message"

    dedup_key: str = Field(primary_key=True, max_length=64)
    openid: str = Field(max_length=64, index=True)
    payload: str = Field(sa_type=EncryptedText)
    created_at: datetime = Field(sa_type=UtcDateTime)
    deliveries: int = 1
    is_told: bool = False
    attempts: int = 0
    claimed_until: datetime = Field(sa_type=UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Deferred:
    """What is known of a message when it is put off."""

    since: datetime
    deliveries: int


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message in the hands of one worker; `number` says which attempt this is."""

    message: InboundMessage
    number: int

    @property
    def is_last_attempt(self) -> bool:
        """Tell whether people take over after this one."""
        return self.number >= MAX_ATTEMPTS


def put_off(session: Session, message: InboundMessage, *, now: datetime) -> Deferred:
    """Keep a message for a worker; each further delivery is counted.

    It is left to the one who began it for the time of a lease.
    """
    connection = session.connection()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = connection.execute(
        insert(PendingMessage)
        .values(
            dedup_key=message.dedup_key,
            openid=message.openid,
            payload=_MESSAGES.dump_json(message).decode(),
            created_at=now,
            deliveries=1,
            is_told=False,
            attempts=0,
            claimed_until=now + LEASE,
        )
        .on_conflict_do_update(
            index_elements=["dedup_key"],
            set_={"deliveries": col(PendingMessage.deliveries) + 1},
        )
        .returning(col(PendingMessage.created_at), col(PendingMessage.deliveries))
    ).one()
    return Deferred(row.created_at, row.deliveries)


def note_told(session: Session, *, dedup_key: str) -> None:
    """Note that the person was told that the answer comes later."""
    session.connection().execute(
        update(PendingMessage)
        .where(col(PendingMessage.dedup_key) == dedup_key)
        .values(is_told=True)
    )


def take_away(session: Session, *, dedup_key: str) -> bool:
    """End the waiting for an answer; tell whether it is for the caller to bring it.

    The row is there for one of those who take it away at the same moment.
    """
    gone = session.connection().execute(
        delete(PendingMessage).where(col(PendingMessage.dedup_key) == dedup_key)
    )
    return gone.rowcount > 0


def is_awaited(session: Session, *, openid: str) -> bool:
    """Tell whether this person was told that an answer comes later, and it has not come yet."""
    told = select(PendingMessage.dedup_key).where(PendingMessage.openid == openid)
    return session.exec(told.where(PendingMessage.is_told)).first() is not None


def has_pending(connection: sa.Connection) -> bool:
    """Tell whether there is any message whose answer is still to be brought."""
    return connection.execute(select(PendingMessage.dedup_key).limit(1)).first() is not None


def list_answered(
    connection: sa.Connection, *, now: datetime, may_send: bool, most: int = 20
) -> list[str]:
    """Return the keys of what is answered and nobody has brought yet, oldest first.

    Where the account cannot send, WeChat's next request is left the chance to fetch the answer.
    """
    answered = (
        select(PendingMessage.dedup_key)
        .join(InboxEntry, col(InboxEntry.dedup_key) == col(PendingMessage.dedup_key))
        .order_by(col(PendingMessage.created_at))
        .limit(most)
    )
    if not may_send:
        is_over = col(PendingMessage.created_at) <= now - RETRIES_OVER
        answered = answered.where(or_(col(PendingMessage.is_told), is_over))
    return list(connection.execute(answered).scalars())


def claim_pending(session: Session, *, now: datetime) -> ClaimedMessage | None:
    """Take a message that nobody is at any more; each attempt may take longer than the last."""
    is_answered = sa.exists().where(col(InboxEntry.dedup_key) == col(PendingMessage.dedup_key))
    pending = session.exec(
        select(PendingMessage)
        .where(col(PendingMessage.claimed_until) <= now, ~is_answered)
        .order_by(col(PendingMessage.claimed_until))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if pending is None:
        return None
    pending.attempts += 1
    pending.claimed_until = now + min(LEASE * (1 << pending.attempts - 1), LONGEST_LEASE)
    return ClaimedMessage(_MESSAGES.validate_json(pending.payload), pending.attempts)
