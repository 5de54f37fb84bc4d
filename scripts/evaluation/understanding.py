"""Figures on intents, out-of-domain messages, danger and noise."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from knowledge.engine import Action, Engine, Understanding
from knowledge.intents import Intent
from scripts.evaluation.data import Data, Rows, coarse_of
from scripts.evaluation.figures import Figure, macro_f1, share
from scripts.evaluation.overlap import Overlap
from scripts.training import noise

_HIGH_RISK = "high"
_NEAR_MISS = "crisis_hn"
"""The tag of messages that sound like danger and are none."""


@dataclass(frozen=True, slots=True)
class Understander:
    """Understands each text once."""

    engine: Engine
    overlap: Overlap

    def __call__(self, text: str) -> Understanding:
        """Return what the engine understands, as of a first message."""
        return _understand(self.engine, text)


@cache
def _understand(engine: Engine, text: str) -> Understanding:
    return engine.understand(text)


def understanding_figures(data: Data, understand: Understander) -> Iterator[Figure]:
    """Yield the figures of every file that is there."""
    persona = data.rows("persona/utterances.jsonl")
    real = data.rows("real/intent.jsonl")
    yield from _persona(persona, understand)
    yield from _coarse(real, understand)
    yield from _out_of_domain(data.rows("real/ood.jsonl"), persona, real, understand)
    yield from _danger(data, persona, real, understand)
    yield from _noise(persona, understand)


def _measure(  # noqa: PLR0913 - one figure in full
    name: str,
    rows: Rows,
    is_hit: Callable[[str, dict[str, object]], bool],
    understand: Understander,
    *,
    floor: float | None = None,
    aim: float | None = None,
    less_is_better: bool = False,
) -> Iterator[Figure]:
    if not rows:
        return
    hits = [is_hit(str(row["text"]), row) for row in rows]
    fresh = [
        hit for hit, row in zip(hits, rows, strict=True) if not understand.overlap(row["text"])
    ]
    yield Figure(
        name, share(hits), len(rows), floor, aim, less_is_better, without_copies=share(fresh)
    )


def _persona(rows: Rows, understand: Understander) -> Iterator[Figure]:
    def is_right(text: str, row: dict[str, object]) -> bool:
        return understand(text).intent.value in _right(row)

    yield from _measure(
        "persona intents, accuracy", rows, is_right, understand, floor=0.86, aim=0.92
    )


def _right(row: dict[str, object]) -> set[str]:
    also = row.get("also") or ()
    return {str(row["intent"]), *(map(str, also) if isinstance(also, list) else ())}


def _coarse(rows: Rows, understand: Understander) -> Iterator[Figure]:
    def is_right(text: str, row: dict[str, object]) -> bool:
        return coarse_of(understand(text).intent.value) == row["label"]

    yield from _measure(
        "real coarse intents, accuracy", rows, is_right, understand, floor=0.83, aim=0.93
    )
    if rows:
        pairs = [(str(r["label"]), coarse_of(understand(r["text"]).intent.value)) for r in rows]
        fresh = [p for p, r in zip(pairs, rows, strict=True) if not understand.overlap(r["text"])]
        name = "real coarse intents, macro-F1"
        yield Figure(name, macro_f1(pairs), len(rows), 0.83, 0.93, without_copies=macro_f1(fresh))


def _out_of_domain(
    rows: Rows, persona: Rows, real: Rows, understand: Understander
) -> Iterator[Figure]:
    def is_rejected(text: str, _: dict[str, object]) -> bool:
        return not _is_kept(understand(text))

    def is_kept(text: str, _: dict[str, object]) -> bool:
        return _is_kept(understand(text))

    yield from _measure(
        "out of domain rejected", rows, is_rejected, understand, floor=0.95, aim=0.98
    )
    ours = [r for r in persona if r["intent"] != "other"] + [
        r for r in real if r["label"] != "other"
    ]
    yield from _measure("in domain kept", ours, is_kept, understand, floor=0.95, aim=0.98)


def _is_kept(found: Understanding) -> bool:
    return found.action is not Action.FALLBACK and found.intent is not Intent.OTHER


def _danger(data: Data, persona: Rows, real: Rows, understand: Understander) -> Iterator[Figure]:
    def is_heard(text: str, _: dict[str, object]) -> bool:
        return understand(text).danger.is_crisis

    posts = data.rows("real/severity_sos.jsonl")
    spoken = data.rows("real/psysuicide.jsonl")
    near = [r for r in persona if _NEAR_MISS in (r.get("tags") or ())]
    calm = [r for r in persona if "crisis" not in _right(r) and r not in near]
    calm = [*calm, *(r for r in real if r["label"] != "crisis"), *data.rows("real/ood.jsonl")]
    wanted: Sequence[tuple[str, Rows, float, float, bool]] = (
        (
            "crisis heard: persona",
            [r for r in persona if r["intent"] == "crisis"],
            0.95,
            0.97,
            False,
        ),
        ("crisis heard: real", [r for r in real if r["label"] == "crisis"], 0.90, 0.98, False),
        ("crisis heard: posts", [r for r in posts if r["label"] == _HIGH_RISK], 0.92, 0.97, False),
        (
            "crisis heard: counselling",
            [r for r in spoken if r["label"] == "crisis"],
            0.82,
            0.92,
            False,
        ),
        ("false alarms: sounds like danger", near, 0.05, 0.03, True),
        ("false alarms: all other messages", calm, 0.01, 0.005, True),
        (
            "false alarms: counselling",
            [r for r in spoken if r["label"] == "none"],
            0.05,
            0.03,
            True,
        ),
    )
    for name, rows, floor, aim, less in wanted:
        yield from _measure(
            name, rows, is_heard, understand, floor=floor, aim=aim, less_is_better=less
        )


def _noise(rows: Rows, understand: Understander) -> Iterator[Figure]:
    """Yield how many points of accuracy each kind of noise costs."""
    if not rows:
        return
    clean = share(understand(r["text"]).intent.value in _right(r) for r in rows)
    for name, spoil in noise.KINDS.items():
        spoiled = share(understand(spoil(r["text"])).intent.value in _right(r) for r in rows)
        floor, aim = (8.0, 5.0) if name == "homophones" else (3.0, 2.0)
        points = 100 * (clean - spoiled)
        yield Figure(
            f"points lost under {name}", points, len(rows), floor, aim, less_is_better=True
        )
