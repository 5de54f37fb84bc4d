import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.codec import MalformedMessageError, decode, encode, read_encrypted
from models.messages import InboundMessage, MessageKind, RenderedReply
from tests.bot.wechat.door import (
    ACCOUNT,
    GOLDEN,
    NOW,
    OPENID,
    STAMP,
    golden,
    shared_cases,
    text_message,
)

EXPECTED: dict[str, tuple[MessageKind, dict[str, object], dict[str, str]]] = {
    "text": (MessageKind.TEXT, {"text": "矿上欠我三个月工资咋办"}, {}),
    "text_from_choice": (MessageKind.TEXT, {"text": "问法律", "menu_id": "4"}, {}),
    "text_unsupported": (MessageKind.UNKNOWN, {"text": ""}, {}),
    "voice": (
        MessageKind.VOICE,
        {"text": "我想找个看大门的活"},
        {"media_id": "voice-1", "format": "amr"},
    ),
    "voice_unrecognised": (
        MessageKind.VOICE,
        {"text": ""},
        {"media_id": "voice-2", "format": "amr"},
    ),
    "image": (
        MessageKind.IMAGE,
        {"text": ""},
        {"media_id": "image-1", "pic_url": "http://mmbiz.qpic.cn/picture"},
    ),
    "video": (MessageKind.VIDEO, {}, {"media_id": "video-1", "thumb_media_id": "thumb-1"}),
    "shortvideo": (MessageKind.VIDEO, {}, {"media_id": "video-2", "thumb_media_id": "thumb-2"}),
    "location": (
        MessageKind.LOCATION,
        {"text": ""},
        {
            "latitude": "36.194",
            "longitude": "117.087",
            "scale": "15",
            "label": "山东省泰安市泰山区",
        },
    ),
    "link": (
        MessageKind.LINK,
        {"text": ""},
        {"title": "招下井工", "description": "月薪过万", "url": "https://example.org/job"},
    ),
    "file": (MessageKind.UNKNOWN, {"text": ""}, {"title": "简历.docx"}),
    "subscribe": (MessageKind.EVENT, {"event": "subscribe", "event_key": ""}, {}),
    "subscribe_by_code": (
        MessageKind.EVENT,
        {"event": "subscribe", "event_key": "station_7"},
        {"ticket": "ticket-7"},
    ),
    "unsubscribe": (MessageKind.EVENT, {"event": "unsubscribe", "event_key": ""}, {}),
    "scan": (
        MessageKind.EVENT,
        {"event": "scan", "event_key": "station_7"},
        {"ticket": "ticket-7"},
    ),
    "click": (MessageKind.EVENT, {"event": "click", "event_key": "MENU_JOBS"}, {}),
    "view": (
        MessageKind.EVENT,
        {"event": "view", "event_key": "https://example.org/classes"},
        {},
    ),
    "location_event": (
        MessageKind.EVENT,
        {"event": "location"},
        {"latitude": "36.194", "longitude": "117.087", "precision": "65.000000"},
    ),
    "scancode": (
        MessageKind.EVENT,
        {"event": "scancode_waitmsg", "event_key": "6"},
        {"scan_type": "qrcode", "scan_result": "station 7"},
    ),
    "location_select": (
        MessageKind.EVENT,
        {"event": "location_select", "event_key": "6"},
        {"latitude": "36.2", "longitude": "117.1", "scale": "15", "label": "泰安"},
    ),
    "template_finish": (
        MessageKind.EVENT,
        {"event": "templatesendjobfinish"},
        {"msg_id": "200163836", "status": "failed:user block"},
    ),
    "notification_sent": (
        MessageKind.EVENT,
        {"event": "subscribe_msg_sent_event"},
        {
            "template_id": "template-1",
            "msg_id": "1700827132819554304",
            "error_code": "0",
            "error_status": "success",
        },
    ),
    "verify_expired": (
        MessageKind.EVENT,
        {"event": "verify_expired"},
        {"expired_time": "1795487400"},
    ),
    "new_event": (MessageKind.EVENT, {"event": "something_new_in_2031"}, {}),
}


