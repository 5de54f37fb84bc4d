"""Who is not to meet whom: blocks of a contact that expire, and what a volunteer does not take."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, exists
from sqlmodel import Field, Session, SQLModel, col, select

from models.audit import record_audit
from models.columns import UtcDateTime, enum_column
from models.ticket import TicketKind


class BlockReason(StrEnum):
    """Why somebody is blocked: a word and no text, so that it tells nothing about the person."""

    ABUSE = "abuse"
    THREAT = "threat"
    SEXUAL = "sexual"
    SPAM = "spam"


class BlockLength(StrEnum):
    """How long a block lasts."""

    DAY = "day"
    MONTH = "month"

    @property
    def time(self) -> timedelta:
        """Return the length as time."""
        return timedelta(hours=24) if self is BlockLength.DAY else timedelta(days=30)


class ContactBlock(SQLModel, table=True):
    """A contact whom nobody is offered for a while; the words of safety still reach them."""

    __tablename__ = "contact_block"

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    volunteer_id: int = Field(foreign_key="volunteer.id")
    reason: BlockReason = Field(sa_column=enum_column(BlockReason))
    blocked_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)


class VolunteerBlock(SQLModel, table=True):
    """A contact whom one volunteer no longer wants to meet."""

    __tablename__ = "volunteer_block"

    volunteer_id: int = Field(foreign_key="volunteer.id", primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", primary_key=True, index=True)
    at: datetime = Field(sa_type=UtcDateTime)


class SkippedKind(SQLModel, table=True):
    """A kind of need that a volunteer does not take."""

    __tablename__ = "skipped_kind"

    volunteer_id: int = Field(foreign_key="volunteer.id", primary_key=True)
    kind: TicketKind = Field(sa_column=enum_column(TicketKind, primary_key=True))


def is_blocked(contact_id: Any, *, now: Any) -> ColumnElement[bool]:  # noqa: ANN401 - column or value
    """Return the condition that a contact (a column, a parameter or a number) is blocked."""
    return exists().where(
        col(ContactBlock.contact_id) == contact_id, col(ContactBlock.ends_at) > now
    )


def find_block(session: Session, *, contact_id: int, now: datetime) -> ContactBlock | None:
    """Return the block that holds now and ends last, if there is one."""
    return session.exec(
        select(ContactBlock)
        .where(ContactBlock.contact_id == contact_id, col(ContactBlock.ends_at) > now)
        .order_by(col(ContactBlock.ends_at).desc())
    ).first()


def block_contact(
    session: Session,
    *,
    contact_id: int,
    volunteer_id: int,
    reason: BlockReason,
    length: BlockLength,
    now: datetime,
) -> ContactBlock:
    """Block a contact for a while; it ends by itself."""
    block = ContactBlock(
        contact_id=contact_id,
        volunteer_id=volunteer_id,
        reason=reason,
        blocked_at=now,
        ends_at=now + length.time,
    )
    session.add(block)
    subject = f"contact:{contact_id}"
    record_audit(
        session, actor_id=volunteer_id, action="block", subject=subject, reason=reason, now=now
    )
    return block


def lift_blocks(
    session: Session, *, contact_id: int, volunteer_id: int, reason: str, now: datetime
) -> None:
    """End every block of a contact at once."""
    for block in session.exec(
        select(ContactBlock).where(
            ContactBlock.contact_id == contact_id, col(ContactBlock.ends_at) > now
        )
    ):
        block.ends_at = now
        session.add(block)
    subject = f"contact:{contact_id}"
    record_audit(
        session, actor_id=volunteer_id, action="unblock", subject=subject, reason=reason, now=now
    )


def avoid_contact(session: Session, *, volunteer_id: int, contact_id: int, now: datetime) -> None:
    """Never offer this contact to the volunteer again; a second wish changes nothing."""
    if session.get(VolunteerBlock, (volunteer_id, contact_id)) is None:
        session.add(VolunteerBlock(volunteer_id=volunteer_id, contact_id=contact_id, at=now))
        session.flush()  # the next claim must see it


def skip_kinds(session: Session, *, volunteer_id: int, kinds: frozenset[TicketKind]) -> None:
    """Let the volunteer be spared exactly these kinds of need."""
    session.flush()
    session.connection().execute(
        delete(SkippedKind).where(col(SkippedKind.volunteer_id) == volunteer_id)
    )
    session.add_all(SkippedKind(volunteer_id=volunteer_id, kind=kind) for kind in sorted(kinds))
    session.flush()  # the next claim must see it


def list_skipped_kinds(session: Session, *, volunteer_id: int) -> frozenset[TicketKind]:
    """Return the kinds of need that the volunteer is spared."""
    skipped = select(SkippedKind).where(SkippedKind.volunteer_id == volunteer_id)
    return frozenset(row.kind for row in session.exec(skipped))
