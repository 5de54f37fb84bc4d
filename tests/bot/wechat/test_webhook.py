from collections.abc import AsyncIterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NoReturn

import anyio
import pytest
import xmltodict
from starlette.requests import ClientDisconnect
from structlog.testing import capture_logs

from bot.wechat.cipher import MessageCipher
from bot.wechat.signature import sign
from bot.wechat.webhook import MAX_BODY, WeChatCredentials
from models.messages import InboundMessage, MessageKind, RenderedReply
from tests.bot.wechat.door import (
    ACCOUNT,
    APP_ID,
    FOREIGN_KEY,
    KEY,
    NONCE,
    NOW,
    OLD_KEY,
    OPENID,
    STAMP,
    TOKEN,
    Door,
    ask,
    envelope,
    golden,
    safe_door,
    sealed_cipher,
    sealed_query,
    shown,
    signed,
    text_message,
)

HELLO = text_message("你好")
OLD_STAMP = str(int((NOW - timedelta(seconds=601)).timestamp()))
EARLY_STAMP = str(int((NOW + timedelta(seconds=601)).timestamp()))


# The address is confirmed


@pytest.mark.parametrize("door", [Door(), safe_door()], ids=["plain", "safe"])
def test_address_is_confirmed_with_the_raw_echostr(door: Door) -> None:
    response = door.get()

    assert response.status_code == 200
    assert response.text == "0043751209483453562"
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce", "echostr"])
@pytest.mark.parametrize("value", [None, ""])
def test_confirmation_without_a_parameter_is_forbidden(name: str, value: str | None) -> None:
    assert Door().get(**{name: value}).status_code == 403


@pytest.mark.parametrize("stamp", ["now", "１７９５４８７４００", "1795487400.0", "-1", "9" * 40])
def test_timestamp_that_is_no_second_is_forbidden(stamp: str) -> None:
    query = signed(timestamp=stamp)

    assert Door().get(**query).status_code == 403


def test_confirmation_with_another_token_is_forbidden() -> None:
    assert Door().get(signature=sign("other", STAMP, NONCE)).status_code == 403


def test_a_parameter_given_twice_is_forbidden() -> None:
    door = Door()
    query = "&".join(f"{name}={value}" for name, value in signed().items())

    response = door.client.get(f"/wechat?{query}&echostr=1&echostr=<script>")

    assert response.status_code == 403


# Plain mode


def test_plain_message_is_dispatched_and_answered() -> None:
    door = Door(answer="您好")

    response = door.post(HELLO)

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/xml; charset=utf-8"
    fields = xmltodict.parse(response.text)["xml"]
    assert (fields["ToUserName"], fields["FromUserName"]) == (OPENID, ACCOUNT)
    assert (fields["CreateTime"], fields["Content"]) == (STAMP, "您好")
    assert [message.text for message in door.heard] == ["你好"]


def test_silence_is_success_without_quotes() -> None:
    response = Door(answer=None).post(HELLO)

    assert (response.status_code, response.text) == (200, "success")
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("changes", [{"encrypt_type": "raw"}, {"encrypt_type": ""}])
def test_raw_is_another_word_for_plain(changes: dict[str, str]) -> None:
    assert Door().post(HELLO, **changes).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": None},
        {"signature": "0" * 40},
        {"signature": "签名"},
        {"nonce": "730218846"},
        {"nonce": None},
        {"timestamp": None},
        {"timestamp": str(int(STAMP) + 1)},
        signed(timestamp=OLD_STAMP),
        signed(timestamp=EARLY_STAMP),
    ],
)
def test_plain_message_badly_signed_or_stale_is_forbidden(changes: dict[str, str | None]) -> None:
    door = Door()

    response = door.post(HELLO, **changes)

    assert (response.status_code, response.content) == (403, b"")
    assert door.heard == []


@pytest.mark.parametrize("seconds", [-600, 600])
def test_the_allowed_skew_is_allowed_to_the_second(seconds: int) -> None:
    stamp = str(int(STAMP) + seconds)

    assert Door().post(HELLO, **signed(timestamp=stamp)).status_code == 200