def decoded(name: str) -> InboundMessage:
    return decode(golden(name))


def event(name: str, **fields: str) -> InboundMessage:
    inside = "".join(f"<{key}>{value}</{key}>" for key, value in fields.items())
    return decode(
        f"<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{OPENID}</FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType>event</MsgType><Event>{name}</Event>"
        f"{inside}</xml>".encode()
    )


def replaced(old: str, new: str) -> bytes:
    """Return a good text message with one thing changed."""
    body = text_message("你好").decode()
    assert old in body
    return body.replace(old, new).encode()


def test_every_golden_message_has_its_expectation() -> None:
    assert {path.stem for path in GOLDEN.glob("*.xml")} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_golden_message_is_read_as_expected(name: str) -> None:
    kind, fields, details = EXPECTED[name]

    message = decoded(name)

    assert message.kind is kind
    assert {field: getattr(message, field) for field in fields} == fields
    assert message.details == details
    assert (message.openid, message.account, message.created_at) == (OPENID, ACCOUNT, NOW)


@pytest.mark.parametrize("name", EXPECTED)
def test_messages_have_an_id_and_events_have_none(name: str) -> None:
    message = decoded(name)

    is_event = message.kind is MessageKind.EVENT
    assert message.msg_id == (None if is_event else 24000000000000001)
    assert (message.event is not None) is is_event


@pytest.mark.parametrize("case", shared_cases("wechat_fixtures.json", "good"))
def test_published_message_is_read(case: dict[str, Any]) -> None:
    message = decode(case["xml"].encode())

    assert message.openid == "oMINER0000000000000000000001"
    assert message.created_at == datetime.fromtimestamp(1714112445, tz=UTC)
    assert (message.kind is MessageKind.EVENT) is ("<Event>" in case["xml"])


def test_key_of_a_message_is_openid_id_and_time() -> None:
    parts = f"{OPENID}\x1f24000000000000001\x1f{STAMP}"

    assert decoded("text").dedup_key == hashlib.sha256(parts.encode()).hexdigest()


def test_key_of_an_event_is_openid_time_name_key_and_ticket() -> None:
    parts = f"{OPENID}\x1f{STAMP}\x1fscan\x1fstation_7\x1fticket-7"

    assert decoded("scan").dedup_key == hashlib.sha256(parts.encode()).hexdigest()


def test_a_second_delivery_has_the_same_key() -> None:
    assert decoded("text").dedup_key == decoded("text").dedup_key


@pytest.mark.parametrize(
    ("old", "new"),
    [(OPENID, "oOTHER"), ("24000000000000001", "24000000000000002"), (STAMP, "1795487401")],
)
def test_another_person_id_or_second_is_another_message(old: str, new: str) -> None:
    assert decode(replaced(old, new)).dedup_key != decode(text_message("你好")).dedup_key


def test_events_of_one_second_are_told_apart() -> None:
    events = [
        event("CLICK", EventKey="A"),
        event("CLICK", EventKey="B"),
        event("VIEW", EventKey="A"),
        event("SCAN", EventKey="A", Ticket="1"),
        event("SCAN", EventKey="A", Ticket="2"),
        event("TEMPLATESENDJOBFINISH", MsgID="1", Status="success"),
        event("TEMPLATESENDJOBFINISH", MsgID="2", Status="success"),
    ]

    assert len({message.dedup_key for message in events}) == len(events)


def test_new_type_without_an_id_is_still_answered() -> None:
    body = replaced("<MsgType>text<", "<MsgType>hologram<").replace(
        b"<MsgId>24000000000000001</MsgId>", b""
    )

    message = decode(body)

    assert (message.kind, message.msg_id) == (MessageKind.UNKNOWN, None)


