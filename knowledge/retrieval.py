"""Find the FAQ entry that answers a question: BM25 over several views, fused, explainable."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import bm25s
import numpy as np
import numpy.typing as npt

from knowledge.segment import Segmenter

SURE = 0.6
"""From here on the entry is the answer."""
CLOSE = 0.45
"""From here on the entry is worth offering; below it nothing known fits."""

_ASKED_WEIGHT = 0.2  # answers hold most of the words people use; questions are short
_HALF_EVIDENCE = 0.188  # BM25 per unit of `_rarity` at which the evidence counts half

Scores = npt.NDArray[np.float32]

_FEW = 30  # below this, word statistics say too little to trust
_ENOUGH_PAIRS = 4
_ALIKE_AT_MOST = 0.95  # even the same words may be meant otherwise

_TITLE_LENGTH = 30
_MAX_QUERY = 300  # characters: longer texts add time, not evidence


@dataclass(frozen=True, slots=True)
class FaqDocument:
    """An FAQ entry as search sees it."""

    id: str
    question: str
    similar: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A found entry; `score` (0..1) compares across queries and FAQ sizes."""

    id: str
    title: str
    score: float


class _View:
    """One way of reading the entries: a BM25 score matrix and which entry each row belongs to."""

    def __init__(self, texts: Sequence[list[str]], owners: Sequence[int], entries: int) -> None:
        self._owners = np.asarray(owners, dtype=np.intp)
        self._entries = entries
        self._one_row_each = self._owners.tolist() == list(range(entries))
        # bm25s adds up a query over boxed results; the plain columns are all that is needed here.
        index = bm25s.BM25(method="lucene", k1=1.2, b=0.5)
        index.index([tokens or [""] for tokens in texts], show_progress=False)
        self._vocabulary: dict[str, int] = index.vocab_dict
        self._data: Scores = index.scores["data"]
        self._rows: npt.NDArray[np.int32] = index.scores["indices"]
        self._starts: list[int] = index.scores["indptr"].tolist()
        self._best = self._best_per_token()
        self._unknown = float(np.median(self._best))

    def _best_per_token(self) -> list[float]:
        """Return the highest contribution each token can make to any row."""
        return [float(self._data[a:b].max(initial=0.0)) for a, b in pairwise(self._starts)]

    def match(self, tokens: Iterable[str]) -> tuple[Scores, float]:
        """Return every entry's BM25 score and the highest score the tokens could reach."""
        totals = np.zeros(len(self._owners), dtype=np.float32)
        possible = 0.0
        for token in dict.fromkeys(tokens):
            column = self._vocabulary.get(token)
            if column is None:
                possible += self._unknown
                continue
            start, stop = self._starts[column], self._starts[column + 1]
            totals[self._rows[start:stop]] += self._data[start:stop]
            possible += self._best[column]
        return self._per_entry(totals), possible or 1.0

    def _per_entry(self, totals: Scores) -> Scores:
        """Keep each entry's best row."""
        if self._one_row_each:
            return totals
        best = np.zeros(self._entries, dtype=np.float32)
        np.maximum.at(best, self._owners, totals)
        return best


@dataclass(frozen=True, slots=True)
class _Views:
    question_words: _View
    question_pairs: _View
    answer_words: _View
    answer_pairs: _View


