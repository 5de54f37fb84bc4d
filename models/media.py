"""Pictures and recordings that people sent, kept with the ticket that they were sent for.

A row is made for each that comes in, in the transaction of its message; it is fetched only when it
belongs to a ticket, for nobody else has a use for it. What WeChat sent to fetch it with is
forgotten once that is settled.

The content is in the database, encrypted, and not in files (docs/decisions/0011): so it is kept
once though a worker is killed, it goes with the row in the transaction of an erasure, it is in the
backup, and every process and machine has it. Its columns are the last, and no list reads them.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Index, delete, or_, update
from sqlalchemy.engine import Connection
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import EncryptedBytes, EncryptedText, UtcDateTime, enum_column
from models.messages import InboundMessage, MessageKind
from models.ticket import Outcome, Ticket, TicketState
from models.volunteer import Skill

WECHAT_KEEPS = timedelta(days=3)
"""How long WeChat keeps what people send."""

KEPT_AFTER_CLOSING = timedelta(days=180)
"""How long a picture or a recording outlives its ticket."""

MAX_BYTES = 10 * 1024 * 1024
MAX_ATTEMPTS = 12
LEASE = timedelta(minutes=3)
"""How long one attempt may take; when a worker was killed another begins after it."""

_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)


class MediaKind(StrEnum):
    """What is fetched; films are not."""

    IMAGE = "image"
    VOICE = "voice"


class MediaStatus(StrEnum):
    """What became of it; all but `waiting` are final."""

    WAITING = "waiting"
    KEPT = "kept"
    GONE = "gone"
    REFUSED = "refused"
    TOO_LARGE = "too_large"


class Media(SQLModel, table=True):
    """One picture or recording.

    `message` is the `dedup_key` of the message it came with; `skill` the help it was sent for.
    `content_type` is told from the bytes, `sha256` is of the readable bytes. `playable` is the same
    recording in a form that browsers play, where the one that was sent is none.
    """

    __tablename__ = "media"
    __table_args__ = (Index("ix_media_due", "status", "not_before"),)

    id: int | None = Field(default=None, primary_key=True)
    message: str = Field(max_length=64, unique=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    skill: Skill | None = Field(default=None, sa_column=enum_column(Skill, nullable=True))
    kind: MediaKind = Field(sa_column=enum_column(MediaKind))
    status: MediaStatus = Field(
        default=MediaStatus.WAITING, sa_column=enum_column(MediaStatus, nullable=False)
    )
    media_id: str = Field(default="", sa_type=EncryptedText)
    pic_url: str = Field(default="", sa_type=EncryptedText)
    received_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    not_before: datetime = Field(sa_type=UtcDateTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    content_type: str = Field(default="", max_length=40)
    size: int = 0
    sha256: str = Field(default="", max_length=64)
    content: bytes | None = Field(default=None, sa_type=EncryptedBytes)
    playable: bytes | None = Field(default=None, sa_type=EncryptedBytes)


@dataclass(frozen=True, slots=True)
class MediaView:
    """A picture or a recording as lists know it: without its content."""

    id: int
    kind: MediaKind
    status: MediaStatus
    skill: Skill | None
    received_at: datetime
    content_type: str
    size: int
    is_converted: bool

    @property
    def is_playable(self) -> bool:
        """Tell whether a browser plays it, as it was sent or converted."""
        return self.is_converted or self.content_type == "audio/mpeg"


@dataclass(frozen=True, slots=True)
class Fetch:
    """Something to fetch, for the worker that has claimed it until `until`."""

    id: int
    kind: MediaKind
    media_id: str
    pic_url: str
    attempts: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What was fetched, the type that its bytes have, and what browsers play in their place."""

    content: bytes
    content_type: str
    playable: bytes | None = None


def sniff(kind: MediaKind, content: bytes) -> str:
    """Return the type that the bytes have; an empty text for what is not kept."""
    starts = _PICTURES if kind is MediaKind.IMAGE else _RECORDINGS
    for start, content_type in starts:
        if content.startswith(start):
            return content_type
    if kind is MediaKind.IMAGE:
        return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""
    return "audio/mpeg" if _is_mp3_frame(content[:2]) else ""


