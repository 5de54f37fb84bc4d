"""What every calculator shares: results with their reasons, refusals that name a field, money."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeAlias

from knowledge.calculators.dates import Month

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

CENT: Final = Decimal("0.01")
MONTHLY_DAYS: Final = Decimal("21.75")
"""The days by which a month's wage is divided, whatever the month."""


class CalculatorError(ValueError):
    """An input is missing or impossible; the text says in Chinese what to put right."""

    def __init__(self, message: str, *, field: str | None) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Article:
    """The place in the law that a figure stands on; a notice or a decision may have no article."""

    statute: str
    number: int | None = None
    unit: str = "条"

    @property
    def code(self) -> str:
        """Return the short form, as 劳动合同法47."""
        return f"{self.statute}{self.number or ''}"

    @property
    def name(self) -> str:
        """Return the statute as people write it; a notice goes by its number alone."""
        return f"《{self.statute}》" if self.number else self.statute


def articles(statute: str, *numbers: int) -> tuple[Article, ...]:
    """Return several articles of one statute."""
    return tuple(Article(statute, number) for number in numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What every result carries beside its figures.

    `steps` tells line by line how the figure came about, `left_out` what it does not hold,
    `warnings` what the person must hear before relying on it.
    """

    articles: tuple[Article, ...]
    steps: tuple[str, ...]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calculator:
    """One entry of the registry: its name, what it works out, its inputs, and the work."""

    name: str
    title: str
    labels: Mapping[str, str]
    run: Callable[[Mapping[str, object]], Result]


def yuan(value: Decimal) -> Decimal:
    """Round to the cent, half up."""
    return value.quantize(CENT, ROUND_HALF_UP)


def say(value: Decimal) -> str:
    """Return a figure as people write it, without needless zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def say_rate(value: Decimal) -> str:
    """Return a rate in percent."""
    return f"{say(value * 100)}%"


def to_json(result: Result) -> dict[str, Json]:
    """Return a result for JSON; what does not apply is left out."""
    named = {field.name: getattr(result, field.name) for field in fields(result)}
    return {name: _plain(value) for name, value in named.items() if value is not None}


def _plain(value: object) -> Json:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Article):
        return value.code
    if isinstance(value, date | Month):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    assert isinstance(value, bool | int | str), type(value)  # noqa: S101 - results hold no more
    return value
