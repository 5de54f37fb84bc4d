"""What a follower does on the phone, and the XML that WeChat pushes for it."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field


class GestureKind(StrEnum):
    """Everything a follower can do that reaches the account."""

    TEXT = "text"
    VOICE = "voice"
    IMAGE = "image"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"
    FILE = "file"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    SCAN = "scan"
    CLICK = "click"
    VIEW = "view"


EVENTS: Final[Mapping[GestureKind, str]] = {
    GestureKind.SUBSCRIBE: "subscribe",
    GestureKind.UNSUBSCRIBE: "unsubscribe",
    GestureKind.SCAN: "SCAN",
    GestureKind.CLICK: "CLICK",
    GestureKind.VIEW: "VIEW",
}
"""Events by the name that WeChat gives them, in its own spelling."""

SILENT: Final = frozenset({GestureKind.UNSUBSCRIBE, GestureKind.VIEW})
"""Whatever the account answers to these, the phone shows nothing."""


class Gesture(BaseModel):
    """One act of one follower; `key` is a menu key, a page address or a scene."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    follower: str = Field(min_length=1, max_length=64)
    kind: GestureKind = GestureKind.TEXT
    text: str = Field(default="", max_length=20_000)
    menu_id: str = Field(default="", max_length=32)
    picture: str = Field(default="notice", pattern="^[a-z-]{1,40}$")
    latitude: float = Field(default=36.1828, ge=-90, le=90)
    longitude: float = Field(default=116.7687, ge=-180, le=180)
    label: str = Field(default="", max_length=200)
    title: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=500)
    url: str = Field(default="", max_length=1000)
    key: str = Field(default="", max_length=1024)
    deliveries: int = Field(default=1, ge=1, le=3)
    same_moment: bool = False

    @property
    def is_silent(self) -> bool:
        """Tell whether the phone shows no answer to this act."""
        return self.kind in SILENT


@dataclass(frozen=True, slots=True)
class Push:
    """The body that WeChat sends for a gesture: the same for every delivery of it."""

    openid: str
    xml: str


def openid_of(follower: str, app_id: str) -> str:
    """Return the follower's openid: 28 characters, another one for each account."""
    digest = hashlib.sha256(f"{app_id}:{follower}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


@dataclass(frozen=True, slots=True)
class Sent:
    """What WeChat keeps of something sent: under which id, and where its pictures are."""

    media_id: str
    media_url: str


def new_media_id() -> str:
    """Return the id under which WeChat keeps what was sent."""
    return secrets.token_urlsafe(48)


def build_push(gesture: Gesture, *, app_id: str, original_id: str, sent: Sent, now: float) -> Push:
    """Write down a gesture as WeChat pushes it."""
    openid = openid_of(gesture.follower, app_id)
    is_event = gesture.kind in EVENTS
    fields = [
        _text("ToUserName", original_id),
        _text("FromUserName", openid),
        _number("CreateTime", int(now)),
        _text("MsgType", "event" if is_event else gesture.kind),
        *_FIELDS[gesture.kind](gesture, sent),
    ]
    if not is_event:
        fields.append(_number("MsgId", _message_id(now)))
    return Push(openid, "<xml>\n" + "\n".join(fields) + "\n</xml>")


def _message_id(now: float) -> int:
    return int(now * 1_000_000) * 1_000 + secrets.randbelow(1_000)


def _text(name: str, value: str) -> str:
    return f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"


def _number(name: str, value: float | str) -> str:
    return f"<{name}>{value}</{name}>"


def _text_fields(gesture: Gesture, _sent: Sent) -> list[str]:
    fields = [_text("Content", gesture.text)]
    if gesture.menu_id:
        # WeChat hands back digits only; anything else arrives as 0.
        is_number = gesture.menu_id.isascii() and gesture.menu_id.isdecimal()
        fields.append(_number("bizmsgmenuid", gesture.menu_id if is_number else "0"))
    return fields


def _voice_fields(gesture: Gesture, sent: Sent) -> list[str]:
    fields = [_text("MediaId", sent.media_id), _text("Format", "amr")]
    return [*fields, _text("Recognition", gesture.text)] if gesture.text else fields


def _image_fields(gesture: Gesture, sent: Sent) -> list[str]:
    picture = f"{sent.media_url}/{gesture.picture}.jpg"
    return [_text("PicUrl", picture), _text("MediaId", sent.media_id)]


def _video_fields(_gesture: Gesture, sent: Sent) -> list[str]:
    return [_text("MediaId", sent.media_id), _text("ThumbMediaId", new_media_id())]


def _location_fields(gesture: Gesture, _sent: Sent) -> list[str]:
    return [
        _number("Location_X", f"{gesture.latitude:.6f}"),
        _number("Location_Y", f"{gesture.longitude:.6f}"),
        _number("Scale", 16),
        _text("Label", gesture.label),
    ]


def _link_fields(gesture: Gesture, _sent: Sent) -> list[str]:
    return [
        _text("Title", gesture.title),
        _text("Description", gesture.description),
        _text("Url", gesture.url),
    ]


def _file_fields(gesture: Gesture, _sent: Sent) -> list[str]:
    return [_text("Title", gesture.title or "简历.docx"), _text("Description", "")]


def _subscribe_fields(gesture: Gesture, _sent: Sent) -> list[str]:
    fields = [_text("Event", EVENTS[gesture.kind])]
    if not gesture.key:
        return [*fields, _text("EventKey", "")]
    return [*fields, _text("EventKey", f"qrscene_{gesture.key}"), _text("Ticket", _ticket(gesture))]


def _event_fields(gesture: Gesture, _sent: Sent) -> list[str]:
    fields = [_text("Event", EVENTS[gesture.kind]), _text("EventKey", gesture.key)]
    if gesture.kind is GestureKind.SCAN:
        fields.append(_text("Ticket", _ticket(gesture)))
    return fields


def _ticket(gesture: Gesture) -> str:
    return "gQ" + hashlib.sha256(gesture.key.encode()).hexdigest()


_FIELDS: Final[Mapping[GestureKind, Callable[[Gesture, Sent], list[str]]]] = {
    GestureKind.TEXT: _text_fields,
    GestureKind.VOICE: _voice_fields,
    GestureKind.IMAGE: _image_fields,
    GestureKind.VIDEO: _video_fields,
    GestureKind.LOCATION: _location_fields,
    GestureKind.LINK: _link_fields,
    GestureKind.FILE: _file_fields,
    GestureKind.SUBSCRIBE: _subscribe_fields,
    GestureKind.UNSUBSCRIBE: _event_fields,
    GestureKind.SCAN: _event_fields,
    GestureKind.CLICK: _event_fields,
    GestureKind.VIEW: _event_fields,
}
