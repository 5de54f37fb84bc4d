"""What was just spoken of with a contact: open forms, offered choices, the rest of a long reply."""

from datetime import datetime, timedelta

from pydantic import BaseModel, JsonValue
from pydantic import Field as PydanticField
from sqlalchemy import Column, ForeignKey, Integer
from sqlmodel import Field, SQLModel

from models.columns import EncryptedText, UtcDateTime
from models.messages import Choice

QUIET_TIME = timedelta(minutes=30)
"""After this long without a word an open dialogue is over."""

HEARING_TIME = timedelta(minutes=15)
HEARD_KEPT, HEARD_LENGTH = 5, 200
"""Signs of danger are weighed together over this time, and over so many messages."""

PIECE_TIME = timedelta(seconds=20)
"""Pieces of one thought follow each other within this time."""


class OpenForm(BaseModel):
    """A dialogue in progress: which handler asks, at which step, and what was answered so far."""

    handler: str
    step: str
    answers: dict[str, str] = PydanticField(default_factory=dict)
    paused: bool = False


class Piece(BaseModel):
    """A message that is kept for a while, for the ones that follow it."""

    text: str
    at: datetime


class Conversation(BaseModel):
    """The state of one contact's dialogue.

    The last of `forms` is the one being filled in, unless it is paused. `memory` holds what each
    topic keeps for follow-up questions, by the topic's name, in the topic's own shape. `said` is
    what the person wrote lately, so that nobody has to tell their story twice; `confided` is what
    of it is for counsellors only. `stayed` says that the words of safety were repeated since the
    last alarm.
    """

    forms: list[OpenForm] = PydanticField(default_factory=list)
    choices: list[Choice] = PydanticField(default_factory=list)
    memory: dict[str, dict[str, JsonValue]] = PydanticField(default_factory=dict)
    rest: str = ""
    rest_choices: list[Choice] = PydanticField(default_factory=list)
    pieces: list[Piece] = PydanticField(default_factory=list)
    topic: str = ""
    misses: int = 0
    stayed: bool = False
    heard: list[Piece] = PydanticField(default_factory=list)
    said: list[str] = PydanticField(default_factory=list)
    confided: list[str] = PydanticField(default_factory=list)

    @property
    def open_form(self) -> OpenForm | None:
        """Return the form that waits for an answer, if one does."""
        form = self.forms[-1] if self.forms else None
        return None if form is None or form.paused else form

    @property
    def paused_form(self) -> OpenForm | None:
        """Return the form that was left in the middle, if there is one."""
        form = self.forms[-1] if self.forms else None
        return form if form is not None and form.paused else None

    def hear(self, text: str, now: datetime) -> None:
        """Keep the last words for a while: danger may be spread over several messages."""
        kept = [piece for piece in self.heard if now - piece.at <= HEARING_TIME]
        self.heard = [*kept, Piece(text=text[:HEARD_LENGTH], at=now)][-HEARD_KEPT:]

    def heard_lately(self, now: datetime) -> list[str]:
        """Return what the person wrote in the last minutes, whatever came of it."""
        return [piece.text for piece in self.heard if now - piece.at <= HEARING_TIME]

    def recent_pieces(self, now: datetime) -> list[str]:
        """Return what was said just now without being understood."""
        return [piece.text for piece in self.pieces if now - piece.at <= PIECE_TIME]


class StoredConversation(SQLModel, table=True):
    """A contact's conversation at rest; the state is encrypted, for it holds what people answer."""

    __tablename__ = "conversation"

    contact_id: int = Field(
        sa_column=Column(Integer, ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    )
    state: str = Field(sa_type=EncryptedText)
    updated_at: datetime = Field(sa_type=UtcDateTime)
