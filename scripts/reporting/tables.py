"""The figures as tables that may be shown: small counts hidden, in words that people read."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final, TypeVar

from bot.console.words import KINDS, OUTCOMES, RATINGS
from scripts.reporting.gather import Answer, Count, Figures, Visitor, Wait
from scripts.reporting.promises import Promise
from scripts.reporting.suppress import Cell, Mark, Shown, protect
from scripts.reporting.wishes import WISHES

K = TypeVar("K")

VISITORS: Final[Mapping[Visitor, str]] = {
    Visitor.NEW: "头一回来的",
    Visitor.KNOWN: "以前来过的",
}
ANSWERS: Final[Mapping[Answer, str]] = {
    Answer.ANSWERED: "答上了",
    Answer.ASKED: "反问了一句",
    Answer.UNANSWERED: "没答上来",
    Answer.WITH_PERSON: "志愿者在接待",
    Answer.OTHER: "出错或暂停服务",
}
PROMISES: Final[Mapping[Promise, str]] = {
    Promise.KEPT: "按时有人接",
    Promise.TOLD: "没接上，告诉了对方",
    Promise.UNTOLD: "没接上，也没告诉",
}
TOTAL: Final = "合计"
_MOST_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what it is, and its numbers."""

    key: str
    label: str
    values: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One part of the report; `plotted` says which columns are drawn."""

    key: str
    title: str
    note: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    total: Line
    plotted: tuple[int, ...] = (0,)


def make_tables(figures: Figures) -> tuple[Table, ...]:
    """Return all parts of the report."""
    return (
        _table(
            "people", "来了多少人", "这段时间里写过话的人。", ("人数",), figures.visitors, VISITORS
        ),
        _table(
            "wishes",
            "都来问什么",
            "同一个人同一天问同一类事算一次。",
            ("次数",),
            figures.wishes,
            WISHES,
        ),
        _table("answers", "答得怎么样", "按收到的每句话算。", ("句数",), figures.answers, ANSWERS),
        _waits(figures.waits),
        _table(
            "promises",
            "许下的值班",
            "排队时许了某一班，那班开始后 15 分钟内有没有人接。",
            ("次数",),
            figures.promises,
            PROMISES,
        ),
        _table(
            "outcomes", "求助怎么收的尾", "按结束的求助算。", ("件数",), figures.outcomes, OUTCOMES
        ),
        _table("ratings", "对方怎么评", "只算回了评价的。", ("人次",), figures.ratings, RATINGS),
    )


def _table(
    key: str,
    title: str,
    note: str,
    columns: tuple[str, ...],
    count: Count[K],
    labels: Mapping[K, str],
) -> Table:
    public = protect(count.cells, people=count.people)
    lines = tuple(Line(str(one), label, (public.cells[one],)) for one, label in labels.items())
    return Table(key, title, note, columns, lines, Line("total", TOTAL, (public.total,)))


def _waits(waits: Sequence[Wait]) -> Table:
    by_kind = {kind: [wait for wait in waits if wait.kind is kind] for kind in KINDS}
    cells = {kind: _cell(found) for kind, found in by_kind.items()}
    everybody = len({wait.contact_id for wait in waits})
    public = protect(cells, people=everybody)
    lines = tuple(
        Line(kind, KINDS[kind], _measured(public.cells[kind], found))
        for kind, found in by_kind.items()
    )
    return Table(
        key="waits",
        title="等了多久才有人接",
        note="从提出求助到第一次有人接，半数人、九成人在多少分钟以内；按这段时间里接下的求助算。",
        columns=("件数", "半数人", "九成人"),
        lines=lines,
        total=Line("total", TOTAL, _measured(public.total, waits)),
        plotted=(1, 2),
    )


def _cell(waits: Sequence[Wait]) -> Cell:
    return Cell(len(waits), len({wait.contact_id for wait in waits}))


def _measured(count: Shown, waits: Sequence[Wait]) -> tuple[Shown, Shown, Shown]:
    """Return the count with median and 90th percentile in minutes; a hidden count hides them."""
    if isinstance(count, Mark):
        return count, count, count
    lengths = sorted(wait.length for wait in waits)
    if not lengths:
        return count, 0, 0
    return count, _minutes(_middle(lengths)), _minutes(_percentile(lengths, _MOST_SHARE))


def _middle(lengths: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(length.total_seconds() for length in lengths))


def _percentile(lengths: Sequence[timedelta], share: float) -> timedelta:
    """Return the shortest length that at least this share of people did not exceed."""
    return lengths[math.ceil(share * len(lengths)) - 1]


def _minutes(length: timedelta) -> int:
    """Return whole minutes, half of one as one."""
    return math.floor(length / timedelta(minutes=1) + 0.5)
