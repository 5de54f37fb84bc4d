"""The whole training: read, weigh, fit, write, and try on voices that were left out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from knowledge.classifier import (
    ACUTE,
    CRISIS,
    DANGER_LABELS,
    DISTRESS,
    INTENTS,
    LABELS,
    SITUATIONS,
    Evidence,
    read_syllables,
)
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine
from knowledge.features import FeatureReader
from knowledge.intents import Cues
from knowledge.normalise import normalise
from knowledge.segment import Segmenter
from knowledge.word_vectors import WordVectors
from scripts.training import certainty
from scripts.training.corpus import Row, fingerprint, read_corpus
from scripts.training.faq import read_articles, read_faq
from scripts.training.fit import Fitted, fit_labels, write_models
from scripts.training.matrix import Vocabulary, build_matrix
from scripts.training.noise import with_homophones

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

FOLDS = 5
INTENT_IMPORTANCE = (1.0, 0.7, 0.5, 1.5, 0.3)
"""How much letters, words, sounds, cues and meaning weigh beside each other."""
DANGER_IMPORTANCE = (1.0, 0.7, 0.4, 0.0, 1.0)
"""No cues: a model that is shown the lexicon goes blind where the lexicon is silent."""
WISHES = tuple(intent.value for intent in INTENTS)
_SALTS = ("train", "again")
_COPIES = 1 + len(_SALTS)
_IN_TEXTS = 1 + _COPIES
"""Every row is there three times, so that a feature of one row alone stands in three texts."""
_ACUTE_LEVEL, _CRISIS_LEVEL = 3, 2
_WORST, _OF_A_KIND, _SHOWN = 50, 2, 60


@dataclass(frozen=True, slots=True)
class Task:
    """One model to train: its targets, on which rows each label is learned, how it weighs."""

    labels: tuple[str, ...]
    targets: Flags
    among: tuple[Flags | None, ...]
    importance: tuple[float, ...]
    strength: float
    """How closely the training rows are followed (the C of the logistic model)."""
    balance: float
    """How far rare labels are lifted to the weight of common ones: 0 not, 1 fully."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that can score texts as the running one will."""

    vocabularies: tuple[Vocabulary, ...]
    fitted: Fitted

    def score(self, texts: Sequence[Evidence]) -> Floats:
        """Return (texts, labels)."""
        matrix = _matrix(texts, self.vocabularies, self.fitted.importance)
        scores: Floats = matrix @ self.fitted.weights.matrix
        return scores + self.fitted.weights.bias


def train(corpus: Path, out: Path, *, with_trial: bool) -> str:
    """Train both models, write them to `out`, and return a report."""
    rows = with_slips(read_corpus(corpus))
    texts = read_evidence(rows, tables=out)
    report = [f"{len(rows) // _COPIES} messages of {len({row.voice for row in rows})} voices"]
    tasks = (intent_task(rows), danger_task(rows))
    vocabularies = collect(texts)
    write_models(
        out / "models.npz",
        [fit(task, texts, vocabularies).fitted for task in tasks],
        labels=LABELS,
        vocabularies=vocabularies,
        version=fingerprint(corpus),
    )
    report.append(f"{sum(len(v.names) for v in vocabularies)} features")
    for task in tasks if with_trial else ():
        scores = out_of_fold(task, texts, rows)
        report += told_apart(task, scores)
        report += worst_errors(task, scores, rows) if task.labels == WISHES else ()
    weights = certainty.learn(Engine.load(CONTENT), read_faq(), read_articles())
    certainty.write(out / "certainty.yaml", weights)
    return "\n".join([*report, f"certainty: {weights}"])


def with_slips(rows: Sequence[Row]) -> list[Row]:
    """Return every row three times, two of them as dictation might have written it."""
    spoiled = (
        replace(row, text=with_homophones(row.text, salt=salt)) for salt in _SALTS for row in rows
    )
    return [*rows, *spoiled]


def read_evidence(rows: Sequence[Row], *, tables: Path) -> list[Evidence]:
    """Read what the models weigh of every row, exactly as it is read from a message."""
    segmenter = Segmenter.load(CONTENT / "dictionary.txt")
    cues = Cues.load(CONTENT / "intents.yaml")
    reader = FeatureReader(segmenter, read_syllables(tables / "syllables.txt"))
    vectors = WordVectors.load(tables / "words.npz")
    found = []
    for row in rows:
        plain = normalise(row.text)
        features = reader.read(plain, (cue.name for cue in cues.find(plain)))
        found.append(Evidence(features, vectors.mean(features.words)))
    return found


def intent_task(rows: Sequence[Row]) -> Task:
    """Return what each message wants; a message with two wishes counts for both."""
    targets = np.array([[intent in row.intents for intent in INTENTS] for row in rows])
    single = (np.array([not row.is_chain for row in rows]),) * len(WISHES)
    return Task(WISHES, targets, single, INTENT_IMPORTANCE, strength=2.0, balance=0.3)


