"""An answer that is not ready in time still reaches the person, once, and has one effect."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from enum import StrEnum

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bot.deferral import WAIT
from bot.wechat.codec import decode
from handlers.topics.resume import STILL_AT_IT
from knowledge.engine import Engine
from models.contact import Contact
from models.database import Database
from models.erasure import erase_person
from models.outbox import OutboxReason, OutboxStatus, enqueue_answer
from models.pending import LEASE, LONGEST_LEASE, MAX_ATTEMPTS, RETRIES_OVER
from models.ticket import Ticket, TicketKind
from models.ticket_flow import claim
from models.volunteer import Skill
from tests.conftest import NOON
from tests.support.chat import Chat, FakeClock, reply_text
from tests.support.people import add_volunteer
from tests.support.postman import Postman
from tests.support.slow import ANSWER, DANGER, SLOW, Gate, SlowService

OTHER = "天王盖地虎宝塔镇河妖"
HELD = 503


class Place(StrEnum):
    """What is slow."""

    UNDERSTANDING = "understanding"
    HANDLER = "handler"


@dataclass
class Phone:
    """A phone with WeChat before it: what it shows of one message, however it came."""

    chat: Chat
    service: SlowService
    postman: Postman

    def ask(self, xml: str) -> str | None:
        """Deliver once; return what WeChat would show, None where it has to ask again."""
        answer = self.chat.post(xml)
        if answer.status_code == HELD:
            return None
        assert answer.status_code == 200
        return reply_text(answer.text)

    def arrived(self) -> list[str]:
        """Let the worker and the outbox do their work; return what arrived by itself."""
        self.service.finish()
        return self.postman.deliver()


@dataclass
class Play:
    """Builds a phone before a service in which one message stands still."""

    database: Database
    engine: Engine
    clock: FakeClock
    postman: Postman
    gate: Gate
    stack: ExitStack

    def __call__(
        self, *, verified: bool, place: Place = Place.UNDERSTANDING, slow: str = SLOW
    ) -> Phone:
        def stop(text: str) -> None:
            if text == slow:
                self.gate.wait()

        if not verified:
            self.postman.lose_the_right_to_send()
        service = SlowService(
            self.database,
            self.engine,
            self.clock,
            is_verified=verified,
            in_understanding=stop if place is Place.UNDERSTANDING else lambda _: None,
            in_handler=stop if place is Place.HANDLER else lambda _: None,
        )
        phone = Phone(self.stack.enter_context(service.phone()), service, self.postman)
        self.stack.callback(self.gate.open)  # before the server waits for its threads
        return phone


@pytest.fixture
def play(database: Database, engine: Engine, clock: FakeClock, postman: Postman) -> Iterator[Play]:
    with ExitStack() as stack:
        yield Play(database, engine, clock, postman, Gate(), stack)


def another_process(play: Play, *, verified: bool = True) -> SlowService:
    """Return a service on the same database in which nothing is slow."""
    return SlowService(play.database, play.engine, play.clock, is_verified=verified)


def eventually(holds: Callable[[], bool]) -> None:
    """Return when something holds that another thread brings about."""
    never = threading.Event()
    for _ in range(1500):
        if holds():
            return
        never.wait(0.02)
    raise AssertionError


def count_tickets(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(Ticket)).scalar_one())


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("verified", [True, False], ids=["verified", "unverified"])
@pytest.mark.parametrize("requests", [1, 2, 3])
def test_a_slow_answer_is_seen_once_and_has_one_effect(
    play: Play, clock: FakeClock, verified: bool, place: Place, requests: int
) -> None:
    phone = play(verified=verified, place=place)
    xml = phone.chat.text_xml(SLOW)

    seen: list[str] = []
    for _ in range(requests):
        said = phone.ask(xml)
        clock.advance(seconds=5)
        if said is not None:
            seen.append(said)
            break
    play.gate.open()
    phone.service.wait_for_thread()
    if not seen and requests == 3:
        eventually(lambda: bool(phone.service.pending()))  # it was left for later
    elif not seen:
        seen += [phone.ask(xml) or ""]
    seen += phone.arrived()
    seen += [phone.ask(phone.chat.text_xml("好")) or ""]
    seen += phone.arrived()

    assert sum(ANSWER in text for text in seen) == 1
    assert len(phone.service.entries()) == 1
    assert count_tickets(play.database) == 1
    assert phone.service.pending() == []


# A verified account


def test_a_verified_account_says_success_and_sends_the_answer_with_its_links(play: Play) -> None:
    phone = play(verified=True)

    assert phone.ask(phone.chat.text_xml(SLOW)) == ""
    assert phone.arrived() == []
    play.gate.open()
    phone.service.wait_for_thread()

    [text] = phone.arrived()
    assert text.startswith(ANSWER)
    assert '<a href="weixin://bizmsgmenu' in text
    assert phone.arrived() == []


def test_a_request_after_the_answer_was_sent_shows_it_no_second_time(play: Play) -> None:
    phone = play(verified=True)
    xml = phone.chat.text_xml(SLOW)
    phone.ask(xml)
    play.gate.open()
    phone.service.wait_for_thread()
    phone.arrived()

    assert phone.ask(xml) == ""
    assert phone.arrived() == []


def test_a_request_before_the_answer_is_sent_shows_it_and_nothing_is_sent(play: Play) -> None:
    phone = play(verified=True)
    xml = phone.chat.text_xml(SLOW)
    phone.ask(xml)
    play.gate.open()
    phone.service.wait_for_thread()

    assert ANSWER in (phone.ask(xml) or "")
    assert phone.arrived() == []


def test_a_sent_answer_takes_one_of_the_messages_that_wechat_allows(
    play: Play, database: Database
) -> None:
    phone = play(verified=True)
    phone.ask(phone.chat.text_xml(SLOW))
    play.gate.open()
    phone.service.wait_for_thread()
    phone.arrived()

    used = sa.text("SELECT used FROM reply_window")
    with database.reading() as connection:
        assert connection.execute(used).scalars().all() == [1]


def test_an_answer_is_dropped_when_a_person_speaks_meanwhile(play: Play, clock: FakeClock) -> None:
    phone = play(verified=True)
    phone.ask(phone.chat.text_xml(SLOW))
    play.gate.open()
    phone.service.wait_for_thread()
    phone.service.finish()
    with play.database.transaction() as session:
        volunteer = add_volunteer(session, "new-lawyer", Skill.LAWYER, now=clock())
        claim(session, ticket_id=1, volunteer_id=volunteer, now=clock())

    assert phone.postman.deliver() == []
    [message] = phone.service.outbox()
    assert message.reason is OutboxReason.PERSON_SPEAKS


def test_an_answer_to_danger_is_sent_also_while_a_person_speaks(
    play: Play, clock: FakeClock
) -> None:
    phone = play(verified=True, slow=DANGER)
    phone.ask(phone.chat.text_xml(DANGER))
    play.gate.open()
    phone.service.wait_for_thread()
    phone.service.finish()
    with play.database.transaction() as session:
        volunteer = add_volunteer(session, "new-counsellor", Skill.COUNSELOR, now=clock())
        claim(session, ticket_id=1, volunteer_id=volunteer, now=clock())

    [text] = phone.postman.deliver()
    assert "12356" in text


# An account that cannot send


def test_an_unverified_account_says_nothing_until_the_next_request_fetches_the_answer(
    play: Play, clock: FakeClock
) -> None:
    phone = play(verified=False)
    xml = phone.chat.text_xml(SLOW)

    assert phone.ask(xml) is None
    clock.advance(seconds=5)
    play.gate.open()
    phone.service.wait_for_thread()
    phone.service.finish()  # too early: the next request is left the chance

    assert ANSWER in (phone.ask(xml) or "")
    assert phone.service.outbox() == []


def test_a_request_that_waits_gets_the_answer_as_soon_as_another_one_has_it(
    play: Play, clock: FakeClock
) -> None:
    phone = play(verified=False)
    xml = phone.chat.text_xml(SLOW)
    phone.ask(xml)
    clock.advance(seconds=6)
    another_process(play, verified=False).finish()  # the lease is over

    assert ANSWER in (phone.ask(xml) or "")


def test_the_last_request_says_how_to_get_the_answer_and_good_brings_it(
    play: Play, clock: FakeClock
) -> None:
    phone = play(verified=False)
    xml = phone.chat.text_xml(SLOW)

    said = []
    for _ in range(3):
        said.append(phone.ask(xml))
        clock.advance(seconds=5)
    not_yet = phone.chat.says("好")
    play.gate.open()
    phone.service.wait_for_thread()
    phone.service.finish()

    assert said == [None, None, WAIT]
    assert not_yet == STILL_AT_IT.text
    assert phone.chat.says("好") == f"{ANSWER}\n1. 找人说说话"
    assert ANSWER not in phone.chat.says("好")


def test_the_last_request_is_known_by_its_age_where_earlier_ones_were_lost(
    play: Play, clock: FakeClock
) -> None:
    phone = play(verified=False)
    xml = phone.chat.text_xml(SLOW)
    clock.advance(seconds=10)

    assert phone.ask(xml) == WAIT
    assert phone.ask(xml) == WAIT


def test_any_other_message_brings_the_answer_too(play: Play, clock: FakeClock) -> None:
    phone = play(verified=False)
    xml = phone.chat.text_xml(SLOW)
    clock.advance(seconds=10)
    phone.ask(xml)
    play.gate.open()
    phone.service.wait_for_thread()
    phone.service.finish()

    assert phone.chat.says(OTHER).startswith(f"{ANSWER}\n1. 找人说说话\n————\n")
    assert ANSWER not in phone.chat.says(OTHER)


def test_an_answer_that_no_request_fetched_waits_for_the_next_message(
    play: Play, clock: FakeClock
) -> None:
    phone = play(verified=False)
    phone.ask(phone.chat.text_xml(SLOW))
    play.gate.open()
    phone.service.wait_for_thread()
    clock.now += RETRIES_OVER

    assert phone.arrived() == []
    assert [m.status for m in phone.service.outbox()] == [OutboxStatus.PARKED]
    assert ANSWER in phone.chat.says("你好")


def test_good_is_an_ordinary_word_where_nothing_is_awaited(play: Play) -> None:
    phone = play(verified=False)

    assert STILL_AT_IT.text not in phone.chat.says("好")
    assert STILL_AT_IT.text not in phone.chat.says("好")


# Danger


@pytest.mark.parametrize("verified", [True, False], ids=["verified", "unverified"])
@pytest.mark.parametrize("slow", [DANGER, SLOW])
def test_the_words_for_danger_are_said_at_once_although_the_answer_is_slow(
    play: Play, verified: bool, slow: str
) -> None:
    phone = play(verified=verified, slow=slow)
    if slow == SLOW:
        phone.ask(phone.chat.text_xml(SLOW))

    assert "12356" in (phone.ask(phone.chat.text_xml(DANGER)) or "")

    play.gate.open()
    phone.service.wait_for_thread()
    phone.arrived()
    assert count_crises(play.database) == 1


def count_crises(database: Database) -> int:
    with database.transaction() as session:
        return len(session.exec(select(Ticket).where(Ticket.kind == TicketKind.CRISIS)).all())


@pytest.mark.parametrize("place", Place)
def test_danger_behind_a_locked_database_is_answered_and_the_alarm_raised_when_it_is_free(
    play: Play, place: Place
) -> None:
    phone = play(verified=True, slow=SLOW, place=place)
    phone.ask(phone.chat.text_xml(SLOW))

    said = phone.ask(phone.chat.text_xml(DANGER))
    play.gate.open()
    phone.service.wait_for_thread()
    phone.service.wait_for_thread()

    assert "12356" in (said or "")
    eventually(lambda: count_crises(play.database) == 1)


def test_an_answer_to_danger_goes_before_other_answers(
    database: Database, postman: Postman, clock: FakeClock
) -> None:
    contact_id = postman.hears_from("oA")
    with database.transaction() as session:
        for body, is_safety in ((ANSWER, False), ("12356", True)):
            enqueue_answer(
                session,
                contact_id=contact_id,
                body=body,
                is_safety=is_safety,
                may_send=True,
                now=clock(),
            )

    assert postman.deliver() == ["12356", ANSWER]


# Whoever was at it dies, or does not come to an end


def test_a_worker_finishes_what_nobody_is_at_any_more(play: Play, clock: FakeClock) -> None:
    phone = play(verified=True)
    phone.ask(phone.chat.text_xml(SLOW))
    worker = another_process(play)

    worker.finish()
    before = worker.entries()
    clock.now += LEASE
    worker.finish()

    assert before == []
    assert len(worker.entries()) == 1
    assert [text.split("\n")[0] for text in play.postman.deliver()] == [ANSWER]


def test_a_thread_that_comes_to_its_end_after_the_worker_changes_nothing(
    play: Play, clock: FakeClock
) -> None:
    phone = play(verified=True)
    phone.ask(phone.chat.text_xml(SLOW))
    clock.now += LEASE
    another_process(play).finish()
    sent = play.postman.deliver()

    play.gate.open()
    phone.service.wait_for_thread()

    assert len(sent) == 1
    assert phone.arrived() == []
    assert (len(phone.service.entries()), count_tickets(play.database)) == (1, 1)


def test_an_answer_whose_worker_died_before_bringing_it_is_brought_by_another(
    play: Play, clock: FakeClock
) -> None:
    phone = play(verified=True)
    xml = phone.chat.text_xml(SLOW)
    phone.ask(xml)
    clock.now += LEASE
    dying = another_process(play)
    dying.dispatcher.finish(decode(xml.encode()), is_last_attempt=False)

    another_process(play).finish()

    assert len(play.postman.deliver()) == 1


def test_a_message_that_never_comes_to_an_end_is_handed_to_people(
    play: Play, clock: FakeClock
) -> None:
    phone = play(verified=True)
    phone.ask(phone.chat.text_xml(SLOW))
    tries = 0

    def fail(text: str) -> None:
        nonlocal tries
        if text == SLOW:
            tries += 1
            raise OperationalError(None, None, Exception("locked"))

    worker = SlowService(play.database, play.engine, clock, in_understanding=fail)
    for _ in range(MAX_ATTEMPTS):
        clock.now += LONGEST_LEASE
        with suppress(OperationalError):
            worker.finisher.run_once()
    worker.finish()
    [text] = play.postman.deliver()

    assert tries == MAX_ATTEMPTS
    assert "工作人员会看到" in text
    play.gate.open()
    phone.service.wait_for_thread()
    assert [e.topic for e in worker.entries()] == ["error"]


def test_a_thread_whose_message_was_given_up_commits_nothing(play: Play) -> None:
    phone = play(verified=True)
    xml = phone.chat.text_xml(SLOW)
    phone.ask(xml)
    with play.database.transaction() as session:
        session.add(Contact(openid=phone.chat.openid, first_seen_at=NOON, last_message_at=NOON))
    give_up(play, xml)

    play.gate.open()
    phone.service.wait_for_thread()

    assert [e.topic for e in phone.service.entries()] == ["error"]
    with play.database.transaction() as session:
        assert [t.kind for t in session.exec(select(Ticket))] == [TicketKind.ERROR]


def give_up(play: Play, xml: str) -> None:
    """Let a worker fail at a message for the last time."""

    def fail(_: str) -> None:
        raise OperationalError(None, None, Exception("locked"))

    worker = SlowService(play.database, play.engine, play.clock, in_understanding=fail)
    worker.dispatcher.finish(decode(xml.encode()), is_last_attempt=True)


def test_a_message_that_met_a_locked_database_is_put_off_and_answered_later(
    play: Play, clock: FakeClock, postman: Postman
) -> None:
    def fail(_: str) -> None:
        raise OperationalError(None, None, Exception("locked"))

    service = SlowService(play.database, play.engine, clock, in_understanding=fail)
    with service.phone() as chat:
        said = Phone(chat, service, postman).ask(chat.text_xml(SLOW))
    clock.now += LEASE
    another_process(play).finish()

    assert said == ""
    assert [text.split("\n")[0] for text in postman.deliver()] == [ANSWER]


# What else there is


def test_a_message_that_is_answered_in_time_costs_no_further_statement(
    play: Play, database: Database
) -> None:
    service = SlowService(database, play.engine, play.clock)
    statements: list[str] = []
    with service.phone() as chat:
        chat.says(OTHER)
        sa.event.listen(
            database.engine,
            "before_cursor_execute",
            lambda *call: statements.append(call[2]),
        )
        chat.says(OTHER)
        patient = list(statements)
        statements.clear()
        service.dispatcher.dispatch(decode(chat.text_xml(OTHER).encode()))

    assert patient == statements
    assert not any(s.startswith(("INSERT INTO pending", "DELETE FROM pending")) for s in patient)


def test_what_is_put_off_is_unreadable_in_the_database(play: Play, database: Database) -> None:
    phone = play(verified=True)
    phone.ask(phone.chat.text_xml(SLOW))

    with database.reading() as connection:
        [stored] = connection.execute(sa.text("SELECT payload FROM pending_message")).scalars()
    assert phone.chat.openid not in stored
    assert SLOW not in stored


def test_what_is_put_off_goes_with_an_erasure_unless_somebody_is_at_it(
    play: Play, clock: FakeClock
) -> None:
    phone = play(verified=True)
    phone.chat.says("你好")
    phone.ask(phone.chat.text_xml(SLOW))

    erase(play)
    while_at_it = phone.service.pending()
    clock.now += LEASE
    erase(play)

    assert len(while_at_it) == 1
    assert phone.service.pending() == []


def erase(play: Play) -> None:
    with play.database.transaction() as session:
        erase_person(session, contact_id=1, now=play.clock())
