"""Turn the features of many texts into one sparse matrix, as the model will weigh them."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack

from knowledge.features import Features

Floats = npt.NDArray[np.float64]
BLOCKS = ("letters", "words", "sounds", "cues")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The known features of one kind; what stands in a single text is not learned from."""

    names: tuple[str, ...]
    rarity: Floats
    unknown: float

    @classmethod
    def collect(cls, texts: Sequence[Sequence[str]], *, at_least: int) -> "Vocabulary":
        """Count in how many texts each feature stands; keep those in `at_least` texts."""
        counts = Counter(feature for text in texts for feature in text)
        names = tuple(sorted(name for name, count in counts.items() if count >= at_least))
        rarity = np.array([_rarity(counts[name], len(texts)) for name in names])
        return cls(names, np.round(rarity, 3), round(_rarity(1, len(texts)), 3))


def _rarity(count: int, total: int) -> float:
    return math.log((1 + total) / (1 + count)) + 1


def build_matrix(
    texts: Sequence[Features],
    vocabularies: Sequence[Vocabulary],
    meanings: Floats,
    importance: Sequence[float],
) -> csr_matrix:
    """Return (texts, features): each kind of feature scaled to its importance, then the meaning."""
    blocks = [
        _block([text.kinds()[number] for text in texts], vocabulary) * importance[number]
        for number, vocabulary in enumerate(vocabularies)
    ]
    return csr_matrix(hstack([*blocks, csr_matrix(meanings * importance[-1])]))


def _block(texts: Sequence[Sequence[str]], vocabulary: Vocabulary) -> csr_matrix:
    place = {name: column for column, name in enumerate(vocabulary.names)}
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for text in texts:
        known = [place[name] for name in text if name in place]
        rarity = vocabulary.rarity[known]
        strange = (len(text) - len(known)) * vocabulary.unknown**2
        length = math.sqrt(float(rarity @ rarity) + strange) or 1.0
        columns += known
        values += (rarity / length).tolist()
        ends.append(len(columns))
    shape = (len(texts), len(vocabulary.names))
    return csr_matrix((np.array(values), np.array(columns, dtype=np.int64), ends), shape=shape)
