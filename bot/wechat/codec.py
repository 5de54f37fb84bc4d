"""WeChat's XML on one side, plain values on the other: nothing above this file knows WeChat.

wechatpy parses and renders; this file checks what it lets through. Before parsing, characters that
XML forbids are stripped (people do send them, and they must be answered), and a body that does not
begin with the `<xml>` element is refused. So there is never a DOCTYPE, not even a bare one, which
WeChat has no use for, and with it no entity whatever the parser below would do about it.
WeChat can also be told to push JSON: that is malformed here, the console has to say XML.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict
from wechatpy.parser import parse_message
from wechatpy.replies import TextReply

from bot.wechat.markup import split_cdata_end, strip_forbidden
from models.messages import InboundMessage, MessageKind, RenderedReply

SUCCESS = "success"
"""What tells WeChat that nothing is to be shown."""

MAX_TAGS = 20_000  # parsing takes about 5 microseconds for each, and a real message has ten
NAME_LENGTH = 64
MAX_MSG_ID = 2**63 - 1

_BEGINS_WITH_ROOT = re.compile(r"\ufeff?\s*(?:<\?xml[^<>]*\?>\s*)?<xml[\s>]")
_DIGITS = re.compile(r"[0-9]{1,19}")
_SECONDS = re.compile(r"[0-9]{1,10}")
_DECIMAL = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,12})?")
_UNSUPPORTED = "【收到不支持的消息类型"
_SCENE = "qrscene_"
_SEPARATOR = "\x1f"  # XML forbids it, so no part can hold it
_PARSER_ERRORS = (ExpatError, ValueError, KeyError, TypeError, AttributeError, RecursionError)

_KINDS = {
    "text": MessageKind.TEXT,
    "voice": MessageKind.VOICE,
    "image": MessageKind.IMAGE,
    "video": MessageKind.VIDEO,
    "shortvideo": MessageKind.VIDEO,
    "location": MessageKind.LOCATION,
    "link": MessageKind.LINK,
    "event": MessageKind.EVENT,
}
# wechatpy renames the event of somebody who followed by a code.
_RENAMED = {"subscribe_scan": "subscribe", "subscribe_scan_product": "subscribe"}
_DETAILS = {
    "PicUrl": "pic_url",
    "MediaId": "media_id",
    "ThumbMediaId": "thumb_media_id",
    "Format": "format",
    "Location_X": "latitude",
    "Location_Y": "longitude",
    "Latitude": "latitude",
    "Longitude": "longitude",
    "Precision": "precision",
    "Scale": "scale",
    "Label": "label",
    "Poiname": "place",
    "Title": "title",
    "Description": "description",
    "Url": "url",
    "Ticket": "ticket",
    "MsgID": "msg_id",
    "Status": "status",
    "TotalCount": "total_count",
    "FilterCount": "filter_count",
    "SentCount": "sent_count",
    "ErrorCount": "error_count",
    "KfAccount": "account",
    "FromKfAccount": "from_account",
    "ToKfAccount": "to_account",
    "ExpiredTime": "expired_time",
    "FailTime": "fail_time",
    "FailReason": "fail_reason",
    "ScanType": "scan_type",
    "ScanResult": "scan_result",
    "Count": "count",
    "TemplateId": "template_id",
    "SubscribeStatusString": "subscribe_status",
    "ErrorCode": "error_code",
    "ErrorStatus": "error_status",
}
_GROUPS = (
    "ScanCodeInfo",
    "SendLocationInfo",
    "SendPicsInfo",
    "SubscribeMsgPopupEvent",
    "SubscribeMsgChangeEvent",
    "SubscribeMsgSentEvent",
)


class MalformedMessageError(Exception):
    """The body is not a message of WeChat's."""