class FaqIndex:
    """Search over a fixed set of entries; a changed FAQ gets a new index."""

    def __init__(
        self, entries: tuple[FaqDocument, ...], segmenter: Segmenter, views: _Views | None
    ) -> None:
        self._entries = entries
        self._segmenter = segmenter
        self._views = views
        # The rarest word weighs about log(entries), and so do lucky matches: dividing by both
        # makes the scores of a small and a large FAQ comparable.
        self._rarity = math.log(max(len(entries), _FEW)) ** 2

    @classmethod
    def build(cls, entries: Iterable[FaqDocument], segmenter: Segmenter) -> Self:
        """Compile the entries; their order does not matter, equal ids are an error."""
        ordered = tuple(sorted(entries, key=lambda entry: entry.id))
        if len({entry.id for entry in ordered}) != len(ordered):
            message = "two FAQ entries share an id"
            raise ValueError(message)
        return cls(ordered, segmenter, _compile(ordered, segmenter) if ordered else None)

    def __len__(self) -> int:
        return len(self._entries)

    def search(self, text: str, limit: int = 5) -> tuple[Passage, ...]:
        """Return the best entries, best first; equal scores come in the order of their ids."""
        words = self._segmenter.cut_for_search(text[:_MAX_QUERY])
        if self._views is None or not words:
            return ()
        scores = _fuse(self._views, words, _pairs(text[:_MAX_QUERY]), self._rarity)
        best = np.argsort(-scores, kind="stable")[:limit]
        return tuple(self._passage(int(i), float(scores[i])) for i in best if scores[i] > 0)

    def _passage(self, position: int, score: float) -> Passage:
        entry = self._entries[position]
        title = entry.question or entry.answer[:_TITLE_LENGTH]
        return Passage(entry.id, title, round(min(score, 1.0), 4))


def _compile(entries: Sequence[FaqDocument], segmenter: Segmenter) -> _Views:
    """Index questions one by one (an entry counts by its best) and answers as a whole."""
    asked = [
        (i, ask) for i, entry in enumerate(entries) for ask in (entry.question, *entry.similar)
    ]
    owners, questions = [i for i, _ in asked], [ask for _, ask in asked]
    whole = [f"{entry.question} {' '.join(entry.similar)} {entry.answer}" for entry in entries]
    everyone = range(len(entries))
    cut = segmenter.cut_for_search
    return _Views(
        _View([cut(text) for text in questions], owners, len(entries)),
        _View([_pairs(text) for text in questions], owners, len(entries)),
        _View([cut(text) for text in whole], everyone, len(entries)),
        _View([_pairs(text) for text in whole], everyone, len(entries)),
    )


def _fuse(views: _Views, words: Sequence[str], pairs: Sequence[str], rarity: float) -> Scores:
    """Return per entry how well it matches, 0..1: by evidence, or by matching nearly all.

    The share of the query that matches says nothing about "is this ours at all" (two common
    words match fully), while the plain BM25 sum does; but a short exact question gathers little
    BM25. So the better of the two counts.
    """
    found = (
        (_ASKED_WEIGHT / 2, *views.question_words.match(words)),
        (_ASKED_WEIGHT / 2, *views.question_pairs.match(pairs)),
        (0.5 - _ASKED_WEIGHT / 2, *views.answer_words.match(words)),
        (0.5 - _ASKED_WEIGHT / 2, *views.answer_pairs.match(pairs)),
    )
    bm25 = np.zeros_like(found[0][1])
    share = np.zeros_like(bm25)
    for weight, score, most in found:
        bm25 += np.float32(weight / rarity) * score
        share += np.float32(weight / most) * score
    evidence = np.maximum(bm25 / (bm25 + np.float32(_HALF_EVIDENCE)), share)
    return np.maximum(evidence, _asked_alike(found[:2], pairs))


def _asked_alike(asked: Sequence[tuple[float, Scores, float]], pairs: Sequence[str]) -> Scores:
    """Return how nearly one of an entry's own questions says the same; a few words prove little."""
    certainty = min(1.0, len(pairs) / _ENOUGH_PAIRS) * _ALIKE_AT_MOST / len(asked)
    alike = np.zeros_like(asked[0][1])
    for _, score, most in asked:
        alike += np.float32(certainty / most) * score
    return alike


def _pairs(text: str) -> list[str]:
    """Return neighbouring characters, pair by pair, without spaces and punctuation."""
    letters = "".join(character for character in text.lower() if character.isalnum())
    return [letters[i : i + 2] for i in range(len(letters) - 1)] or [letters]
