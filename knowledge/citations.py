"""Statutes that answers stand on: what was cited, and whether the law still says so."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, Self

from knowledge.numbers import parse_number

LONGEST_ANSWER: Final = 300
FEWEST_SIMILAR: Final = 5
MOST_CITATIONS: Final = 3
"""What an answer is held to, whoever writes it and wherever."""

_UNVERIFIED_PHONE: Final = re.compile(r"(?<!\d)(?:122|12338|12355|96110)(?!\d)")
_NUMERALS: Final = "零〇一二两三四五六七八九十百千万"
_HEADING: Final = re.compile(r"第([零〇一二三四五六七八九十百千]+)条(之[一二三四五六七八九十]+)?　")
_HOTLINES: Final = re.compile(r"(?<!\d)(?:12329|12333|12345|12348|12351|12356)(?!\d)")
_LAW_NAME: Final = re.compile(r"《[^》]*》")
_NUMBER: Final = rf"(?:[0-9][0-9,]*(?:\.[0-9]+)?万?|[{_NUMERALS}]+|半)"
_FIGURE: Final = re.compile(
    rf"百分之(?P<percent>{_NUMBER})"
    rf"|(?P<low>{_NUMBER})(?:(?:-|—|~|到|至)(?P<high>{_NUMBER}))?"
    r"(?P<unit>个?工作日|日|天|个月|年|%|倍|个?小时|元|(?<!一)块|块(?=钱)|岁)"
)
_UNITS: Final = {"天": "日", "块": "元", "个工作日": "工作日", "个小时": "小时"}


class CitationError(ValueError):
    """A stored citation cannot be read."""

    def __init__(self, *, field: str, value: object) -> None:
        super().__init__(f"citation with a wrong {field}: {value!r}")


@dataclass(frozen=True, slots=True)
class Citation:
    """One article that an answer relies on, with the words it relies on."""

    statute: str
    article: int
    version: str
    quote: tuple[str, ...]
    sha256: str = ""

    @property
    def label(self) -> str:
        """Return the citation as people write it."""
        return f"《{self.statute}》第{self.article}条"

    @classmethod
    def from_json(cls, mapping: Mapping[str, object]) -> Self:
        """Read a citation as the content files and the database hold it."""
        statute, article = mapping.get("statute"), mapping.get("article")
        if not isinstance(statute, str) or not statute.strip():
            raise CitationError(field="statute", value=statute)
        if not isinstance(article, int) or isinstance(article, bool):
            raise CitationError(field="article", value=article)
        return cls(
            statute=statute,
            article=article,
            version=str(mapping.get("version") or ""),
            quote=_quotes(mapping.get("quote") or ()),
            sha256=str(mapping.get("sha256") or ""),
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit: 三十日 and 30天 are the same figure."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.value.normalize():f}{self.unit}"


def normalise_article(text: str) -> str:
    """Return the text without any white space, full-width spaces included."""
    return "".join(text.split())


def hash_article(text: str) -> str:
    """Return the SHA-256 of the normalised article, heading included."""
    return hashlib.sha256(normalise_article(text).encode()).hexdigest()


def read_statute(path: Path) -> dict[int, str]:
    """Return the articles of a statute by number (an inserted 第X条之一 has none)."""
    articles: dict[int, list[str]] = {}
    current: list[str] | None = None
    for line in path.read_text(encoding="utf-8-sig").splitlines()[1:]:
        heading = _HEADING.match(line)
        if heading:
            current = []
            if not heading[2]:
                articles[int(_value(heading[1]))] = current
        elif not line.strip():
            current = None
        if current is not None:
            current.append(line)
    return {number: "\n".join(lines) for number, lines in articles.items()}


def check(citation: Citation, article_text: str) -> list[str]:
    """Return what the citation claims and the article does not hold."""
    article = normalise_article(article_text)
    problems = [
        f"quote is not in the article: {quote}"
        for quote in citation.quote
        if normalise_article(quote) not in article
    ]
    if citation.sha256 != hash_article(article_text):
        problems.append("sha256 is not that of the article: read it again, then --write-hashes")
    return problems


def find_figures(text: str) -> set[Figure]:
    """Return amounts, periods, rates and multiples, leaving out hotlines and names of laws."""
    plain = unicodedata.normalize("NFKC", _LAW_NAME.sub("", text)).replace("双倍", "2倍")
    found: set[Figure] = set()
    for match in _FIGURE.finditer(_HOTLINES.sub("", plain)):
        unit = "%" if match["percent"] else _UNITS.get(match["unit"], match["unit"])
        numbers = (match["percent"], match["low"], match["high"])
        found.update(Figure(_value(number), unit) for number in numbers if number)
    return found


def count_characters(answer: str) -> int:
    """Return how long an answer is to whoever reads it: white space does not count."""
    return len(normalise_article(answer))


def find_unverified_phones(answer: str) -> list[str]:
    """Return the hotlines in an answer that nobody has verified."""
    return _UNVERIFIED_PHONE.findall(answer)


def find_unsourced(answer: str, sources: Iterable[str]) -> list[Figure]:
    """Return the figures of an answer that none of its sources has."""
    known: set[Figure] = set()
    for source in sources:
        known |= find_figures(source)
    return sorted(find_figures(answer) - known, key=str)


def _value(numerals: str) -> Decimal:
    if numerals == "半":
        return Decimal("0.5")
    value = parse_number(numerals)
    assert value is not None, numerals  # noqa: S101 - only numerals are given
    return value


def _quotes(quote: object) -> tuple[str, ...]:
    quotes = (quote,) if isinstance(quote, str) else quote
    if not isinstance(quotes, list | tuple):
        raise CitationError(field="quote", value=quote)
    return tuple(str(piece) for piece in quotes)