@pytest.mark.parametrize("text", ["😀𠮷[微笑]/::)", "1<2 && a ]] > b", "第一行\n第二行"])
def test_text_arrives_as_it_was_written(text: str) -> None:
    assert decode(text_message(text)).text == text


def test_characters_that_break_xml_are_dropped_from_the_text() -> None:
    assert decode(text_message("工\x1d资\x00\x0b拖\ufffe欠")).text == "工资拖欠"


def test_declaration_and_byte_order_mark_do_no_harm() -> None:
    body = b'\xef\xbb\xbf<?xml version="1.0" encoding="GBK"?>\n' + text_message("你好")

    assert decode(body).text == "你好"


@pytest.mark.parametrize("menu_id", ["0", "", "abc", "²", "-1"])
def test_menu_id_that_is_no_choice_of_ours_is_dropped(menu_id: str) -> None:
    inside = f"<bizmsgmenuid>{menu_id}</bizmsgmenuid>"

    assert decode(text_message("满意", inside=inside)).menu_id is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"hello",
        b'{"MsgType":"text"}',
        b"<xml>",
        b"<xml/>",
        b"<xml></xml>",
        b"<xml>words</xml>",
        b"<root/>",
        b"<xmlx/>",
        b"<xml><MsgType/></xml>",
        b"<xml><MsgType>text</MsgType></xml>",
        "<xml>工资</xml>".encode("gbk"),
        "<xml></xml>".encode("utf-16"),
        b"<xml><MsgType>text</MsgType></xml><xml/>",
    ],
)
def test_what_is_no_message_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        decode(body)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("你好", "<b>你好</b>"),
        ("<Content>", "<Content>a</Content><Content>"),
        ("<Content>", '<Content a="1">'),
        ("<MsgType>", "<MsgType>text</MsgType><MsgType>"),
        ("<MsgId>24000000000000001", "<MsgId>abc"),
        ("<MsgId>24000000000000001", "<MsgId>-1"),
        ("<MsgId>24000000000000001", "<MsgId>²"),
        ("<MsgId>24000000000000001", "<MsgId>9223372036854775808"),
        ("<MsgId>24000000000000001</MsgId>", ""),
        (STAMP, "99999999999999999"),
        (STAMP, "1.5"),
        (STAMP, "-1"),
        (STAMP, "１７９５４８７４００"),
        (STAMP, ""),
        (OPENID, ""),
        (OPENID, "o" * 65),
        (f"<FromUserName>{OPENID}", f"<FromUserName>x</FromUserName><FromUserName>{OPENID}"),
        (ACCOUNT, ""),
        ("你好", "&nbsp;"),
    ],
)
def test_message_with_one_thing_wrong_is_malformed(old: str, new: str) -> None:
    with pytest.raises(MalformedMessageError):
        decode(replaced(old, new))


@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE xml>",
        '<!DOCTYPE x [<!ENTITY e "HI">]>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        "<?xml version='1.0'?><!DOCTYPE xml>",
        "<!-- --><!DOCTYPE xml>",
        "\x00<!DOCTYPE xml>",
    ],
)
def test_doctype_is_refused_with_and_without_entities(prolog: str) -> None:
    with pytest.raises(MalformedMessageError):
        decode(prolog.encode() + text_message("你好"))


def test_a_doctype_that_somebody_writes_about_is_a_text() -> None:
    assert decode(text_message("<!DOCTYPE html>")).text == "<!DOCTYPE html>"


@pytest.mark.parametrize("inside", ["<a>" * 50_000 + "</a>" * 50_000, "<a/>" * 50_000])
def test_a_body_of_tags_is_refused_before_it_is_parsed(inside: str) -> None:
    with pytest.raises(MalformedMessageError):
        decode(text_message("你好", inside=inside))


def test_a_place_that_is_no_number_is_malformed() -> None:
    body = golden("location").replace(b"36.194", b"nan")

    with pytest.raises(MalformedMessageError):
        decode(body)


