"""WeChat's next request and two workers bring one late answer at the same moment: it is seen once.

All three have begun before any may commit, and all three have the answer before any may bring it.
What then protects is the unique key of the inbox, for the effects, and for the answer that the row
of what was put off can be taken away once.
"""

from contextlib import ExitStack
from functools import partial
from unittest.mock import patch

import pytest
from sqlmodel import Session, select

from bot import deferral
from bot.deferral import Account, Finisher
from bot.wechat.codec import decode
from models.database import Database
from models.inbox import InboxEntry
from models.messages import RenderedReply
from models.open_class import Enrolment
from models.outbox import OutboxKind, OutboxMessage
from models.pending import PendingMessage, list_answered, put_off
from tests.conftest import NOON
from tests.races.crew import SIZE, Crew
from tests.races.service import ENROL, count, deliver, make_known, serving, text_xml
from tests.support.postman import APP_ID
from tests.support.processes import Racer

pytestmark = pytest.mark.race

PEOPLE = range(12)
MESSAGES = tuple(text_xml(number, ENROL, msg_id=8_000 + number) for number in PEOPLE)
BRINGER = 0
"""Which of the processes is WeChat's next request; the others are workers."""


def put_all_off(database: Database) -> None:
    with database.transaction() as session:
        for xml in MESSAGES:
            put_off(session, decode(xml.encode()), now=NOON)


def bring_at_once(racer: Racer) -> list[str]:
    """Finish each message and bring its answer; return what the request showed."""
    is_first = False

    def meet(_text: str) -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            racer.wait_for_others()

    shown = []
    with serving(racer.url, meet) as service:
        account = Account(app_id=APP_ID, can_send=True)
        worker = Finisher(
            database=service.database,
            dispatcher=service.dispatcher,
            clock=service.clock,
            account=account,
        )
        for xml in MESSAGES:
            is_first = True
            message = decode(xml.encode())
            deliver(service, xml)
            racer.wait_for_others()
            if racer.index == BRINGER:
                reply = service.deferral.fetch(message)
                shown.append((reply or RenderedReply(None, created_at=NOON)).text or "")
            else:
                worker._bring()
            racer.wait_for_others()
    return [text for text in shown if text]


def sent(database: Database) -> int:
    with database.transaction() as session:
        query = select(OutboxMessage).where(OutboxMessage.kind == OutboxKind.ANSWER)
        return len(session.exec(query).all())


def test_a_request_and_two_workers_at_once_bring_each_answer_once(
    crew: Crew, database_url: str, database: Database
) -> None:
    make_known(database, PEOPLE)
    put_all_off(database)

    shown = crew.race(bring_at_once, database_url)

    assert SIZE > 2
    assert len(shown[BRINGER]) + sent(database) == len(MESSAGES)
    assert (count(database, InboxEntry), count(database, Enrolment)) == (12, 12)
    assert count(database, PendingMessage) == 0


def bring_what_was_fetched(racer: Racer, *, conditional: bool) -> int:
    """Let workers bring what they found answered just before the request fetched it."""
    with serving(racer.url) as service, ExitStack() as stack:
        if not conditional:
            stack.enter_context(patch.object(deferral, "take_away", _take_away_always))
        with service.database.reading() as connection:
            keys = list_answered(connection, now=NOON, may_send=True)
        racer.wait_for_others()
        if racer.index == BRINGER:
            replies = [service.deferral.fetch(decode(xml.encode())) for xml in MESSAGES]
            racer.wait_for_others()
            return sum(reply is not None and reply.text is not None for reply in replies)
        racer.wait_for_others()
        for key in keys[racer.index - 1 :: SIZE - 1]:
            with service.database.transaction() as session:
                deferral._hand_over(session, key, may_send=True, now=NOON)
    return 0


def _take_away_always(_session: Session, *, dedup_key: str) -> bool:
    return bool(dedup_key)


@pytest.mark.parametrize("conditional", [True, False])
def test_without_the_condition_an_answer_that_was_fetched_is_sent_again(
    crew: Crew, database_url: str, database: Database, conditional: bool
) -> None:
    make_known(database, PEOPLE)
    put_all_off(database)
    with serving(database_url) as service:
        for xml in MESSAGES:
            deliver(service, xml)

    shown = crew.race(partial(bring_what_was_fetched, conditional=conditional), database_url)

    assert shown[BRINGER] == len(MESSAGES)
    assert sent(database) == (0 if conditional else len(MESSAGES))
