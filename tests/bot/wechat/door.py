"""A real application with the webhook in it, and WeChat's side of the conversation."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import xmltodict
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from bot.wechat.cipher import MessageCipher
from bot.wechat.signature import sign
from bot.wechat.skew import SkewGauge
from bot.wechat.webhook import WeChatCredentials, create_webhook
from models.messages import InboundMessage, RenderedReply

TOKEN = "kuangyou-test"
APP_ID = "wx0123456789abcdef"
KEY = "KuangyouTestKey0123456789abcdefghijklmnopqr"
OLD_KEY = "OldTestKey0123456789abcdefghijklmnopqrstuvw"
FOREIGN_KEY = "ForeignKey0123456789abcdefghijklmnopqrstuvw"
OPENID = "oMINER0000000000000000000009"
ACCOUNT = "gh_00000000000a"
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
NONCE = "730218845"

GOLDEN = Path(__file__).parents[1] / "golden"
SHARED = Path(__file__).parents[4] / "shared" / "reference"


def golden(name: str) -> bytes:
    """Return a captured message with its people replaced."""
    return (GOLDEN / f"{name}.xml").read_bytes()


def shared_cases(
    filename: str, key: str, *, which: Callable[[dict[str, Any]], bool] = lambda _: True
) -> list[Any]:
    """Return the published cases beside the repository; one skipped case where there are none."""
    path = SHARED / filename
    if not path.exists():
        reason = f"the published cases ({filename}) are not beside this repository"
        return [pytest.param({}, id="absent", marks=pytest.mark.skip(reason=reason))]
    cases = json.loads(path.read_text())[key]
    return [pytest.param(case, id=case["id"]) for case in cases if which(case)]


def text_message(content: str, *, inside: str = "") -> bytes:
    """Return a text message; `inside` is further XML."""
    return (
        f"<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{OPENID}</FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType>text</MsgType>"
        f"<Content>{escape(content)}</Content><MsgId>24000000000000001</MsgId>{inside}</xml>"
    ).encode()


def sealed_cipher(key: str = KEY, *, app_id: str = APP_ID) -> MessageCipher:
    """Return what WeChat encrypts with."""
    return MessageCipher(TOKEN, app_id, key)


def envelope(encrypted: str, *, beside: str = "") -> bytes:
    """Return the body that carries a cipher; `beside` is what compatible mode adds."""
    to = f"<ToUserName>{ACCOUNT}</ToUserName>"
    return f"<xml>{to}{beside}<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()


class Door:
    """The webhook of one account, and what came through it."""

    def __init__(
        self,
        credentials: WeChatCredentials | None = None,
        *,
        answer: str | None = "收到",
        dispatch: Callable[[InboundMessage], RenderedReply] | None = None,
        now: datetime = NOW,
        body_seconds: float = 10.0,
    ) -> None:
        self.heard: list[InboundMessage] = []
        self.skew = SkewGauge()
        self.now = now
        self._answer = answer
        self.app = FastAPI()
        self.app.include_router(
            create_webhook(
                credentials=credentials or WeChatCredentials(token=TOKEN),
                dispatch=dispatch or self._hear,
                clock=lambda: self.now,
                skew=self.skew,
                body_seconds=body_seconds,
            )
        )
        self.client = TestClient(self.app, raise_server_exceptions=True)

    def _hear(self, message: InboundMessage) -> RenderedReply:
        self.heard.append(message)
        return RenderedReply(self._answer, created_at=NOW)

    def get(self, **changes: str | None) -> Response:
        """Verify the address as WeChat does, with some parameters changed or left out."""
        query = {**signed(), "echostr": "0043751209483453562", **changes}
        return self.client.get("/wechat", params=_given(query))

    def post(self, body: bytes, **changes: str | None) -> Response:
        """Deliver a plain message."""
        query = {**signed(), "openid": OPENID, **changes}
        return self.client.post("/wechat", params=_given(query), content=body)

    def post_sealed(
        self,
        xml: bytes,
        *,
        cipher: MessageCipher | None = None,
        beside: str = "",
        changes: dict[str, str | None] | None = None,
    ) -> Response:
        """Deliver an encrypted message; `changes` are those of its parameters."""
        encrypted = (cipher or sealed_cipher()).seal(xml.decode())
        query = {**sealed_query(encrypted), **(changes or {})}
        body = envelope(encrypted, beside=beside)
        return self.client.post("/wechat", params=_given(query), content=body)


def safe_door(*, previous_key: str = "", answer: str | None = "收到") -> Door:
    """Return a door in safe mode."""
    credentials = WeChatCredentials(
        token=TOKEN,
        app_id=APP_ID,
        encoding_aes_key=KEY,
        previous_encoding_aes_key=previous_key,
    )
    return Door(credentials, answer=answer)


def signed(timestamp: str = STAMP, nonce: str = NONCE) -> dict[str, str | None]:
    """Return the parameters that every request has."""
    signature = sign(TOKEN, timestamp, nonce)
    return {"signature": signature, "timestamp": timestamp, "nonce": nonce}


def sealed_query(encrypted: str, timestamp: str = STAMP) -> dict[str, str | None]:
    """Return the parameters of an encrypted delivery."""
    return {
        **signed(timestamp),
        "encrypt_type": "aes",
        "msg_signature": sign(TOKEN, timestamp, NONCE, encrypted),
        "openid": OPENID,
    }


def shown(body: str) -> str:
    """Return the text that a reply's XML shows to the follower."""
    content = xmltodict.parse(body)["xml"]["Content"]
    assert isinstance(content, str)
    return content


async def ask(
    door: Door,
    chunks: AsyncIterator[bytes],
    *,
    query: dict[str, str | None],
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> list[Any]:
    """Deliver a body chunk by chunk, as the server does; return what was sent back."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        try:
            chunk = await anext(chunks)
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    text = "&".join(f"{name}={value}" for name, value in query.items())
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/wechat",
        "raw_path": b"/wechat",
        "root_path": "",
        "query_string": text.encode(),
        "headers": list(headers),
        "server": ("testserver", 80),
        "client": ("testclient", 1),
    }
    await door.app(scope, receive, send)
    return sent


def _given(query: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in query.items() if value is not None}
