"""Find evaluation rows that stand, nearly word for word, in our own content."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from knowledge.content_dir import read_yaml
from knowledge.normalise import normalise
from scripts.training.corpus import read_corpus

NEAR_COPY = 0.6
"""From this Jaccard similarity of 4-grams on, a text counts as a near-copy."""
_GRAM = 4


class Overlap:
    """Tells whether a text has a near-copy among the texts it was made from."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._grams = [grams for grams in map(_grams, texts) if grams]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for number, grams in enumerate(self._grams):
            for gram in grams:
                self._holders[gram].append(number)

    @classmethod
    def of_content(cls, content: Path) -> "Overlap":
        """Read everything in our content that understanding was made from."""
        return cls(_all_texts(content))

    def __call__(self, text: object) -> bool:
        """Tell whether the text has a near-copy."""
        grams = _grams(str(text))
        shared: dict[int, int] = defaultdict(int)
        for gram in grams:
            for number in self._holders.get(gram, ()):
                shared[number] += 1
        return any(self._is_near(len(grams), n, count) for n, count in shared.items())

    def _is_near(self, size: int, number: int, shared: int) -> bool:
        return shared / (size + len(self._grams[number]) - shared) > NEAR_COPY


def _all_texts(content: Path) -> Iterable[str]:
    yield from (row.text for row in read_corpus(content / "intents"))
    for path in sorted((content / "faq").glob("*.yaml")):
        for entry in read_yaml(path):
            yield from (entry["question"], *entry["similar"])
    lexicon = read_yaml(content / "safety" / "lexicon.yaml")
    for signal in lexicon["signals"]:
        yield from signal["patterns"]


def _grams(text: str) -> frozenset[str]:
    letters = "".join(char for char in normalise(text) if char.isalnum())
    if len(letters) < _GRAM:
        return frozenset((letters,)) if letters else frozenset()
    return frozenset(letters[i : i + _GRAM] for i in range(len(letters) - _GRAM + 1))
