"""What the phone makes of an answer: WeChat's rules for what is shown, and when it gives up."""

import html
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlsplit

from bot.simulator.wire import Account, WireError, open_sealed, read_tree

FAILURE_LINE: Final = "该公众号提供的服务出现故障，请稍后再试"
TEXT_LIMIT: Final = 2048
"""Bytes of a text answer; field reports agree that WeChat refuses more."""

_LINK = re.compile(
    r"<a\b[^>]*?\bhref\s*=\s*([\"'])(?P<href>.*?)\1[^>]*>(?P<label>.*?)</a>", re.I | re.S
)
_MEDIA_NAMES: Final = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "music": "[音乐]"}


class ShownKind(StrEnum):
    """What appears on the phone after an act."""

    TEXT = "text"
    NEWS = "news"
    MEDIA = "media"
    NOTHING = "nothing"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Article:
    """One card of a news answer."""

    title: str
    description: str
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The account's answer as the follower sees it; `reason` says why WeChat refused one."""

    kind: ShownKind
    text: str = ""
    articles: tuple[Article, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tap:
    """A choice that a follower can tap in a text."""

    label: str
    content: str
    menu_id: str


NOTHING: Final = Shown(ShownKind.NOTHING)


def failure(reason: str) -> Shown:
    """Return WeChat's own failure line."""
    return Shown(ShownKind.FAILURE, FAILURE_LINE, reason=reason)


def is_empty(body: str) -> bool:
    """Tell whether the account chose to say nothing."""
    return body in ("", "success")


def read_answer(account: Account, body: str) -> str:
    """Return the plain answer, decrypted where the account's mode wants it."""
    return body if is_empty(body) or not account.is_sealed else open_sealed(account, body)


def show(answer: str, *, openid: str) -> Shown:
    """Return what the phone shows for a plain answer with status 200."""
    if is_empty(answer):
        return NOTHING
    try:
        return _show_fields(read_tree(answer), openid)
    except WireError as error:
        return failure(str(error))


def list_taps(text: str) -> list[Tap]:
    """Return the choices in a text that send something when tapped."""
    taps = (_read_tap(match) for match in _LINK.finditer(text))
    return [tap for tap in taps if tap]


def numbered_text(text: str) -> str:
    """Return a text without tags; each choice has its number, its own or `[n]` behind it."""
    number = 0

    def write(match: re.Match[str]) -> str:
        nonlocal number
        if not _read_tap(match):
            return match["label"]
        number += 1
        is_numbered = re.search(rf"(?<!\d){number}[.、．]\s*$", text[: match.start()])
        return match["label"] if is_numbered else f"{match['label']} [{number}]"

    return _LINK.sub(write, text)


def _show_fields(fields: dict[str, object], openid: str) -> Shown:
    if fields.get("ToUserName") != openid:
        return failure("ToUserName is not the follower who wrote")
    if not str(fields.get("CreateTime", "")).isdecimal() or not fields.get("FromUserName"):
        return failure("FromUserName or CreateTime is missing")
    kind = str(fields.get("MsgType"))
    if kind in _MEDIA_NAMES:
        return Shown(ShownKind.MEDIA, _MEDIA_NAMES[kind])
    readers = {
        "text": lambda: _show_text(fields.get("Content")),
        "news": lambda: _show_news(fields.get("Articles")),
        "transfer_customer_service": lambda: NOTHING,
    }
    return readers.get(kind, lambda: failure("MsgType is unknown"))()


def _show_text(content: object) -> Shown:
    if not isinstance(content, str) or not content:
        return failure("Content is missing or there are several")
    if len(content.encode()) > TEXT_LIMIT:
        return failure(f"Content is longer than {TEXT_LIMIT} bytes")
    return Shown(ShownKind.TEXT, content)


def _show_news(articles: object) -> Shown:
    found = articles.get("item") if isinstance(articles, dict) else None
    items = found if isinstance(found, list) else [found]
    cards = tuple(_read_article(item) for item in items if isinstance(item, dict))
    return Shown(ShownKind.NEWS, articles=cards) if cards else failure("Articles are missing")


def _read_article(item: dict[str, object]) -> Article:
    title, description, url = (str(item.get(k) or "") for k in ("Title", "Description", "Url"))
    return Article(title, description, url)


def _read_tap(match: re.Match[str]) -> Tap | None:
    href = urlsplit(html.unescape(match["href"]))
    if (href.scheme, href.netloc) != ("weixin", "bizmsgmenu"):
        return None
    query = parse_qs(href.query)
    content = query.get("msgmenucontent", [match["label"]])[0]
    return Tap(match["label"], content, query.get("msgmenuid", [""])[0])
