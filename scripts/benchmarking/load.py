"""The load: signed messages of many followers, sent over raw connections as cheaply as possible.

All requests are built before the clock starts, and an answer is read by its length alone, so that
the generator needs a small part of the time that any server does.
"""

import asyncio
import random
import re
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import cast

import uvloop

from bot.wechat.cipher import MessageCipher
from bot.wechat.markup import as_cdata
from bot.wechat.signature import sign
from scripts.benchmarking.texts import TEXTS

HOST = "127.0.0.1"
TOKEN = "token-of-the-benchmark"  # noqa: S105 - servers that live for a minute on this machine
APP_ID = "wx0000000000000001"
AES_KEY = "kuangyoubenchmark" * 2 + "kuangyouB"
SLOWEST_ANSWER = 5.0
"""WeChat waits so many seconds; a load that takes longer than that for each request is ended."""

_ACCOUNT = "gh_000000000001"
_FIRST_MSG_ID = 23_000_000_000_000_000
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_OPEN_CONNECTIONS = 64
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load met with; latencies are in milliseconds, sorted."""

    latencies: Sequence[float]
    failures: int
    seconds: float

    @property
    def rate(self) -> float:
        """Return good answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency that this share of the good answers did not exceed."""
        if not self.latencies:
            return 0.0
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


class Postman:
    """Writes the followers' requests: each its own MsgId, follower and text by a fixed dice."""

    def __init__(self, *, followers: int, is_safe: bool) -> None:
        self._dice = random.Random(followers)  # noqa: S311 - the same load every time
        self._followers = followers
        self._cipher = MessageCipher(TOKEN, APP_ID, AES_KEY) if is_safe else None
        self._msg_id = _FIRST_MSG_ID

    def write(self, count: int) -> list[bytes]:
        """Return the next `count` requests, signed for now."""
        return [self._request(str(int(time.time()))) for _ in range(count)]

    def _request(self, timestamp: str) -> bytes:
        nonce = str(self._dice.randrange(10**9))
        xml = self._message(timestamp)
        query = f"signature={sign(TOKEN, timestamp, nonce)}&timestamp={timestamp}&nonce={nonce}"
        if self._cipher is not None:
            encrypted = self._cipher.seal(xml)
            query += f"&encrypt_type=aes&msg_signature={sign(TOKEN, timestamp, nonce, encrypted)}"
            xml = (
                f"<xml><ToUserName>{as_cdata(_ACCOUNT)}</ToUserName>"
                f"<Encrypt>{as_cdata(encrypted)}</Encrypt></xml>"
            )
        body = xml.encode()
        head = (
            f"POST /wechat?{query} HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: benchmark\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _message(self, timestamp: str) -> str:
        self._msg_id += 1
        openid = f"oBENCH{self._dice.randrange(self._followers):022d}"
        return (
            f"<xml><ToUserName>{as_cdata(_ACCOUNT)}</ToUserName>"
            f"<FromUserName>{as_cdata(openid)}</FromUserName>"
            f"<CreateTime>{timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content>{as_cdata(self._dice.choice(TEXTS))}</Content>"
            f"<MsgId>{self._msg_id}</MsgId></xml>"
        )


def send_in_turn(port: int, requests: Sequence[bytes], *, connections: int) -> Outcome:
    """Send on each connection as soon as its last request is answered: a closed loop."""
    return _run(_Load(port, requests).in_turn(connections))


def send_at_rate(port: int, requests: Sequence[bytes], *, rate: float) -> Outcome:
    """Send at random moments, `rate` a second on average, whatever the answers do: open loop."""
    return _run(_Load(port, requests).at_rate(rate))


def _run(load: Coroutine[object, object, Outcome]) -> Outcome:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(load)


class _Load:
    """One load on its way: what is still to send, who is free to send it, what came back."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self._port = port
        self._requests = requests
        self._latencies: list[float] = []
        self._failures = 0
        self._due: deque[tuple[bytes, float]] = deque()
        self._idle: list[_Connection] = []
        self._done = asyncio.Event()

    async def in_turn(self, connections: int) -> Outcome:
        """Keep this many requests under way until all are answered."""
        await self._connect(connections)
        started = time.perf_counter()
        for request in self._requests:
            self._due.append((request, 0.0))
        self._send_due()
        return await self._outcome(started, limit=len(self._requests) * SLOWEST_ANSWER)

    async def at_rate(self, rate: float) -> Outcome:
        """Send each request at its own moment; where all connections are busy its wait counts."""
        await self._connect(_OPEN_CONNECTIONS)
        dice = random.Random(len(self._requests))  # noqa: S311 - the same moments every time
        loop, moment = asyncio.get_running_loop(), 0.0
        started, begins = time.perf_counter(), loop.time()
        for request in self._requests:
            moment += dice.expovariate(rate)
            loop.call_at(begins + moment, self._send, request)
        return await self._outcome(started, limit=moment + SLOWEST_ANSWER)

    def answered(self, connection: "_Connection", milliseconds: float, *, is_good: bool) -> None:
        """Take an answer, and give the connection what is due."""
        if is_good:
            self._latencies.append(milliseconds)
        else:
            self._failures += 1
        self._idle.append(connection)
        self._send_due()
        if len(self._latencies) + self._failures == len(self._requests):
            self._done.set()

    def _send(self, request: bytes) -> None:
        self._due.append((request, time.perf_counter()))
        self._send_due()

    def _send_due(self) -> None:
        while self._due and self._idle:
            request, since = self._due.popleft()
            self._idle.pop().send(request, since or time.perf_counter())

    async def _connect(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            _, connection = await loop.create_connection(
                lambda: _Connection(self.answered), HOST, self._port
            )
            self._idle.append(connection)

    async def _outcome(self, started: float, *, limit: float) -> Outcome:
        try:
            await asyncio.wait_for(self._done.wait(), timeout=limit)
        except TimeoutError:
            self._failures = len(self._requests) - len(self._latencies)
        seconds = time.perf_counter() - started
        return Outcome(sorted(self._latencies), failures=self._failures, seconds=seconds)


class _Connection(asyncio.Protocol):
    """A kept-open connection with one request under way at most."""

    def __init__(self, on_answer: Callable[..., None]) -> None:
        self._on_answer = on_answer
        self._received = bytearray()
        self._since = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def send(self, request: bytes, since: float) -> None:
        """Send a request whose waiting time began at `since`."""
        self._since = since
        if self._transport is not None:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(_HEAD_END)
        if end < 0:
            return
        length = _LENGTH.search(self._received, 0, end)
        begin = end + len(_HEAD_END)
        if length is None or len(self._received) - begin < int(length[1]):
            return
        milliseconds = (time.perf_counter() - self._since) * 1000
        is_good = is_answer(self._received[:end], self._received[begin:])
        self._received.clear()
        self._on_answer(self, milliseconds, is_good=is_good)


def is_answer(head: bytes | bytearray, body: bytes | bytearray) -> bool:
    """Tell whether somebody was answered: with status 200 and words, open or sealed."""
    has_words = b"<Content>" in body or b"<Encrypt>" in body
    return head.startswith(b"HTTP/1.1 200 ") and body.startswith(b"<xml>") and has_words
