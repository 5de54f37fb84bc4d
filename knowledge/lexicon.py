"""Finding many words in a short text at once: leftmost, longest, without a giant pattern."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from knowledge.content_dir import CONTENT, read_yaml


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the lexicon and where it stands in the text."""

    word: str
    start: int
    end: int


class Lexicon:
    """A set of words that can be found in a text in one pass."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(word for word in words if word)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {first: sorted(sizes, reverse=True) for first, sizes in lengths.items()}

    def at(self, text: str, start: int) -> Hit | None:
        """Return the longest word that begins at `start`."""
        for size in self._lengths.get(text[start], ()):
            word = text[start : start + size]
            if word in self._words:
                return Hit(word, start, start + len(word))
        return None

    def find(self, text: str) -> Iterator[Hit]:
        """Yield the words of the text from left to right, none inside another."""
        position, lengths = 0, self._lengths
        while position < len(text):
            hit = self.at(text, position) if text[position] in lengths else None
            if hit is None:
                position += 1
            else:
                yield hit
                position = hit.end


@cache
def load_content(name: str) -> dict[str, object]:
    """Return a reviewed data file of `knowledge/content`."""
    loaded = read_yaml(CONTENT / name)
    if not isinstance(loaded, dict):
        message = f"{name} must hold a mapping"
        raise TypeError(message)
    return loaded
