"""Turn a text into the features that the trained models weigh: letters, words, sounds and cues."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from knowledge.segment import Segmenter

LONGEST_GRAM: Final = 4
_LONGEST_SOUND: Final = 3
_READ = 400
"""Characters of a long text that are read from its start and from its end."""


@dataclass(frozen=True, slots=True)
class Features:
    """The distinct features of one text, apart by their kind."""

    letters: tuple[str, ...]
    """Runs of 1 to 4 neighbouring characters, with marks for start and end."""
    words: tuple[str, ...]
    """Words, and pairs of neighbouring words."""
    sounds: tuple[str, ...]
    """Runs of two or three syllables without tones: dictation errs in characters, not in sounds."""
    cues: tuple[str, ...] = ()
    """Names of the wordings that a rule recognised."""

    def kinds(self) -> tuple[tuple[str, ...], ...]:
        """Return the features kind by kind, always in the same order."""
        return self.letters, self.words, self.sounds, self.cues


class FeatureReader:
    """Read features with one segmenter and one table of syllables."""

    def __init__(self, segmenter: Segmenter, syllables: Mapping[str, str]) -> None:
        self._segmenter = segmenter
        self._syllables = syllables

    def read(self, plain: str, cues: Iterable[str] = ()) -> Features:
        """Return the features of a normalised text."""
        text = _ends(plain)
        words = self._segmenter.cut(text)
        return Features(
            letters=_distinct(_grams(_letters(text), LONGEST_GRAM)),
            words=_distinct((*words, *map("_".join, pairwise(words)))),
            sounds=_distinct(self._sounds(text)),
            cues=_distinct(cues),
        )

    def _sounds(self, text: str) -> Iterable[str]:
        known = self._syllables
        heard = [known[char] for char in text if char in known]
        for size in range(2, _LONGEST_SOUND + 1):
            for start in range(len(heard) - size + 1):
                yield " ".join(heard[start : start + size])


def _ends(text: str) -> str:
    """Return the beginning and the end of a long text: the wish stands in one of them."""
    return text if len(text) <= 2 * _READ else f"{text[:_READ]} {text[-_READ:]}"


def _letters(text: str) -> str:
    """Turn every run of spaces and punctuation into one space, with marks at both ends."""
    spaced = "".join(char if char.isalnum() else " " for char in text)
    return f"<{' '.join(spaced.split())}>"


def _grams(text: str, longest: int) -> Iterable[str]:
    for size in range(1, longest + 1):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


def _distinct(features: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(features))
