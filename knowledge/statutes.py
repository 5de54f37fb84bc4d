"""Read which article somebody names, and find the articles that a question may be about."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from knowledge.lexicon import load_content
from knowledge.numbers import parse_number

_ARTICLE: Final = re.compile(
    r"第? ?([0-9]{1,4}|[零〇一二两三四五六七八九十百千]{1,8}) ?条(?!款|件)"
)
_FULL_NAME: Final = "中华人民共和国"
_BEFORE: Final = 24
"""Characters before the number in which the name of the statute stands."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An article that a text names."""

    statute: str
    article: int


def find_reference(plain: str, statutes: Iterable[str]) -> Reference | None:
    """Return the article that a normalised text names, or None.

    `statutes` are the names that are known; common short forms of them are understood.
    """
    for match in _ARTICLE.finditer(plain):
        before = plain[max(0, match.start() - _BEFORE) : match.start()]
        statute = _named(before, statutes)
        number = parse_number(match[1])
        if statute is not None and number is not None:
            return Reference(statute, int(number))
    return None


def _named(before: str, statutes: Iterable[str]) -> str | None:
    """Return the statute whose name or short form stands nearest to the number."""
    text = before.replace(_FULL_NAME, "").replace('"', "").replace(" ", "").rstrip("的里>》")
    known = set(statutes)
    names = {name: name for name in known}
    names |= {short: full for short, full in _short_names().items() if full in known}
    fitting = [name for name in names if name in text]
    if not fitting:
        return None
    return names[max(fitting, key=lambda name: (text.rfind(name) + len(name), len(name)))]


@cache
def _short_names() -> dict[str, str]:
    """Return what people call the statutes."""
    names = load_content("statutes.yaml")["short_names"]
    if not isinstance(names, dict):
        message = "statutes.yaml needs the part short_names"
        raise TypeError(message)
    return {str(short): str(full) for short, full in names.items()}


def document_id(statute: str, article: int) -> str:
    """Return the id under which an article is indexed."""
    return f"{statute}#{article}"


def parse_document_id(id_: str) -> Reference:
    """Return the article that an indexed id stands for."""
    statute, _, article = id_.rpartition("#")
    return Reference(statute, int(article))


def known_statutes() -> Sequence[str]:
    """Return the statutes that our own content names, loaded or not."""
    return tuple(dict.fromkeys(_short_names().values()))
