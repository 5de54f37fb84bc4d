"""A sheet as all readers hand it over, whatever the file was."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.loading.cells import Cell


class SheetError(Exception):
    """The file as a whole cannot be read; the text says what to do, `line` and `field` where."""

    def __init__(self, reason: str, *, line: int = 0, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.field = field


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row with its cells by their headers as written; `fault` tells why it cannot be read."""

    line: int
    cells: Mapping[str, Cell]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class GridLine:
    """One line of a table before its header is known."""

    line: int
    cells: Sequence[Cell]
    fault: str = ""


@dataclass
class Sheet:
    """An opened file: its rows in their order, about how many lines it has, and what was odd."""

    rows: Iterator[RawRow]
    lines: int
    warnings: list[str] = field(default_factory=list)
