"""What words mean, as a table of vectors: known words close in meaning speak for unknown ones."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from knowledge.keys import Numbers

Floats = npt.NDArray[np.float32]


class WordVectors:
    """A table of word vectors, made once from a sentence embedding; nothing is computed anew."""

    def __init__(self, rows: Numbers, vectors: npt.NDArray[np.int8], scale: Floats) -> None:
        self._rows = rows
        self._vectors = vectors
        self._scale = scale

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a table of words, 8-bit vectors and one scale a dimension."""
        with np.load(path, allow_pickle=False) as stored:
            words = stored["words"].tobytes().decode().split("\n")
            return cls(
                Numbers.in_order(words),
                stored["vectors"],
                stored["scale"].astype(np.float32),
            )

    @property
    def size(self) -> int:
        """Return how many numbers a vector has."""
        return int(self._vectors.shape[1])

    def mean(self, words: Iterable[str]) -> Floats:
        """Return the mean direction of the words, of length one; zeros where none is known.

        The table holds each vector already weighted by how rare its word is.
        """
        rows = [row for row in map(self._rows.get, words) if row is not None]
        if not rows:
            return np.zeros(self.size, dtype=np.float32)
        total: Floats = self._vectors[rows].sum(axis=0, dtype=np.float32) * self._scale
        length = float(np.sqrt(total @ total))
        mean: Floats = total / np.float32(length or 1.0)
        return mean
