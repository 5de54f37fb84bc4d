"""The published vectors and bodies, through the whole application."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.wechat.webhook import WeChatCredentials
from tests.bot.wechat.door import (
    SHARED,
    Door,
    envelope,
    golden,
    safe_door,
    shared_cases,
)

VECTORS = "wechat_vectors.json"
FIXTURES = "wechat_fixtures.json"
ANSWERED = ("control-char-from-user",)


def official(name: str) -> dict[str, Any]:
    if not (SHARED / VECTORS).exists():
        pytest.skip(f"the published cases ({VECTORS}) are not beside this repository")
    cases = shared_cases(VECTORS, "vectors", which=lambda case: case["id"] == name)
    vector: dict[str, Any] = cases[0].values[0]
    return vector


def door_of(vector: dict[str, Any]) -> Door:
    credentials = WeChatCredentials(
        token=vector["token"],
        app_id=vector.get("appid", ""),
        encoding_aes_key=vector.get("encoding_aes_key", ""),
    )
    return Door(credentials, now=datetime.fromtimestamp(int(vector["timestamp"]), tz=UTC))


def deliver(door: Door, vector: dict[str, Any]) -> int:
    """Deliver an encrypted vector with the parameters it names."""
    query = {name: vector[name] for name in ("timestamp", "nonce", "msg_signature")}
    body = envelope(vector["encrypt"])
    response = door.client.post("/wechat", params={**query, "encrypt_type": "aes"}, content=body)
    return response.status_code


def test_official_address_is_confirmed() -> None:
    vector = official("official-get-verify")
    query = {name: vector[name] for name in ("signature", "timestamp", "nonce", "echostr")}

    response = door_of(vector).client.get("/wechat", params=query)

    assert (response.status_code, response.text) == (200, vector["expect_body"])


def test_official_push_is_json_and_so_malformed_here() -> None:
    vector = official("official-aes-post")

    assert deliver(door_of(vector), vector) == 400


@pytest.mark.parametrize(
    "case",
    shared_cases(
        VECTORS,
        "vectors",
        which=lambda case: case["kind"] == "decrypt" and "<MsgType>" in case["plaintext"],
    ),
)
def test_published_xml_push_is_heard(case: dict[str, Any]) -> None:
    door = door_of(case)

    assert deliver(door, case) == 200
    assert len(door.heard) == 1


@pytest.mark.parametrize("case", shared_cases(VECTORS, "negative"))
def test_published_forgery_is_refused(case: dict[str, Any]) -> None:
    vector = {**official(case["base"]), **case["change"]}
    if "config error" in case["expect"]:
        with pytest.raises(ValueError, match="WECHAT_"):
            door_of(vector)
        return
    door = door_of(vector)

    assert deliver(door, vector) == 403
    assert door.heard == []


@pytest.mark.parametrize("mode", ["plain", "safe"])
@pytest.mark.parametrize("case", shared_cases(FIXTURES, "good"))
def test_published_message_is_answered(case: dict[str, Any], mode: str) -> None:
    door = Door() if mode == "plain" else safe_door()

    response = (door.post if mode == "plain" else door.post_sealed)(case["xml"].encode())

    assert response.status_code == 200
    assert len(door.heard) == 1


@pytest.mark.parametrize("mode", ["plain", "safe"])
@pytest.mark.parametrize("case", shared_cases(FIXTURES, "malformed"))
def test_published_malformed_body_is_bad(case: dict[str, Any], mode: str) -> None:
    door = Door() if mode == "plain" else safe_door()

    response = (door.post if mode == "plain" else door.post_sealed)(case["xml"].encode())

    is_answered = case["id"] in ANSWERED
    assert response.status_code == (200 if is_answered else 400)
    assert len(door.heard) == is_answered


@pytest.mark.parametrize("name", ["official-plain-post", "official-aes-post-url-signature"])
def test_official_url_signature_opens_plain_mode(name: str) -> None:
    vector = official(name)
    query = {key: vector[key] for key in ("signature", "timestamp", "nonce")}

    response = door_of(vector).client.post("/wechat", params=query, content=golden("text"))

    assert response.status_code == 200
