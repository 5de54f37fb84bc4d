"""In which order people are served: the graver first, then who has waited longer.

Each grade of risk is worth a head start of waiting time. What is weighed is the waiting time plus
the head start, so that everybody's turn comes however many graver needs arrive; only the gravest
always go first. Since all weights grow at the same pace their order never changes by itself: it is
the order of `priority_since`, the moment at which the need would have come without a head start.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.sql.elements import SQLCoreOperations

ALWAYS_FIRST = 3
"""From this risk on nobody of a lower one goes before, however long they have waited."""

HEAD_START = (timedelta(0), timedelta(hours=4), timedelta(hours=48), timedelta(hours=48))
"""What each risk, from 0 on, is worth: danger as much as WeChat's window for an answer."""


def priority_since(risk: int, waiting_since: datetime) -> datetime:
    """Return the moment from which a need counts as waiting, with the head start of its risk."""
    return waiting_since - HEAD_START[min(max(risk, 0), ALWAYS_FIRST)]


def weigh(risk: int, waited: timedelta) -> tuple[bool, timedelta]:
    """Return how much a need weighs; the heavier is served first."""
    return risk >= ALWAYS_FIRST, waited + HEAD_START[min(max(risk, 0), ALWAYS_FIRST)]


@dataclass(frozen=True, slots=True)
class LineColumns:
    """The columns by which a database keeps the same order."""

    risk: SQLCoreOperations[int]
    since: SQLCoreOperations[datetime]
    id: SQLCoreOperations[int | None]

    def in_order(self) -> tuple[ColumnElement[Any], ...]:
        """Return what to order by: who is served first comes first."""
        return (self.risk >= ALWAYS_FIRST).desc(), self.since.asc(), self.id.asc()

    def before(self, *, risk: int, since: datetime, id_: int) -> ColumnElement[bool]:
        """Return the condition of being served before a need with this risk and priority."""
        earlier = or_(self.since < since, and_(self.since == since, self.id < id_))
        if risk >= ALWAYS_FIRST:
            return and_(self.risk >= ALWAYS_FIRST, earlier)
        return or_(self.risk >= ALWAYS_FIRST, earlier)
