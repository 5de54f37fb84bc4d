"""Every message received with the answer it got: the memory that makes effects happen once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

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
    the piece of knowledge it answered from (`faq:wage-arrears`), if there was one.
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