@dataclass(frozen=True, slots=True)
class _Fields:
    """The elements of a message, or of a group inside one, read strictly."""

    values: Mapping[str, object]

    def text(self, name: str) -> str:
        """Return the text of an element; raise where it is nested or there are two."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            msg = f"{name} is not one plain text"
            raise MalformedMessageError(msg)
        return value

    def name(self, name: str) -> str:
        """Return the text of an element that has to be there and short."""
        value = self.text(name)
        if not 0 < len(value) <= NAME_LENGTH:
            msg = f"{name} is missing or too long"
            raise MalformedMessageError(msg)
        return value

    def groups(self) -> Iterator["_Fields"]:
        """Yield the fields themselves, then what the events put one or two elements deeper."""
        yield self
        for name in _GROUPS:
            if name in self.values:
                group = _first(self.values[name])
                yield group
                if "List" in group.values:
                    yield _first(group.values["List"])


def decode(xml: bytes) -> InboundMessage:
    """Read a message or event; raise MalformedMessageError for anything else."""
    fields = _parse(xml)
    kind = _KINDS.get(fields.name("MsgType").lower(), MessageKind.UNKNOWN)
    if kind is MessageKind.EVENT:
        return _decode_event(fields)
    if kind is MessageKind.TEXT and fields.text("Content").startswith(_UNSUPPORTED):
        kind = MessageKind.UNKNOWN
    return _decode_message(fields, kind)


def read_encrypted(xml: bytes) -> str | None:
    """Return the `Encrypt` element of a safe or compatible mode body; None where there is none."""
    try:
        root = xmltodict.parse(_readable(xml))["xml"]
    except _PARSER_ERRORS as error:
        msg = "not XML"
        raise MalformedMessageError(msg) from error
    if not isinstance(root, dict):
        msg = "no elements"
        raise MalformedMessageError(msg)
    return _Fields(root).text("Encrypt") or None


def encode(reply: RenderedReply, message: InboundMessage) -> str:
    """Return the body that answers a message: a text in XML, or `success` for silence."""
    text = strip_forbidden(reply.text or "").strip()
    if not text:
        return SUCCESS
    rendered: str = TextReply(
        source=split_cdata_end(message.account),
        target=split_cdata_end(message.openid),
        time=int(reply.created_at.timestamp()),
        content=split_cdata_end(text),
    ).render()
    return rendered


def _decode_message(fields: _Fields, kind: MessageKind) -> InboundMessage:
    openid, sent_at = fields.name("FromUserName"), _seconds(fields)
    msg_id = _msg_id(fields, kind)
    # A type that WeChat adds one day may come without an id: it is then told apart as events are.
    told_apart_by = fields.name("MsgType").lower() if msg_id is None else str(msg_id)
    menu_id = fields.text("bizmsgmenuid")
    return InboundMessage(
        openid=openid,
        account=fields.name("ToUserName"),
        kind=kind,
        created_at=datetime.fromtimestamp(sent_at, tz=UTC),
        dedup_key=_dedup_key(openid, told_apart_by, str(sent_at)),
        text=_words(fields, kind),
        msg_id=msg_id,
        # WeChat says 0 for an id that was not digits: that is no choice of ours.
        menu_id=menu_id if _DIGITS.fullmatch(menu_id) and int(menu_id) else None,
        details=_details(fields),
    )


def _decode_event(fields: _Fields) -> InboundMessage:
    openid, sent_at = fields.name("FromUserName"), _seconds(fields)
    event = fields.name("Event").lower()
    event = _RENAMED.get(event, event)
    event_key = fields.text("EventKey").removeprefix(_SCENE)
    details = _details(fields)
    told_apart_by = details.get("ticket") or details.get("msg_id", "")
    return InboundMessage(
        openid=openid,
        account=fields.name("ToUserName"),
        kind=MessageKind.EVENT,
        created_at=datetime.fromtimestamp(sent_at, tz=UTC),
        dedup_key=_dedup_key(openid, str(sent_at), event, event_key, told_apart_by),
        event=event,
        event_key=event_key,
        details=details,
    )


def _parse(xml: bytes) -> _Fields:
    text = _readable(xml)
    try:
        values = _values_of(parse_message(text))
    except _PARSER_ERRORS as error:
        msg = "not a message in XML"
        raise MalformedMessageError(msg) from error
    return _Fields(values)


def _values_of(message: Any) -> Mapping[str, object]:  # noqa: ANN401 - wechatpy has no types
    # wechatpy has no attribute for bizmsgmenuid, nor for any field of an event it does not know.
    values: Mapping[str, object] = message._data  # noqa: SLF001
    return values


def _readable(xml: bytes) -> str:
    """Return the body as text that an XML parser can be let near."""
    try:
        text = strip_forbidden(xml.decode())
    except UnicodeDecodeError as error:
        msg = "not UTF-8"
        raise MalformedMessageError(msg) from error
    if not _BEGINS_WITH_ROOT.match(text) or text.count("<") > MAX_TAGS:
        msg = "no <xml> element, or far too many inside"
        raise MalformedMessageError(msg)
    return text.removeprefix("\ufeff").lstrip()


def _first(group: object) -> _Fields:
    """Return the first of some groups: the events that list several are never told apart here."""
    if isinstance(group, list):
        group = group[0]
    if group is None:
        return _Fields({})
    if not isinstance(group, dict):
        msg = "a group of elements is a text"
        raise MalformedMessageError(msg)
    return _Fields(group)


def _seconds(fields: _Fields) -> int:
    value = fields.text("CreateTime")
    if not _SECONDS.fullmatch(value):
        msg = "CreateTime is not in seconds"
        raise MalformedMessageError(msg)
    return int(value)


def _msg_id(fields: _Fields, kind: MessageKind) -> int | None:
    value = fields.text("MsgId")
    if not value and kind is MessageKind.UNKNOWN:
        return None
    if not _DIGITS.fullmatch(value) or int(value) > MAX_MSG_ID:
        msg = "MsgId is not a number of 64 bits"
        raise MalformedMessageError(msg)
    return int(value)


def _words(fields: _Fields, kind: MessageKind) -> str:
    """Return what was written or spoken; other kinds and WeChat's placeholder have no words."""
    if kind is MessageKind.TEXT:
        return fields.text("Content")
    return fields.text("Recognition") if kind is MessageKind.VOICE else ""


def _details(fields: _Fields) -> dict[str, str]:
    details = {}
    for group in fields.groups():
        for name in group.values.keys() & _DETAILS.keys():
            if value := group.text(name):
                details[_DETAILS[name]] = value
    for name in ("latitude", "longitude"):
        if not _DECIMAL.fullmatch(details.get(name, "0")):
            msg = f"the {name} is not a number of degrees"
            raise MalformedMessageError(msg)
    return details


def _dedup_key(*parts: str) -> str:
    return hashlib.sha256(_SEPARATOR.join(parts).encode()).hexdigest()
