"""Tells what the bot would answer to somebody who never wrote before, and leaves no trace."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from bot.dispatcher import Dispatcher
from bot.wechat.rendering import paginate
from handlers.citing import cite, cite_each
from handlers.registry import create_router
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine, Understanding
from knowledge.live import LiveKnowledge
from knowledge.retrieval import FaqIndex, Passage
from knowledge.safety import SafetyTexts
from knowledge.statutes import parse_document_id
from models.clock import Clock
from models.database import Database
from models.inbox import InboxEntry
from models.messages import InboundMessage, MessageKind

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Answered:
    """What was understood, and what a contact who never wrote before would get."""

    understanding: Understanding
    answer: str
    citations: tuple[tuple[str, int], ...]
    """Statute and article, the decisive one first."""
    faq: tuple[Passage, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what `scripts.understand` prints for one text."""
        found = self.understanding
        return {
            "text": found.text,
            "intent": found.intent.value,
            "score": found.score,
            "action": found.action.value,
            "intents": [[guess.intent.value, guess.score] for guess in found.intents],
            "crisis": found.danger.is_crisis,
            "crisis_level": found.danger.level,
            "slots": found.wish.as_slots(),
            "faq": [{"id": p.id, "score": p.score, "title": p.title} for p in self.faq],
            "answer": self.answer,
            "citations": [{"statute": s, "article": a} for s, a in self.citations],
        }


class AnsweringBot:
    """Answers texts as the service would, each for a new contact."""

    def __init__(
        self, database: Database, knowledge: LiveKnowledge, *, clock: Clock, zone: ZoneInfo
    ) -> None:
        self._database = database
        self._knowledge = knowledge
        self._clock = clock
        self._zone = zone
        self._numbers = count(1)
        self._router = create_router()
        self._safety_texts = SafetyTexts.load(CONTENT / "safety")

    @property
    def engine(self) -> Engine:
        """Return the engine with the FAQ of the database."""
        return self._knowledge.engine(self._clock())

    def answer(self, text: str, *, faq: FaqIndex | None = None) -> Answered:
        """Understand a text and answer it; `faq` is searched instead of the database's."""
        understanding = self.engine.understand(text)
        searched = faq or self.engine.faq
        message = _message(text, next(self._numbers), self._clock())
        citations: list[tuple[str, int]] = []

        def look(session: Session) -> None:
            citations[:] = _cited(session, message.dedup_key)

        reply = self._dispatcher(look).dispatch(message)
        return Answered(
            understanding,
            reply.text or "",
            tuple(citations),
            searched.search(understanding.plain, limit=_SHOWN),
        )

    def _dispatcher(self, look: Callable[[Session], None]) -> Dispatcher:
        return Dispatcher(
            database=self._database.rehearsing(look),
            knowledge=self._knowledge,
            router=self._router,
            safety_texts=self._safety_texts,
            paginate=paginate,
            clock=self._clock,
            timezone=self._zone,
        )

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def _cited(session: Session, key: str) -> list[tuple[str, int]]:
    """Return the articles that the reply stored under a key names."""
    source = session.exec(select(InboxEntry.source).where(InboxEntry.dedup_key == key)).first()
    kind, _, ids = (source or "").partition(":")
    if kind == "law":
        return [(named.statute, named.article) for named in map(parse_document_id, ids.split(","))]
    find = {"faq": cite, "offer": cite_each}.get(kind)
    return [(one.statute, one.article) for one in find(session, ids.split(","))] if find else []


def _message(text: str, number: int, now: datetime) -> InboundMessage:
    return InboundMessage(
        openid=f"oFRESH{number:022d}",
        account="gh_local",
        kind=MessageKind.TEXT,
        created_at=now,
        dedup_key=f"local-{number}",
        text=text,
        msg_id=number,
    )
