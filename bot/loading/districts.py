"""Districts as postings write them: 肥城市, 岱岳区满庄镇, 济南市历城区."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from knowledge.lexicon import load_content
from knowledge.places import FoundPlace, locate_places

_ENDINGS: Final = ("市", "区", "县")


@lru_cache(maxsize=4096)
def tidy_district(said: str) -> str:
    """Return a district in the usual form; what names no place we know stays as it is."""
    plain = "".join(unicodedata.normalize("NFKC", said).split())
    found = [place for place in locate_places(plain) if place.place.city]
    if not found or any(place.place.ambiguous for place in found):
        return plain
    county = next((place for place in found if place.place.county), None)
    if county is None:
        full, named = f"{found[0].place.city}市", found[0]
        return full + _more(plain[named.start : named.end], full) + plain[named.end :]
    full = _formal(county)
    if county.place.name != county.place.county:
        return full + plain[county.start :]
    return full + _more(plain[county.start : county.end], full) + plain[county.end :]


def _more(named: str, full: str) -> str:
    """Return what a name says beyond the place itself: 高新区 in 肥城高新区."""
    if full.endswith(named):
        return ""
    short = next((full[i:-1] for i in range(len(full) - 1) if named.startswith(full[i:-1])), "")
    rest = named.removeprefix(short)
    return "" if not short or rest in _ENDINGS else rest.removeprefix(full[-1])


def _formal(found: FoundPlace) -> str:
    """Return the county's full name, with its city where that is not the home city."""
    content = load_content("places.yaml")
    county, city = found.place.county, found.place.city
    names = (county, *_names(content["cities"], city, county))
    full = next((name for name in names if name.endswith(_ENDINGS)), county)
    return full if city == content["home"] else f"{city}市{full}"


def _names(cities: object, city: str, county: str) -> list[str]:
    entry = _part(_part(_part(cities, city), "counties"), county)
    names = entry.get("names")
    return [str(name) for name in names] if isinstance(names, list) else []


def _part(value: object, name: str) -> Mapping[str, object]:
    part = value.get(name) if isinstance(value, Mapping) else None
    return part if isinstance(part, Mapping) else {}
