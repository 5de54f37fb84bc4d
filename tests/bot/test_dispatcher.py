"""One message, one transaction, one answer: through the real webhook, on both databases."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar
from zoneinfo import ZoneInfo

import psycopg
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg import sql
from sqlalchemy.engine.url import make_url
from sqlmodel import SQLModel, select
from structlog.testing import capture_logs

from bot.app import create_app
from bot.dispatcher import PARKED_NOTE, Dispatcher
from bot.settings import Settings
from bot.wechat.rendering import MORE, PAGE_BYTES, paginate
from bot.wechat.webhook import WeChatCredentials, create_webhook
from handlers.base import Context, Handler, SafetyHandler
from handlers.router import NOTHING_LEFT, Router, SpecialHandlers
from handlers.topics.fallback import Fallback
from handlers.topics.human import Human
from handlers.topics.media import Media
from handlers.topics.register import Register
from handlers.topics.resume import Resume
from handlers.topics.safety import Safety
from handlers.topics.stations import Stations
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine
from knowledge.live import LiveKnowledge
from knowledge.safety import SafetyTexts
from models.contact import Contact
from models.conversation import StoredConversation
from models.database import Database
from models.inbox import InboxEntry
from models.messages import InboundMessage, Reply
from models.open_class import Enrolment
from models.outbox import OutboxMessage, OutboxStatus
from models.tables import metadata
from models.ticket import Ticket, TicketEvent, TicketKind, open_ticket
from tests.races.service import CANCEL, CLASS, DESPAIR, ENROL, HookedEngine, seats_taken
from tests.support.chat import TOKEN, Chat, FakeClock
from tests.support.postgres import PostgresServer

Row = TypeVar("Row", bound=SQLModel)
Act = Callable[[InboundMessage, Context], Reply | None]

TELL = "请您处理一下这件事情"
LONG = "".join(f"第{number}句话说的是要紧的事。" for number in range(200))


def rows(database: Database, model: type[Row]) -> Sequence[Row]:
    with database.transaction() as session:
        return session.exec(select(model)).all()


def effects(database: Database) -> dict[str, int]:
    """Return how many rows each table has that a message can have an effect on."""
    tables: list[type[SQLModel]] = [
        InboxEntry,
        Ticket,
        TicketEvent,
        Enrolment,
        OutboxMessage,
        Contact,
    ]
    return {model.__name__: len(rows(database, model)) for model in tables}


class OwnTopic(Handler):
    """A topic that does what a test wants."""

    name: ClassVar[str] = "own"
    menu_keys: ClassVar[dict[str, str]] = {"OWN": "", "FAIL": "fail"}

    def __init__(self, act: Act) -> None:
        self._act = act

    def matches(self, message: InboundMessage, ctx: Context) -> bool:  # noqa: ARG002
        return message.text == TELL

    def handle(self, message: InboundMessage, ctx: Context) -> Reply | None:
        return self._act(message, ctx)

    def choose(self, value: str, ctx: Context) -> Reply:  # noqa: ARG002
        if value == "fail":
            raise ZeroDivisionError
        return Reply(LONG)


class BrokenSafety(Safety):
    """The words of safety, broken after the ticket was opened."""

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        super().handle(message, ctx)
        raise ZeroDivisionError


@dataclass(frozen=True)
class Workshop:
    """Builds the service around a topic of the test's own."""

    database: Database
    engine: Engine
    clock: FakeClock

    def chat(
        self, act: Act, *, safety: SafetyHandler | None = None, engine: Engine | None = None
    ) -> Chat:
        """Return a phone whose messages reach the topic through the real webhook."""
        knowledge = LiveKnowledge(engine=engine or self.engine, database=self.database)
        human = Human()
        special = SpecialHandlers(
            safety=safety or Safety(),
            human=human,
            resume=Resume(),
            media=Media(places=Stations()),
            fallback=Fallback(),
        )
        dispatcher = Dispatcher(
            database=self.database,
            knowledge=knowledge,
            router=Router(topics=(OwnTopic(act), Register(), human), special=special),
            safety_texts=SafetyTexts.load(CONTENT / "safety"),
            paginate=paginate,
            clock=self.clock,
            timezone=ZoneInfo("Asia/Shanghai"),
        )
        app = FastAPI()
        app.include_router(
            create_webhook(
                credentials=WeChatCredentials(TOKEN),
                dispatch=dispatcher.dispatch,
                clock=self.clock,
            )
        )
        return Chat(TestClient(app), self.clock)


