"""Hides counts that could tell of single people, also from who subtracts them from the total.

A cell with fewer than five people behind it is hidden. What the hidden cells of a table add up to
can be computed from its total and the cells that are shown; so further cells, the smallest first,
are hidden until each of the first could be any number from one to four, and the total itself where
there are not enough cells. A zero is shown: nobody is behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

K = TypeVar("K")

FEWEST: Final = 5
"""Fewer people than this are not counted in public."""

_MOST: Final = FEWEST - 1


class Mark(StrEnum):
    """What stands where a number is hidden."""

    FEW = "<5"
    """Fewer than five people are behind it."""

    KEPT = "*"
    """It would give another one away."""


Shown = int | Mark


@dataclass(frozen=True, slots=True)
class Cell:
    """A count, and how many different people are behind it."""

    count: int = 0
    people: int = 0

    @property
    def is_small(self) -> bool:
        """Tell whether it could tell of single people."""
        return self.count > 0 and min(self.count, self.people) < FEWEST


@dataclass(frozen=True, slots=True)
class Public(Generic[K]):
    """A table as it may be shown, with its total."""

    cells: Mapping[K, Shown]
    total: Shown


def show(cell: Cell) -> Shown:
    """Return a number that stands alone."""
    return Mark.FEW if cell.is_small else cell.count


def protect(cells: Mapping[K, Cell], *, people: int) -> Public[K]:
    """Return a table whose cells add up to the total; `people` is how many are behind it all."""
    total = Cell(sum(cell.count for cell in cells.values()), people)
    small = [key for key, cell in cells.items() if cell.is_small]
    others = [key for key, cell in cells.items() if cell.count and not cell.is_small]
    others.sort(key=lambda key: cells[key].count)
    kept: list[K] = []
    while small and others and not _is_safe(cells, small, kept):
        kept.append(others.pop(0))
    marks = dict.fromkeys(small, Mark.FEW) | dict.fromkeys(kept, Mark.KEPT)
    shown = {key: marks.get(key, cell.count) for key, cell in cells.items()}
    if total.is_small or (small and not _is_safe(cells, small, kept)):
        return Public(shown, Mark.FEW if total.is_small else Mark.KEPT)
    return Public(shown, total.count)


def _is_safe(cells: Mapping[K, Cell], small: list[K], kept: list[K]) -> bool:
    """Tell whether a hidden cell could still be any number from one to four.

    Who reads knows the sum of what is hidden, that each small cell is at least one, and that each
    of those kept with them is at least five, or it would be a small one itself.
    """
    hidden = sum(cells[key].count for key in (*small, *kept))
    others = len(small) - 1
    is_open_upwards = hidden - others - FEWEST * len(kept) >= _MOST
    is_open_downwards = bool(kept) or hidden - _MOST * others <= 1
    return is_open_upwards and is_open_downwards
