"""A stand-in of WeChat's API: tokens, active messages with their windows and limits, media.

It keeps WeChat's rules by itself and shares no code with the product, as its other half, the
deliveries, does not. What it knows is in the memory of one process: the demonstration has one.
"""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from bot.simulator.gestures import EVENTS, Gesture, GestureKind, openid_of

TEXT_LIMIT: Final = 2048
TOKEN_SECONDS: Final = 7200
KEPT: Final = 2_000
"""How many active messages are remembered for the phones."""

OK: Final = 0
BUSY: Final = -1
BAD_TOKEN: Final = 40001
BAD_OPENID: Final = 40003
BAD_SECRET: Final = 40125
BAD_APP_ID: Final = 40013
BAD_MEDIA: Final = 40007
ESCAPED: Final = 40033
NO_TOKEN: Final = 41001
NOT_FOLLOWING: Final = 43004
TOO_LONG: Final = 45002
DAY_LIMIT: Final = 45009
MINUTE_LIMIT: Final = 45011
NO_WINDOW: Final = 45015
USED_UP: Final = 45047
NOT_JSON: Final = 47001
NOT_ALLOWED: Final = 48001

_WORDS: Final[Mapping[int, str]] = {
    OK: "ok",
    BUSY: "system error",
    BAD_TOKEN: "invalid credential, access_token is invalid or not latest",
    BAD_OPENID: "invalid openid",
    BAD_SECRET: "invalid appsecret",
    BAD_APP_ID: "invalid appid",
    BAD_MEDIA: "invalid media_id",
    ESCAPED: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    NO_TOKEN: "access_token missing",
    NOT_FOLLOWING: "require subscribe",
    TOO_LONG: "content size out of limit",
    DAY_LIMIT: "reach max api daily quota limit",
    MINUTE_LIMIT: "api minute-quota reach limit  must slower  retry next minute",
    NO_WINDOW: "response out of time limit or subscription is canceled",
    USED_UP: "out of response count limit",
    NOT_JSON: "data format error",
    NOT_ALLOWED: "api unauthorized",
}
_FOLLOW: Final = (3, 60.0)
_MESSAGE: Final = (5, 48 * 3600.0)
_GRANTS: Final[Mapping[GestureKind, tuple[int, float]]] = {
    GestureKind.SUBSCRIBE: _FOLLOW,
    GestureKind.SCAN: _FOLLOW,
    GestureKind.CLICK: _FOLLOW,
    **{kind: _MESSAGE for kind in GestureKind if kind not in EVENTS},
}