@pytest.mark.parametrize(
    "group", ["words", "<List>words</List>", "<List><MsgID>1<b/></MsgID></List>"]
)
def test_an_event_with_a_group_of_another_shape_is_malformed(group: str) -> None:
    with pytest.raises(MalformedMessageError):
        event("subscribe_msg_sent_event", SubscribeMsgSentEvent=group)


@pytest.mark.parametrize("group", ["", "<List/>"])
def test_an_event_with_an_empty_group_is_read(group: str) -> None:
    assert event("subscribe_msg_sent_event", SubscribeMsgSentEvent=group).details == {}


def test_of_several_notices_in_one_event_the_first_is_kept() -> None:
    group = "<List><TemplateId>1</TemplateId></List><List><TemplateId>2</TemplateId></List>"

    message = event("subscribe_msg_popup_event", SubscribeMsgPopupEvent=group)

    assert message.details == {"template_id": "1"}


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_malformed_and_nothing_else(body: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        decode(body)


@given(st.text(max_size=60))
def test_arbitrary_xml_inside_a_message_is_read_or_malformed(inside: str) -> None:
    body = b"<xml>" + inside.encode(errors="ignore") + text_message("你好")[len("<xml>") :]
    try:
        message = decode(body)
    except MalformedMessageError:
        return
    assert message.openid == OPENID


def test_encrypted_part_is_found() -> None:
    assert read_encrypted(b"<xml><ToUserName>a</ToUserName><Encrypt>abc</Encrypt></xml>") == "abc"


def test_body_without_an_encrypted_part_has_none() -> None:
    assert read_encrypted(golden("text")) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>a</xml>",
        b"<xml><Encrypt>",
        b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>",
        b"<!DOCTYPE xml><xml><Encrypt>a</Encrypt></xml>",
        b'{"Encrypt":"a"}',
    ],
)
def test_envelope_that_is_none_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        read_encrypted(body)


def reply_to_text(text: str | None) -> str:
    return encode(RenderedReply(text, created_at=NOW), decoded("text"))


def test_reply_swaps_sender_and_receiver_and_keeps_its_time() -> None:
    fields = xmltodict.parse(reply_to_text("您好"))["xml"]

    assert fields == {
        "ToUserName": OPENID,
        "FromUserName": ACCOUNT,
        "CreateTime": STAMP,
        "MsgType": "text",
        "Content": "您好",
    }


@pytest.mark.parametrize("text", [None, "", "  \n", "\x1d"])
def test_nothing_to_show_is_success(text: str | None) -> None:
    assert reply_to_text(text) == "success"


@pytest.mark.parametrize(
    "text",
    [
        "]]>",
        "a]]></Content><MsgType><![CDATA[image]]></MsgType><Content><![CDATA[b",
        "]]]]>>",
        '<a href="weixin://bizmsgmenu?msgmenucontent=是&msgmenuid=1">是</a>',
        "😀𠮷",
        "长" * 700,
    ],
)
def test_reply_text_arrives_as_it_is(text: str) -> None:
    fields = xmltodict.parse(reply_to_text(text))["xml"]

    assert fields["Content"] == text
    assert fields["MsgType"] == "text"


def test_characters_that_break_xml_are_dropped_from_a_reply() -> None:
    fields = xmltodict.parse(reply_to_text("工\x1d资\ud83d\x00"))["xml"]

    assert fields["Content"] == "工资"


@given(st.text())
def test_any_reply_is_one_text_message(text: str) -> None:
    body = reply_to_text(text)

    if body != "success":
        fields = xmltodict.parse(body)["xml"]
        assert (fields["MsgType"], fields["ToUserName"]) == ("text", OPENID)
        assert isinstance(fields["Content"], str)


def test_the_same_reply_is_the_same_to_the_byte() -> None:
    assert reply_to_text("您好") == reply_to_text("您好")
