"""The door that WeChat knocks on: who may come in, how large, how old, and what is answered.

Nothing is decided by the body before its signature is known to be good, and nothing is believed
but what the signature covers: in safe mode the encrypted part alone (a compatible mode body has
plain fields beside it), in plain mode only that somebody who saw a signature of ours is speaking.
A repeated request inside the allowed skew is let through: the dispatcher knows its `dedup_key`.

This is a bare ASGI endpoint: each path through it answers by hand, so that no framework turns an
answer into JSON or a missing parameter into a 422, and none of its time is spent on either.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.patience import Dispatch, HeldError, PatientDispatch
from bot.wechat.cipher import AesKey, MessageCipher, UndecryptableError, WrongAppIdError
from bot.wechat.codec import SUCCESS, MalformedMessageError, decode, encode, read_encrypted
from bot.wechat.signature import verify
from bot.wechat.skew import SkewGauge
from models.clock import Clock
from models.messages import InboundMessage, RenderedReply

log = structlog.get_logger()

MAX_BODY = 1024 * 1024
BODY_SECONDS = 10.0
PATH = "/wechat"

Ask = Callable[[InboundMessage], Awaitable[RenderedReply]]

_TIMESTAMP = re.compile(r"[0-9]{1,10}")
_CONTENT_LENGTH = re.compile(r"[0-9]{1,18}")
_PLAIN = ("", "raw")


@dataclass(frozen=True, slots=True)
class WeChatCredentials:
    """What the account console knows too. Raises ValueError where it cannot be safe.

    An empty `encoding_aes_key` is plain mode; a key is safe mode, and then plain bodies are
    refused. `max_clock_skew` is in seconds.
    """

    token: str = field(repr=False)
    app_id: str = ""
    encoding_aes_key: str = field(default="", repr=False)
    previous_encoding_aes_key: str = field(default="", repr=False)
    max_clock_skew: int = 600

    def __post_init__(self) -> None:
        if not self.token.strip():
            msg = "WECHAT_TOKEN is empty: anybody could sign; set it to the console's 令牌(Token)"
            raise ValueError(msg)
        if self.encoding_aes_key and not self.app_id:
            msg = "WECHAT_APP_ID is empty: safe mode needs it to know messages meant for us"
            raise ValueError(msg)
        if self.previous_encoding_aes_key and not self.encoding_aes_key:
            msg = "WECHAT_PREVIOUS_ENCODING_AES_KEY is set, but not WECHAT_ENCODING_AES_KEY"
            raise ValueError(msg)
        if self.max_clock_skew <= 0:
            msg = "WECHAT_MAX_CLOCK_SKEW has to be more than 0 seconds"
            raise ValueError(msg)

    def cipher(self) -> MessageCipher | None:
        """Return what opens and seals messages in safe mode; None in plain mode."""
        if not self.encoding_aes_key:
            return None
        return MessageCipher(
            self.token, self.app_id, self.encoding_aes_key, self.previous_encoding_aes_key
        )


def create_webhook(
    *,
    credentials: WeChatCredentials,
    dispatch: Dispatch | PatientDispatch,
    clock: Clock,
    skew: SkewGauge | None = None,
    body_seconds: float = BODY_SECONDS,
) -> APIRouter:
    """Return a router with `/wechat`. `dispatch` runs in a thread, for it waits for the database.

    A patient one answers in time, whatever happens; any other is waited for. Pass a gauge to see
    elsewhere how far WeChat's clock is from ours.
    """
    endpoint = _Webhook(
        credentials,
        ask=dispatch if isinstance(dispatch, PatientDispatch) else _in_thread(dispatch),
        clock=clock,
        skew=skew or SkewGauge(),
        body_seconds=body_seconds,
    )
    router = APIRouter()
    # An endpoint that is no function gets every method, and answers the wrong ones itself.
    router.routes.append(Route(PATH, endpoint, include_in_schema=False))
    return router


class _FailedError(Exception):
    """A message that could not be dispatched, and is logged already."""


class _RefusedError(Exception):
    """A request that is answered with a status and nothing else."""

    def __init__(self, status: HTTPStatus, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


@dataclass(frozen=True, slots=True)
class _Query:
    """The parameters of the address; what is missing is empty."""

    timestamp: str
    nonce: str
    signature: str = ""
    echostr: str = ""
    encrypt_type: str = ""
    msg_signature: str = ""

    @classmethod
    def read(cls, scope: Scope) -> "_Query":
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = dict(pairs)
        known = {name: given[name] for name in given.keys() & set(cls.__slots__)}
        if sum(name in known for name, _ in pairs) > len(known):
            _forbid("repeated_parameter")
        for name in ("timestamp", "nonce"):
            if not known.get(name):
                _forbid(f"missing_{name}")
        if not _TIMESTAMP.fullmatch(known["timestamp"]):
            _forbid("bad_timestamp")
        return cls(**known)


class _Webhook:
    """The endpoint; it holds nothing of any request."""

    def __init__(
        self,
        credentials: WeChatCredentials,
        *,
        ask: Ask,
        clock: Clock,
        skew: SkewGauge,
        body_seconds: float,
    ) -> None:
        self._token = credentials.token
        self._max_skew = credentials.max_clock_skew
        self._cipher = credentials.cipher()
        self._dispatch = ask
        self._clock = clock
        self._skew = skew
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except _RefusedError as refused:
            log.warning("webhook_refused", reason=refused.reason, status=refused.status.value)
            response = Response(status_code=refused.status, headers=refused.headers)
        except _FailedError:
            response = Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "GET":
            return self._confirm_address(_Query.read(request.scope))
        if request.method != "POST":
            raise _RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "method", Allow="GET, POST")
        query = _Query.read(request.scope)
        if self._cipher is None:
            return await self._receive_plain(request, query)
        return await self._receive_encrypted(request, query, self._cipher)

    def _confirm_address(self, query: _Query) -> Response:
        """Show WeChat that the token is known here; it signs this plainly in every mode."""
        self._check_signature(query)
        if not query.echostr:
            _forbid("missing_echostr")
        # Nobody signs the echostr, so a browser must not take it for anything but text.
        return _text(query.echostr, **{"X-Content-Type-Options": "nosniff"})

    async def _receive_plain(self, request: Request, query: _Query) -> Response:
        self._check_signature(query)
        if query.encrypt_type not in _PLAIN:
            # Compatible mode without the key: the plain fields beside the cipher are not believed.
            _refuse_as_bad("encrypted_without_a_key")
        return _reply(await self._ask(_decode(await self._read_body(request))))

    async def _receive_encrypted(
        self, request: Request, query: _Query, cipher: MessageCipher
    ) -> Response:
        if query.encrypt_type != "aes":
            _forbid("plaintext_in_safe_mode")
        if not query.msg_signature:
            _forbid("missing_msg_signature")
        encrypted = _encrypted_part(await self._read_body(request))
        if not cipher.verify(
            encrypted,
            signature=query.msg_signature,
            timestamp=query.timestamp,
            nonce=query.nonce,
        ):
            _forbid("msg_signature")
        self._check_age(query)
        xml, key = _decrypt(cipher, encrypted)
        answer = await self._ask(_decode(xml))
        return _reply(self._seal(cipher, answer, key=key, nonce=query.nonce))

    def _seal(self, cipher: MessageCipher, answer: str, *, key: AesKey, nonce: str) -> str:
        if answer == SUCCESS:
            return answer
        timestamp = str(int(self._clock().timestamp()))
        return cipher.encrypt(answer, key=key, timestamp=timestamp, nonce=nonce)

    async def _ask(self, message: InboundMessage) -> str:
        """Return the dispatcher's answer as a body; where it fails, WeChat is to ask again."""
        try:
            return encode(await self._dispatch(message), message)
        except HeldError as error:
            log.warning("webhook_held", kind=message.kind.value)
            raise _FailedError from error
        except Exception as error:
            log.exception("webhook_failed", kind=message.kind.value)
            raise _FailedError from error

    def _check_signature(self, query: _Query) -> None:
        if not query.signature:
            _forbid("missing_signature")
        if not verify(query.signature, self._token, query.timestamp, query.nonce):
            _forbid("signature")
        self._check_age(query)

    def _check_age(self, query: _Query) -> None:
        """Refuse what was signed too long ago, or too far ahead; the signature is good by now."""
        now = self._clock()
        seconds = int(query.timestamp) - int(now.timestamp())
        if abs(seconds) <= self._max_skew:
            self._skew.clear()
            return
        self._skew.record(seconds, seen_at=now)
        log.warning("clock_skew", seconds=seconds)
        _forbid("stale_timestamp")

    async def _read_body(self, request: Request) -> bytes:
        declared = request.headers.get("content-length", "0")
        if not _CONTENT_LENGTH.fullmatch(declared):
            _refuse_as_bad("content_length")
        if int(declared) > MAX_BODY:
            _refuse_body(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
        try:
            async with asyncio.timeout(self._body_seconds):
                return await _collect(request)
        except TimeoutError:
            _refuse_body(HTTPStatus.REQUEST_TIMEOUT, "slow_body")
        except ClientDisconnect:
            _refuse_as_bad("disconnected")


def _in_thread(dispatch: Dispatch) -> Ask:
    async def ask(message: InboundMessage) -> RenderedReply:
        return await run_in_threadpool(dispatch, message)

    return ask


async def _collect(request: Request) -> bytes:
    """Read the body, and stop as soon as it is more than allowed: a chunked one says no size."""
    body = bytearray()
    async for chunk in request.stream():
        if len(body) + len(chunk) > MAX_BODY:
            _refuse_body(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
        body += chunk
    return bytes(body)


def _decode(xml: bytes) -> InboundMessage:
    try:
        return decode(xml)
    except MalformedMessageError:
        _refuse_as_bad("malformed")


def _encrypted_part(xml: bytes) -> str:
    try:
        encrypted = read_encrypted(xml)
    except MalformedMessageError:
        _refuse_as_bad("malformed")
    if encrypted is None:
        _forbid("plaintext_in_safe_mode")
    return encrypted


def _decrypt(cipher: MessageCipher, encrypted: str) -> tuple[bytes, AesKey]:
    try:
        return cipher.decrypt(encrypted)
    except WrongAppIdError:
        _forbid("app_id")
    except UndecryptableError:
        _refuse_as_bad("undecryptable")


def _forbid(reason: str) -> NoReturn:
    raise _RefusedError(HTTPStatus.FORBIDDEN, reason)


def _refuse_as_bad(reason: str) -> NoReturn:
    raise _RefusedError(HTTPStatus.BAD_REQUEST, reason)


def _refuse_body(status: HTTPStatus, reason: str) -> NoReturn:
    # What of the body is still on its way is not worth reading: the connection ends.
    raise _RefusedError(status, reason, Connection="close")


def _reply(answer: str) -> Response:
    if answer == SUCCESS:
        return _text(answer)
    return Response(answer, media_type="application/xml; charset=utf-8")


def _text(content: str, **headers: str) -> Response:
    return Response(content, media_type="text/plain", headers=headers)
