"""A server is asked to stop while people write: nobody's message is lost or handled twice."""

import threading

import pytest
from sqlmodel import select

from models.clock import system_clock
from models.database import Database
from models.inbox import InboxEntry, ReplyKind
from tests.races.real_server import PATIENCE, Sender, free_port, running, start
from tests.races.service import text_xml

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("socket_enabled")]

SENDERS = 4
BEFORE_THE_STOP = 30
AFTER_THE_RESTART = 10


class Counter:
    """Lets somebody wait until so much has been counted."""

    def __init__(self, enough: int) -> None:
        self._left = threading.Semaphore(0)
        self._enough = enough

    def count(self) -> None:
        self._left.release()

    def wait(self) -> None:
        for _ in range(self._enough):
            assert self._left.acquire(timeout=PATIENCE)


def stored(database: Database) -> list[int]:
    """Return the MsgIds in the inbox, each as often as it is there; all have their reply."""
    query = select(InboxEntry.msg_id, InboxEntry.reply_kind)
    with database.reading() as connection:
        rows = connection.execute(query).all()
    assert {row.reply_kind for row in rows} == {ReplyKind.TEXT}
    return sorted(row.msg_id for row in rows)


def xml_of(sender: int, msg_id: int) -> str:
    return text_xml(sender, "你好", msg_id=msg_id, at=system_clock())


@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_answered_before_the_stop_is_stored_and_nothing_is_half_done(
    database_url: str, database: Database, workers: int
) -> None:
    port = free_port()
    senders = [Sender(port) for _ in range(SENDERS)]
    answers = Counter(BEFORE_THE_STOP)

    def write(number: int) -> None:
        msg_id = number * 1_000_000 + 1
        while senders[number].send(msg_id, xml_of(number, msg_id)):
            answers.count()
            msg_id += 1
        senders[number].close()

    with running(database_url, port, workers=workers) as server:
        join = start(write, SENDERS)
        answers.wait()
        server.stop()
        join()

    answered = sorted(msg_id for sender in senders for msg_id in sender.answered)
    assert b"Traceback" not in server.said
    assert b"webhook_failed" not in server.said
    assert [sender.refused for sender in senders] == [[]] * SENDERS
    assert len(answered) >= BEFORE_THE_STOP
    assert stored(database) == answered


def test_a_restart_under_load_loses_nothing_when_the_unanswered_is_sent_again(
    database_url: str, database: Database
) -> None:
    port = free_port()
    senders = [Sender(port) for _ in range(SENDERS)]
    answers = Counter(BEFORE_THE_STOP)
    is_back = threading.Event()

    def write(number: int) -> None:
        msg_id, left = number * 1_000_000, AFTER_THE_RESTART
        while left:
            msg_id += 1
            xml = xml_of(number, msg_id)
            if not senders[number].send(msg_id, xml):
                assert is_back.wait(PATIENCE)
                assert senders[number].send(msg_id, xml)
            left -= is_back.is_set()
            answers.count()
        senders[number].close()

    with running(database_url, port) as server:
        join = start(write, SENDERS)
        answers.wait()
        server.stop()
    with running(database_url, port):
        is_back.set()
        join()

    written = [list(range(sender.answered[0], sender.answered[-1] + 1)) for sender in senders]
    assert [sender.answered for sender in senders] == written
    assert stored(database) == sorted(msg_id for row in written for msg_id in row)