def receive(
    session: Session,
    *,
    contact_id: int,
    message: InboundMessage,
    now: datetime,
    ticket: Ticket | None = None,
) -> None:
    """Note what came in with a message; films, places and links are nothing to fetch.

    What WeChat has understood of a recording is enough, unless it is for a ticket.
    """
    kind = _KINDS.get(message.kind)
    media_id, pic_url = (message.details.get(name, "") for name in ("media_id", "pic_url"))
    if kind is None or not (media_id or pic_url):
        return
    if kind is MediaKind.VOICE and message.text and ticket is None:
        return
    session.add(
        Media(
            message=message.dedup_key,
            contact_id=contact_id,
            ticket_id=ticket.id if ticket else None,
            skill=ticket.skill if ticket else None,
            kind=kind,
            media_id=media_id,
            pic_url=pic_url,
            received_at=now,
            not_before=now,
        )
    )


def attach(session: Session, *, ticket: Ticket, messages: Collection[str]) -> None:
    """Let what came with these messages of the ticket's contact belong to it, if it is free."""
    session.flush()
    session.connection().execute(
        update(Media)
        .where(col(Media.contact_id) == ticket.contact_id, col(Media.ticket_id).is_(None))
        .where(col(Media.message).in_(messages))
        .values(ticket_id=ticket.id, skill=ticket.skill)
    )


def follow_join(session: Session, *, ticket_id: int, into_id: int) -> None:
    """Let what was sent for a ticket go along to the one that it was joined to."""
    session.connection().execute(
        update(Media).where(col(Media.ticket_id) == ticket_id).values(ticket_id=into_id)
    )


def list_media(session: Session, *, ticket_id: int) -> Sequence[MediaView]:
    """Return what was sent for a ticket, oldest first."""
    return _views(session, Media.ticket_id == ticket_id)


def find_media(session: Session, *, ticket_id: int, number: int) -> MediaView | None:
    """Return one of the things that were sent for a ticket."""
    return next(iter(_views(session, Media.ticket_id == ticket_id, Media.id == number)), None)


def read_content(session: Session, *, number: int) -> bytes | None:
    """Return the readable bytes; who may have them is for the caller to check."""
    return session.exec(select(Media.content).where(Media.id == number)).first()


def read_playable(session: Session, *, number: int) -> bytes | None:
    """Return what browsers play in place of a recording; for the caller to check as above."""
    return session.exec(select(Media.playable).where(Media.id == number)).first()


def has_media_due(connection: Connection, *, now: datetime) -> bool:
    """Tell whether there is something to fetch."""
    return connection.execute(select(Media.id).where(*_is_due(now)).limit(1)).first() is not None


