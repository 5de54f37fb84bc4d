"""Approved replies as texts: filled with facts, compared with what is sent, found by sound.

A fact that is not known stays as a gap, `【称呼？】`, which nobody can overlook.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from knowledge.citations import find_figures
from knowledge.classifier import read_syllables
from knowledge.content_dir import CONTENT

_PLACE: Final = re.compile(r"\{([^{}\s]{1,12})\}")
_GAP: Final = re.compile(r"【([^【】]{1,12})？】")
_GAP_MARKS: Final = str.maketrans("【】{}", "「」「」")
_FILLED: Final = r"(?!\S*\d{5})[^\s，。；！？：、…【】{}]{1,12}"
"""What a person may put into a gap: a few words of one piece, and no number to call."""

_ABOUT_LAW: Final = re.compile(r"《|第[零〇一二三四五六七八九十百千\d]+条")
_FOLDED: Final = re.compile(r"[zcs]h|ng")
_SHORTEST_INITIALS, _SHORTEST_SOUND = 2, 4


@dataclass(frozen=True, slots=True)
class Key:
    """What a reply is found by: its words, the initials of its syllables, the syllables."""

    title: str
    text: str
    initials: str
    sounds: str


def list_places(body: str) -> list[str]:
    """Return the facts that a reply asks for, each once, in their order."""
    return list(dict.fromkeys(_PLACE.findall(body)))


def list_gaps(text: str) -> list[str]:
    """Return the gaps that nobody has filled yet."""
    return list(dict.fromkeys([*_GAP.findall(text), *_PLACE.findall(text)]))


def fill(body: str, facts: Mapping[str, str]) -> str:
    """Return a reply with what is known put in; the rest are gaps."""

    def put(found: re.Match[str]) -> str:
        known = _as_value(facts.get(found[1], ""))
        return known or f"【{found[1]}？】"

    return _PLACE.sub(put, body)


def is_filled_from(text: str, body: str, facts: Mapping[str, str]) -> bool:
    """Tell whether a text is this reply: facts as they are known, gaps filled with a few words."""
    pattern, end = "", 0
    for found in _PLACE.finditer(body):
        known = _as_value(facts.get(found[1], ""))
        either = f"{re.escape(known)}|{_FILLED}" if known else _FILLED
        pattern += f"{re.escape(body[end : found.start()])}(?:{either})"
        end = found.end()
    return re.fullmatch(pattern + re.escape(body[end:]), text) is not None


def needs_source(text: str) -> bool:
    """Tell whether a lawyer's reply says what must be looked up: an article, a figure."""
    return _ABOUT_LAW.search(text) is not None or bool(find_figures(text))


def key_of(title: str, body: str) -> Key:
    """Return what a reply is found by."""
    heard = _heard()
    in_title = "".join(heard.get(char, "")[:1] for char in title)
    sounds = [heard.get(char, "") for char in f"{title}{body}"]
    return Key(
        title=f"{title.lower()} {in_title}",
        text=f"{title}\n{body}".lower(),
        initials="".join(sound[:1] for sound in sounds),
        sounds="".join(sounds),
    )


def rank(key: Key, query: str) -> int:
    """Return 0 where all of a query is in the title, 1 where it is in the reply, else -1."""
    pieces = query.lower().split()
    if all(piece in key.title for piece in pieces):
        return 0
    return 1 if all(_is_in(piece, key) for piece in pieces) else -1


def find(keys: Sequence[Key], query: str) -> list[int]:
    """Return the places of the replies that a query means, the best first."""
    ranks = [(rank(key, query), place) for place, key in enumerate(keys)]
    return [place for found, place in sorted(ranks) if found >= 0]


def known_places(names: Iterable[str]) -> frozenset[str]:
    """Return all that may stand in braces: what every ticket has, and the facts of a skill."""
    return frozenset({"称呼", "编号", *names})


def _is_in(piece: str, key: Key) -> bool:
    if piece in key.text:
        return True
    if not piece.isascii():
        return False
    is_initials = len(piece) >= _SHORTEST_INITIALS and piece in key.initials
    return is_initials or (len(piece) >= _SHORTEST_SOUND and _as_heard(piece) in key.sounds)


def _as_heard(piece: str) -> str:
    """Return pinyin as the table has it: what many speakers do not tell apart is one there."""
    return _FOLDED.sub(lambda found: found[0][0], piece)


def _as_value(known: str) -> str:
    return " ".join(known.translate(_GAP_MARKS).split())


@cache
def _heard() -> Mapping[str, str]:
    return read_syllables(CONTENT / "model" / "syllables.txt")
