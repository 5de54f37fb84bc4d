"""A trained linear model at work: a score is a sum of rows of a table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from knowledge.features import Features
from knowledge.keys import Numbers

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of feature: the row of each known one, how telling it is, and what it says."""

    rows: Numbers
    rarity: Floats
    """(features,) inverse document frequency of each known feature."""
    unknown: float
    """The rarity of a feature that training never saw: it speaks for nothing and thins the rest."""
    weights: npt.NDArray[np.float16]
    """(features, labels), without the rarity"""

    def score(self, features: Sequence[str]) -> Floats:
        """Return what the features say about each label."""
        known = [row for row in map(self.rows.get, features) if row is not None]
        if not known:
            return np.zeros(self.weights.shape[1], dtype=np.float32)
        rarity = self.rarity[known]
        strange = (len(features) - len(known)) * self.unknown**2
        length = math.sqrt(float(rarity @ rarity) + strange)
        total: Floats = self.rarity[known] @ self.weights[known].astype(np.float32)
        return total / np.float32(length)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights for every feature and label; immutable, so that threads may share it."""

    labels: tuple[str, ...]
    bias: Floats
    blocks: tuple[Block, ...]
    meaning: Floats
    """(dimensions, labels): what the mean word vector says."""
    version: str

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model file; raises ValueError where it is none."""
        with np.load(path, allow_pickle=False) as stored:
            parts = {name: stored[name] for name in stored.files}
        blocks: list[Block] = []
        while f"names{len(blocks)}" in parts:
            blocks.append(_read_block(parts, len(blocks)))
        if not blocks:
            message = f"{path.name} holds no model"
            raise ValueError(message)
        return cls(
            labels=tuple(_words(parts["labels"])),
            bias=parts["bias"].astype(np.float32),
            blocks=tuple(blocks),
            meaning=parts["meaning"].astype(np.float32),
            version=_words(parts["version"])[0],
        )

    def score(self, features: Features, meaning: Floats) -> Floats:
        """Return one number per label: above zero is more likely than not."""
        total = self.bias + meaning @ self.meaning
        for block, found in zip(self.blocks, features.kinds(), strict=False):
            if found:
                total = total + block.score(found)
        return np.asarray(total, dtype=np.float32)


def _read_block(parts: Mapping[str, npt.NDArray[np.generic]], number: int) -> Block:
    names = _words(parts[f"names{number}"])
    return Block(
        rows=Numbers.in_order(names),
        rarity=parts[f"rarity{number}"].astype(np.float32),
        unknown=float(parts[f"unknown{number}"][()]),
        weights=parts[f"weights{number}"].astype(np.float16),
    )


def _words(stored: npt.NDArray[np.generic]) -> list[str]:
    """Return a list of strings that was stored as bytes, one a line."""
    return stored.tobytes().decode().split("\n")
