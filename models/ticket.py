"""A need handed to people: an episode with its append-only history."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import EncryptedText, UtcDateTime, enum_column


class TicketKind(StrEnum):
    """Whom a need is for, or what it is about."""

    LAWYER = "lawyer"
    COUNSELOR = "counselor"
    CAREER = "career"
    STAFF = "staff"
    CRISIS = "crisis"
    AID = "aid"
    FEEDBACK = "feedback"
    MUTUAL_HELP = "mutual_help"
    PRIVACY = "privacy"
    POSTING = "posting"
    ERROR = "error"


class TicketState(StrEnum):
    """Where an episode stands."""

    QUEUED = "queued"
    HUMAN = "human"
    WAITING_CONTACT = "waiting_contact"
    WRAP_UP = "wrap_up"
    CLOSED = "closed"


IN_HANDS = (TicketState.HUMAN, TicketState.WAITING_CONTACT, TicketState.WRAP_UP)
"""States in which a volunteer holds the conversation and the bot is silent."""

_ONE_IN_HANDS = text("state IN ('human', 'waiting_contact', 'wrap_up')")


class TicketEventKind(StrEnum):
    """What happened in an episode."""

    OPENED = "opened"
    CONTACT_WROTE = "contact_wrote"
    RISK_RAISED = "risk_raised"
    CLOSED = "closed"


class Ticket(SQLModel, table=True):
    """An episode; at most one of a contact is in a person's hands (the partial unique index)."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index(
            "ux_ticket_in_hands",
            "contact_id",
            unique=True,
            sqlite_where=_ONE_IN_HANDS,
            postgresql_where=_ONE_IN_HANDS,
        ),
        Index("ix_ticket_queue", "state", "risk", "opened_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    kind: TicketKind = Field(sa_column=enum_column(TicketKind))
    state: TicketState = Field(default=TicketState.QUEUED, sa_column=enum_column(TicketState))
    risk: int = 0
    summary: str = Field(default="", sa_type=EncryptedText)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    version: int = 1


class TicketEvent(SQLModel, table=True):
    """One thing that happened in an episode; rows are only ever added."""

    __tablename__ = "ticket_event"

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    kind: TicketEventKind = Field(sa_column=enum_column(TicketEventKind))
    body: str = Field(default="", sa_type=EncryptedText)
    at: datetime = Field(sa_type=UtcDateTime)


def open_ticket(
    session: Session,
    *,
    contact_id: int,
    kind: TicketKind,
    summary: str,
    now: datetime,
    risk: int = 0,
) -> Ticket:
    """Open an episode, or join the one of the same kind that the contact already has waiting."""
    waiting = find_waiting_ticket(session, contact_id=contact_id, kind=kind)
    if waiting is not None:
        add_to_ticket(session, waiting, body=summary, now=now)
        waiting.risk = max(waiting.risk, risk)
        return waiting
    ticket = Ticket(
        contact_id=contact_id, kind=kind, summary=summary, risk=risk, opened_at=now, updated_at=now
    )
    session.add(ticket)
    session.flush()  # the person is told the number
    _record(session, ticket, kind=TicketEventKind.OPENED, body=summary, now=now)
    return ticket


def add_to_ticket(session: Session, ticket: Ticket, *, body: str, now: datetime) -> None:
    """Add what the contact wrote to an episode."""
    ticket.updated_at = now
    ticket.version += 1
    session.add(ticket)
    _record(session, ticket, kind=TicketEventKind.CONTACT_WROTE, body=body, now=now)


def find_waiting_ticket(session: Session, *, contact_id: int, kind: TicketKind) -> Ticket | None:
    """Return the contact's open episode of this kind, if there is one."""
    return session.exec(
        select(Ticket)
        .where(Ticket.contact_id == contact_id, Ticket.kind == kind)
        .where(col(Ticket.state) != TicketState.CLOSED)
        .order_by(col(Ticket.id).desc())
    ).first()


def get_ticket_in_hands(session: Session, *, contact_id: int) -> Ticket:
    """Return the episode that a volunteer holds; raise NoResultFound where none does."""
    return session.exec(
        select(Ticket).where(Ticket.contact_id == contact_id).where(col(Ticket.state).in_(IN_HANDS))
    ).one()


def list_open_tickets(session: Session, *, contact_id: int) -> Sequence[Ticket]:
    """Return the contact's open episodes, newest first."""
    return session.exec(
        select(Ticket)
        .where(Ticket.contact_id == contact_id)
        .where(col(Ticket.state) != TicketState.CLOSED)
        .order_by(col(Ticket.id).desc())
    ).all()


def _record(
    session: Session, ticket: Ticket, *, kind: TicketEventKind, body: str, now: datetime
) -> None:
    session.add(TicketEvent(ticket_id=ticket.id or 0, kind=kind, body=body, at=now))
