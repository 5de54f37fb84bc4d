"""What is still to be said to a contact."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import EncryptedText, UtcDateTime, enum_column


class OutboxStatus(StrEnum):
    """How far a message to a contact has come."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    PARKED = "parked"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class OutboxMessage(SQLModel, table=True):
    """A message for a contact; `parked` ones go out with the contact's next message."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_contact", "contact_id", "status"),)

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id")
    status: OutboxStatus = Field(sa_column=enum_column(OutboxStatus))
    attempts: int = 0
    errcode: int | None = None
    body: str = Field(sa_type=EncryptedText)
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