def test_cipher_without_a_key_is_bad_even_beside_plain_fields() -> None:
    door = Door()

    assert door.post(HELLO, encrypt_type="aes", msg_signature="x").status_code == 400
    assert door.heard == []


def test_repeated_delivery_is_let_through_with_the_same_key() -> None:
    door = Door()

    first, second = door.post(HELLO), door.post(HELLO)

    assert first.content == second.content
    assert door.heard[0].dedup_key == door.heard[1].dedup_key


@pytest.mark.parametrize("text", ["工\x1d资", "😀𠮷", "]]> & <b>", "长" * 700])
def test_odd_texts_are_heard_and_answered(text: str) -> None:
    def echo(message: InboundMessage) -> RenderedReply:
        return RenderedReply(message.text, created_at=NOW)

    response = Door(dispatch=echo).post(text_message(text))

    assert shown(response.text) == text.replace("\x1d", "")


@pytest.mark.parametrize("body", [b"", b"hello", b'{"MsgType":"text"}', b"<xml></xml>"])
def test_malformed_body_is_bad(body: bytes) -> None:
    door = Door()

    assert door.post(body).status_code == 400
    assert door.heard == []


def test_every_golden_message_is_answered() -> None:
    door = Door()

    statuses = {door.post(golden(name)).status_code for name in ("file", "new_event", "voice")}

    assert statuses == {200}
    kinds = [message.kind for message in door.heard]
    assert sorted(kinds) == [MessageKind.EVENT, MessageKind.UNKNOWN, MessageKind.VOICE]


# Safe mode


def test_sealed_message_is_answered_sealed() -> None:
    door = safe_door(answer="您好")

    response = door.post_sealed(HELLO)

    fields = xmltodict.parse(response.text)["xml"]
    signature = sign(TOKEN, STAMP, NONCE, fields["Encrypt"])
    assert (fields["TimeStamp"], fields["Nonce"]) == (STAMP, NONCE)
    assert fields["MsgSignature"] == signature
    answer = sealed_cipher().decrypt(fields["Encrypt"]).xml.decode()
    assert shown(answer) == "您好"
    assert [message.text for message in door.heard] == ["你好"]


def test_silence_is_success_in_safe_mode_too() -> None:
    assert safe_door(answer=None).post_sealed(HELLO).text == "success"


def test_message_under_the_previous_key_is_answered_under_it() -> None:
    door = safe_door(previous_key=OLD_KEY)

    response = door.post_sealed(HELLO, cipher=sealed_cipher(OLD_KEY))

    encrypted = xmltodict.parse(response.text)["xml"]["Encrypt"]
    assert shown(sealed_cipher(OLD_KEY).decrypt(encrypted).xml.decode()) == "收到"


def test_message_under_the_current_key_is_answered_under_it() -> None:
    door = safe_door(previous_key=OLD_KEY)

    response = door.post_sealed(HELLO)

    encrypted = xmltodict.parse(response.text)["xml"]["Encrypt"]
    assert sealed_cipher().decrypt(encrypted).xml


@pytest.mark.parametrize(
    "changes",
    [
        {"msg_signature": None},
        {"msg_signature": "0" * 40},
        {"msg_signature": sign(TOKEN, STAMP, NONCE)},
        {"encrypt_type": None},
        {"encrypt_type": "raw"},
        {"encrypt_type": "AES"},
        {"nonce": "730218846"},
    ],
)
def test_sealed_message_badly_signed_is_forbidden(changes: dict[str, str | None]) -> None:
    door = safe_door()

    assert door.post_sealed(HELLO, changes=changes).status_code == 403
    assert door.heard == []


@pytest.mark.parametrize("stamp", [OLD_STAMP, EARLY_STAMP])
def test_stale_sealed_message_is_forbidden(stamp: str) -> None:
    door = safe_door()
    encrypted = sealed_cipher().seal(HELLO.decode())

    query = sealed_query(encrypted, timestamp=stamp)
    response = door.client.post("/wechat", params=query, content=envelope(encrypted))

    assert response.status_code == 403
    assert door.skew.last is not None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"encrypt_type": "raw"},
        {"encrypt_type": "aes", "msg_signature": sign(TOKEN, STAMP, NONCE)},
        {"encrypt_type": "aes", "msg_signature": sign(TOKEN, STAMP, NONCE, "")},
    ],
)
def test_safe_mode_cannot_be_talked_down_to_plain(changes: dict[str, str]) -> None:
    door = safe_door()

    assert door.post(HELLO, **changes).status_code == 403
    assert door.heard == []


