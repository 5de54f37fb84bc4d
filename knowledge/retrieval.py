"""Find the FAQ entry that answers a question: several views fused, and an honest certainty.

The views are words and pairs of characters (BM25), runs of one to three characters (TF-IDF), and
the meaning of the words (a table of vectors), each over an entry's questions or over all of it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final, Self

import bm25s
import numpy as np
import numpy.typing as npt

from knowledge.grams import GramView
from knowledge.keys import Numbers
from knowledge.lexicon import load_content
from knowledge.segment import Segmenter
from knowledge.word_vectors import WordVectors

SURE = 0.6
"""From here on the entry is the answer."""
OWN_WORDING = 0.85
"""From here on the text says what one of the entry's own questions says."""
CLOSE = 0.35
"""From here on the entry is worth offering; below it nothing known fits."""

Scores = npt.NDArray[np.float32]

_RANKING: Final = {
    "grams": 0.6,
    "whole_words": 1.0,
    "whole_pairs": 1.0,
    "asked_meaning": 1.5,
    "wording_meaning": 1.0,
    "answer_meaning": 1.5,
}
"""How much each view weighs when entries are ranked, each scaled to its own spread."""

_NEARLY, _BONUS = 0.5, 40.0
"""From which likeness on an entry's own wording counts, and how much (a rank is about 0 to 40)."""

_ENOUGH_PAIRS, _ENOUGH_LETTERS = 4, 5
_ALIKE_AT_MOST = 0.95  # even the same words may be meant otherwise

_HOTLINE = re.compile(r"(?<!\d)12\d{3}(?!\d)")
"""Every second answer ends with one: a question about a hotline means none of them."""
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
        named: dict[str, int] = index.vocab_dict
        self._vocabulary = Numbers.of(named, named.items())
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

    def share(self, tokens: Iterable[str]) -> Scores:
        """Return which share of the highest possible score each entry reaches, 0..1."""
        found, possible = self.match(tokens)
        return found / np.float32(possible)

    def _per_entry(self, totals: Scores) -> Scores:
        """Keep each entry's best row."""
        if self._one_row_each:
            return totals
        best = np.zeros(self._entries, dtype=np.float32)
        np.maximum.at(best, self._owners, totals)
        return best


class _Meanings:
    """The meaning of each entry's questions one by one, of all of them, and of its answer."""

    def __init__(
        self,
        asked: "_Asked",
        vectors: WordVectors,
        *,
        wordings: Sequence[list[str]],
        answers: Sequence[list[str]],
    ) -> None:
        self._vectors = vectors
        self._owners = np.array(asked.owners, dtype=np.intp)
        self._entries = len(answers)
        self._asked = _rows(vectors, asked.words)
        self._wording = _rows(vectors, wordings)
        self._answer = _rows(vectors, answers)

    def match(self, words: Iterable[str]) -> Mapping[str, Scores]:
        """Return the cosine of the words with each view of every entry."""
        meaning = self._vectors.mean(words)
        best = np.zeros(self._entries, dtype=np.float32)
        np.maximum.at(best, self._owners, self._asked @ meaning)
        return {
            "asked_meaning": best,
            "wording_meaning": self._wording @ meaning,
            "answer_meaning": self._answer @ meaning,
        }


def _rows(vectors: WordVectors, texts: Sequence[list[str]]) -> Scores:
    """Return the mean meaning of each text's words."""
    return np.array([vectors.mean(words) for words in texts]).reshape(-1, vectors.size)


@dataclass(frozen=True, slots=True)
class _Asked:
    """All questions of all entries with their words, and whose each is."""

    texts: tuple[str, ...]
    words: tuple[list[str], ...]
    owners: tuple[int, ...]


class _Views:
    """Every way of reading the entries."""

    def __init__(
        self,
        entries: Sequence[FaqDocument],
        segmenter: Segmenter,
        vectors: WordVectors | None,
        cut: Callable[[str], list[str]],
    ) -> None:
        questions = [(i, q) for i, e in enumerate(entries) for q in (e.question, *e.similar)]
        asked = _Asked(
            tuple(question for _, question in questions),
            tuple(cut(question) for _, question in questions),
            tuple(owner for owner, _ in questions),
        )
        told = [_HOTLINE.sub(" ", entry.answer) for entry in entries]
        answers = [cut(said) for said in told]
        wordings: list[list[str]] = [[] for _ in entries]
        for owner, words in zip(asked.owners, asked.words, strict=True):
            wordings[owner] += words
        whole = [f"{_wording(entry)} {said}" for entry, said in zip(entries, told, strict=True)]
        everyone = range(len(entries))
        self._segmenter = segmenter
        search = segmenter.with_shorter
        self._asked_words = _View([search(w) for w in asked.words], asked.owners, len(entries))
        self._asked_pairs = _View([_pairs(q) for q in asked.texts], asked.owners, len(entries))
        self._whole_words = _View(
            [search([*w, *a]) for w, a in zip(wordings, answers, strict=True)],
            everyone,
            len(entries),
        )
        self._whole_pairs = _View([_pairs(text) for text in whole], everyone, len(entries))
        self._grams = GramView(whole)
        self._meanings = (
            _Meanings(asked, vectors, wordings=wordings, answers=answers) if vectors else None
        )

    def match(self, text: str, words: Sequence[str]) -> Mapping[str, Scores]:
        """Return what each view says of every entry, 0..1 each."""
        pairs = _pairs(text)
        asked_words = self._asked_words.share(self._segmenter.with_shorter(words))
        asked_pairs = self._asked_pairs.share(pairs)
        found = {
            "grams": self._grams.match(text),
            "whole_words": self._whole_words.share(self._segmenter.with_shorter(words)),
            "whole_pairs": self._whole_pairs.share(pairs),
            "asked_words": asked_words,
            "asked_pairs": asked_pairs,
            "alike": _alike(asked_words, asked_pairs, len(pairs)),
        }
        if self._meanings is not None:
            found |= self._meanings.match(words)
        return found