def danger_task(rows: Sequence[Row]) -> Task:
    """Return which messages are a crisis, and among those how acute and of what kind."""
    crisis = np.array([row.level >= _CRISIS_LEVEL for row in rows])
    columns: dict[str, tuple[Flags, Flags | None]] = {
        CRISIS: (crisis, None),
        ACUTE: (np.array([row.level == _ACUTE_LEVEL for row in rows]), crisis),
        DISTRESS: (np.array([row.level == 1 for row in rows]), ~crisis),
    }
    for situation in SITUATIONS:
        columns[situation.value] = (np.array([row.situation is situation for row in rows]), crisis)
    targets = np.column_stack([columns[label][0] for label in DANGER_LABELS])
    among = tuple(columns[label][1] for label in DANGER_LABELS)
    return Task(DANGER_LABELS, targets, among, DANGER_IMPORTANCE, strength=10.0, balance=0.0)


def collect(texts: Sequence[Evidence]) -> tuple[Vocabulary, ...]:
    """Return the features that are worth learning from, kind by kind."""
    return tuple(
        Vocabulary.collect([text.features.kinds()[kind] for text in texts], at_least=_IN_TEXTS)
        for kind in range(len(INTENT_IMPORTANCE) - 1)
    )


def fit(
    task: Task,
    texts: Sequence[Evidence],
    vocabularies: tuple[Vocabulary, ...],
    chosen: Flags | None = None,
) -> Trained:
    """Fit a task on all texts, or on the chosen ones."""
    rows = np.arange(len(texts)) if chosen is None else np.flatnonzero(chosen)
    weights = fit_labels(
        _matrix([texts[row] for row in rows.tolist()], vocabularies, task.importance),
        task.targets[rows],
        strength=task.strength,
        among=[None if among is None else among[rows] for among in task.among],
        balance=task.balance,
    )
    return Trained(vocabularies, Fitted(weights, task.importance))


def out_of_fold(task: Task, texts: Sequence[Evidence], rows: Sequence[Row]) -> Floats:
    """Score every row by a model that read no row of its voice."""
    folds = np.array([crc32(row.voice.encode()) % FOLDS for row in rows])
    scores = np.zeros(task.targets.shape)
    for fold in range(FOLDS):
        left_out = folds == fold
        if left_out.any():
            known = [texts[i] for i in np.flatnonzero(~left_out).tolist()]
            trained = fit(task, texts, collect(known), ~left_out)
            scores[left_out] = trained.score([texts[i] for i in np.flatnonzero(left_out).tolist()])
    return scores


def told_apart(task: Task, scores: Floats) -> Iterator[str]:
    """Tell how well unread voices are understood, label by label."""
    for column, label in enumerate(task.labels):
        among = task.among[column]
        inside = slice(None) if among is None else among
        wanted, found = task.targets[inside, column], scores[inside, column] > 0
        hit = int((wanted & found).sum())
        yield (
            f"  {label}: recall {hit / max(wanted.sum(), 1):.3f},"
            f" precision {hit / max(found.sum(), 1):.3f} of {int(wanted.sum())}"
        )


def worst_errors(task: Task, scores: Floats, rows: Sequence[Row]) -> Iterator[str]:
    """Yield a table of the surest errors on unread voices, at most two of a kind."""
    shown: Counter[tuple[int, int]] = Counter()
    best = scores.argmax(axis=1)
    surest = np.argsort(-scores.max(axis=1), kind="stable")
    yield "| sure | wanted | taken for | message |"
    yield "|---|---|---|---|"
    for row in (int(r) for r in surest if not _is_right(task, int(r), best, rows)):
        kind = (int(task.targets[row].argmax()), int(best[row]))
        if shown[kind] < _OF_A_KIND and shown.total() < _WORST:
            shown[kind] += 1
            sure = 1 / (1 + np.exp(-scores[row, best[row]]))
            wanted, taken = (task.labels[label] for label in kind)
            yield f"| {sure:.2f} | {wanted} | {taken} | {rows[row].text[:_SHOWN]} |"


def _is_right(task: Task, row: int, best: npt.NDArray[np.intp], rows: Sequence[Row]) -> bool:
    """Tell whether the best guess is wanted; slips and chains are not looked at."""
    is_copy = row >= len(rows) // _COPIES
    return is_copy or rows[row].is_chain or bool(task.targets[row, best[row]])


def _matrix(
    texts: Sequence[Evidence], vocabularies: Sequence[Vocabulary], importance: Sequence[float]
) -> csr_matrix:
    meanings = np.array([text.meaning for text in texts], dtype=np.float64)
    return build_matrix([text.features for text in texts], vocabularies, meanings, importance)