def test_of_a_compatible_body_only_the_cipher_is_believed() -> None:
    door = safe_door()
    beside = "<FromUserName>oFORGED</FromUserName><MsgType>text</MsgType><Content>转账</Content>"

    response = door.post_sealed(HELLO, beside=beside)

    assert response.status_code == 200
    assert [(message.openid, message.text) for message in door.heard] == [(OPENID, "你好")]


def test_message_for_another_account_is_forbidden() -> None:
    cipher = MessageCipher(TOKEN, "wx0000000000000000", KEY)

    assert safe_door().post_sealed(HELLO, cipher=cipher).status_code == 403


def test_message_under_an_unknown_key_is_bad() -> None:
    door = safe_door(previous_key=OLD_KEY)

    assert door.post_sealed(HELLO, cipher=sealed_cipher(FOREIGN_KEY)).status_code == 400


@pytest.mark.parametrize("inside", [b"hello", b'{"MsgType":"text"}', b"<!DOCTYPE xml><xml></xml>"])
def test_malformed_message_inside_a_good_cipher_is_bad(inside: bytes) -> None:
    assert safe_door().post_sealed(inside).status_code == 400


@pytest.mark.parametrize("body", [b"", b"hello", b'{"Encrypt":"abc"}', b"<xml><Encrypt></xml>"])
def test_malformed_envelope_is_bad(body: bytes) -> None:
    assert safe_door().post(body, encrypt_type="aes", msg_signature="x").status_code == 400


# Size, time, methods, failures


def test_body_that_says_it_is_too_large_is_not_read() -> None:
    response = Door().post(b"x" * (MAX_BODY + 1))

    assert response.status_code == 413
    assert response.headers["connection"] == "close"


def test_body_of_exactly_the_limit_is_read() -> None:
    assert Door().post(b"x" * MAX_BODY).status_code == 400


@pytest.mark.parametrize(
    ("door", "extra"),
    [(Door(), {}), (safe_door(), {"encrypt_type": "aes", "msg_signature": "x"})],
    ids=["plain", "safe"],
)
def test_chunked_body_is_dropped_once_it_is_too_large(door: Door, extra: dict[str, str]) -> None:
    asked: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        while len(asked) < 1000:
            asked.append(1)
            yield b"x" * 65536

    sent = anyio.run(_deliver, door, endless(), {**signed(), **extra})

    assert sent[0]["status"] == 413
    assert len(asked) == MAX_BODY // 65536 + 1


def test_declared_size_that_is_a_lie_changes_nothing() -> None:
    async def large() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 65536

    sent = anyio.run(_deliver, Door(), large(), signed(), [(b"content-length", b"10")])

    assert sent[0]["status"] == 413


@pytest.mark.parametrize("declared", [b"-1", b"1e3", b"\xb2", b"9" * 5000])
def test_declared_size_that_is_no_number_is_bad(declared: bytes) -> None:
    sent = anyio.run(_deliver, Door(), _nothing(), signed(), [(b"content-length", declared)])

    assert sent[0]["status"] == 400


def test_body_that_does_not_come_is_not_waited_for() -> None:
    async def never() -> AsyncIterator[bytes]:
        await anyio.sleep_forever()
        yield b""

    sent = anyio.run(_deliver, Door(body_seconds=0.01), never(), signed())

    assert sent[0]["status"] == 408


def test_body_of_an_unsigned_request_is_not_read() -> None:
    asked: list[int] = []

    async def untouched() -> AsyncIterator[bytes]:
        asked.append(1)
        yield HELLO

    sent = anyio.run(_deliver, Door(), untouched(), {**signed(), "signature": "0" * 40})

    assert sent[0]["status"] == 403
    assert asked == []


