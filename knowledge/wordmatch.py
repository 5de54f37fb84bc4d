"""Finds which of a few short texts a sentence is about, by the pairs of characters they share."""

from collections import Counter
from collections.abc import Collection, Sequence

_COMMON = 3
"""A pair that stands in more options than this tells none of them apart."""


def best_match(text: str, options: Sequence[str], ignore: Collection[str] = ()) -> int | None:
    """Return the index of the option that shares most with `text`, or None where none does.

    Words of `ignore` are taken out first: they stand in every sentence of the subject.
    """
    for word in sorted(ignore, key=len, reverse=True):
        text = text.replace(word, " ")
    wanted = _pairs(text)
    pairs = [_pairs(option) for option in options]
    counts = Counter(pair for found in pairs for pair in found)
    telling = {pair for pair in wanted if 0 < counts[pair] <= _COMMON}
    scores = [len(telling & found) for found in pairs]
    best = max(scores, default=0)
    return scores.index(best) if best else None


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1) if text[i : i + 2].isalnum()}
