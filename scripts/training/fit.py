"""Fit the linear models, one label at a time, and write them as tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from scripts.training.matrix import Vocabulary

_CERTAIN = 4.0

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Weights:
    """What a fit found: (features, labels) and one bias a label."""

    matrix: Floats
    bias: Floats


def fit_labels(
    texts: csr_matrix,
    targets: Flags,
    *,
    strength: float,
    among: Sequence[Flags | None] | None = None,
    balance: float = 0.0,
) -> Weights:
    """Fit one yes-or-no model per column of `targets`, each on the rows that `among` names.

    `balance` is how far rare labels are lifted to the weight of common ones: 0 not, 1 fully.
    """
    columns = []
    for label in range(targets.shape[1]):
        chosen = among[label] if among is not None else None
        rows = slice(None) if chosen is None else np.flatnonzero(chosen)
        columns.append(_fit_one(texts[rows], targets[rows, label], strength, balance))
    return Weights(
        np.column_stack([column for column, _ in columns]), np.array([bias for _, bias in columns])
    )


def _fit_one(
    texts: csr_matrix, wanted: Flags, strength: float, balance: float
) -> tuple[Floats, float]:
    if wanted.all() or not wanted.any():
        # A trial may leave out the only voice of a label: nothing can be learned of it then.
        return np.zeros(texts.shape[1]), _CERTAIN if wanted.all() else -_CERTAIN
    ratio = (len(wanted) - wanted.sum()) / max(wanted.sum(), 1)
    model = LogisticRegression(
        C=strength,
        solver="liblinear",
        dual=True,  # ten times quicker where features outnumber texts
        tol=1e-4,
        max_iter=1000,
        random_state=0,
        class_weight={True: float(ratio) ** balance, False: 1.0},
    )
    model.fit(texts, wanted)
    return model.coef_[0], float(model.intercept_[0])


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model as it was fitted, and how much each kind of feature weighs in it."""

    weights: Weights
    importance: tuple[float, ...]


def write_models(
    path: Path,
    models: Sequence[Fitted],
    *,
    labels: Sequence[str],
    vocabularies: Sequence[Vocabulary],
    version: str,
) -> None:
    """Write models over the same features as one table, so that equal inputs give equal bytes."""
    parts: dict[str, Any] = {
        "labels": _lines(labels),
        "version": _lines([version]),
        "bias": np.concatenate([model.weights.bias for model in models]).astype(np.float32),
    }
    start = 0
    for number, vocabulary in enumerate(vocabularies):
        stop = start + len(vocabulary.names)
        parts[f"names{number}"] = _lines(vocabulary.names)
        parts[f"rarity{number}"] = vocabulary.rarity.astype(np.float16)
        parts[f"unknown{number}"] = np.array(vocabulary.unknown, dtype=np.float32)
        parts[f"weights{number}"] = _columns(models, number, start, stop).astype(np.float16)
        start = stop
    parts["meaning"] = _columns(models, -1, start, None).astype(np.float32)
    # numpy stamps every part with the same fixed date: equal parts give equal files.
    np.savez_compressed(path, **parts)


def _columns(models: Sequence[Fitted], kind: int, start: int, stop: int | None) -> Floats:
    """Return (features, labels) of one kind of feature, all models side by side."""
    return np.hstack([m.weights.matrix[start:stop] * m.importance[kind] for m in models])


def _lines(words: Sequence[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(words).encode(), dtype=np.uint8)