class FaqIndex:
    """Search over a fixed set of entries; a changed FAQ gets a new index."""

    def __init__(
        self, entries: tuple[FaqDocument, ...], segmenter: Segmenter, views: _Views | None
    ) -> None:
        self._entries = entries
        self._segmenter = segmenter
        self._views = views

    @classmethod
    def build(
        cls,
        entries: Iterable[FaqDocument],
        segmenter: Segmenter,
        vectors: WordVectors | None = None,
        *,
        cut: Callable[[str], list[str]] | None = None,
    ) -> Self:
        """Compile the entries; their order does not matter, equal ids are an error.

        `cut` may remember what the segmenter once cut.
        """
        ordered = tuple(sorted(entries, key=lambda entry: entry.id))
        if len({entry.id for entry in ordered}) != len(ordered):
            message = "two FAQ entries share an id"
            raise ValueError(message)
        cut = cut or segmenter.cut
        return cls(
            ordered, segmenter, _Views(ordered, segmenter, vectors, cut) if ordered else None
        )

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the entries in the order of `compare`."""
        return tuple(entry.id for entry in self._entries)

    def search(self, text: str, limit: int = 5) -> tuple[Passage, ...]:
        """Return the best entries, best first; equal scores come in the order of their ids."""
        found = self.compare(text)
        if not found:
            return ()
        ranks = rank(found)
        best = np.argsort(-ranks, kind="stable")[:limit]
        certain = _certainty(found, ranks) * np.float32(_weight_of(text))
        # Of two entries the better ranked is never the less certain one.
        scores = np.minimum.accumulate(certain[best])
        return tuple(
            self._passage(int(i), float(score))
            for i, score in zip(best, scores, strict=True)
            if found["whole_pairs"][i] > 0
        )

    def compare(self, text: str) -> Mapping[str, Scores]:
        """Return what every view says of every entry; nothing where there are no words."""
        read = text[:_MAX_QUERY]
        words = self._segmenter.cut(read)
        return {} if self._views is None or not words else self._views.match(read, words)

    def _passage(self, position: int, score: float) -> Passage:
        entry = self._entries[position]
        title = entry.question or entry.answer[:_TITLE_LENGTH]
        return Passage(entry.id, title, round(min(score, 1.0), 4))


def _wording(entry: FaqDocument) -> str:
    return f"{entry.question} {' '.join(entry.similar)}"


def rank(found: Mapping[str, Scores]) -> Scores:
    """Fuse the views, each scaled to its own spread over the entries."""
    total = np.zeros_like(found["grams"])
    for name, weight in _RANKING.items():
        if name in found:
            scores = found[name]
            spread = float(scores.std())
            if spread > 0:
                total += np.float32(weight / spread) * (scores - scores.mean())
    # Nearly the words of one of an entry's own questions: the others may be longer, not nearer.
    if "alike" in found:
        total += np.float32(_BONUS) * np.maximum(found["alike"] - np.float32(_NEARLY), 0)
    return total


def _certainty(found: Mapping[str, Scores], ranks: Scores) -> Scores:
    """Return how likely each entry is to be the right one, 0..1 (see `scripts.training.certainty`).

    The same words as one of an entry's own questions are near certain, whatever else is known.
    """
    weights = _certainty_weights()
    total = np.full_like(ranks, weights["bias"])
    for name in CERTAINTY_VIEWS:
        if name in found:
            total += np.float32(weights[name]) * found[name]
    likely: Scores = np.float32(1) / (np.float32(1) + np.exp(-total))
    return np.maximum(likely, found["alike"] ** 2)


def _weight_of(text: str) -> float:
    """Return how much a text can prove, 0..1: two characters match much by chance."""
    return min(1.0, (len(_pairs(text)) + 1) / _ENOUGH_LETTERS)


CERTAINTY_VIEWS: Final = (
    "grams",
    "whole_words",
    "whole_pairs",
    "asked_words",
    "asked_pairs",
    "asked_meaning",
    "wording_meaning",
    "answer_meaning",
)


@cache
def _certainty_weights() -> dict[str, float]:
    return {str(k): float(str(v)) for k, v in load_content("model/certainty.yaml").items()}


def _alike(words: Scores, pairs: Scores, count: int) -> Scores:
    """Return how nearly one of an entry's own questions says the same; a few words prove little."""
    certain = np.float32(min(1.0, count / _ENOUGH_PAIRS) * _ALIKE_AT_MOST / 2)
    return certain * (words + pairs)


def _pairs(text: str) -> list[str]:
    """Return neighbouring characters, pair by pair, without spaces and punctuation."""
    letters = "".join(character for character in text.lower() if character.isalnum())
    return [letters[i : i + 2] for i in range(len(letters) - 1)] or [letters]
