"""WeChat's delivery: one gesture becomes up to three signed requests to the account's webhook."""

import asyncio
import secrets
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final
from urllib.parse import urlencode, urlsplit

import httpx

from bot.simulator.gestures import Gesture, Push, Sent, build_push, new_media_id
from bot.simulator.phone import NOTHING, Shown, failure, read_answer, show
from bot.simulator.wire import Account, Sealed, WireError, seal, sign

ATTEMPTS: Final = 3
PATIENCE: Final = 5.0
"""Seconds that WeChat waits for an answer, and the distance between two attempts."""
REFUSED_PAUSE: Final = 0.5
"""Shorter than WeChat's own pause, so that a demonstration with a stopped service goes on."""


class Outcome(StrEnum):
    """How one attempt ended."""

    ANSWERED = "answered"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    BAD_STATUS = "bad_status"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request and what came back, raw and readable."""

    number: int
    outcome: Outcome
    url: str
    request_xml: str
    request_sealed: str
    status: int | None
    response: str
    response_xml: str
    milliseconds: int
    shown: Shown


@dataclass(frozen=True, slots=True)
class Exchange:
    """All attempts of one gesture, and what the phone shows in the end.

    `identical` tells whether repeated deliveries were all answered alike; None for a single one.
    """

    openid: str
    shown: Shown
    attempts: tuple[Attempt, ...]
    identical: bool | None


@dataclass(frozen=True, slots=True)
class _Request:
    url: str
    body: str
    sealed: str


@dataclass(frozen=True, slots=True)
class _Raw:
    outcome: Outcome
    status: int | None = None
    body: str = ""


@cache
def _trusted() -> ssl.SSLContext:
    """Read the system's certificates once."""
    return ssl.create_default_context()


class SimulatedWeChat:
    """Plays WeChat's servers in front of one webhook."""

    def __init__(
        self,
        account: Account,
        *,
        webhook_url: str,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.account = account
        self._webhook_url = webhook_url
        self._transport = transport
        self._now = now
        self._pause = pause
        self._ssl = _trusted()

    async def send(self, gesture: Gesture, *, media_id: str = "") -> Exchange:
        """Deliver a gesture and return everything that happened.

        `media_id` is the id under which WeChat's API gives out what was sent, if it does.
        """
        push = build_push(
            gesture,
            app_id=self.account.app_id,
            original_id=self.account.original_id,
            sent=Sent(media_id or new_media_id(), self._media_url()),
            now=self._now(),
        )
        async with self._open_client() as client:
            attempts = await self._deliver(client, push, gesture)
        shown = NOTHING if gesture.is_silent else _what_remains(attempts)
        identical = _are_identical(attempts) if gesture.deliveries > 1 else None
        return Exchange(push.openid, shown, tuple(attempts), identical)

    def _media_url(self) -> str:
        parts = urlsplit(self._webhook_url)
        return f"{parts.scheme}://{parts.netloc}/simulator/static/pictures"

    def _open_client(self) -> httpx.AsyncClient:
        # Proxies of this machine are for the internet, not for the service under test.
        return httpx.AsyncClient(
            transport=self._transport,
            verify=self._ssl,
            timeout=PATIENCE,
            trust_env=False,
            headers={"User-Agent": "Mozilla/4.0", "Content-Type": "text/xml"},
        )

    async def _deliver(
        self, client: httpx.AsyncClient, push: Push, gesture: Gesture
    ) -> list[Attempt]:
        if gesture.deliveries == 1:
            return await self._until_answered(client, push)
        numbers = range(1, gesture.deliveries + 1)
        if gesture.same_moment:
            return await asyncio.gather(*(self._attempt(client, push, n) for n in numbers))
        return [await self._attempt(client, push, number) for number in numbers]

    async def _until_answered(self, client: httpx.AsyncClient, push: Push) -> list[Attempt]:
        attempts: list[Attempt] = []
        for number in range(1, ATTEMPTS + 1):
            attempts.append(await self._attempt(client, push, number))
            if attempts[-1].outcome is Outcome.ANSWERED:
                break
            if number < ATTEMPTS:
                await self._pause(_pause_after(attempts[-1]))
        return attempts

    async def _attempt(self, client: httpx.AsyncClient, push: Push, number: int) -> Attempt:
        request = self._address(push)
        started = time.perf_counter()
        raw = await _post(client, request)
        milliseconds = round((time.perf_counter() - started) * 1000)
        answer, shown = self._read(raw, push.openid)
        return Attempt(
            number=number,
            outcome=raw.outcome,
            url=request.url,
            request_xml=push.xml,
            request_sealed=request.sealed,
            status=raw.status,
            response=raw.body,
            response_xml=answer,
            milliseconds=milliseconds,
            shown=shown,
        )

    def _address(self, push: Push) -> _Request:
        # Every attempt carries its own time and nonce; only the message stays the same.
        timestamp, nonce = str(int(self._now())), str(secrets.randbelow(9 * 10**9) + 10**9)
        query = {
            "signature": sign(self.account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": push.openid,
        }
        if not self.account.is_sealed:
            return _Request(self._url(query), push.xml, "")
        sealed = seal(self.account, push.xml, timestamp=timestamp, nonce=nonce)
        query |= {"encrypt_type": "aes", "msg_signature": sealed.signature}
        body = _envelope(self.account, sealed)
        return _Request(self._url(query), body, body)

    def _url(self, query: dict[str, str]) -> str:
        return f"{self._webhook_url}?{urlencode(query)}"

    def _read(self, raw: _Raw, openid: str) -> tuple[str, Shown]:
        if raw.outcome is not Outcome.ANSWERED:
            return "", failure(raw.outcome)
        try:
            answer = read_answer(self.account, raw.body)
        except WireError as error:
            return "", failure(str(error))
        return answer, show(answer, openid=openid)


async def _post(client: httpx.AsyncClient, request: _Request) -> _Raw:
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await client.post(request.url, content=request.body.encode())
    except (TimeoutError, httpx.TimeoutException):
        return _Raw(Outcome.TIMEOUT)
    except (httpx.HTTPError, OSError):
        return _Raw(Outcome.UNREACHABLE)
    body = answer.content.decode("utf-8", errors="replace")
    is_ok = answer.status_code == httpx.codes.OK
    return _Raw(Outcome.ANSWERED if is_ok else Outcome.BAD_STATUS, answer.status_code, body)


def _envelope(account: Account, sealed: Sealed) -> str:
    return (
        f"<xml>\n<ToUserName><![CDATA[{account.original_id}]]></ToUserName>\n"
        f"<Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt>\n</xml>"
    )


def _pause_after(attempt: Attempt) -> float:
    if attempt.outcome is Outcome.UNREACHABLE:
        return REFUSED_PAUSE
    return max(0.0, PATIENCE - attempt.milliseconds / 1000)


def _what_remains(attempts: list[Attempt]) -> Shown:
    answered = [attempt for attempt in attempts if attempt.outcome is Outcome.ANSWERED]
    return answered[0].shown if answered else attempts[-1].shown


def _are_identical(attempts: list[Attempt]) -> bool:
    # Sealed answers differ in their random bytes, so the readable ones are compared.
    return len({(a.outcome, a.status, a.response_xml, a.shown) for a in attempts}) == 1
