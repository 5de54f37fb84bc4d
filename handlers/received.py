"""What a person sent without words, until it is known whom it is for."""

from pydantic import BaseModel, Field

from handlers.base import Context
from models import media
from models.ticket import Ticket

TOPIC = "media"
"""Under this it is remembered: the topic that takes pictures and recordings."""

MOST = 9
"""No more things are kept for one ticket than WeChat sends at once."""


class Received(BaseModel):
    """What came in without words and waits for the person to say whom it is for.

    `messages` are the keys of the messages it came with, `asked_for` is the ticket for which they
    were asked what it is about.
    """

    things: list[str] = Field(default_factory=list)
    messages: list[str] = Field(default_factory=list)
    asked_for: int = 0


def remember(ctx: Context, thing: str, *, key: str) -> None:
    """Keep one more thing, with the key of the message it came with."""
    before = ctx.recall(TOPIC, Received)
    things, keys = [*before.things, thing], [*before.messages, key]
    ctx.remember(TOPIC, Received(things=things[-MOST:], messages=keys[-MOST:]))


def list_received(ctx: Context) -> list[str]:
    """Return what waits to be handed over."""
    return ctx.recall(TOPIC, Received).things


def hand_over(ctx: Context, ticket: Ticket) -> None:
    """Let what was sent belong to the ticket."""
    media.attach(ctx.session, ticket=ticket, messages=ctx.recall(TOPIC, Received).messages)
    forget(ctx)


def forget(ctx: Context, *, asked_for: int = 0) -> None:
    """Keep nothing of it but the ticket for which it is asked what it is about."""
    ctx.remember(TOPIC, Received(asked_for=asked_for))
