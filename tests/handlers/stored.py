"""Reads what is stored about the one follower of a test."""

from collections.abc import Sequence
from typing import TypeVar

from sqlmodel import SQLModel, col, select

from models.contact import Contact
from models.conversation import Conversation, StoredConversation
from models.database import OpenSession
from models.job import JobSeeker
from models.media import Media
from models.open_class import Enrolment, EnrolmentState
from models.ticket import IN_HANDS, Ticket, TicketEvent, TicketState

Row = TypeVar("Row", bound=SQLModel)


def all_of(open_session: OpenSession, table: type[Row]) -> Sequence[Row]:
    """Return every row of a table."""
    with open_session() as session:
        rows = session.exec(select(table)).all()
        session.expunge_all()
        return rows


def tickets(open_session: OpenSession) -> Sequence[Ticket]:
    """Return the tickets, oldest first."""
    return sorted(all_of(open_session, Ticket), key=lambda ticket: ticket.id or 0)


def ticket_words(open_session: OpenSession) -> list[str]:
    """Return all that was written into tickets, in its order."""
    events = sorted(all_of(open_session, TicketEvent), key=lambda event: event.id or 0)
    return [event.body for event in events]


def media(open_session: OpenSession) -> Sequence[Media]:
    """Return the pictures and recordings, oldest first."""
    return sorted(all_of(open_session, Media), key=lambda media: media.id or 0)


def contact(open_session: OpenSession) -> Contact:
    """Return the follower."""
    [row] = all_of(open_session, Contact)
    return row


def conversation(open_session: OpenSession) -> Conversation:
    """Return the state of the follower's dialogue."""
    [row] = all_of(open_session, StoredConversation)
    return Conversation.model_validate_json(row.state)


def seekers(open_session: OpenSession) -> Sequence[JobSeeker]:
    """Return who registered as a job seeker."""
    return all_of(open_session, JobSeeker)


def seats(open_session: OpenSession) -> list[str]:
    """Return the classes in which somebody has a seat."""
    rows = all_of(open_session, Enrolment)
    return [row.class_id for row in rows if row.state is EnrolmentState.ENROLLED]


def hold(open_session: OpenSession, *, state: TicketState = TicketState.HUMAN) -> None:
    """Let a volunteer take the newest ticket."""
    with open_session() as session:
        ticket = session.exec(select(Ticket).order_by(col(Ticket.id).desc())).first()
        assert ticket is not None
        ticket.state = state
        ticket.volunteer_id = 1 if state in IN_HANDS else None
        session.add(ticket)