@pytest.fixture
def workshop(database: Database, engine: Engine, clock: FakeClock) -> Workshop:
    return Workshop(database, engine, clock)


# Repeated deliveries


@pytest.mark.parametrize("words", [ENROL, DESPAIR, "谢谢", "我想找律师", "天王盖地虎宝塔镇河妖"])
def test_a_second_delivery_gets_the_stored_reply_and_has_no_effect(
    chat: Chat, clock: FakeClock, database: Database, words: str
) -> None:
    xml = chat.text_xml(words)
    first = chat.post(xml).content
    after_first = effects(database)
    clock.advance(seconds=5)

    second = chat.post(xml).content

    assert b"<Content>" in first
    assert second == first
    assert effects(database) == after_first
    assert after_first["InboxEntry"] == 1


def test_a_second_delivery_of_an_effect_that_was_undone_meanwhile_does_not_bring_it_back(
    chat: Chat, database: Database
) -> None:
    enrol = chat.text_xml(ENROL)
    first = chat.deliver(enrol)
    chat.says(CANCEL)

    assert chat.deliver(enrol) == first
    assert seats_taken(database, CLASS) == 0


def test_a_delivery_after_a_restart_gets_the_stored_reply(
    chat: Chat, settings: Settings, clock: FakeClock, engine: Engine, database: Database
) -> None:
    xml = chat.text_xml(ENROL)
    first = chat.post(xml).content
    before = effects(database)
    clock.advance(minutes=2)

    with TestClient(create_app(settings, clock=clock, engine=engine)) as restarted:
        again = Chat(restarted, clock).post(xml).content

    assert again == first
    assert effects(database) == before


def test_silence_is_stored_and_repeated(workshop: Workshop) -> None:
    asked = []
    chat = workshop.chat(lambda message, _: asked.append(message))
    xml = chat.text_xml(TELL)

    answers = [chat.post(xml).text for _ in range(3)]

    assert answers == ["success"] * 3
    assert len(asked) == 1
    assert [entry.reply_kind.value for entry in rows(workshop.database, InboxEntry)] == ["silent"]


def test_two_people_with_the_same_msg_id_both_get_their_answer(
    chat: Chat, database: Database
) -> None:
    xml = chat.text_xml(ENROL)
    other = xml.replace(chat.openid, "oMINER0000000000000000000002")

    assert "报上了" in chat.deliver(xml)
    assert "报上了" in chat.deliver(other)
    assert effects(database) | {"InboxEntry": 2, "Contact": 2, "Enrolment": 2} == effects(database)


def test_two_messages_with_the_same_msg_id_of_different_seconds_are_two(
    chat: Chat, clock: FakeClock, database: Database
) -> None:
    xml = chat.text_xml("谢谢")
    stamp = int(clock().timestamp())

    chat.deliver(xml)
    chat.deliver(xml.replace(str(stamp), str(stamp + 1)))

    assert effects(database)["InboxEntry"] == 2


def test_two_events_of_one_second_with_different_keys_are_both_handled(
    chat: Chat, database: Database
) -> None:
    classes = chat.does("CLICK", "MENU_CLASS")
    jobs = chat.does("CLICK", "MENU_JOBS")

    assert "公开课" in classes
    assert "找什么活" in jobs
    assert effects(database)["InboxEntry"] == 2


def test_the_same_event_twice_is_handled_once(chat: Chat, database: Database) -> None:
    first = chat.does("subscribe", "qrscene_feicheng")

    assert chat.does("subscribe", "qrscene_feicheng") == first
    (entry,) = rows(database, InboxEntry)
    assert (entry.event, entry.msg_id) == ("subscribe", None)


