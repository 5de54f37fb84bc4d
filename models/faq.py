"""Reviewed answers, and the questions that found none."""

from datetime import date, datetime

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, select

from models.columns import EncryptedText, UtcDateTime


class FaqEntry(SQLModel, table=True):
    """A question with its reviewed answer.

    `similar` holds other ways to ask it. `citations` holds objects with `statute`, `article`,
    `version`, `quote` and `sha256`, the decisive one first (see `knowledge.citations`).
    """

    __tablename__ = "faq_entry"

    id: str = Field(primary_key=True, max_length=64)
    question: str = Field(max_length=200)
    answer: str = Field(max_length=2000)
    similar: list[str] = Field(default_factory=list, sa_type=JSON)
    topic: str = Field(default="", max_length=40)
    citations: list[dict[str, object]] = Field(default_factory=list, sa_type=JSON)
    valid_until: date | None = None
    is_demo: bool = False
    updated_at: datetime = Field(sa_type=UtcDateTime)


class UnansweredQuestion(SQLModel, table=True):
    """What somebody asked and the bot did not understand, for people to look at."""

    __tablename__ = "unanswered_question"

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    text: str = Field(sa_type=EncryptedText)
    guess: str = Field(default="", max_length=20)
    score: float = 0.0
    asked_at: datetime = Field(sa_type=UtcDateTime)


class ContentVersion(SQLModel, table=True):
    """Counts the changes of one kind of content, so that every process sees when to recompile."""

    __tablename__ = "content_version"

    name: str = Field(primary_key=True, max_length=20)
    version: int = 0


FAQ_CONTENT = "faq"


def bump_version(session: Session, name: str) -> None:
    """Tell all processes that this kind of content has changed."""
    row = session.exec(select(ContentVersion).where(ContentVersion.name == name)).first()
    row = row or ContentVersion(name=name)
    row.version += 1
    session.add(row)
