"""A follower of the account, known by openid alone."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime


class Contact(SQLModel, table=True):
    """A follower.

    `crisis_until` keeps a raised alarm latched (see `handlers.topics.safety`); `crisis_situation`
    says which fixed wording goes with it. `scene` is what the QR code said they followed by.
    `wants_class_news` and `wants_job_news` say what they like to be sent unasked;
    `notice_version` and `notice_at` which notice about their data they were shown, and when.
    """

    __tablename__ = "contact"

    id: int | None = Field(default=None, primary_key=True)
    openid: str = Field(max_length=64, unique=True)
    followed: bool = True
    scene: str | None = Field(default=None, max_length=64)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_message_at: datetime = Field(sa_type=UtcDateTime)
    crisis_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    crisis_situation: str | None = Field(default=None, max_length=20)
    wants_class_news: bool = True
    wants_job_news: bool = True
    notice_version: int = 0
    notice_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
