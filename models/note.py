"""What volunteers note for each other on an episode; nothing that sends may import this."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import EncryptedText, UtcDateTime


class TicketNote(SQLModel, table=True):
    """A private note; rows are only ever added."""

    __tablename__ = "ticket_note"

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    volunteer_id: int = Field(foreign_key="volunteer.id")
    body: str = Field(sa_type=EncryptedText)
    at: datetime = Field(sa_type=UtcDateTime)


def add_note(
    session: Session, *, ticket_id: int, volunteer_id: int, body: str, now: datetime
) -> TicketNote:
    """Keep a note with the episode; who may write one is for the caller to check."""
    note = TicketNote(ticket_id=ticket_id, volunteer_id=volunteer_id, body=body, at=now)
    session.add(note)
    session.flush()  # the page shows it by its number
    return note


def list_notes(session: Session, *, ticket_id: int) -> Sequence[TicketNote]:
    """Return the notes of an episode, oldest first."""
    return session.exec(
        select(TicketNote).where(TicketNote.ticket_id == ticket_id).order_by(col(TicketNote.id))
    ).all()
