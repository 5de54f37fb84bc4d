"""Which texts ask the same in other words, so that people read and answer them once."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from knowledge.grams import GramView
from knowledge.segment import Segmenter
from knowledge.word_vectors import WordVectors

MOST_TEXTS: Final = 5000
"""Every pair is compared: so many different texts take about 100 MB."""

_ALIKE = 0.225  # mean likeness of two groups; docs/unanswered.md has the figures behind both
_MEANING = 0.3
_AT_ONCE = 256

Scores = npt.NDArray[np.float32]


class Grouper:
    """Groups texts by what they ask."""

    def __init__(self, segmenter: Segmenter, vectors: WordVectors | None = None) -> None:
        self._segmenter = segmenter
        self._vectors = vectors

    @classmethod
    def load(cls, content_dir: Path) -> Self:
        """Read the dictionary and the meaning of words from the content folder."""
        segmenter = Segmenter.load(content_dir / "dictionary.txt")
        return cls(segmenter, WordVectors.load(content_dir / "model" / "words.npz"))

    def group(self, texts: Iterable[str], known: Sequence[str] = ()) -> list[tuple[str, ...]]:
        """Group normalised texts, the largest group first; order and repetition do not matter.

        `known` are other texts of the kind: they tell which wordings are rare when `texts` are few.
        Raises ValueError for more than `MOST_TEXTS` different ones.
        """
        distinct = sorted(set(texts))
        if len(distinct) > MOST_TEXTS:
            message = f"{len(distinct)} different texts, {MOST_TEXTS} at most"
            raise ValueError(message)
        alike = self._likeness(distinct, known)
        groups = [tuple(distinct[i] for i in sorted(group)) for group in _average_link(alike)]
        return sorted(groups, key=lambda group: (-len(group), group))

    def _likeness(self, texts: Sequence[str], known: Sequence[str]) -> Scores:
        """Return how alike every two texts are: runs of characters, and the meaning of words."""
        count = len(texts)
        grams = GramView([*texts, *sorted(known)])
        alike = np.zeros((count, count), dtype=np.float32)
        for row, text in enumerate(texts):
            alike[row] = grams.match(text)[:count]
        if self._vectors is not None and count:
            meanings = np.array([self._vectors.mean(self._segmenter.cut(text)) for text in texts])
            alike *= np.float32(1 - _MEANING)
            for rows in _blocks(count):
                alike[rows] += np.float32(_MEANING) * (meanings[rows] @ meanings.T)
        _settle(alike)
        return alike


def _settle(alike: Scores) -> None:
    """Give both directions one value (sums in another order differ in the last place)."""
    for rows in _blocks(len(alike)):
        rest = slice(rows.start, None)
        lower = np.minimum(alike[rest, rows], alike[rows, rest].T)
        alike[rest, rows] = lower
        alike[rows, rest] = lower.T
    np.fill_diagonal(alike, -np.inf)


def _blocks(count: int) -> list[slice]:
    return [slice(start, start + _AT_ONCE) for start in range(0, count, _AT_ONCE)]


def _average_link(alike: Scores) -> list[list[int]]:
    """Merge the nearest groups while their members are alike on average.

    Follows chains of nearest neighbours, which gives the same groups as always merging the nearest
    two of all, in the square of the number of texts. Overwrites `alike`.
    """
    groups = {row: [row] for row in range(len(alike))}
    done: list[list[int]] = []
    chain: list[int] = []
    while groups:
        chain = chain or [min(groups)]
        last = chain[-1]
        nearest = int(alike[last].argmax())
        if len(chain) > 1 and alike[last, chain[-2]] >= alike[last, nearest]:
            nearest = chain[-2]
        if alike[last, nearest] < _ALIKE:
            done.append(groups.pop(last))
            _strike(alike, chain.pop())
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            _merge(alike, groups, into=nearest, gone=last)
        else:
            chain.append(nearest)
    return done


def _merge(alike: Scores, groups: dict[int, list[int]], *, into: int, gone: int) -> None:
    share = np.float32(len(groups[into]) / (len(groups[into]) + len(groups[gone])))
    alike[into] = share * alike[into] + (1 - share) * alike[gone]
    alike[:, into] = alike[into]
    groups[into] += groups.pop(gone)
    _strike(alike, gone)


def _strike(alike: Scores, row: int) -> None:
    """Take a group out of all further comparison."""
    alike[row] = -np.inf
    alike[:, row] = -np.inf
