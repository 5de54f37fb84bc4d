"""Cosine similarity over runs of one to three characters, without keeping their names."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

_COLUMNS: Final = 1 << 18
_PRIME: Final = 1_000_003
_LONGEST: Final = 3

Scores = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int64]


class GramView:
    """Texts as TF-IDF over hashed runs of characters; a text matches by the angle between them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = len(texts)
        # Text by text and in narrow types: all runs at once would need ten times the memory.
        found = [np.unique(_codes(text), return_counts=True) for text in texts]
        column = _joined([columns for columns, _ in found]).astype(np.int32)
        counts = _joined([counted for _, counted in found]).astype(np.float32)
        row = np.repeat(np.arange(len(texts), dtype=np.int32), [len(c) for c, _ in found])
        self._rarity = _rarity(np.bincount(column, minlength=_COLUMNS), len(texts))
        values = ((1 + np.log(counts)) * self._rarity[column]).astype(np.float32)
        length = np.sqrt(np.bincount(row, weights=values**2, minlength=len(texts)))
        by_column = np.argsort(column, kind="stable")
        self._rows = row[by_column]
        self._values = (values / np.maximum(length[row], 1e-9))[by_column].astype(np.float32)
        self._starts = np.searchsorted(column[by_column], np.arange(_COLUMNS + 1)).astype(np.int32)

    def match(self, text: str) -> Scores:
        """Return the cosine between `text` and every text, 0..1."""
        column, counts = np.unique(_codes(text), return_counts=True)
        wanted = (1 + np.log(counts)) * self._rarity[column]
        wanted /= max(float(np.sqrt(wanted @ wanted)), 1e-9)
        totals = np.zeros(self._texts, dtype=np.float32)
        starts, stops = self._starts[column].tolist(), self._starts[column + 1].tolist()
        for start, stop, weight in zip(starts, stops, wanted.tolist(), strict=True):
            if start < stop:
                totals[self._rows[start:stop]] += np.float32(weight) * self._values[start:stop]
        return totals


def _joined(parts: Sequence[Codes]) -> Codes:
    return np.concatenate([*parts, np.zeros(0, dtype=np.int64)])


def _codes(text: str) -> Codes:
    """Return the hashed runs of a text, spaces and punctuation left out."""
    letters = "".join(filter(str.isalnum, text.lower()))
    single = np.frombuffer(letters.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    runs, longer = [single], single
    for size in range(2, _LONGEST + 1):
        longer = longer[: max(len(single) - size + 1, 0)] * _PRIME + single[size - 1 :]
        runs.append(longer + size)
    return np.concatenate(runs) % _COLUMNS


def _rarity(texts_with: npt.NDArray[np.int64], texts: int) -> npt.NDArray[np.float64]:
    rarity: npt.NDArray[np.float64] = np.log((1 + texts) / (1 + texts_with)) + 1
    return rarity
