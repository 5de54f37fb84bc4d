"""Figures with their floor and aim, as a table for people and as JSON for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `rows` is how many messages stand behind it."""

    name: str
    value: float
    rows: int
    floor: float | None = None
    aim: float | None = None
    less_is_better: bool = False
    without_copies: float | None = None
    """The same without the rows that have a near-copy in our content."""

    @property
    def verdict(self) -> str:
        """Say whether floor and aim are reached."""
        if self.floor is None:
            return ""
        sign = -1 if self.less_is_better else 1
        if self.aim is not None and sign * self.value >= sign * self.aim:
            return "aim"
        return "floor" if sign * self.value >= sign * self.floor else "below"

    def to_json(self) -> dict[str, Any]:
        """Return the figure for programs."""
        return asdict(self) | {"verdict": self.verdict}


def share(hits: Iterable[bool]) -> float:
    """Return the share of hits; an empty set has none."""
    found = list(hits)
    return sum(found) / len(found) if found else 0.0


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Return the mean F1 over the labels that are wanted; a pair is (wanted, found)."""
    labels = sorted({wanted for wanted, _ in pairs})
    return sum(_f1(pairs, label) for label in labels) / len(labels) if labels else 0.0


def _f1(pairs: Sequence[tuple[str, str]], label: str) -> float:
    hits = sum(wanted == found == label for wanted, found in pairs)
    wrong = sum((wanted == label) != (found == label) for wanted, found in pairs)
    return 2 * hits / (2 * hits + wrong) if hits else 0.0


def to_table(figures: Sequence[Figure]) -> Table:
    """Return the figures as a table."""
    table = Table("what", "rows", "value", "no copies", "floor", "aim", "")
    for figure in figures:
        table.add_row(
            figure.name,
            str(figure.rows),
            _round(figure.value),
            _round(figure.without_copies),
            _round(figure.floor),
            _round(figure.aim),
            figure.verdict,
        )
    return table


def _round(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