def claim_media(session: Session, *, now: datetime, lease: timedelta = LEASE) -> Fetch | None:
    """Take the next thing to fetch for this worker; what another has locked is passed by."""
    found = session.exec(
        select(Media.id)
        .where(*_is_due(now))
        .order_by(col(Media.not_before), col(Media.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if found is None:
        return None
    row = session.connection().execute(
        update(Media)
        .where(col(Media.id) == found)
        .values(claimed_until=now + lease, attempts=col(Media.attempts) + 1)
        .returning(col(Media.kind), col(Media.media_id), col(Media.pic_url), col(Media.attempts))
    )
    kind, media_id, pic_url, attempts = row.one()
    return Fetch(found, kind, media_id, pic_url, attempts, until=now + lease)


def record_kept(session: Session, fetch: Fetch, found: Found) -> bool:
    """Keep what was fetched; nothing is kept where the claim has passed or the row is gone."""
    return _settle(
        session,
        fetch,
        status=MediaStatus.KEPT,
        content_type=found.content_type,
        size=len(found.content),
        sha256=hashlib.sha256(found.content).hexdigest(),
        content=found.content,
        playable=found.playable,
    )


def record_missing(session: Session, fetch: Fetch, status: MediaStatus) -> bool:
    """Note that it cannot be had, and why."""
    return _settle(session, fetch, status=status)


def record_later(session: Session, fetch: Fetch, *, now: datetime) -> bool:
    """Let it be tried again, ever later; after the last attempt it counts as gone."""
    if fetch.attempts >= MAX_ATTEMPTS:
        return record_missing(session, fetch, MediaStatus.GONE)
    pause = min(_FIRST_PAUSE * (1 << (fetch.attempts - 1)), _LONGEST_PAUSE)
    return _change(session, fetch, claimed_until=None, not_before=now + pause)


def expire_media(session: Session, *, now: datetime) -> None:
    """Give up what WeChat has thrown away, and forget what nobody was to see."""
    is_old = (
        col(Media.status) == MediaStatus.WAITING,
        col(Media.received_at) <= now - WECHAT_KEEPS,
    )
    connection = session.connection()
    connection.execute(delete(Media).where(*is_old, col(Media.ticket_id).is_(None)))
    # What is on its way is left to the worker that has it.
    connection.execute(
        update(Media)
        .where(*is_old, or_(col(Media.claimed_until).is_(None), col(Media.claimed_until) <= now))
        .values(status=MediaStatus.GONE, **_FORGOTTEN)
    )


def drop_old_media(session: Session, *, now: datetime) -> None:
    """Delete what was sent for tickets that have long been closed."""
    old = select(Ticket.id).where(
        Ticket.state == TicketState.CLOSED, col(Ticket.closed_at) <= now - KEPT_AFTER_CLOSING
    )
    session.connection().execute(delete(Media).where(col(Media.ticket_id).in_(old)))


def erase_media(session: Session, *, contact_id: int, but: Collection[int] = ()) -> None:
    """Delete what a person sent, but for what belongs to these tickets."""
    kept = col(Media.ticket_id).in_(but)
    session.connection().execute(
        delete(Media).where(
            col(Media.contact_id) == contact_id, or_(col(Media.ticket_id).is_(None), ~kept)
        )
    )


def drop_media_of(session: Session, *, cancelled_before: datetime) -> None:
    """Delete what was sent for tickets that people have taken back, and did not return to."""
    old = select(Ticket.id).where(
        Ticket.outcome == Outcome.CANCELLED, col(Ticket.closed_at) < cancelled_before
    )
    session.connection().execute(delete(Media).where(col(Media.ticket_id).in_(old)))


_KINDS = {MessageKind.IMAGE: MediaKind.IMAGE, MessageKind.VOICE: MediaKind.VOICE}
_PICTURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_RECORDINGS = (
    (b"#!AMR\n", "audio/amr"),
    (b"#!AMR-WB\n", "audio/amr-wb"),
    (b"ID3", "audio/mpeg"),
)
_FORGOTTEN: dict[str, Any] = {"media_id": "", "pic_url": "", "claimed_until": None}


def _is_mp3_frame(start: bytes) -> bool:
    # Eleven bits of ones, then the version (01 is none), then 01 for layer III.
    return (
        len(start) == 2  # noqa: PLR2004
        and start[0] == 0xFF  # noqa: PLR2004
        and start[1] & 0xE6 == 0xE2  # noqa: PLR2004
        and start[1] & 0x18 != 0x08  # noqa: PLR2004
    )


def _views(session: Session, *conditions: Any) -> list[MediaView]:  # noqa: ANN401 - conditions
    rows = session.connection().execute(
        select(  # type: ignore[call-overload]
            *(Media.id, Media.kind, Media.status, Media.skill),
            *(Media.received_at, Media.content_type, Media.size),
            col(Media.playable).is_not(None),
        )
        .where(*conditions)
        .order_by(col(Media.id))
    )
    return [MediaView(*row) for row in rows]


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Media.status) == MediaStatus.WAITING,
        col(Media.not_before) <= now,
        col(Media.ticket_id).is_not(None),
        or_(col(Media.claimed_until).is_(None), col(Media.claimed_until) <= now),
    )


def _settle(session: Session, fetch: Fetch, **values: object) -> bool:
    return _change(session, fetch, **values, **_FORGOTTEN)


def _change(session: Session, fetch: Fetch, **values: object) -> bool:
    changed = session.connection().execute(
        update(Media)
        .where(col(Media.id) == fetch.id, col(Media.status) == MediaStatus.WAITING)
        .where(col(Media.claimed_until) == fetch.until)
        .values(**values)
    )
    return changed.rowcount == 1
