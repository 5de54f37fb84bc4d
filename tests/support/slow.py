"""A service whose understanding or whose handler stands still until the test lets it go on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Final

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from bot.deferral import Account, Deferral, Finisher
from bot.dispatcher import Dispatcher
from bot.patience import Patience, PatientDispatch
from bot.wechat.rendering import paginate
from bot.wechat.webhook import WeChatCredentials, create_webhook
from handlers.base import Context, Handler
from handlers.router import Router, SpecialHandlers
from handlers.topics.fallback import Fallback
from handlers.topics.human import Human
from handlers.topics.media import Media
from handlers.topics.resume import Resume
from handlers.topics.safety import Safety
from handlers.topics.stations import Stations
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine
from knowledge.live import LiveKnowledge
from knowledge.safety import SafetyTexts
from models.database import Database
from models.inbox import InboxEntry
from models.messages import Choice, InboundMessage, RenderedReply, Reply
from models.outbox import OutboxMessage
from models.pending import PendingMessage
from models.ticket import TicketKind, open_ticket
from tests.races.service import HookedEngine
from tests.support.chat import TOKEN, Chat, FakeClock
from tests.support.postman import APP_ID, ZONE

PATIENCE: Final = 30.0
SHORT: Final = Patience(
    answer=0.25, give_up=0.4, hang_up=0.45, poll=0.02, noticeable=0.2, again=0.02
)
"""Milliseconds for seconds: what stands still stands still longer than any of them."""

SLOW: Final = "慢慢办一件事"
DANGER: Final = "我不想活了"
STANDING: Final = (SLOW, DANGER)
ANSWER: Final = "这件事办好了"


class Gate:
    """Stands before something and lets nobody through until it is opened."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._opened = threading.Event()

    def open(self) -> None:
        self._opened.set()

    def wait(self) -> None:
        self.reached.set()
        assert self._opened.wait(PATIENCE)


class SlowTopic(Handler):
    """Opens a ticket, so that an effect can be counted."""

    name: ClassVar[str] = "slow"

    def __init__(self, before: Callable[[str], None]) -> None:
        self._before = before

    def matches(self, message: InboundMessage, ctx: Context) -> bool:  # noqa: ARG002
        return message.text == SLOW

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        open_ticket(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=TicketKind.LAWYER,
            summary=message.text,
            now=ctx.now,
        )
        self._before(message.text)
        return Reply(ANSWER, choices=(Choice("找人说说话", topic="human", value="counselor"),))


def slow_router(before: Callable[[str], None]) -> Router:
    special = SpecialHandlers(
        safety=Safety(),
        human=Human(),
        resume=Resume(),
        media=Media(places=Stations()),
        fallback=Fallback(),
    )
    return Router(topics=(SlowTopic(before),), special=special)


@dataclass
class SlowService:
    """The real webhook, dispatcher and worker around a place that stands still.

    `in_understanding` and `in_handler` are called there with each text.
    """

    database: Database
    engine: Engine
    clock: FakeClock
    is_verified: bool = True
    in_understanding: Callable[[str], None] = lambda _: None
    in_handler: Callable[[str], None] = lambda _: None
    patience: Patience = SHORT
    returned: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        engine = HookedEngine(self.engine, self.in_understanding)
        knowledge = LiveKnowledge(engine=engine, database=self.database)
        texts = SafetyTexts.load(CONTENT / "safety")
        knowledge.engine(self.clock())
        self.dispatcher = Dispatcher(
            database=self.database,
            knowledge=knowledge,
            router=slow_router(self.in_handler),
            safety_texts=texts,
            paginate=paginate,
            clock=self.clock,
            timezone=ZONE,
        )
        self.account = Account(app_id=APP_ID, can_send=self.is_verified)

        def say_in_danger(text: str) -> str | None:
            _, danger = self.engine.hear(text)
            return texts.for_danger(danger).still_here if danger.is_crisis else None

        self.deferral = Deferral(
            database=self.database,
            clock=self.clock,
            account=self.account,
            say_in_danger=say_in_danger,
        )
        self.finisher = Finisher(
            database=self.database,
            dispatcher=self.dispatcher,
            clock=self.clock,
            account=self.account,
        )

    @contextmanager
    def phone(self) -> Iterator[Chat]:
        """Serve, and yield a follower's phone."""
        app = FastAPI()
        dispatch = PatientDispatch(
            self._dispatch, deferral=self.deferral, clock=self.clock, patience=self.patience
        )
        app.include_router(
            create_webhook(
                credentials=WeChatCredentials(TOKEN), dispatch=dispatch, clock=self.clock
            )
        )
        with TestClient(app) as client:
            yield Chat(client, self.clock)

    def finish(self) -> None:
        """Let the worker do all there is to do now."""
        while self.finisher.run_once():
            pass

    def wait_for_thread(self) -> None:
        """Return when a thread with a slow message is through, however its request ended."""
        assert self.returned.acquire(timeout=PATIENCE)

    def _dispatch(self, message: InboundMessage) -> RenderedReply:
        try:
            return self.dispatcher.dispatch(message)
        finally:
            if message.text in STANDING:
                self.returned.release()

    def pending(self) -> list[PendingMessage]:
        with self.database.transaction() as session:
            return list(session.exec(select(PendingMessage)))

    def outbox(self) -> list[OutboxMessage]:
        with self.database.transaction() as session:
            return list(session.exec(select(OutboxMessage)))

    def entries(self, text: str = SLOW) -> list[InboxEntry]:
        with self.database.transaction() as session:
            return [e for e in session.exec(select(InboxEntry)) if e.text == text]
