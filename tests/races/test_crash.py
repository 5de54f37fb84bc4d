"""A server is killed between a message and its answer: the message is neither lost nor doubled."""

import http.client
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import IO

import pytest
from fastapi.testclient import TestClient

from bot.app import create_app, create_service
from bot.deferral import Account, Finisher
from bot.settings import Settings
from knowledge.engine import Engine
from models.clock import system_clock
from models.database import Database
from models.encryption import Cipher
from models.inbox import InboxEntry
from models.open_class import Enrolment
from models.outbox import OutboxMessage
from models.pending import LEASE, PendingMessage
from models.ticket import Ticket, TicketEvent
from tests.conftest import KEY
from tests.races.crash_server import Point
from tests.races.real_server import PATIENCE, environment, free_port, running, target
from tests.races.service import DESPAIR, ENROL, count, text_xml
from tests.support.chat import FakeClock
from tests.support.postman import Postman

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("socket_enabled")]


@contextmanager
def _doomed_server(
    url: str, point: Point, **more: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start a server that stops at the point; yield it with its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        command = [sys.executable, "-m", "tests.races.crash_server", point, str(listening.fileno())]
        process = subprocess.Popen(
            command,
            env=environment(url, **more),
            stdout=subprocess.PIPE,
            pass_fds=[listening.fileno()],
        )
    with _ended(process):
        yield process, port


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    with process:
        try:
            yield
        finally:
            process.kill()


def _wait_for(pipe: IO[bytes], words: bytes) -> None:
    """Read what a server says until it says the words."""
    said = b""
    deadline = time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while words not in said:
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            piece = os.read(pipe.fileno(), 65536) if ready else b""
            assert piece, f"the server never said {words!r} but {said!r}"
            said += piece


def _send(port: int, xml: str) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST", target(), body=xml.encode())
    return connection


def _ask(port: int, xml: str) -> str:
    connection = _send(port, xml)
    try:
        response = connection.getresponse()
        assert response.status == 200
        return response.read().decode()
    finally:
        connection.close()


def _kill_in_the_middle(url: str, point: Point, xml: str) -> None:
    """Deliver a message to a server that is killed at the point: nothing is answered."""
    with _doomed_server(url, point) as (process, port):
        connection = _send(port, xml)
        assert process.stdout is not None
        _wait_for(process.stdout, b"stopped")
        process.kill()
        process.wait()
        with pytest.raises(ConnectionError):
            connection.getresponse()
        connection.close()


def _cry_for_help() -> str:
    return text_xml(1, DESPAIR, msg_id=5_001, at=system_clock() - timedelta(seconds=1))


def _effects(database: Database) -> tuple[int, int, int]:
    return count(database, InboxEntry), count(database, Ticket), count(database, TicketEvent)


def test_a_server_killed_before_the_commit_leaves_nothing_and_the_next_delivery_is_handled(
    database_url: str, database: Database
) -> None:
    xml = _cry_for_help()

    _kill_in_the_middle(database_url, Point.BEFORE_COMMIT, xml)
    assert _effects(database) == (0, 0, 0)
    port = free_port()
    with running(database_url, port):
        first, second = _ask(port, xml), _ask(port, xml)

    assert "12356" in first
    assert second == first
    assert _effects(database) == (1, 1, 1)


def test_a_server_killed_before_its_answer_has_kept_it_for_the_next_delivery(
    database_url: str, database: Database, settings: Settings, engine: Engine
) -> None:
    xml = _cry_for_help()

    _kill_in_the_middle(database_url, Point.AFTER_COMMIT, xml)
    assert _effects(database) == (1, 1, 1)
    with database.transaction() as session:
        stored = session.get_one(InboxEntry, 1).reply_text
    with TestClient(create_app(settings, engine=engine)) as client:
        answer = client.post(target(), content=xml.encode())

    assert answer.status_code == 200
    assert "12356" in stored
    assert f"<![CDATA[{stored}]]>" in answer.text
    assert _effects(database) == (1, 1, 1)


SECRET = {"WECHAT_APP_SECRET": "a-secret-that-the-tests-made-up"}


def _enrol() -> str:
    return text_xml(1, ENROL, msg_id=5_002, at=system_clock())


def _put_off_and_die(url: str, xml: str, **more: str) -> str | None:
    """Deliver a message that stands still, and kill the server when it is put off.

    Returns what WeChat was told, None where it was told nothing.
    """
    database = Database(url, cipher=Cipher(KEY))
    with _doomed_server(url, Point.UNDERSTANDING, **more) as (process, port):
        connection = _send(port, xml)
        assert process.stdout is not None
        _wait_for(process.stdout, b"stopped")
        deadline = time.monotonic() + PATIENCE
        while count(database, PendingMessage) == 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)  # another process is at it
        said = connection.getresponse().read().decode() if more else None
        process.kill()
        process.wait()
        connection.close()
    database.close()
    return said


def test_what_a_killed_server_had_put_off_is_finished_by_a_worker_and_sent_once(
    database_url: str, database: Database, settings: Settings, engine: Engine
) -> None:
    said = _put_off_and_die(database_url, _enrol(), **SECRET)
    assert (said, _effects(database), count(database, Enrolment)) == ("success", (0, 0, 0), 0)
    clock = FakeClock(system_clock() + LEASE)
    service = create_service(settings, clock=clock, engine=engine)
    account = Account(app_id=settings.wechat_app_id, can_send=True)
    workers = [
        Finisher(
            database=service.database,
            dispatcher=service.dispatcher,
            clock=clock,
            account=account,
        )
        for _ in range(2)
    ]
    postman = Postman(database, clock)

    done = [worker.run_once() for worker in (*workers, *workers)]
    arrived = postman.deliver()
    service.database.close()

    assert done == [True, True, False, False]
    assert len(arrived) == 1
    assert "报" in arrived[0]
    assert (count(database, InboxEntry), count(database, Enrolment)) == (1, 1)
    assert count(database, PendingMessage) == 0


def test_what_a_killed_server_had_put_off_is_fetched_by_the_next_request(
    database_url: str, database: Database, settings: Settings, engine: Engine
) -> None:
    xml = _enrol()

    _put_off_and_die(database_url, xml)
    with TestClient(create_app(settings, engine=engine)) as client:
        answer = client.post(target(), content=xml.encode())
        again = client.post(target(), content=xml.encode())

    assert "报" in answer.text
    assert again.text == answer.text
    assert (count(database, InboxEntry), count(database, Enrolment)) == (1, 1)
    assert (count(database, PendingMessage), count(database, OutboxMessage)) == (0, 0)
