"""What work a text names: the tree of categories, occupations and the words people use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from knowledge.lexicon import Lexicon, load_content

_SHORT = 3
_VERBS = ("开", "跑", "当", "会", "做", "看", "搞", "干")


@dataclass(frozen=True, slots=True)
class Occupation:
    """A kind of work; `weak` means a workplace, which counts only where no trade is named."""

    name: str
    category: str
    titles: tuple[str, ...]
    words: tuple[str, ...]
    weak: bool = False


@dataclass(frozen=True, slots=True)
class FoundOccupation:
    """An occupation, the word that names it and where it stands."""

    occupation: Occupation
    word: str
    start: int
    end: int

    @property
    def keywords(self) -> tuple[str, ...]:
        """Return the title words to search postings by."""
        titles = self.occupation.titles
        inside = tuple(title for title in titles if title.lower() in self.word)
        if inside:
            return inside
        telling = len(self.word) <= _SHORT and not self.word.startswith(_VERBS)
        return (*titles[:2], self.word) if telling else titles[:2]


@dataclass(frozen=True, slots=True)
class _Tree:
    by_word: Mapping[str, Occupation]
    lexicon: Lexicon


def locate_occupations(text: str) -> list[FoundOccupation]:
    """Return the work a normalised text names, from left to right."""
    tree = _tree()
    return [
        FoundOccupation(tree.by_word[hit.word], hit.word, hit.start, hit.end)
        for hit in tree.lexicon.find(text)
    ]


def list_occupations() -> list[Occupation]:
    """Return the whole tree, in the order of the data file."""
    return list(dict.fromkeys(_occupations()))


@cache
def _tree() -> _Tree:
    by_word: dict[str, Occupation] = {}
    for occupation in _occupations():
        for word in (*occupation.titles, *occupation.words):
            by_word.setdefault(word.lower(), occupation)
    return _Tree(by_word, Lexicon(by_word))


def _occupations() -> Iterator[Occupation]:
    for category, entries in load_content("occupations.yaml").items():
        if not isinstance(entries, dict):
            message = f"occupations.yaml: {category} must hold occupations"
            raise TypeError(message)
        for name, entry in entries.items():
            yield Occupation(
                name=name,
                category=category,
                titles=tuple(entry["titles"]),
                words=tuple(entry.get("words", ())),
                weak=bool(entry.get("weak", False)),
            )
