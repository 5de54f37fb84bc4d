"""Every message received with the answer it got: the memory that makes effects happen once."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import EncryptedText, UtcDateTime, enum_column
from models.messages import MessageKind


class ReplyKind(StrEnum):
    """What went back to WeChat."""

    TEXT = "text"
    SILENT = "silent"


class InboxEntry(SQLModel, table=True):
    """A received message and the reply stored with it.

    The unique `dedup_key` is what keeps a repeated delivery from having a second effect.
    `created_at` is WeChat's CreateTime, `received_at` our own clock; `details` is a JSON object of
    what else came with it (picture, place, menu key), `topic` the handler that answered, `source`
    the piece of knowledge it answered from (`faq:wage-arrears`), if there was one. What
    `is_held_back` the person took out before they were handed over: no volunteer reads it.
    """

    __tablename__ = "inbox_entry"

    id: int | None = Field(default=None, primary_key=True)
    dedup_key: str = Field(max_length=64, unique=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    openid: str = Field(max_length=64)
    msg_id: int | None = Field(default=None, sa_type=BigInteger)
    kind: MessageKind = Field(sa_column=enum_column(MessageKind))
    event: str | None = Field(default=None, max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(default="", sa_type=EncryptedText)
    details: str = Field(default="", sa_type=EncryptedText)
    topic: str = Field(default="", max_length=32)
    source: str = Field(default="", max_length=240)
    reply_kind: ReplyKind = Field(sa_column=enum_column(ReplyKind))
    reply_text: str = Field(default="", sa_type=EncryptedText)
    is_held_back: bool = False


_QUOTED = 12
"""An answer that holds so many of its characters quotes a message."""
_LATELY = 40
"""So many messages back somebody may take out what they told."""


def hold_back(session: Session, *, contact_id: int, said: str, quoted_by: str) -> None:
    """Let no volunteer read a message that begins so, nor what the topic `quoted_by` repeated."""
    for entry in _list_lately(session, contact_id):
        is_quoted = entry.topic == quoted_by and said[:_QUOTED] in entry.reply_text
        if is_quoted or entry.text[: len(said)] == said:
            entry.is_held_back = True


def hold_back_all(session: Session, *, contact_id: int, but: str) -> None:
    """Let no volunteer read what was said lately, except to the topic `but`."""
    for entry in _list_lately(session, contact_id):
        entry.is_held_back = entry.topic != but


def _list_lately(session: Session, contact_id: int) -> Sequence[InboxEntry]:
    query = select(InboxEntry).where(InboxEntry.contact_id == contact_id)
    return session.exec(query.order_by(col(InboxEntry.id).desc()).limit(_LATELY)).all()