# A handler that fails


def write_and_fail(_message: InboundMessage, ctx: Context) -> Reply:
    """Write to several tables and to the dialogue, then fail."""
    ctx.conversation.misses = 7
    open_ticket(
        ctx.session, contact_id=ctx.contact.id, kind=TicketKind.AID, summary="半截", now=ctx.now
    )
    ctx.session.add(
        OutboxMessage(
            contact_id=ctx.contact.id,
            status=OutboxStatus.PARKED,
            body="半截",
            created_at=ctx.now,
        )
    )
    ctx.session.flush()
    raise ZeroDivisionError


def test_of_a_failed_handler_nothing_remains_but_an_apology_and_a_ticket_for_people(
    workshop: Workshop, database: Database
) -> None:
    chat = workshop.chat(write_and_fail)

    with capture_logs() as logs:
        reply = chat.says(TELL)

    (ticket,) = rows(database, Ticket)
    assert (ticket.kind, ticket.summary) == (TicketKind.ERROR, TELL)
    assert "对不住" in reply
    assert f"编号 {ticket.id}" in reply
    assert [entry["event"] for entry in logs] == ["handler_failed"]
    assert rows(database, OutboxMessage) == []
    assert rows(database, StoredConversation) == []
    assert [event.body for event in rows(database, TicketEvent)] == [TELL]


def test_a_failed_handler_is_not_tried_again_by_a_second_delivery(
    workshop: Workshop, database: Database
) -> None:
    chat = workshop.chat(write_and_fail)
    xml = chat.text_xml(TELL)
    first = chat.post(xml).content
    before = effects(database)

    with capture_logs() as logs:
        second = chat.post(xml).content

    assert second == first
    assert effects(database) == before
    assert logs == []


def test_after_a_failure_the_dialogue_goes_on_where_it_was(workshop: Workshop) -> None:
    chat = workshop.chat(write_and_fail)
    chat.says("登记求职")
    chat.says("刘建国")

    assert "对不住" in chat.does("CLICK", "FAIL")
    assert "干什么活" in chat.says("52")


def test_when_the_words_of_safety_fail_the_apology_says_where_help_is(
    workshop: Workshop, database: Database
) -> None:
    chat = workshop.chat(write_and_fail, safety=BrokenSafety())

    reply = chat.says(DESPAIR)

    assert "110" in reply
    assert "12356" in reply
    (ticket,) = rows(database, Ticket)
    assert (ticket.kind, ticket.risk) == (TicketKind.CRISIS, 2)


def test_what_cannot_be_understood_at_all_is_apologised_for_with_the_words_of_help(
    workshop: Workshop, database: Database
) -> None:
    def fail(_text: str) -> None:
        raise RecursionError

    chat = workshop.chat(write_and_fail, engine=HookedEngine(workshop.engine, fail))

    reply = chat.says(TELL)

    assert "对不住" in reply
    assert "12356" in reply  # nobody knows whether this was a cry for help
    assert [ticket.kind for ticket in rows(database, Ticket)] == [TicketKind.ERROR]


# The database


