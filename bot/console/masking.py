"""Hides the numbers by which a person can be found, until somebody asks with a reason."""

import re
from collections.abc import Iterable

_NUMBERS = re.compile(
    r"(?<![\d.])(?:"
    r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"  # a mobile phone
    r"|\d{17}[\dXx]"  # an identity card
    r"|\d{16}|\d{19}"  # a bank card
    r"|0\d{2,3}[- ]\d{7,8}"  # a telephone at home
    r")(?!\d)"
)
_SHOWN = 3


def mask(text: str) -> str:
    """Return a text with such numbers shortened: 138…"""
    return _NUMBERS.sub(lambda found: f"{found[0][:_SHOWN]}••••", text)


def has_numbers(text: str) -> bool:
    """Tell whether something in a text would be hidden."""
    return _NUMBERS.search(text) is not None


def find_numbers(texts: Iterable[str]) -> list[str]:
    """Return the numbers that were hidden, each once, in their order."""
    return list(dict.fromkeys(found for text in texts for found in _NUMBERS.findall(text)))
