"""What a message can want, how sure a guess is, and the wordings that speak for a wish."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from knowledge.content_dir import read_yaml

SURE = 0.5
"""From here on the bot answers without asking: nine of ten such guesses are right."""
SPOKEN = 0.4
"""From here on it answers where a known wording says the same."""
PLAUSIBLE = 0.35
"""From here on an intent is worth a thought although another may be likelier."""
LEAST = 0.1
"""Below this the bot does not even ask."""

CERTAIN = 0.99
"""No evidence but danger makes more certain than this."""
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
    """A kind of wording and the wishes that it speaks for; how much it counts is learned."""

    name: str
    pattern: re.Pattern[str]
    wishes: frozenset[Intent]


class Cues:
    """Find the wordings that are known by name."""

    def __init__(self, cues: tuple[Cue, ...]) -> None:
        self._cues = cues

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and compile a cue file; a wrong intent or pattern raises ValueError."""
        data = read_yaml(path)
        terms = {name: _either(words) for name, words in data["terms"].items()}
        return cls(tuple(_cue(entry, terms) for entry in data["cues"]))

    def find(self, text: str) -> tuple[Cue, ...]:
        """Return the cues that the text holds, in the file's order."""
        compact = _SEPARATORS.sub(" ", text.lower()).strip()
        return tuple(cue for cue in self._cues if cue.pattern.search(compact))


def log_odds(likely: float) -> float:
    """Return the logarithm of the odds of a likelihood, 0..1 (the ends are kept finite)."""
    bounded = min(max(likely, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def _cue(entry: Mapping[str, Any], terms: Mapping[str, str]) -> Cue:
    """Compile one entry of the cue file."""
    name = entry["cue"]
    wishes = frozenset(map(Intent, entry["wishes"]))
    if Intent.CRISIS in wishes:
        message = f"cue {name}: danger is judged by the safety content alone"
        raise ValueError(message)
    source = _TERM.sub(lambda found: terms[found[1]], _either(entry["any"]))
    try:
        return Cue(name, re.compile(source), wishes)
    except re.error as error:
        message = f"cue {name}: {error}"
        raise ValueError(message) from error


def _either(alternatives: list[str]) -> str:
    return "(?:" + "|".join(alternatives) + ")"
