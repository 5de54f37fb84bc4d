"""Where the time of one message goes: the real parts, one message at a time, in this process.

A stage's time does not hold that of the stages inside it, so that the rows add up to the whole.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from bot.dispatcher import Dispatcher
from bot.wechat.codec import decode, encode
from bot.wechat.rendering import paginate
from handlers.base import Context
from handlers.registry import create_router
from handlers.router import Routed, Router
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine, Understanding
from knowledge.live import LiveKnowledge
from knowledge.safety import SafetyTexts
from models import schema
from models.clock import system_clock
from models.database import Database
from models.encryption import Cipher
from models.messages import InboundMessage
from scripts.benchmarking.load import Postman
from scripts.demonstration.content import seed

ZONE = ZoneInfo("Asia/Shanghai")
WARM_UP = 300
TOTAL = "in all"


@dataclass(frozen=True, slots=True)
class Stage:
    """Milliseconds a message: on the clock, and of the processor."""

    synchronous: str
    stage: str
    wall_ms: float
    cpu_ms: float


@dataclass(slots=True)
class _Stopwatch:
    """Adds up the time of each stage, without that of the stages it calls."""

    wall: Counter[str] = field(default_factory=Counter)
    cpu: Counter[str] = field(default_factory=Counter)
    _open: list[str] = field(default_factory=list)
    _since: tuple[float, float] = (0.0, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Give the time from here on to this stage, and then back to the one around it."""
        self._charge()
        self._open.append(name)
        try:
            yield
        finally:
            self._charge()
            self._open.pop()

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function so that each call is a stage."""

        def call(*args: object, **kwargs: object) -> object:
            with self.stage(name):
                return work(*args, **kwargs)

        return call

    def reset(self) -> None:
        """Forget what was measured so far."""
        self.wall.clear()
        self.cpu.clear()

    def _charge(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        if self._open:
            self.wall[self._open[-1]] += now[0] - self._since[0]  # type: ignore[assignment]
            self.cpu[self._open[-1]] += now[1] - self._since[1]  # type: ignore[assignment]
        self._since = now


class _Cipher(Cipher):
    def __init__(self, watch: _Stopwatch) -> None:
        super().__init__(Cipher.generate_key())
        self._watch = watch

    def encrypt(self, text: str) -> str:
        with self._watch.stage("encryption at rest"):
            return super().encrypt(text)

    def decrypt(self, token: str) -> str:
        with self._watch.stage("encryption at rest"):
            return super().decrypt(token)


class _Database(Database):
    def __init__(self, path: Path, watch: _Stopwatch, synchronous: str) -> None:
        super().__init__(f"sqlite:///{path}", cipher=_Cipher(watch))
        self._watch = watch
        dialect = cast("Any", self.engine.dialect)
        dialect.do_commit = watch.timed("commit", dialect.do_commit)
        dialect.do_execute = watch.timed("statements, in SQLite", dialect.do_execute)
        set_level = f"PRAGMA synchronous={synchronous}"
        sa.event.listen(self.engine, "connect", lambda raw, _record: raw.execute(set_level))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self._watch.stage("transaction, in Python"), super().transaction() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._watch.stage("look, in Python"), super().reading() as connection:
            yield connection


@dataclass(frozen=True, slots=True)
class _Engine:
    engine: Engine
    watch: _Stopwatch

    def understand(
        self, text: str, previous: Sequence[str] = (), *, heard: Sequence[str] = ()
    ) -> Understanding:
        with self.watch.stage("understand"):
            return self.engine.understand(text, previous, heard=heard)


class _Knowledge(LiveKnowledge):
    def __init__(self, database: Database, watch: _Stopwatch) -> None:
        super().__init__(engine=Engine.load(CONTENT), database=database)
        self._watch = watch

    def engine(self, now: datetime) -> Engine:
        return cast("Engine", _Engine(super().engine(now), self._watch))


@dataclass(frozen=True, slots=True)
class _Router:
    router: Router
    watch: _Stopwatch

    def route(self, message: InboundMessage, ctx: Context) -> Routed:
        with self.watch.stage("topics, in Python"):
            return self.router.route(message, ctx)


def measure_stages(*, messages: int, followers: int) -> list[Stage]:
    """Return the stages with the durability that the product has, and with a weaker one."""
    return [
        stage
        for synchronous in ("FULL", "NORMAL")
        for stage in _measure(synchronous, messages=messages, followers=followers)
    ]


def _measure(synchronous: str, *, messages: int, followers: int) -> Iterator[Stage]:
    watch = _Stopwatch()
    with tempfile.TemporaryDirectory(prefix="kuangyou-stages-") as folder:
        database = _Database(Path(folder) / "stages.db", watch, synchronous)
        dispatcher = _dispatcher(database, watch)
        postman = Postman(followers=followers, is_safe=False)
        _answer(postman.write(WARM_UP), dispatcher, watch)
        watch.reset()
        _answer(postman.write(messages), dispatcher, watch)
        database.close()
    for name, wall in watch.wall.most_common():
        yield _row(synchronous, name, wall=wall, cpu=watch.cpu[name], messages=messages)
    wall, cpu = sum(watch.wall.values()), sum(watch.cpu.values())
    yield _row(synchronous, TOTAL, wall=wall, cpu=cpu, messages=messages)


def _row(synchronous: str, name: str, *, wall: float, cpu: float, messages: int) -> Stage:
    each = 1000 / messages
    return Stage(synchronous, name, wall_ms=round(wall * each, 3), cpu_ms=round(cpu * each, 3))


def _dispatcher(database: Database, watch: _Stopwatch) -> Dispatcher:
    schema.upgrade(database)
    with database.transaction() as session:
        seed(session, now=system_clock(), zone=ZONE, password=Cipher.generate_key())
    return Dispatcher(
        database=database,
        knowledge=_Knowledge(database, watch),
        router=cast("Router", _Router(create_router(), watch)),
        safety_texts=SafetyTexts.load(CONTENT / "safety"),
        paginate=watch.timed("pages", paginate),
        clock=system_clock,
        timezone=ZONE,
    )


def _answer(requests: Sequence[bytes], dispatcher: Dispatcher, watch: _Stopwatch) -> None:
    for request in requests:
        with watch.stage("decode"):
            message = decode(request.partition(b"\r\n\r\n")[2])
        with watch.stage("dispatcher itself"):
            reply = dispatcher.dispatch(message)
        with watch.stage("encode"):
            encode(reply, message)
