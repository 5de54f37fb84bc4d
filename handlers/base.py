"""What every topic is: a handler that may claim a message and answers it in a context."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlmodel import Session

from knowledge.engine import FROM_FAQ, Action, Understanding
from knowledge.intents import Intent
from knowledge.safety import SafetyTexts
from models.conversation import Conversation
from models.messages import Choice, InboundMessage, Reply

Memory = TypeVar("Memory", bound=BaseModel)


def is_only_found(understanding: Understanding) -> bool:
    """Tell whether nothing but a similar question of the FAQ speaks for the best guess."""
    reasons = understanding.intents[0].why
    return bool(reasons) and reasons[-1].startswith(FROM_FAQ)


@dataclass(frozen=True, slots=True)
class KnownContact:
    """The contact a message is from, as the transaction found them."""

    id: int
    is_new: bool = False
    scene: str = ""
    crisis_until: datetime | None = None
    crisis_situation: str = ""
    has_open_ticket: bool = False
    is_in_hands: bool = False
    has_parked_reply: bool = False
    is_blocked: bool = False
    awaits_answer: bool = False
    notice_version: int = 0


@dataclass(slots=True)
class Context:
    """All that a topic may need: the one transaction, the dialogue, what was understood, the time.

    Topics change `conversation` in place; it is stored with the message. `sender` is the account
    that sends by itself; it is empty where nothing can be sent but replies.
    """

    session: Session
    contact: KnownContact
    conversation: Conversation
    understanding: Understanding
    now: datetime
    timezone: ZoneInfo
    safety_texts: SafetyTexts
    sender: str = ""

    def recall(self, topic: str, shape: type[Memory]) -> Memory:
        """Return what the topic remembers of this dialogue, in its own shape."""
        return shape.model_validate(self.conversation.memory.get(topic, {}))

    def remember(self, topic: str, memory: BaseModel) -> None:
        """Keep what the topic wants to know when the dialogue goes on."""
        self.conversation.memory[topic] = memory.model_dump(mode="json")


class Handler(ABC):
    """A topic. `name` is stored with open dialogues and choices: never rename it.

    `intents` are the wishes it serves, `menu_keys` the keys of the custom menu that lead here
    (each with the value given to `choose`), `events` WeChat's events it answers. A topic that
    `holds_the_floor` is asked first what a follow-up means, until another one is spoken of. Before
    the first answer of one that `is_sensitive` the person is told what happens with their words.
    """

    name: ClassVar[str]
    intents: ClassVar[frozenset[Intent]] = frozenset()
    menu_keys: ClassVar[Mapping[str, str]] = {}
    events: ClassVar[frozenset[str]] = frozenset()
    holds_the_floor: ClassVar[bool] = True
    is_sensitive: ClassVar[bool] = False

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Tell whether this message is for this topic."""
        understanding = ctx.understanding
        return understanding.action is Action.ANSWER and understanding.intent in self.intents

    @abstractmethod
    def handle(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Answer; None says that nothing is to be shown."""

    def is_answer(self, message: InboundMessage, ctx: Context) -> bool:
        """Tell whether this answers what was asked by a message of its own, outside of a dialogue.

        It is asked before any dialogue, so it must be sure.
        """
        return False

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Answer a message that makes sense only after what this topic said last, else None."""
        return None

    def choose(self, value: str, ctx: Context) -> Reply:
        """Answer a choice that this topic had offered."""
        msg = f"{self.name} offers no choices"
        raise NotImplementedError(msg)


class DialogueHandler(Handler):
    """A topic that asks and waits for the answer; its open dialogue is the last of the forms."""

    title: ClassVar[str]

    @abstractmethod
    def answer(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take the answer to the open question; None when the message is about something else."""

    @abstractmethod
    def answers_paused(self, message: InboundMessage, ctx: Context) -> bool:
        """Tell whether the message answers the question at which the dialogue was left."""

    @abstractmethod
    def resume(self, ctx: Context) -> Reply:
        """Ask the open question again."""

    @abstractmethod
    def cancel(self, ctx: Context) -> Reply:
        """Drop the dialogue."""

    @abstractmethod
    def back(self, ctx: Context) -> Reply:
        """Return to the question before."""

    @abstractmethod
    def skip(self, ctx: Context) -> Reply:
        """Leave the open question unanswered."""


class OfferingHandler(Handler):
    """A topic that knows what can be tapped for a wish."""

    @abstractmethod
    def offer(self, intent: Intent, ctx: Context) -> Choice | None:
        """Return the choice that leads to what serves the wish, or None where nothing does."""


@dataclass(frozen=True, slots=True)
class Staying:
    """What safety adds while an alarm is latched; `alone` holds the other answer back at first."""

    reply: Reply
    alone: bool


class ResumeHandler(Handler):
    """The topic that goes on where something was left."""

    @abstractmethod
    def bring_answer(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Return the answer that was not ready in time; None where none is awaited."""


class SafetyHandler(Handler):
    """The topic that is asked first, in every state, and stays with a person in danger."""

    @abstractmethod
    def stay(self, ctx: Context) -> Staying | None:
        """Return what to say first while an alarm is latched, or None when none is."""
