"""The trained models: what a message wants, and how much danger speaks from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from knowledge.features import FeatureReader, Features
from knowledge.intents import Intent
from knowledge.linear import LinearModel
from knowledge.safety import NO_DANGER, Danger, Situation
from knowledge.segment import Segmenter
from knowledge.word_vectors import WordVectors

CRISIS, ACUTE, DISTRESS = "crisis", "acute", "distress"
SITUATIONS: Final = (
    Situation.SELF,
    Situation.THIRD_PERSON,
    Situation.VIOLENCE,
    Situation.THREAT,
    Situation.MISSING,
)
DANGER_LABELS: Final = (CRISIS, ACUTE, DISTRESS, *(s.value for s in SITUATIONS))
"""What the danger model tells apart; `acute` and the situations are judged among crises only."""

EVIDENCE: Final = "trained model"
"""What a danger that only the model heard names as its evidence."""

INTENTS: Final = tuple(Intent)
LABELS: Final = (*(i.value for i in INTENTS), *(f"danger:{label}" for label in DANGER_LABELS))
"""What the models tell apart, in the order of their columns."""

HEARD: Final = 0.05
"""From this score on a single message is a crisis."""
HEARD_IN_SHORT: Final = 0.3
"""The same for a few words, which prove less."""
HEARD_TOGETHER: Final = 1.0
"""The same for several messages read as one, which must speak more clearly."""
_ACUTE: Final = 0.5
_DISTRESSED: Final = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the models weigh of one text."""

    features: Features
    meaning: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the models say of one text: how likely each wish is (0..1), and the danger's scores."""

    intents: Mapping[Intent, float]
    dangers: Mapping[str, float]

    def danger(self, *, heard_at: float = HEARD) -> Danger:
        """Grade the danger; a crisis counts from the score `heard_at` on."""
        told = self.dangers
        if told[CRISIS] >= heard_at:
            situation = max(SITUATIONS, key=lambda s: told[s.value])
            return Danger(3 if told[ACUTE] >= _ACUTE else 2, situation, (EVIDENCE,))
        if told[DISTRESS] >= _DISTRESSED:
            return Danger(1, Situation.DISTRESS, (EVIDENCE,))
        return NO_DANGER


class Classifier:
    """The models over one reading of a text; immutable, so that threads may share it."""

    def __init__(self, reader: FeatureReader, vectors: WordVectors, model: LinearModel) -> None:
        self._reader = reader
        self._model = model
        self.vectors = vectors
        """The table of word meanings."""

    @classmethod
    def load(cls, folder: Path, segmenter: Segmenter) -> Self:
        """Read the models and their tables from `knowledge/content/model`.

        Raises ValueError where the models tell other things apart than this program does.
        """
        model = LinearModel.load(folder / "models.npz")
        if model.labels != LABELS:
            message = "models.npz was trained for other labels: run python -m scripts.train_intents"
            raise ValueError(message)
        reader = FeatureReader(segmenter, read_syllables(folder / "syllables.txt"))
        return cls(reader, WordVectors.load(folder / "words.npz"), model)

    @property
    def version(self) -> str:
        """Return the fingerprint of the corpus that the models were trained on."""
        return self._model.version

    def read(self, plain: str, cues: Iterable[str] = ()) -> Evidence:
        """Read what the models weigh from a normalised text."""
        features = self._reader.read(plain, cues)
        return Evidence(features, self.vectors.mean(features.words))

    def judge(self, evidence: Evidence) -> Verdict:
        """Judge one text."""
        scores = self._model.score(evidence.features, evidence.meaning)
        wishes = scores[: len(INTENTS)].astype(np.float64)
        likely = (1 / (1 + np.exp(-wishes))).round(4).tolist()
        return Verdict(
            dict(zip(INTENTS, likely, strict=True)),
            dict(zip(DANGER_LABELS, scores[len(INTENTS) :].tolist(), strict=True)),
        )


def read_syllables(path: Path) -> dict[str, str]:
    """Read which syllable each character is spoken as."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ") for line in lines if line)
    return {char: sound for sound, chars in pairs for char in chars}
