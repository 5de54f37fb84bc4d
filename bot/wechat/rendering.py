"""A reply as a WeChat text: words, numbered choices that can be tapped, a closing line, in pages.

A topic puts plain text into a `Reply`, often with something in it that a person wrote. WeChat
turns `<a …>` inside a text into a link, so every `<` and `>` that is not ours is shown full-width
(`＜`, `＞`): it looks the same and can neither open a tag nor close ours. The label of a choice
stands inside our own tag as an attribute of an address, so there the characters that would end it
or change its meaning become full-width too. What a tap sends is the label as it is shown, so who
compares it with the label that was meant compares both in Unicode's form NFKC.
"""

import re
import unicodedata
from collections.abc import Sequence

from bot.pages import Page
from bot.wechat.markup import strip_forbidden
from models.messages import Choice, Reply

PAGE_BYTES = 1800
"""WeChat drops texts of 2048 bytes and more, some clients sooner."""

SMALLEST_PAGE = 120
MORE = "回复「继续」看后面"

_ANGLES = str.maketrans("<>", "＜＞")
_LABEL = str.maketrans("<>\"'&#%+\\", "＜＞＂＇＆＃％＋＼")
_SENTENCE_END = re.compile(r"\n|[。！？；…!?](?:[」』”’）)]*)(?![0-9A-Za-z])")
_CLAUSE_END = re.compile(r"[，、：\s]")
_WIDEST_CHARACTER = 40
"""No more code points than this are held together as one drawn character."""


def render(reply: Reply) -> str:
    """Return the whole reply as one text, however long."""
    return _join(_plain(reply.text), *_links(reply.choices), _plain(reply.closing))


def render_in_line(text: str, labels: Sequence[str]) -> str:
    """Return a question and its answers as one line of links: a tap sends the label."""
    links = "　".join(_link(number, label) for number, label in enumerate(labels, start=1))
    return _join(_plain(text), links)


def paginate(reply: Reply, limit: int = PAGE_BYTES) -> Page:
    """Cut a reply to a page of at most `limit` UTF-8 bytes; `rest` is what is left of its text.

    The choices and the closing line stay on this page. Where the links are too long for it the
    choices are listed without, and where that is still too long their labels are shortened: the
    number in front can be answered all the same.
    """
    if limit < SMALLEST_PAGE:
        msg = f"a page needs {SMALLEST_PAGE} bytes at least"
        raise ValueError(msg)
    whole = render(reply)
    if _size(whole) <= limit:
        return Page(whole, rest="")
    tail = _tail(reply, room=limit * 3 // 4 - _size(MORE) - 2)
    text = _plain(reply.text)
    if _size(_join(text, tail)) <= limit:
        return Page(_join(text, tail), rest="")
    head, rest = _cut(text, room=limit - _size(_join("", tail, MORE)) - 1)
    return Page(_join(head, tail, MORE), rest=rest)


def sanitise_label(label: str) -> str:
    """Return a label as it can stand inside a link, and as a tap on it sends it."""
    return " ".join(strip_forbidden(label).split()).translate(_LABEL)


def _plain(text: str) -> str:
    return strip_forbidden(text).translate(_ANGLES).strip()


def _links(choices: Sequence[Choice]) -> list[str]:
    lines = []
    for number, choice in enumerate(choices, start=1):
        lines.append(f"{number}. {_link(number, choice.label)}")
    return lines


def _link(number: int, said: str) -> str:
    label = sanitise_label(said)
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={label}&msgmenuid={number}">{label}</a>'


def _tail(reply: Reply, *, room: int) -> str:
    """Return the choices and the closing line in the best form that fits into the room."""
    closing = _plain(reply.closing)
    labels = [sanitise_label(choice.label) for choice in reply.choices]
    listed = [f"{number}. {label}" for number, label in enumerate(labels, start=1)]
    for tail in (_join(*_links(reply.choices), closing), _join(*listed, closing)):
        if _size(tail) <= room:
            return tail
    closing = _start(closing, room // 3)
    for_each = (room - _size(closing) - 1) // max(len(listed), 1) - 1
    shortened = [_start(line, max(for_each, 0)) for line in listed]
    return _start(_join(*shortened, closing), room)


def _cut(text: str, *, room: int) -> tuple[str, str]:
    """Split a text that is longer than the room, at the best place that is not too early."""
    head = _start(text, room)
    earliest = len(head) // 3
    for place in (_SENTENCE_END, _CLAUSE_END):
        # The character that follows is seen too, so that nothing is split before its end.
        ends = [found.end() for found in place.finditer(text, earliest, len(head) + 1)]
        inside = [end for end in ends if end <= len(head)]
        if inside:
            head = text[: inside[-1]]
            break
    return head.rstrip(), text[len(head) :].lstrip()


def _start(text: str, room: int) -> str:
    """Return the longest beginning that fits, without breaking a drawn character."""
    encoded = text.encode()
    if len(encoded) <= room:
        return text
    end = len(encoded[: max(room, 0)].decode(errors="ignore"))
    for shorter in range(end, max(end - _WIDEST_CHARACTER, 0), -1):
        if not _belongs_together(text[shorter - 1 : shorter + 1]):
            return text[:shorter]
    return text[:end]


def _belongs_together(pair: str) -> bool:
    """Tell whether two neighbours are drawn as one: an accent, a skin tone, a family of emoji."""
    before, after = pair[0], pair[-1]
    return (
        before == "\u200d"
        or after in "\u200d\ufe0e\ufe0f\u20e3"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or unicodedata.combining(after) != 0
    )


def _join(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _size(text: str) -> int:
    return len(text.encode())
