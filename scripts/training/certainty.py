"""Learn how sure a found FAQ entry is: from our own questions, each searched without itself."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from scipy.optimize import minimize

from knowledge.engine import Engine
from knowledge.normalise import normalise
from knowledge.retrieval import CERTAINTY_VIEWS, FaqDocument, FaqIndex, rank
from scripts.training.faq import Article

Floats = npt.NDArray[np.float64]
ROUNDS = 4
"""One question of every entry is left out in each round."""
_RIDGE = 0.5


Articles = Mapping[str, Sequence[Article]]


def learn(engine: Engine, entries: Sequence[FaqDocument], articles: Articles) -> dict[str, float]:
    """Return the weights of `certainty.yaml`: how likely the first entry found answers rightly.

    A neighbour that rests on the very article that decides the question answers rightly too.
    That a message is a question of law at all is for the intents to say.
    """
    examples = list(_own_questions(engine, entries, articles))
    features = np.array([values for values, _ in examples])
    is_right = np.array([right for _, right in examples])
    bias, *weights = _fit(features, is_right).tolist()
    named = dict(zip(CERTAINTY_VIEWS, weights, strict=True))
    return {"bias": round(bias, 3)} | {name: round(weight, 3) for name, weight in named.items()}


def write(path: Path, weights: dict[str, float]) -> None:
    """Write the weights where the search reads them."""
    text = yaml.safe_dump(weights, sort_keys=False)
    path.write_text("# Written by scripts.train_intents.\n" + text, encoding="utf-8")


def _fit(features: Floats, is_right: npt.NDArray[np.bool_]) -> Floats:
    """Fit a logistic model in which no likeness ever speaks against an entry."""
    sign = np.where(is_right, 1.0, -1.0)
    columns = np.column_stack([np.ones(len(features)), features])

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = sign * (columns @ weights)
        pull = -sign / (1 + np.exp(margin))
        penalty = _RIDGE * float(weights[1:] @ weights[1:])
        slope = columns.T @ pull + 2 * _RIDGE * np.concatenate([[0.0], weights[1:]])
        return float(np.logaddexp(0, -margin).sum()) + penalty, slope

    bounds = [(None, None)] + [(0, None)] * features.shape[1]
    start = np.zeros(columns.shape[1])
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B")
    solution: Floats = found.x
    return solution


def _own_questions(
    engine: Engine, entries: Sequence[FaqDocument], articles: Articles
) -> Iterator[tuple[list[float], bool]]:
    for left_out in range(ROUNDS):
        index = engine.index(_without(entry, left_out) for entry in entries)
        for entry in entries:
            asked = (entry.question, *entry.similar)
            if left_out < len(asked):
                right = _right_answers(entry.id, articles)
                yield from _example(index, normalise(asked[left_out]), right)


def _right_answers(wanted: str, articles: Articles) -> frozenset[str]:
    decisive = articles.get(wanted, ())[:1]
    also = (other for other, cited in articles.items() if set(decisive) & set(cited))
    return frozenset((wanted, *also))


def _without(entry: FaqDocument, place: int) -> FaqDocument:
    asked = (entry.question, *entry.similar)
    kept = tuple(text for number, text in enumerate(asked) if number != place)
    return FaqDocument(entry.id, kept[0] if kept else "", kept[1:], entry.answer)


def _example(
    index: FaqIndex, text: str, right: frozenset[str]
) -> Iterator[tuple[list[float], bool]]:
    found = index.compare(text)
    if found:
        best = int(np.argmax(rank(found)))
        yield [float(found[name][best]) for name in CERTAINTY_VIEWS], index.ids[best] in right
