"""What became of the duties that people were promised: those that began while they waited."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.block import ContactBlock
from models.promise import GRACE, BrokenPromise, DutyPromise
from models.roster import DutyState, list_duties
from models.ticket import Ticket, TicketEvent, TicketEventKind
from models.volunteer import Skill
from scripts.reporting.period import Period

SERVED: Final = (TicketEventKind.CLAIMED, TicketEventKind.REASSIGNED, TicketEventKind.JOINED)
"""What ends a wait with somebody who takes care."""

_LEFT: Final = (TicketEventKind.CANCELLED, TicketEventKind.CLOSED, TicketEventKind.HANDED_BACK)
_LOOK: Final = timedelta(minutes=1)
"""How long after the grace it may take until somebody looks."""


class Promise(StrEnum):
    """What became of a promised duty."""

    KEPT = "kept"
    TOLD = "broken_told"
    UNTOLD = "broken_untold"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The first wait of a ticket, with how it ended: by whom it was served, or without anybody."""

    ticket_id: int
    contact_id: int
    skill: Skill
    opened_at: datetime
    served_at: datetime | None
    left_at: datetime | None
    closed_at: datetime | None

    def ends_by(self, moment: datetime) -> bool:
        """Tell whether the wait was over then."""
        ends = [end for end in (self.served_at, self.left_at) if end is not None]
        return bool(ends) and min(ends) <= moment

    def is_served_by(self, moment: datetime) -> bool:
        """Tell whether somebody had come by then."""
        return self.served_at is not None and self.served_at <= moment

    def is_held_at(self, moment: datetime) -> bool:
        """Tell whether somebody was with them then, as far as the first time goes."""
        return self.is_served_by(moment) and (self.closed_at is None or self.closed_at > moment)


def list_promises(session: Session, period: Period, *, now: datetime) -> list[tuple[Promise, int]]:
    """Return what became of each promise of the period that is due, with the contact's id."""
    waits = list_waits(session, until=period.end)
    told = _read_told(session)
    due = [
        (wait, begins)
        for wait, begins in _promised(session, waits, period)
        if begins + GRACE + _LOOK <= now
    ]
    found = list(_judge(session, due, told, waits))
    seen = {(wait.ticket_id, begins) for wait, begins in due}
    # A wait that was not the first, or a duty that was cancelled after it had begun.
    contacts = {wait.ticket_id: wait.contact_id for wait in waits}
    found += [
        (Promise.TOLD, contacts[ticket_id])
        for ticket_id, times in told.items()
        for begins in times
        if period.start <= begins < period.end and (ticket_id, begins) not in seen
    ]
    return found


def list_waits(session: Session, *, until: datetime) -> list[Waiting]:
    """Return the first wait of every ticket that was opened before."""
    ends: dict[int, dict[bool, datetime]] = defaultdict(dict)
    rows = session.exec(
        select(TicketEvent.ticket_id, TicketEvent.kind, TicketEvent.at)
        .where(col(TicketEvent.kind).in_((*SERVED, *_LEFT)))
        .order_by(col(TicketEvent.at), col(TicketEvent.id))
    )
    for ticket_id, kind, at in rows:
        ends[ticket_id].setdefault(kind in SERVED, at)
    columns = (Ticket.id, Ticket.contact_id, Ticket.skill, Ticket.opened_at, Ticket.closed_at)
    tickets = session.connection().execute(
        sa.select(*map(col, columns)).where(col(Ticket.opened_at) < until)
    )
    return [
        Waiting(
            ticket_id=row.id,
            contact_id=row.contact_id,
            skill=row.skill,
            opened_at=row.opened_at,
            served_at=ends[row.id].get(True),
            left_at=ends[row.id].get(False),
            closed_at=row.closed_at,
        )
        for row in tickets
    ]


def _promised(
    session: Session, waits: Iterable[Waiting], period: Period
) -> Iterator[tuple[Waiting, datetime]]:
    """Yield each ticket with each duty that it was told of or that began while it waited."""
    begun: dict[Skill, set[datetime]] = defaultdict(set)
    for duty in list_duties(session, start=period.start, end=period.end):
        if duty.state is DutyState.OPEN and period.start <= duty.starts_at < period.end:
            begun[duty.skill].add(duty.starts_at)
    said = _read_said(session, period)
    for wait in waits:
        for begins in sorted(begun[wait.skill] | said[wait.ticket_id]):
            if wait.opened_at < begins and not wait.ends_by(begins):
                yield wait, begins


def _judge(
    session: Session,
    due: Sequence[tuple[Waiting, datetime]],
    told: Mapping[int, set[datetime]],
    waits: Iterable[Waiting],
) -> Iterator[tuple[Promise, int]]:
    others: dict[int, list[Waiting]] = defaultdict(list)
    for wait in waits:
        others[wait.contact_id].append(wait)
    blocks = session.exec(select(ContactBlock)).all()
    for wait, begins in due:
        late = begins + GRACE
        if any(moment >= begins for moment in told.get(wait.ticket_id, ())):
            yield Promise.TOLD, wait.contact_id
        elif wait.is_served_by(late + _LOOK):
            yield Promise.KEPT, wait.contact_id
        elif not wait.ends_by(late + _LOOK) and not _is_elsewhere(wait, late, others, blocks):
            yield Promise.UNTOLD, wait.contact_id


def _is_elsewhere(
    wait: Waiting,
    moment: datetime,
    others: Mapping[int, Sequence[Waiting]],
    blocks: Iterable[ContactBlock],
) -> bool:
    """Tell whether somebody has them for another matter, or nobody may: no duty is due to them."""
    if any(other.is_held_at(moment) for other in others[wait.contact_id]):
        return True
    return any(
        block.contact_id == wait.contact_id and block.blocked_at <= moment < block.ends_at
        for block in blocks
    )


def _read_said(session: Session, period: Period) -> dict[int, set[datetime]]:
    said: dict[int, set[datetime]] = defaultdict(set)
    begins = col(DutyPromise.begins_at)
    for row in session.exec(select(DutyPromise).where(begins >= period.start, begins < period.end)):
        said[row.ticket_id].add(row.begins_at)
    return said


def _read_told(session: Session) -> dict[int, set[datetime]]:
    told: dict[int, set[datetime]] = defaultdict(set)
    for row in session.exec(select(BrokenPromise)):
        told[row.ticket_id].add(row.promised_at)
    return told
