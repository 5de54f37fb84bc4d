"""A follower who writes to the account as WeChat delivers it: signed XML to the real webhook."""

import hashlib
import html
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import httpx2
import xmltodict
from fastapi.testclient import TestClient

TOKEN = "token-of-the-tests"
ACCOUNT = "gh_000000000001"
_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^&"]*)&msgmenuid=(\d+)">')
_numbers = count(1)


class FakeClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        """Let time pass, e.g. `minutes=31`."""
        self.now += timedelta(**amount)


@dataclass
class Chat:
    """One follower's phone. `says` returns what they see; the tags of links are left out."""

    client: TestClient
    clock: FakeClock
    openid: str = "oMINER0000000000000000000001"
    sent: list[str] = field(default_factory=list)
    raw: str = ""

    def says(self, text: str) -> str:
        """Send a text message."""
        return self.deliver(self.text_xml(text))

    def speaks(self, recognised: str) -> str:
        """Send a voice message, recognised by WeChat (or not: an empty text)."""
        extra = (
            "<MediaId><![CDATA[MEDIA]]></MediaId><Format><![CDATA[amr]]></Format>"
            f"<Recognition><![CDATA[{recognised}]]></Recognition>"
        )
        return self.deliver(self.message_xml("voice", extra))

    def sends(self, kind: str, extra: str) -> str:
        """Send a message of another kind with its XML fields."""
        return self.deliver(self.message_xml(kind, extra))

    def does(self, event: str, key: str = "") -> str:
        """Cause an event: subscribe, CLICK, SCAN ..."""
        body = f"<Event><![CDATA[{event}]]></Event><EventKey><![CDATA[{key}]]></EventKey>"
        return self.deliver(self._xml("event", body, msg_id=None))

    def taps(self, label: str) -> str:
        """Tap a link of the last reply by what it says."""
        for content, number in _LINK.findall(self.raw):
            if label in content:
                extra = (
                    f"<Content><![CDATA[{content}]]></Content><bizmsgmenuid>{number}</bizmsgmenuid>"
                )
                return self.deliver(self.message_xml("text", extra))
        message = f"no link with {label!r} in {self.raw!r}"
        raise AssertionError(message)

    def text_xml(self, text: str) -> str:
        """Return the XML of a text message, without sending it."""
        safe = text.replace("]]>", "]]]]><![CDATA[>")
        return self.message_xml("text", f"<Content><![CDATA[{safe}]]></Content>")

    def message_xml(self, kind: str, extra: str) -> str:
        """Return the XML of a message with its own MsgId."""
        return self._xml(kind, extra, msg_id=23_000_000_000_000_000 + next(_numbers))

    def deliver(self, xml: str) -> str:
        """Deliver the XML (again), return the text that WeChat would show, or an empty one."""
        self.sent.append(xml)
        answer = self.post(xml)
        assert answer.status_code == 200, answer.text
        self.raw = reply_text(answer.text)
        return html.unescape(re.sub(r"<[^>]+>", "", self.raw))

    def post(self, xml: str) -> httpx2.Response:
        """Post the XML as WeChat does, signed for now."""
        query = self.query(self.clock())
        return self.client.post("/wechat", params=query, content=xml.encode())

    def query(self, moment: datetime) -> dict[str, str]:
        """Return the query of a request that WeChat signed at this moment."""
        timestamp = str(int(moment.timestamp()))
        parts = sorted([TOKEN, timestamp, "nonce"])
        signature = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324 - WeChat's rule
        return {"signature": signature, "timestamp": timestamp, "nonce": "nonce"}

    def _xml(self, kind: str, extra: str, *, msg_id: int | None) -> str:
        number = "" if msg_id is None else f"<MsgId>{msg_id}</MsgId>"
        return (
            f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>"
            f"<FromUserName><![CDATA[{self.openid}]]></FromUserName>"
            f"<CreateTime>{int(self.clock().timestamp())}</CreateTime>"
            f"<MsgType><![CDATA[{kind}]]></MsgType>{extra}{number}</xml>"
        )


def reply_text(body: str) -> str:
    """Return the content of a reply; an empty text for WeChat's `success`."""
    return "" if body == "success" else str(xmltodict.parse(body)["xml"]["Content"] or "")
