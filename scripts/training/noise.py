"""Spoil texts as keyboards, dictation and phones do; the same text is always spoiled alike."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from zlib import crc32

from knowledge.content_dir import CONTENT

_HOMOPHONE_SHARE = 0.15
_FACES = ("😂", "🙏", "[流泪]", "👍", "[捂脸]", "😭")
_FILLERS = ("嗯", "那个", "就是说", "呃", "然后然后", "这个这个")
_SECOND_LEVEL = 0xD8
_HALF_WIDTH, _FULL_WIDTH = 0x20, 0xFEE0


def to_traditional(text: str) -> str:
    """Write a text in Traditional characters."""
    return text.translate(_traditional())


def to_wide_with_faces(text: str) -> str:
    """Widen letters and digits, add faces and invisible characters."""
    dice = random.Random(crc32(text.encode()))  # noqa: S311 (noise, not a secret)
    wide = "".join(_wide(char) for char in text)
    middle = len(wide) // 2
    return f"{wide[:middle]}\u200b{dice.choice(_FACES)}{wide[middle:]}{dice.choice(_FACES)}"


def with_fillers(text: str) -> str:
    """Say a text as people think aloud, without punctuation."""
    dice = random.Random(crc32(text.encode()))  # noqa: S311
    spoken = "".join(char for char in text if char.isalnum() or char == " ")
    middle = len(spoken) // 2
    between = dice.choice(_FILLERS) if " " in spoken or len(spoken) > 8 else ""  # noqa: PLR2004
    place = spoken.find(" ", middle) if " " in spoken[middle:] else 0
    return f"{dice.choice(_FILLERS)}{spoken[:place]}{between}{spoken[place:]}"


def with_homophones(text: str, *, salt: str = "") -> str:
    """Swap every seventh character or so for another common one of the same sound."""
    dice = random.Random(crc32(f"{salt}{text}".encode()))  # noqa: S311
    return "".join(_swap(char, dice) for char in text)


KINDS: Mapping[str, Callable[[str], str]] = {
    "Traditional": to_traditional,
    "full width and emoji": to_wide_with_faces,
    "fillers": with_fillers,
    "homophones": with_homophones,
}


def _swap(char: str, dice: random.Random) -> str:
    others = [other for other in _alike().get(char, "") if other != char]
    return dice.choice(others) if others and dice.random() < _HOMOPHONE_SHARE else char


def _wide(char: str) -> str:
    return chr(ord(char) + _FULL_WIDTH) if _HALF_WIDTH < ord(char) < 0x7F else char  # noqa: PLR2004


@cache
def _traditional() -> dict[int, str]:
    source = (files("opencc") / "dictionary" / "STCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split() for line in source.splitlines() if line.strip())
    return {ord(pair[0]): pair[1] for pair in pairs if len(pair[0]) == 1}


@cache
def _alike() -> Mapping[str, str]:
    """Return for each common character those that sound the same."""
    groups: dict[str, str] = defaultdict(str)
    for line in (CONTENT / "model" / "syllables.txt").read_text(encoding="utf-8").splitlines():
        chars = "".join(filter(_is_common, line.split(" ")[1]))
        groups |= dict.fromkeys(chars, chars)
    return groups


def _is_common(char: str) -> bool:
    """Tell the 3,755 characters of the first level of GB 2312."""
    return char.encode("gb2312")[0] < _SECOND_LEVEL