class AccountType(StrEnum):
    """What an account may do."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"


class Fault(StrEnum):
    """What may go wrong with one call; of `lost` ones the message arrives, the answer does not."""

    SLOW = "slow"
    UNAVAILABLE = "unavailable"
    RESET = "reset"
    LOST = "lost"
    BUSY = "busy"
    TOKEN = "token"  # noqa: S105 - the name of a fault
    MINUTE_LIMIT = "minute_limit"
    DAY_LIMIT = "day_limit"


_ERRORS: Final[Mapping[Fault, int]] = {
    Fault.BUSY: BUSY,
    Fault.TOKEN: BAD_TOKEN,
    Fault.MINUTE_LIMIT: MINUTE_LIMIT,
    Fault.DAY_LIMIT: DAY_LIMIT,
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """An active message on a phone."""

    number: int
    follower: str
    text: str
    at: float


@dataclass(slots=True)
class _Grant:
    left: int
    until: float


@dataclass(slots=True)
class _Phone:
    follower: str
    follows: bool = True
    grants: dict[GestureKind, _Grant] = field(default_factory=dict)


class StandIn:
    """WeChat's side of the API for one account."""

    def __init__(
        self,
        *,
        app_id: str,
        secret: str,
        now: Callable[[], float] = time.time,
        slow: float = 3.0,
    ) -> None:
        self.account_type = AccountType.VERIFIED
        self.faults: deque[Fault] = deque()
        self.arrivals: deque[Arrival] = deque(maxlen=KEPT)
        self.media: dict[str, tuple[str, bytes]] = {}
        self.run = secrets.token_hex(4)
        self.calls = 0
        self._app_id = app_id
        self._secret = secret
        self._now = now
        self._slow = slow
        self._phones: dict[str, _Phone] = {}
        self._token, self._token_until = "", 0.0

    def observe(self, gesture: Gesture) -> None:
        """Note what a follower does, and what the account may send for it."""
        openid = openid_of(gesture.follower, self._app_id)
        phone = self._phones.setdefault(openid, _Phone(gesture.follower))
        phone.follows = gesture.kind is not GestureKind.UNSUBSCRIBE
        if not phone.follows:
            phone.grants.clear()
        allowed = _GRANTS.get(gesture.kind)
        if allowed is not None:
            kind = gesture.kind if gesture.kind in EVENTS else GestureKind.TEXT
            phone.grants[kind] = _Grant(allowed[0], self._now() + allowed[1])

    def expire_token(self) -> None:
        """Let the token end before its time."""
        self._token_until = 0.0

    def give_token(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to stable_token: the same token as long as it is good."""
        if body.get("appid") != self._app_id:
            return _error(BAD_APP_ID)
        if body.get("secret") != self._secret:
            return _error(BAD_SECRET)
        now = self._now()
        if now >= self._token_until:
            self._token, self._token_until = secrets.token_urlsafe(96), now + TOKEN_SECONDS
        return {"access_token": self._token, "expires_in": int(self._token_until - now)}

    def refuse_token(self, token: str) -> dict[str, Any] | None:
        """Return the error for a token that is not good; None for a good one."""
        if not token:
            return _error(NO_TOKEN)
        is_good = token == self._token and self._now() < self._token_until
        return None if is_good else _error(BAD_TOKEN)

    def take_message(self, raw: bytes) -> dict[str, Any]:
        """Return the answer to custom/send, and put the message on the phone where it is taken."""
        try:
            body = json.loads(raw)
            openid, text = str(body["touser"]), str(body["text"]["content"])
        except (ValueError, KeyError, TypeError):
            return _error(NOT_JSON)
        if b"\\u" in raw:
            return _error(ESCAPED)
        errcode = self._refusal(openid, text)
        if errcode != OK:
            return _error(errcode)
        phone = self._phones[openid]
        self.calls += 1
        self.arrivals.append(Arrival(self.calls, phone.follower, text, self._now()))
        return _error(OK)

    def _refusal(self, openid: str, text: str) -> int:
        if self.account_type is AccountType.UNVERIFIED:
            return NOT_ALLOWED
        if not openid.startswith("o"):
            return BAD_OPENID
        if len(text.encode()) > TEXT_LIMIT:
            return TOO_LONG
        phone = self._phones.get(openid)
        if phone is None:
            return NO_WINDOW
        return self._spend(phone) if phone.follows else NOT_FOLLOWING

    def _spend(self, phone: _Phone) -> int:
        open_ones = [grant for grant in phone.grants.values() if grant.until > self._now()]
        if not open_ones:
            return NO_WINDOW
        with_room = [grant for grant in open_ones if grant.left > 0]
        if not with_room:
            return USED_UP
        min(with_room, key=lambda grant: grant.until).left -= 1
        return OK

    async def answer(self, request: Request, act: Callable[[bytes], dict[str, Any]]) -> Response:
        """Answer one call, with the fault that is ordered for it."""
        raw = await request.body()
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.UNAVAILABLE:
            return Response("<html>502 Bad Gateway</html>", status_code=502)
        if fault is Fault.RESET:
            return Broken()
        if fault is not None and fault in _ERRORS:
            return JSONResponse(_error(_ERRORS[fault]))
        if fault is Fault.SLOW:
            await asyncio.sleep(self._slow)
        refused = self.refuse_token(request.query_params.get("access_token", ""))
        answer = refused or act(raw)
        return Broken() if fault is Fault.LOST else JSONResponse(answer)


class Broken(Response):
    """An answer that breaks off: the connection is closed before it is whole."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Promise more than is sent: the server then closes the connection."""
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def create_stand_in(stand_in: StandIn, *, prefix: str) -> APIRouter:
    """Return the router of the API, below `prefix`."""
    router = APIRouter(prefix=f"{prefix}/cgi-bin", include_in_schema=False)

    @router.post("/stable_token")
    async def stable_token(request: Request) -> Response:
        """Give the token to who knows the secret."""
        try:
            body = json.loads(await request.body())
        except ValueError:
            return JSONResponse(_error(NOT_JSON))
        return JSONResponse(stand_in.give_token(body if isinstance(body, dict) else {}))

    @router.post("/message/custom/send")
    async def send(request: Request) -> Response:
        """Take a message for a follower."""
        return await stand_in.answer(request, stand_in.take_message)

    @router.get("/media/get")
    async def media(request: Request) -> Response:
        """Give what a follower sent."""
        media_id = request.query_params.get("media_id", "")
        refused = stand_in.refuse_token(request.query_params.get("access_token", ""))
        if refused is not None:
            return JSONResponse(refused)
        if stand_in.account_type is AccountType.UNVERIFIED:
            return JSONResponse(_error(NOT_ALLOWED))
        if media_id not in stand_in.media:
            return JSONResponse(_error(BAD_MEDIA))
        media_type, content = stand_in.media[media_id]
        return Response(content, media_type=media_type)

    return router


def _error(errcode: int) -> dict[str, Any]:
    rid = f" rid: {secrets.token_hex(4)}" if errcode else ""
    return {"errcode": errcode, "errmsg": f"{_WORDS[errcode]}{rid}"}
