"""Telephone numbers and web addresses in cells."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from bot.loading.cells import (
    NOTHING,
    BadCellError,
    Cell,
    Parse,
    at_most,
    plain,
    refuse_scientific,
    words,
)

_PHONE: Final = re.compile(
    r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(?:[-转]\d{1,6})?|[48]00-?\d{3}-?\d{4}|9[56]\d{3,6}|1[02]\d{3}"
    r"|11[09]|12[02]"
)
_PHONE_BREAKS: Final = re.compile(r"[/、,，;；\n]+|(?<=\d{7})\s+(?=[01])|或")


def phone(longest: int) -> Parse:
    """Take one or more telephone numbers, tidied."""

    @lru_cache(maxsize=4096)
    def parse_text(said: str) -> str:
        numbers = [_one_phone(part) for part in _PHONE_BREAKS.split(said) if part.strip()]
        return at_most(longest, " / ".join(dict.fromkeys(numbers)))

    def parse(cell: Cell) -> str:
        said = re.sub("[—–－―‐−]", "-", plain(words(cell)))
        return "" if said.casefold() in NOTHING else parse_text(said)

    return parse


def https(longest: int) -> Parse:
    """Take a web address that begins with https://."""

    def parse(cell: Cell) -> str:
        said = at_most(longest, plain(words(cell)))
        if said.casefold() in NOTHING:
            return ""
        if said.lower().startswith("http://"):
            msg = "请用 https:// 开头的网址（http:// 不安全）"
            raise BadCellError(msg)
        if not _is_https(said):
            msg = "请填 https:// 开头的完整网址，如 https://example.org/class"
            raise BadCellError(msg)
        return said

    return parse


def _one_phone(part: str) -> str:
    said = re.sub(r"^(?:\+|00)?86-?(?=1\d{10}|0\d)", "", re.sub(r"[\s()]", "", part))
    said = re.sub(r"^(1[3-9]\d)-?(\d{4})-?(\d{4})$", r"\1\2\3", said)
    refuse_scientific(said)
    if re.fullmatch(r"\d{7,8}", said):
        msg = f"座机要加区号，如 0538-{said}"
        raise BadCellError(msg)
    if not _PHONE.fullmatch(said):
        msg = "请填手机号（11位）或带区号的座机，如 0538-1234567"
        raise BadCellError(msg)
    return said


def _is_https(said: str) -> bool:
    try:
        parts = urlsplit(said)
        host = parts.hostname or ""
    except ValueError:
        return False
    has_host = "." in host and not host.startswith(".")
    return parts.scheme == "https" and has_host and not re.search(r"[\s<>\"]", said)
