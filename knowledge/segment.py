"""Cut Chinese text into words: jieba behind one small interface."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Self

with warnings.catch_warnings():
    # jieba's source holds escape sequences that Python warns of whenever it compiles them.
    warnings.simplefilter("ignore")
    import jieba

from knowledge.keys import Numbers

DOMAIN_FREQUENCY = 20_000
"""High enough that jieba keeps a domain word whole, low enough not to swallow its neighbours."""


class Segmenter:
    """Cut text with jieba's words and the project's own; each one owns its dictionary."""

    def __init__(self, tokenizer: jieba.Tokenizer, fingerprint: str) -> None:
        self._tokenizer = tokenizer
        self.fingerprint = fingerprint
        """Changes when the dictionary or jieba does: stored token indexes are then rebuilt."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a dictionary file: one word a line, `#` starts a comment."""
        words = read_words(path)
        return cls(_new_tokenizer(words), _fingerprint(words))

    def cut(self, text: str) -> list[str]:
        """Return the words of a text in order, without spaces and punctuation."""
        return [word for word in self._tokenizer.cut(text) if _is_word(word)]

    def cut_for_search(self, text: str) -> list[str]:
        """Return the words and the shorter words inside long ones, for indexes."""
        return [word for word in self._tokenizer.cut_for_search(text) if _is_word(word)]

    def with_shorter(self, words: Iterable[str]) -> list[str]:
        """Return the words with the shorter words inside long ones, as `cut_for_search` does."""
        known, found = self._tokenizer.FREQ, list[str]()
        for word in words:
            for size in (2, 3):
                if len(word) > size:
                    parts = (word[i : i + size] for i in range(len(word) - size + 1))
                    found += [part for part in parts if known.get(part)]
            found.append(word)
        return found


class Cuts:
    """Remembers how texts were cut, so that of a changed collection only the changed is cut."""

    def __init__(self, segmenter: Segmenter, former: Mapping[str, str] | None = None) -> None:
        self._segmenter = segmenter
        self._former = former or {}
        # Joined, since a string for each word would need five times the memory.
        self._known: dict[str, str] = {}

    def cut(self, text: str) -> list[str]:
        """Return the words of a text as `Segmenter.cut` does."""
        joined = self._former.get(text)
        if joined is None:
            joined = " ".join(self._segmenter.cut(text))
        self._known[text] = joined
        return joined.split(" ") if joined else []

    def renewed(self) -> "Cuts":
        """Return what cuts the next collection: it remembers this one, and nothing older."""
        return Cuts(self._segmenter, self._known)


def read_words(path: Path) -> tuple[str, ...]:
    """Return the words of a dictionary file, without comments, in the file's order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    words = (line.partition("#")[0].strip() for line in lines)
    return tuple(dict.fromkeys(word for word in words if word))


def read_frequencies() -> dict[str, int]:
    """Return how often each word of jieba's dictionary occurs, in the dictionary's order."""
    with jieba.get_dict_file() as file:
        rows = (line.decode("utf-8").split() for line in file)
        return {row[0]: int(row[1]) for row in rows}


def _new_tokenizer(own_words: Iterable[str]) -> jieba.Tokenizer:
    """Make a tokenizer of jieba's dictionary and our words, without jieba's cache file."""
    # The cache saves half a second at start, but jieba loads it with `marshal` from a shared
    # temporary folder: a file planted there would run in our process.
    known = read_frequencies()
    total = sum(known.values())
    for word in own_words:
        known[word] = DOMAIN_FREQUENCY
        total += DOMAIN_FREQUENCY
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ = Numbers.of(_with_beginnings(known), known.items())
    tokenizer.total = total
    tokenizer.initialized = True
    return tokenizer


def _with_beginnings(words: Iterable[str]) -> Iterator[str]:
    """Yield the words and all that they begin with: jieba looks a word up letter by letter."""
    for word in words:
        for end in range(len(word)):
            yield word[: end + 1]


def _fingerprint(words: Iterable[str]) -> str:
    text = "\n".join((jieba.__version__, str(DOMAIN_FREQUENCY), *sorted(words)))
    return sha256(text.encode()).hexdigest()


def _is_word(word: str) -> bool:
    return any(character.isalnum() for character in word)
