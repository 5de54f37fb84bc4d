"""Takes the numbers by which a person can be reached or known out of what they wrote."""

import re
from typing import Final

MARK: Final = "[号码]"
"""Stands where such a number stood."""

_DIGIT = r"[\d零〇一二三四五六七八九幺两]"
_GAP = r"[ \t.·\-—－_*]{0,2}"
_NUMBER: Final = re.compile(
    rf"{_DIGIT}{{7,}}[xX]?"  # in one piece: a date of birth is one as well
    rf"|{_DIGIT}(?:{_GAP}{_DIGIT}){{9,}}[xX]?"  # in pieces, but longer than a date
    # A local number in two pieces; not two years (2001-2010), not a wage (2800-3200).
    r"|(?<!\d)(?!20)[2-8]\d{2,3}[ \-—－](?!\d\d00)\d{4}(?!\d)"
)


def conceal(text: str) -> str:
    """Return the text on one line, with a mark for each phone, identity or card number."""
    return " ".join(_NUMBER.sub(MARK, text).split())


def without_marks(concealed: str) -> str:
    """Return a concealed text with nothing where the numbers stood."""
    return " ".join(concealed.replace(MARK, " ").split())
