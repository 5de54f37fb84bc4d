"""Where: the places of the home area, its neighbours and the far cities people ask for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from knowledge.lexicon import Hit, Lexicon, load_content

_SUFFIXES: Final = ("街道办", "街道", "镇上", "镇", "乡", "那边", "这边", "附近")


@dataclass(frozen=True, slots=True)
class Place:
    """A place with what it belongs to; `county` or `city` is empty where there is none."""

    name: str
    county: str = ""
    city: str = ""
    ambiguous: bool = False

    def lies_in(self, other: "Place") -> bool:
        """Tell whether this place is a part of the other."""
        return self.name != other.name and other.name in (self.county, self.city)


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place and where the text names it."""

    place: Place
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    places: Mapping[str, tuple[Place, ...]]
    lexicon: Lexicon
    suffix_needed: frozenset[str]
    not_before: Mapping[str, str]
    not_after: Mapping[str, str]


def find_places(text: str) -> list[Place]:
    """Return the places of a normalised text in their order, each once."""
    return list(dict.fromkeys(found.place for found in locate_places(text)))


def locate_places(text: str) -> list[FoundPlace]:
    """Return every naming of a place with its position."""
    gazetteer = _gazetteer()
    hits = list(_hits(text, gazetteer))
    named = {gazetteer.places[hit.word][0].name for hit in hits if _is_sure(hit, gazetteer)}
    return [
        FoundPlace(_choose(gazetteer.places[hit.word], named), hit.start, hit.end) for hit in hits
    ]


def get_place(name: str) -> Place | None:
    """Return the place of that very name or name variant."""
    candidates = _gazetteer().places.get(name)
    return candidates[0] if candidates else None


def _hits(text: str, gazetteer: _Gazetteer) -> Iterator[Hit]:
    position = 0
    while position < len(text):
        hit = gazetteer.lexicon.at(text, position)
        if hit is None or not _stands_alone(text, hit, gazetteer):
            position += 1  # a refused name may hold another: 泰安 in 创新泰安
            continue
        yield hit
        position = hit.end - _shared_city_mark(text, hit, gazetteer)


def _shared_city_mark(text: str, hit: Hit, gazetteer: _Gazetteer) -> int:
    """Return 1 where 市 belongs to the next name as well: 枣庄市中区."""
    return int(hit.word.endswith("市") and gazetteer.lexicon.at(text, hit.end - 1) is not None)


def _stands_alone(text: str, hit: Hit, gazetteer: _Gazetteer) -> bool:
    after, before = text[hit.end : hit.end + 1], text[max(hit.start - 1, 0) : hit.start]
    if after and after in gazetteer.not_before.get(hit.word, ""):
        return False
    if before and before in gazetteer.not_after.get(hit.word, ""):
        return False
    return hit.word not in gazetteer.suffix_needed or text.startswith(_SUFFIXES, hit.end)


def _is_sure(hit: Hit, gazetteer: _Gazetteer) -> bool:
    return len(gazetteer.places[hit.word]) == 1


def _choose(candidates: tuple[Place, ...], named: set[str]) -> Place:
    for place in candidates:
        if place.city in named or place.county in named:
            return replace(place, ambiguous=False)
    return candidates[0] if len(candidates) == 1 else replace(candidates[0], ambiguous=True)


@cache
def _gazetteer() -> _Gazetteer:
    content = load_content("places.yaml")
    ambiguous = frozenset(_strings(content["ambiguous"]))
    places: dict[str, tuple[Place, ...]] = {}
    for word, place in _entries(content):
        known = places.get(word, ())
        marked = replace(place, ambiguous=word in ambiguous)
        if marked not in known:
            places[word] = (*known, marked)
    return _Gazetteer(
        places=places,
        lexicon=Lexicon(places),
        suffix_needed=frozenset(_strings(content["suffix_needed"])),
        not_before=_mapping(content["not_before"]),
        not_after=_mapping(content["not_after"]),
    )


def _entries(content: Mapping[str, object]) -> Iterator[tuple[str, Place]]:
    for city, details in _mapping_of_any(content["cities"]).items():
        entry = _mapping_of_any(details)
        for word in (city, *_strings(entry.get("names"))):
            yield word, Place(city, city=city)
        for county, part in _mapping_of_any(entry.get("counties")).items():
            yield from _county_entries(city, county, _mapping_of_any(part))
    for region in _strings(content["regions"]):
        yield region, Place(region)


def _county_entries(
    city: str, county: str, entry: Mapping[str, object]
) -> Iterator[tuple[str, Place]]:
    for word in (county, *_strings(entry.get("names"))):
        yield word, Place(county, county=county, city=city)
    for town in _strings(entry.get("towns")):
        place = Place(town, county=county, city=city)
        yield town, place
        if not town.endswith("镇"):
            for ending in ("镇", "街道", "乡"):
                yield f"{town}{ending}", place


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _mapping(value: object) -> dict[str, str]:
    return {str(key): str(item) for key, item in _mapping_of_any(value).items()}


def _mapping_of_any(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