def test_sender_who_hangs_up_is_no_crash() -> None:
    async def hung_up() -> AsyncIterator[bytes]:
        yield b"<xml>"
        raise ClientDisconnect

    sent = anyio.run(_deliver, Door(), hung_up(), signed())

    assert sent[0]["status"] == 400


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"])
def test_other_methods_are_not_allowed(method: str) -> None:
    response = Door().client.request(method, "/wechat")

    assert (response.status_code, response.content) == (405, b"")
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("key", ["", KEY], ids=["plain", "safe"])
def test_failed_dispatch_asks_wechat_to_come_again(key: str) -> None:
    def fail(_: InboundMessage) -> NoReturn:
        msg = "the database is away"
        raise RuntimeError(msg)

    credentials = WeChatCredentials(token=TOKEN, app_id=APP_ID, encoding_aes_key=key)
    door = Door(credentials, dispatch=fail)

    with capture_logs() as logs:
        response = door.post_sealed(HELLO) if key else door.post(HELLO)

    assert (response.status_code, response.content) == (503, b"")
    assert [(line["event"], line["exc_info"]) for line in logs] == [("webhook_failed", True)]


# What is logged, and how far the clocks are apart


def test_refusal_is_logged_once_without_who_or_what() -> None:
    with capture_logs() as logs:
        Door().post(text_message("我的秘密"), signature="0" * 40)

    assert logs == [
        {
            "event": "webhook_refused",
            "reason": "signature",
            "status": HTTPStatus.FORBIDDEN,
            "log_level": "warning",
        }
    ]


def test_nothing_is_logged_of_a_good_message() -> None:
    with capture_logs() as logs:
        Door().post(HELLO)

    assert logs == []


def test_signed_stale_request_shows_the_skew() -> None:
    door = Door()

    with capture_logs() as logs:
        door.post(HELLO, **signed(timestamp=OLD_STAMP))

    assert [(line["event"], line.get("seconds")) for line in logs] == [
        ("clock_skew", -601),
        ("webhook_refused", None),
    ]
    assert door.skew.last is not None
    assert (door.skew.last.seconds, door.skew.last.seen_at) == (-601, NOW)


def test_unsigned_stale_request_shows_nothing() -> None:
    door = Door()

    door.post(HELLO, timestamp=OLD_STAMP)

    assert door.skew.last is None


def test_skew_is_over_with_the_next_good_request() -> None:
    door = Door()
    door.post(HELLO, **signed(timestamp=OLD_STAMP))

    door.post(HELLO)

    assert door.skew.last is None


# Credentials


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"token": ""}, "WECHAT_TOKEN"),
        ({"token": "  "}, "WECHAT_TOKEN"),
        ({"token": "t", "encoding_aes_key": KEY}, "WECHAT_APP_ID"),
        ({"token": "t", "previous_encoding_aes_key": KEY}, "WECHAT_PREVIOUS_ENCODING_AES_KEY"),
        ({"token": "t", "max_clock_skew": 0}, "WECHAT_MAX_CLOCK_SKEW"),
    ],
)
def test_unsafe_credentials_are_refused_by_name(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        WeChatCredentials(**settings)


def test_bad_key_stops_the_start() -> None:
    credentials = WeChatCredentials(token=TOKEN, app_id=APP_ID, encoding_aes_key=KEY[:-1])

    with pytest.raises(ValueError, match="WECHAT_ENCODING_AES_KEY"):
        Door(credentials)


def test_credentials_do_not_show_their_secrets() -> None:
    credentials = WeChatCredentials(TOKEN, APP_ID, KEY, OLD_KEY)

    assert TOKEN not in repr(credentials)
    assert KEY not in repr(credentials)
    assert OLD_KEY not in repr(credentials)


async def _deliver(
    door: Door,
    chunks: AsyncIterator[bytes],
    query: dict[str, str | None],
    headers: list[tuple[bytes, bytes]] | None = None,
) -> list[Any]:
    return await ask(door, chunks, query=query, headers=headers or ())


async def _nothing() -> AsyncIterator[bytes]:
    yield b""
