"""The service as a race runs it: the real one, but for a clock and a hook before understanding."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from typing import Self

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel, col, select

from bot.app import Service, create_service
from bot.settings import Environment, Settings
from bot.wechat.codec import decode, encode
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine, Judged, Understanding
from knowledge.retrieval import FaqDocument
from knowledge.safety import Danger
from models.contact import Contact
from models.database import Database
from models.inbox import InboxEntry
from models.open_class import Enrolment, EnrolmentState, OpenClass
from models.tables import table_of
from tests.conftest import KEY, NOON
from tests.support.chat import ACCOUNT, TOKEN, FakeClock

CLASS = "demo-class-household"
ENROL = "家政的公开课给我报名"
CANCEL = "取消家政的公开课报名"
DESPAIR = "我不想活了"
ATTEMPTS = 3


class HookedEngine(Engine):
    """An engine that calls `before` with each text: after the look into the inbox, before BEGIN."""

    def __init__(self, engine: Engine, before: Callable[[str], None]) -> None:
        self._inner = engine
        self._before = before

    def with_faq(self, entries: Iterable[FaqDocument]) -> Self:
        return type(self)(self._inner.with_faq(entries), self._before)

    def hear(self, text: str) -> tuple[Judged, Danger]:
        return self._inner.hear(text)

    def understand(
        self, text: str, previous: Sequence[str] = (), *, heard: Sequence[str] = ()
    ) -> Understanding:
        self._before(text)
        return self._inner.understand(text, previous, heard=heard)


@cache
def load_engine() -> Engine:
    """Return the engine of this process."""
    return Engine.load(CONTENT)


def settings_for(url: str) -> Settings:
    return Settings(
        environment=Environment.DEMO,
        database_url=url,
        wechat_token=TOKEN,
        wechat_app_id="wx0000000000000001",
        data_encryption_key=KEY,
    )


@contextmanager
def serving(url: str, before: Callable[[str], None] | None = None) -> Iterator[Service]:
    """Open the service at noon, with `before` called between the look and the transaction."""
    engine = HookedEngine(load_engine(), before) if before else load_engine()
    service = create_service(settings_for(url), clock=FakeClock(NOON), engine=engine)
    service.knowledge.engine(NOON)
    try:
        yield service
    finally:
        service.database.close()


def deliver(service: Service, xml: str) -> str:
    """Deliver a message, thrice where the database is too busy, as WeChat does; return the body."""
    message = decode(xml.encode())
    for _ in range(ATTEMPTS - 1):
        with suppress(OperationalError):
            return encode(service.dispatcher.dispatch(message), message)
    return encode(service.dispatcher.dispatch(message), message)


def follower(number: int) -> str:
    return f"oRACER{number:022d}"


def text_xml(number: int, text: str, *, msg_id: int, at: datetime = NOON) -> str:
    """Return a text message of a follower."""
    return (
        f"<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{follower(number)}</FromUserName>"
        f"<CreateTime>{int(at.timestamp())}</CreateTime><MsgType>text</MsgType>"
        f"<Content>{text}</Content><MsgId>{msg_id}</MsgId></xml>"
    )


def make_known(database: Database, numbers: Iterable[int]) -> None:
    """Let followers have been here before."""
    with database.transaction() as session:
        for number in numbers:
            session.add(Contact(openid=follower(number), first_seen_at=NOON, last_message_at=NOON))


def count(database: Database, model: type[SQLModel]) -> int:
    with database.reading() as connection:
        return int(
            connection.execute(sa.select(sa.func.count()).select_from(table_of(model))).scalar_one()
        )


def set_capacity(database: Database, capacity: int) -> None:
    with database.transaction() as session:
        session.get_one(OpenClass, CLASS).capacity = capacity


def seats_taken(database: Database, class_id: str = CLASS) -> int:
    with database.reading() as connection:
        query = select(OpenClass.seats_taken).where(col(OpenClass.id) == class_id)
        return int(connection.execute(query).scalar_one())


def places(database: Database, state: EnrolmentState) -> list[str]:
    """Return the followers with a place of this kind in the class, in the order they came."""
    query = (
        select(Contact.openid)
        .join(Enrolment, col(Enrolment.contact_id) == col(Contact.id))
        .where(Enrolment.class_id == CLASS, Enrolment.state == state)
        .order_by(col(Enrolment.id))
    )
    with database.reading() as connection:
        return list(connection.execute(query).scalars())


def drop_dedup_key(database: Database) -> None:
    """Take the unique index from the inbox, which has to be empty (SQLite cannot alter it)."""
    inbox = table_of(InboxEntry)
    assert count(database, InboxEntry) == 0
    columns = [
        sa.Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable)
        for c in inbox.columns
    ]
    with database.engine.begin() as connection:
        inbox.drop(connection)
        sa.Table(inbox.name, sa.MetaData(), *columns).create(connection)
