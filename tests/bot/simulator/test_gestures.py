"""The XML that is pushed for what a follower does."""

import pytest
import xmltodict
from pydantic import ValidationError

from bot.simulator.gestures import Gesture, GestureKind, Sent, build_push, openid_of

NOW = 1_795_000_000.25


def push(**fields: object) -> dict[str, str]:
    """Return the fields of the XML for a gesture."""
    gesture = Gesture.model_validate({"follower": "lao-zhang", **fields})
    sent = Sent("M1", "http://wx.test/pictures")
    built = build_push(gesture, app_id="wx1", original_id="gh_1", sent=sent, now=NOW)
    parsed: dict[str, str] = xmltodict.parse(built.xml, strip_whitespace=False)["xml"]
    return parsed


def test_a_text_carries_the_common_fields_and_a_64_bit_number() -> None:
    fields = push(text="想找个活")

    assert fields["ToUserName"] == "gh_1"
    assert fields["FromUserName"] == openid_of("lao-zhang", "wx1")
    assert fields["CreateTime"] == "1795000000"
    assert (fields["MsgType"], fields["Content"]) == ("text", "想找个活")
    assert 0 < int(fields["MsgId"]) < 2**63


def test_two_messages_of_one_moment_differ_in_number() -> None:
    assert len({push(text="好")["MsgId"] for _ in range(20)}) > 1


def test_an_openid_has_28_characters_and_belongs_to_one_account() -> None:
    assert len(openid_of("lao-zhang", "wx1")) == 28
    assert openid_of("lao-zhang", "wx1") != openid_of("lao-zhang", "wx2")


@pytest.mark.parametrize(("given", "arrives"), [("101", "101"), ("a1", "0"), ("²", "0")])
def test_a_tapped_choice_hands_back_digits_only(given: str, arrives: str) -> None:
    assert push(text="满意", menu_id=given)["bizmsgmenuid"] == arrives


@pytest.mark.parametrize("text", ["1<2 && a", "]]>", "a]]>b]]>", "😀[微笑]/::)", " 前后空格 "])
def test_any_text_arrives_as_it_was_written(text: str) -> None:
    assert push(text=text)["Content"] == text


def test_voice_without_recognition_has_no_such_field() -> None:
    assert push(kind="voice", text="找活")["Recognition"] == "找活"
    assert "Recognition" not in push(kind="voice")


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("image", "PicUrl", "http://wx.test/pictures/notice.jpg"),
        ("location", "Location_X", "36.182800"),
        ("location", "Location_Y", "116.768700"),
        ("link", "Url", "https://example.org"),
        ("file", "Title", "简历.docx"),
    ],
)
def test_other_messages_carry_their_own_fields(kind: str, field: str, value: str) -> None:
    url = {"url": "https://example.org"} if kind == "link" else {}

    assert push(kind=kind, **url)[field] == value


@pytest.mark.parametrize(
    ("kind", "key", "event", "event_key"),
    [
        ("subscribe", "", "subscribe", None),
        ("subscribe", "lobby", "subscribe", "qrscene_lobby"),
        ("unsubscribe", "", "unsubscribe", None),
        ("scan", "lobby", "SCAN", "lobby"),
        ("click", "MENU_JOBS", "CLICK", "MENU_JOBS"),
        ("view", "https://example.org", "VIEW", "https://example.org"),
    ],
)
def test_events_have_wechats_names_and_no_number(
    kind: str, key: str, event: str, event_key: str | None
) -> None:
    fields = push(kind=kind, key=key)

    assert (fields["MsgType"], fields["Event"], fields["EventKey"]) == ("event", event, event_key)
    assert "MsgId" not in fields


@pytest.mark.parametrize("kind", GestureKind)
def test_every_kind_of_gesture_can_be_written_down(kind: GestureKind) -> None:
    assert push(kind=kind)["MsgType"]


@pytest.mark.parametrize(
    "fields",
    [{"deliveries": 4}, {"kind": "dance"}, {"latitude": 91}, {"picture": "../x"}, {"nope": 1}],
)
def test_an_impossible_gesture_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Gesture.model_validate({"follower": "a", **fields})
