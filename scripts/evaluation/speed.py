"""Figures on time and memory, of one message on one core."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from knowledge.engine import Engine
from scripts.evaluation.figures import Figure
from scripts.evaluation.memory import measure

_ROUNDS = 3


def speed_figures(engine: Engine, texts: Sequence[str]) -> Iterator[Figure]:
    """Yield milliseconds per message for judging alone and with retrieval, and resident memory."""
    if not texts:
        return
    judged = [_best(lambda said: _judge(engine, said), text) for text in texts]
    whole = [_best(engine.understand, text) for text in texts]
    name = "ms: normalise, danger, intent"
    yield Figure(f"{name}, median", _median(judged), len(texts), 1, 0.5, less_is_better=True)
    yield Figure(f"{name}, p99", _p99(judged), len(texts), 5, 3, less_is_better=True)
    yield Figure("ms: with retrieval, median", _median(whole), len(texts), less_is_better=True)
    yield Figure("ms: with retrieval, p99", _p99(whole), len(texts), less_is_better=True)
    yield Figure("MB resident, engine and FAQ", measure(), 1, 220, 200, less_is_better=True)


def _judge(engine: Engine, text: str) -> None:
    """Do all that comes before the search: normalise, lexicon of danger, both models."""
    engine.hear(text)


def _best(work: Callable[[str], object], text: str) -> float:
    """Return the quickest of a few runs, in milliseconds: what the machine adds is left out."""
    times = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        work(text)
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def _median(times: Sequence[float]) -> float:
    return statistics.median(times)


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[int(0.99 * (len(times) - 1))]
