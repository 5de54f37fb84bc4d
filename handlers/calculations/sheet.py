"""A calculation by chat: the figures it asks for one by one, and what is said with them."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Final, TypeAlias

from sqlmodel import Session

from knowledge.calculators.base import Result
from models.local_figure import FigureName, LocalFigure, find_figure, has_figure

ASK_12333: Final = "打12333问最准"
GENERAL: Final = "（这是一般信息，具体以当地部门和律师的意见为准）"
_MOST_ARTICLES: Final = 4

Reader: TypeAlias = Callable[[str, date], str | None]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known so far, the day it is known on, and the local figures that are kept."""

    answers: Mapping[str, str]
    today: date
    session: Session

    def get(self, name: str) -> str:
        """Return an answer, empty where there is none yet."""
        return self.answers.get(name, "")

    def number(self, name: str) -> Decimal | None:
        """Return an answer that is a number."""
        said = self.get(name)
        return Decimal(said) if said else None

    def day(self, name: str) -> date | None:
        """Return an answer that is a day."""
        said = self.get(name)
        return date.fromisoformat(said) if said else None

    def figure(
        self, name: FigureName, *, region: str = "", on: date | None = None
    ) -> LocalFigure | None:
        """Return a local figure that is valid on the day (today), or None: never a guess."""
        where = region or self.get("region")
        return find_figure(self.session, name, region=where, on=on or self.today) if where else None

    def has_figures(self, name: FigureName) -> bool:
        """Tell whether any region has such a figure today, so that asking where is worth it."""
        return has_figure(self.session, name, on=self.today)


def always(_: Facts) -> bool:
    """Need an answer in every case."""
    return True


@dataclass(frozen=True, slots=True)
class Ask:
    """One figure that is needed.

    `read` takes it from an answer, `find` out of any sentence; `unknown` is what is said, and ends
    the calculation, when the person does not know it. It is asked anew when one of those that it
    `follows` is corrected.
    """

    name: str
    text: str | Callable[[Facts], str]
    read: Reader
    find: Reader | None = None
    hint: str = "没太听明白，"
    options: tuple[str, ...] = ()
    needed: Callable[[Facts], bool] = always
    unknown: str = ""
    follows: tuple[str, ...] = ()

    def word(self, facts: Facts) -> str:
        """Return how it is asked just now."""
        return self.text if isinstance(self.text, str) else self.text(facts)


class Sheet(ABC):
    """One calculator by chat. `words` say that it is the subject, `fields` which ask a refused
    input of the calculator came from.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    words: ClassVar[re.Pattern[str]]
    asks: ClassVar[tuple[Ask, ...]]
    after: ClassVar[tuple[Ask, ...]] = ()
    fields: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def is_asked(self, text: str, found: Mapping[str, str]) -> bool:
        """Tell whether a figure is really asked, with figures of one's own."""

    @abstractmethod
    def solve(self, facts: Facts) -> str:
        """Return what is said once everything needed is known."""

    def opening(self, text: str, today: date) -> dict[str, str]:
        """Return what the first sentence already says."""
        return self.found(text, today)

    def found(self, text: str, today: date) -> dict[str, str]:
        """Return the figures that a sentence holds."""
        pairs = ((ask.name, ask.find(text, today)) for ask in self.asks if ask.find is not None)
        return {name: value for name, value in pairs if value is not None}


def present(result: Result, *, head: str = "", source: str = "") -> str:
    """Say a result: how it came about, what it leaves out, what the law is."""
    lines = [
        *([head] if head else []),
        *result.steps,
        *([source] if source else []),
        f"说明：{'；'.join(result.left_out)}。",
        *(f"注意：{warning}。" for warning in result.warnings),
        cite(result),
        GENERAL,
    ]
    return "\n".join(lines)


def cite(*results: Result) -> str:
    """Return the articles of results in one line."""
    cited: dict[str, list[str]] = {}
    for article in dict.fromkeys(a for result in results for a in result.articles):
        places = cited.setdefault(article.name, [])
        if article.number is not None and len(places) < _MOST_ARTICLES:
            places.append(f"{article.number}{article.unit}")
    laws = (name + ("第" + "、".join(places) if places else "") for name, places in cited.items())
    return f"依据：{'；'.join(laws)}"


def say_source(figure: LocalFigure | None) -> str:
    """Return where a local figure is from."""
    if figure is None:
        return ""
    return f"{figure.region}{figure.name.spoken}{figure.value}{figure.unit}（{figure.source}）"