@contextmanager
def taken_away(url: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the database be away for a while."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        path = Path(str(where.database))
        hidden = path.rename(path.with_name("hidden"))
        path.mkdir()
        yield
        path.rmdir()
        hidden.rename(path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    plain = make_url(server.url).set(drivername="postgresql")
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    name = sql.Identifier(str(where.database))
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as admin:
        admin.execute(allow.format(name, sql.SQL("false")))
        admin.execute(end, [where.database])
        yield
        admin.execute(allow.format(name, sql.SQL("true")))


def test_while_the_database_is_away_wechat_is_asked_to_come_again(
    workshop: Workshop, database: Database, database_url: str, request: pytest.FixtureRequest
) -> None:
    chat = workshop.chat(lambda _message, _ctx: Reply("办好了。"))
    xml = chat.text_xml(TELL)
    chat.says("谢谢")
    database.close()

    with taken_away(database_url, request):
        assert chat.post(xml).status_code == 503

    assert effects(database)["InboxEntry"] == 1
    assert chat.deliver(xml) == "办好了。"
    assert effects(database)["InboxEntry"] == 2


def is_free(url: str) -> bool:
    """Tell whether somebody else could change a contact right now."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(where.database), timeout=0)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        finally:
            connection.close()
        return True
    plain = where.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as other:
        try:
            other.execute("SELECT id FROM contact FOR UPDATE NOWAIT")
        except psycopg.errors.LockNotAvailable:
            return False
        return True


def test_others_can_write_while_a_message_is_understood_and_not_while_it_is_handled(
    workshop: Workshop, database_url: str
) -> None:
    free: list[tuple[str, bool]] = []

    def handle(_message: InboundMessage, _ctx: Context) -> Reply:
        free.append(("handled", is_free(database_url)))
        return Reply("办好了。")

    engine = HookedEngine(
        workshop.engine, lambda _text: free.append(("understood", is_free(database_url)))
    )
    chat = workshop.chat(handle, engine=engine)
    chat.says("谢谢")
    free.clear()

    chat.says(TELL)

    assert free == [("understood", True), ("handled", False)]


# What people send


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("矿上\x00拖\x0b欠工资\x1f", "矿上拖欠工资"),
        ("他说]]>不给钱", "他说]]>不给钱"),
        ("谢谢👨‍👩‍👧👍🏽", "谢谢👨‍👩‍👧👍🏽"),
        ("我姓𠮷，住在𡐓", "我姓𠮷，住在𡐓"),
        ("苦" * 900, "苦" * 900),
        ("' OR 1=1; DROP TABLE contact; --", "' OR 1=1; DROP TABLE contact; --"),
    ],
    ids=["control", "cdata", "emoji", "four bytes", "2700 bytes", "sql"],
)
def test_every_text_is_stored_and_answered(
    chat: Chat, database: Database, sent: str, stored: str
) -> None:
    reply = chat.says(sent)

    assert reply
    assert len(chat.raw.encode()) <= PAGE_BYTES
    assert [entry.text for entry in rows(database, InboxEntry)] == [stored]


# Long replies and parked ones


def read_on(chat: Chat, *, limit: int = 9) -> str:
    """Say 继续 as long as there is more; return all that was shown."""
    shown = []
    for _ in range(limit):
        shown.append(chat.says("继续"))
        assert len(chat.raw.encode()) <= PAGE_BYTES
        if MORE not in shown[-1]:
            return "".join(shown)
    raise AssertionError(shown)


def sentences(text: str) -> str:
    return "".join(line for line in text.splitlines() if line.startswith("第"))


def test_a_long_reply_comes_in_pages_without_losing_a_word(workshop: Workshop) -> None:
    chat = workshop.chat(lambda _message, _ctx: Reply(LONG))

    first = chat.says(TELL)

    assert len(chat.raw.encode()) <= PAGE_BYTES
    assert MORE in first
    assert sentences(f"{first}\n{read_on(chat)}".replace(MORE, f"{MORE}\n")) == LONG
    assert chat.says("继续").startswith(NOTHING_LEFT.text)


def park(database: Database, clock: FakeClock, *bodies: str) -> None:
    with database.transaction() as session:
        contact = session.exec(select(Contact)).one()
        for body in bodies:
            session.add(
                OutboxMessage(
                    contact_id=contact.id or 0,
                    status=OutboxStatus.PARKED,
                    body=body,
                    created_at=clock(),
                )
            )


def test_continue_fetches_the_parked_reply_then_the_rest_then_the_open_form(
    workshop: Workshop, database: Database, clock: FakeClock
) -> None:
    chat = workshop.chat(write_and_fail)
    assert "怎么称呼" in chat.says("登记求职")
    park(database, clock, "律师回您话了。")

    assert PARKED_NOTE in chat.does("CLICK", "OWN")
    parked = chat.says("继续")
    assert parked.startswith("律师回您话了。")
    assert PARKED_NOTE not in parked
    assert [row.status for row in rows(database, OutboxMessage)] == [OutboxStatus.SENT]
    assert read_on(chat).count("第199句话") == 1
    assert "怎么称呼" in chat.says("继续")


def test_a_long_parked_reply_does_not_push_out_the_rest_of_another(
    workshop: Workshop, database: Database, clock: FakeClock
) -> None:
    chat = workshop.chat(lambda _message, _ctx: Reply(LONG))
    chat.says(TELL)
    park(database, clock, LONG.replace("句话", "条留言"))

    shown = read_on(chat)

    assert shown.count("第199条留言") == 1
    assert shown.count("第199句话") == 1


def test_a_parked_reply_is_fetched_once_although_continue_is_delivered_twice(
    workshop: Workshop, database: Database, clock: FakeClock
) -> None:
    chat = workshop.chat(write_and_fail)
    chat.says("谢谢")
    park(database, clock, "第一条。", "第二条。")
    xml = chat.text_xml("继续")

    first = chat.deliver(xml)

    assert first.startswith("第一条。")
    assert chat.deliver(xml) == first
    assert chat.says("继续").startswith("第二条。")


# The dialogue's memory


def test_after_29_quiet_minutes_the_dialogue_goes_on(chat: Chat, clock: FakeClock) -> None:
    chat.says("登记求职")
    clock.advance(minutes=29)

    assert "多大年纪" in chat.says("刘建国")


def test_after_31_quiet_minutes_the_dialogue_is_over(chat: Chat, clock: FakeClock) -> None:
    chat.says("登记求职")
    clock.advance(minutes=31)

    assert "多大年纪" not in chat.says("刘建国")
    assert chat.says("继续").startswith(NOTHING_LEFT.text)


# What lies in the database


def everything_stored(url: str) -> bytes:
    """Return the raw content of the whole database."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        path = Path(str(where.database))
        return b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))
    plain = where.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        dumps = [
            connection.execute(
                sql.SQL("SELECT coalesce(string_agg(t::text, chr(10)), '') FROM {} AS t").format(
                    sql.Identifier(name)
                )
            ).fetchone()
            for name in metadata.tables
        ]
    return "\n".join(str(dump[0]) for dump in dumps if dump).encode()


