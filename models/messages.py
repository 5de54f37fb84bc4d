"""Plain values that cross the folders: what a follower sent and what we say back.

Nothing here knows WeChat: the codec turns its XML into an `InboundMessage` and a `Reply` into XML.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """What a follower sent, by what can be done with it."""

    TEXT = "text"
    VOICE = "voice"
    IMAGE = "image"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"
    EVENT = "event"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message or event of a follower.

    `text` holds what the person wrote, or what WeChat recognised of their voice; it is empty
    where there is none. `menu_id` is the digits of a tapped choice (see `Choice`).
    For events `event` is WeChat's name in lower case (`subscribe`, `click`, `view`, ...),
    `event_key` its key without WeChat's `qrscene_` prefix. `details` keeps the few further
    fields that a topic may need (`media_id`, `pic_url`, `url`, `title`, `latitude`, ...).
    """

    openid: str
    account: str
    kind: MessageKind
    created_at: datetime
    dedup_key: str
    text: str = ""
    msg_id: int | None = None
    event: str | None = None
    event_key: str = ""
    menu_id: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the person can tap or answer by its number.

    `label` is what they see, and what arrives as text when they tap it. `topic` names the handler
    that takes the choice and `value` tells it what was chosen.
    """

    label: str
    topic: str
    value: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What we say: a text, then the choices (numbered and tappable), then a closing line.

    `source` names the piece of knowledge that the text comes from (`faq:wage-arrears`).
    """

    text: str
    choices: Sequence[Choice] = ()
    closing: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class RenderedReply:
    """A reply as it goes over the wire: the finished text, or None where nothing is to be shown.

    `created_at` is kept with the text, so that a second delivery gets the same answer to the byte.
    One that `was_put_off` may be on its way to the person by other means.
    """

    text: str | None
    created_at: datetime
    was_put_off: bool = False
