"""`python -m bot` in a process of its own, and what WeChat does in front of it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import urlencode

from bot.wechat.signature import sign
from models.clock import system_clock
from tests.conftest import KEY
from tests.support.chat import TOKEN

PATIENCE = 30.0


def environment(url: str, **more: str) -> dict[str, str]:
    """Return the settings of a server in production."""
    inherited = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}  # noqa: TID251 - a child's own
    return inherited | {
        "ENVIRONMENT": "production",
        "DATABASE_URL": url,
        "WECHAT_TOKEN": TOKEN,
        "WECHAT_APP_ID": "wx0000000000000001",
        "DATA_ENCRYPTION_KEY": KEY,
        "SAFETY_TEXT_APPROVED_BY": "nobody, this is a test",
        "SECRET_KEY": "only-for-tests-0123456789-abcdefgh",
        **more,
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@dataclass(slots=True)
class RunningServer:
    """A server that serves."""

    process: subprocess.Popen[bytes]
    reader: threading.Thread
    said: bytearray

    def stop(self) -> int:
        """Ask it to stop, wait until it has; return its status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return status


@contextmanager
def running(url: str, port: int, *, workers: int = 1) -> Iterator[RunningServer]:
    """Start a server on the port; it serves when the block begins and is gone when it ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot"],
        env=environment(url, PORT=str(port), WORKERS=str(workers)),
        stderr=subprocess.PIPE,
    )
    said = bytearray()
    is_up = threading.Event()
    assert process.stderr is not None
    reader = threading.Thread(target=_read, args=(process.stderr, said, is_up, workers))
    reader.start()
    try:
        assert is_up.wait(PATIENCE), said.decode()
        yield RunningServer(process, reader, said)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        reader.join(PATIENCE)
        process.stderr.close()


def _read(pipe: IO[bytes], said: bytearray, is_up: threading.Event, workers: int) -> None:
    """Read all that a server says, so that it never waits for us; tell when it serves."""
    # Several workers share a socket that listens before they start, and say nothing of it.
    last, times = (b"running on", 1) if workers == 1 else (b"startup complete", workers)
    for line in pipe:
        said += line
        if said.count(last) == times:
            is_up.set()


@dataclass(slots=True)
class Sender:
    """Delivers messages one after the other on one connection, and notes which were answered."""

    port: int
    answered: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    _connection: http.client.HTTPConnection | None = None

    def send(self, msg_id: int, xml: str) -> bool:
        """Deliver a message; return whether it was answered with 200."""
        try:
            status = self._post(xml)
        except (OSError, http.client.HTTPException):
            self.close()
            return False
        (self.answered if status == http.HTTPStatus.OK else self.refused).append(msg_id)
        return status == http.HTTPStatus.OK

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, xml: str) -> int:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self._connection.request("POST", target(), body=xml.encode())
        response = self._connection.getresponse()
        response.read()
        return response.status


def target() -> str:
    """Return the path and query of a delivery that WeChat signs now."""
    timestamp = str(int(system_clock().timestamp()))
    query = {"timestamp": timestamp, "nonce": "n", "signature": sign(TOKEN, timestamp, "n")}
    return f"/wechat?{urlencode(query)}"


def start(work: Callable[[int], None], count: int) -> Callable[[], None]:
    """Start the work in threads, each with its number; return what waits for all of them.

    What is raised in one of them is raised there.
    """
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()

    def join() -> None:
        for thread in threads:
            thread.join(PATIENCE)
        if errors:
            raise errors[0]
        assert not any(thread.is_alive() for thread in threads)

    return join