def test_what_people_confide_is_unreadable_in_the_raw_database(
    chat: Chat, database_url: str, database: Database, clock: FakeClock
) -> None:
    reply = chat.says("我想找律师")
    chat.says("郝秀兰的押金两千八，不给退")
    chat.says("登记求职")
    chat.says("刘建国")
    park(database, clock, "郑律师说明天联系")
    database.close()

    raw = everything_stored(database_url)

    assert chat.openid.encode() in raw
    for secret in ("郝秀兰", "押金两千八", "刘建国", "郑律师", "我想找律师", reply[:12]):
        assert secret.encode() not in raw
        assert secret.encode("unicode_escape") not in raw
    (ticket,) = rows(database, Ticket)
    assert "郝秀兰" in ticket.summary


def test_the_stored_words_are_those_that_operators_query_for(
    chat: Chat, database: Database, clock: FakeClock
) -> None:
    chat.does("subscribe")
    chat.says(DESPAIR)
    park(database, clock, "在的")
    queries = {
        "SELECT openid FROM contact": (chat.openid,),
        "SELECT event, reply_kind FROM inbox_entry WHERE msg_id IS NULL": ("subscribe", "text"),
        "SELECT kind, reply_kind FROM inbox_entry WHERE event IS NULL": ("text", "text"),
        "SELECT kind, state, risk FROM ticket": ("crisis", "queued", 2),
        "SELECT kind FROM ticket_event": ("opened",),
        "SELECT status, attempts, errcode FROM outbox_message": ("parked", 0, None),
    }

    with database.engine.begin() as connection:
        found = {query: tuple(connection.execute(sa.text(query)).one()) for query in queries}

    assert found == queries
