"""WeChat asks several processes for one message at the same moment: one effect, one answer.

All of them have looked into the inbox and found nothing before any may write: the engine, which
runs between the look and the transaction, waits for the others. What protects then is the unique
`dedup_key` alone. The lock of the contact's row only puts the deliveries one after the other: each
still runs its handler, and without the key each alarm would keep its effect. Of a first message
ever the unique `openid` protects too, but on PostgreSQL only, and only who came before the first
commit.
"""

from functools import partial

import pytest
from sqlmodel import select

from models.contact import Contact
from models.database import Database
from models.inbox import InboxEntry
from models.open_class import Enrolment, EnrolmentState
from models.ticket import Ticket, TicketEvent
from tests.races.crew import SIZE, Crew
from tests.races.service import (
    DESPAIR,
    ENROL,
    count,
    deliver,
    drop_dedup_key,
    make_known,
    places,
    seats_taken,
    serving,
    text_xml,
)
from tests.support.processes import Racer

pytestmark = pytest.mark.race

MESSAGES = tuple(
    text_xml(number, ENROL if number % 2 else DESPAIR, msg_id=7_000 + number)
    for number in range(20)
)


def deliver_at_once(racer: Racer, messages: tuple[str, ...]) -> list[str]:
    """Deliver each message when all processes have found that nobody has answered it yet."""
    is_first = False

    def meet(_text: str) -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            racer.wait_for_others()

    answers = []
    with serving(racer.url, meet) as service:
        for message in messages:
            is_first = True
            answers.append(deliver(service, message))
    return answers


@pytest.mark.parametrize("known", [range(20), range(0)], ids=["known people", "new people"])
def test_a_message_that_all_processes_get_at_once_has_one_effect_and_one_answer(
    crew: Crew, database_url: str, database: Database, known: range
) -> None:
    make_known(database, known)

    answers = crew.race(partial(deliver_at_once, messages=MESSAGES), database_url)

    assert answers[0] == answers[1] == answers[2]
    assert all("<Content>" in answer for answer in answers[0])
    assert (count(database, InboxEntry), count(database, Contact)) == (20, 20)
    assert (count(database, Enrolment), seats_taken(database)) == (10, 10)
    assert len(places(database, EnrolmentState.ENROLLED)) == 10
    assert (count(database, Ticket), count(database, TicketEvent)) == (10, 10)


def test_without_the_unique_key_each_process_leaves_its_own_effect(
    crew: Crew, database_url: str, database: Database
) -> None:
    make_known(database, range(20))
    drop_dedup_key(database)

    answers = crew.race(partial(deliver_at_once, messages=MESSAGES), database_url)

    # What the gate keeps of a dialogue ("heard") sends the losers of the enrolments back to look
    # again, so those are told apart even here; an alarm is not kept, and has the key alone.
    assert count(database, InboxEntry) == 10 * SIZE + 10
    assert count(database, TicketEvent) == 10 * SIZE
    assert answers[0] != answers[1] or answers[1] != answers[2]


def test_the_answer_that_is_stored_is_the_one_that_everybody_got(
    crew: Crew, database_url: str, database: Database
) -> None:
    answers = crew.race(partial(deliver_at_once, messages=MESSAGES[:2]), database_url)

    with database.transaction() as session:
        stored = session.exec(select(InboxEntry.reply_text).order_by(InboxEntry.dedup_key)).all()
    for text in stored:
        assert any(text in answer for answer in answers[2])
    with serving(database_url) as service:
        assert [deliver(service, message) for message in MESSAGES[:2]] == answers[0]
