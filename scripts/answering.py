"""A whole bot without a server: reviewed content in a fresh database in memory."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Self
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from sqlmodel import select

from bot.dispatcher import Dispatcher
from bot.wechat.rendering import paginate
from handlers.registry import create_router
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine, Understanding
from knowledge.live import LiveKnowledge
from knowledge.retrieval import FaqIndex, Passage
from knowledge.safety import SafetyTexts
from models import schema
from models.clock import Clock
from models.database import Database
from models.encryption import Cipher
from models.faq import FaqEntry
from models.inbox import InboxEntry
from models.messages import InboundMessage, MessageKind
from scripts.demo_content import seed_content

_ANSWERED, _OFFERED = "faq", "offer"
"""How the source of a reply begins that answers an entry, or offers some."""
_SHOWN = 5
_MOST_CITATIONS = 3


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

    def __init__(self, database: Database, engine: Engine, *, clock: Clock, zone: ZoneInfo) -> None:
        self._database = database
        self._knowledge = LiveKnowledge(engine=engine, database=database)
        self._clock = clock
        self._numbers = count(1)
        self._dispatcher = Dispatcher(
            database=database,
            knowledge=self._knowledge,
            router=create_router(),
            safety_texts=SafetyTexts.load(CONTENT / "safety"),
            paginate=paginate,
            clock=clock,
            timezone=zone,
        )

    @classmethod
    def create(cls, *, clock: Clock, zone: ZoneInfo, engine: Engine | None = None) -> Self:
        """Fill a database in memory with the reviewed content and load the engine."""
        database = Database("sqlite:///:memory:", cipher=Cipher(Fernet.generate_key().decode()))
        schema.upgrade(database)
        with database.transaction() as session:
            seed_content(session, now=clock(), zone=zone)
        return cls(database, engine or Engine.load(CONTENT), clock=clock, zone=zone)

    @property
    def engine(self) -> Engine:
        """Return the engine with the FAQ of the database."""
        return self._knowledge.engine(self._clock())

    def answer(self, text: str, *, faq: FaqIndex | None = None) -> Answered:
        """Understand a text and answer it; `faq` is searched instead of the database's."""
        understanding = self.engine.understand(text)
        searched = faq or self.engine.faq
        number = next(self._numbers)
        message = _message(text, number, self._clock())
        reply = self._dispatcher.dispatch(message)
        return Answered(
            understanding,
            reply.text or "",
            self._citations(message.dedup_key),
            searched.search(understanding.plain, limit=_SHOWN),
        )

    def _citations(self, key: str) -> tuple[tuple[str, int], ...]:
        with self._database.transaction() as session:
            source = session.exec(
                select(InboxEntry.source).where(InboxEntry.dedup_key == key)
            ).one()
            kind, _, ids = source.partition(":")
            if kind not in (_ANSWERED, _OFFERED):
                return ()
            entries = [session.get_one(FaqEntry, id_) for id_ in ids.split(",")]
            whole = entries[0].citations if kind == _ANSWERED else []
            raw = [*whole, *(entry.citations[0] for entry in entries if entry.citations)]
            return tuple(dict.fromkeys(map(_citation, raw)))[:_MOST_CITATIONS]

    def close(self) -> None:
        """Drop the database."""
        self._database.close()


def _citation(raw: dict[str, object]) -> tuple[str, int]:
    return str(raw["statute"]), int(str(raw["article"]))


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
