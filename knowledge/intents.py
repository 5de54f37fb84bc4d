"""Guess what a person wants from weighted cues: small, explainable, no training needed."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import yaml

SURE = 0.5
"""From here on the bot answers without asking: nine of ten such guesses are right."""
PLAUSIBLE = 0.35
"""From here on an intent is worth a thought although another may be likelier."""
LEAST = 0.1
"""Below this the bot does not even ask."""

_STEEPNESS = 1.2
_EVEN_ODDS = 2.0  # the summed weight at which a guess is as likely right as wrong
CERTAIN = 0.99  # wordings alone never make certain
_SEPARATORS = re.compile(r"[\W_]+")
_TERM = re.compile(r"<(\w+)>")


class Intent(StrEnum):
    """Everything a first message can want."""

    JOB_SEARCH = "job_search"
    JOB_DETAIL = "job_detail"
    JOB_REGISTER = "job_register"
    JOB_POST = "job_post"
    CLASS_SCHEDULE = "class_schedule"
    LEGAL = "legal"
    COUNSEL = "counsel"
    HUMAN = "human"
    CRISIS = "crisis"
    STATION = "station"
    AID = "aid"
    FEEDBACK = "feedback"
    MUTUAL_HELP = "mutual_help"
    PRIVACY = "privacy"
    SMALLTALK = "smalltalk"
    HELP = "help"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class IntentScore:
    """How sure a guess is (0..1) and the names of the cues that speak for or against it."""

    intent: Intent
    score: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """A kind of wording and what it says about each intent."""

    name: str
    pattern: re.Pattern[str]
    weights: Mapping[Intent, float]

    @property
    def is_of_danger(self) -> bool:
        """Tell whether the wording speaks of danger, which no model may be shown."""
        return Intent.CRISIS in self.weights


class IntentRules:
    """Score every intent by the cues found in a text."""

    def __init__(self, cues: tuple[Cue, ...], priors: Mapping[Intent, float]) -> None:
        self._cues = cues
        self._priors = priors

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and compile a cue file; a wrong intent or pattern raises ValueError."""
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        terms = {name: _either(words) for name, words in data["terms"].items()}
        priors = {Intent(name): float(weight) for name, weight in data["priors"].items()}
        return cls(tuple(_cue(entry, terms) for entry in data["cues"]), priors)

    def find(self, text: str) -> tuple[Cue, ...]:
        """Return the cues that the text holds, in the file's order."""
        compact = _SEPARATORS.sub(" ", text.lower()).strip()
        return tuple(cue for cue in self._cues if cue.pattern.search(compact))

    def names(self, text: str) -> tuple[str, ...]:
        """Return the names of the cues that the text holds, those of danger left out."""
        return tuple(cue.name for cue in self.find(text) if not cue.is_of_danger)

    def score(self, text: str) -> tuple[IntentScore, ...]:
        """Return all intents, the most likely first; equal scores stay in the enum's order."""
        totals = dict.fromkeys(Intent, 0.0) | dict(self._priors)
        reasons: dict[Intent, list[str]] = {intent: [] for intent in Intent}
        for cue in self.find(text):
            for intent, weight in cue.weights.items():
                totals[intent] += weight
                reasons[intent].append(cue.name)
        scores = (IntentScore(i, probability(totals[i]), tuple(reasons[i])) for i in Intent)
        return tuple(sorted(scores, key=lambda guess: -guess.score))


def probability(total: float) -> float:
    """Turn summed weights into 0..1: 2 is even odds, 3 is sure, 1 is a hint, 0 is nothing."""
    return min(round(1 / (1 + math.exp(-_STEEPNESS * (total - _EVEN_ODDS))), 4), CERTAIN)


def log_odds(likely: float) -> float:
    """Return the logarithm of the odds of a likelihood, 0..1 (the ends are kept finite)."""
    bounded = min(max(likely, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def _cue(entry: Mapping[str, Any], terms: Mapping[str, str]) -> Cue:
    """Compile one entry of the cue file."""
    name = entry["cue"]
    source = _TERM.sub(lambda found: terms[found[1]], _either(entry["any"]))
    try:
        pattern = re.compile(source)
    except re.error as error:
        message = f"cue {name}: {error}"
        raise ValueError(message) from error
    return Cue(name, pattern, _weights(entry["weights"]))


def _weights(named: Mapping[str, float]) -> Mapping[Intent, float]:
    """Resolve intent names; `others` means every intent the cue does not name."""
    rest = float(named.get("others", 0))
    own = {Intent(name): float(weight) for name, weight in named.items() if name != "others"}
    if not rest:
        return own
    return dict.fromkeys((intent for intent in Intent if intent not in own), rest) | own


def _either(alternatives: list[str]) -> str:
    return "(?:" + "|".join(alternatives) + ")"
