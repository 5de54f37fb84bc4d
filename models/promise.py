"""Promised duties: who was told to wait for one and still waits when it is well under way.

What was told is kept, so that a duty which is called off is no promise that goes unnoticed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime, enum_column
from models.roster import DutyState, RosterDuty, list_duties, list_on_duty
from models.taking import all_of, waiting_conditions
from models.ticket import LINE, Ticket
from models.volunteer import Skill

GRACE = timedelta(minutes=15)
"""How long after the beginning of a duty those who were promised it may still wait."""

NOTICE = timedelta(hours=2)
"""How long before a duty that was called off those who were promised it are told.

Earlier the volunteer may change their mind, or somebody else may come for them.
"""

_AHEAD = timedelta(seconds=20)
"""So much before the end of the grace somebody looks: nobody is told after it."""

_LOOK_BACK = timedelta(hours=24)


class DutyPromise(SQLModel, table=True):
    """The beginning of a duty that somebody was told to wait for, and when they were told last.

    `skill` is that of the duty, which is not always that of the ticket: staff come to a crisis too.
    """

    __tablename__ = "duty_promise"

    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True)
    begins_at: datetime = Field(sa_type=UtcDateTime, primary_key=True, index=True)
    skill: Skill = Field(sa_column=enum_column(Skill))
    said_at: datetime = Field(sa_type=UtcDateTime)


class BrokenPromise(SQLModel, table=True):
    """A duty that a ticket was promised and that did not serve it: the person is told, once.

    `next_at` is the new time that they were told, None where there is none yet.
    """

    __tablename__ = "broken_promise"

    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True)
    promised_at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    found_at: datetime = Field(sa_type=UtcDateTime)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Unkept:
    """A ticket that still waits, and the duty that it was promised."""

    ticket_id: int
    skill: Skill
    promised_at: datetime
    is_called_off: bool = False


def remember_promise(
    session: Session, ticket: Ticket, *, skill: Skill, begins_at: datetime, now: datetime
) -> None:
    """Keep what a person is told to wait for; their contact must be locked."""
    promise = DutyPromise(ticket_id=ticket.id or 0, begins_at=begins_at, skill=skill, said_at=now)
    session.merge(promise)


def list_unkept(session: Session, *, now: datetime) -> Sequence[Unkept]:
    """Return who still waits and has not been told, in the order of their turn.

    Promised is what a person was told, and each duty that began while they waited. What was
    opened after the beginning of a duty was not promised its beginning.
    """
    waiting = session.exec(
        select(Ticket).where(*all_of(waiting_conditions(now))).order_by(*LINE.in_order())
    ).all()
    if not waiting:
        return []
    duties = [
        duty
        for duty in list_duties(session, start=now - _LOOK_BACK, end=now + NOTICE)
        if duty.state is DutyState.OPEN and duty.starts_at > now - _LOOK_BACK
    ]
    numbers = [ticket.id or 0 for ticket in waiting]
    said, told = _read_said(session, now=now), _read_told(session, numbers)
    found = (
        _find_unkept(ticket, duties, said[ticket.id or 0], told[ticket.id or 0], now)
        for ticket in waiting
    )
    return [one for one in found if one is not None]


def still_waits(session: Session, unkept: Unkept, *, now: datetime) -> bool:
    """Tell whether nobody has come to them, or told them, since they were found."""
    waiting = select(Ticket.id).where(
        Ticket.id == unkept.ticket_id, *all_of(waiting_conditions(now))
    )
    told = _read_told(session, [unkept.ticket_id])[unkept.ticket_id]
    return session.exec(waiting).first() is not None and not _is_told(unkept.promised_at, told)


def find_duty_end(session: Session, skills: Collection[Skill], *, now: datetime) -> datetime | None:
    """Return until when somebody is on duty for one of these, None where nobody is."""
    on = list_on_duty(session, skills=skills, now=now)
    return max((duty.ends_at for duty in on), default=None)


def _find_unkept(
    ticket: Ticket,
    duties: Iterable[RosterDuty],
    said: Iterable[DutyPromise],
    told: Iterable[BrokenPromise],
    now: datetime,
) -> Unkept | None:
    late, since = now - GRACE + _AHEAD, ticket.waiting_since
    standing = {(duty.skill, duty.starts_at) for duty in duties}
    begun = {moment for skill, moment in standing if skill is ticket.skill and moment > since}
    valid = [one for one in said if one.said_at >= since]
    called_off = {o.begins_at for o in valid if (o.skill, o.begins_at) not in standing}
    promised = begun | {one.begins_at for one in valid}
    missed = called_off | {moment for moment in promised if moment <= late}
    untold = [moment for moment in missed if not _is_told(moment, told)]
    if not untold:
        return None
    # Of those that went by the last one counts.
    last = max(untold, key=lambda moment: (moment <= now, moment))
    return Unkept(ticket.id or 0, ticket.skill, last, is_called_off=last in called_off)


def _is_told(moment: datetime, told: Iterable[BrokenPromise]) -> bool:
    """Tell whether a person knows it of this promise, or of a later one that had gone by too."""
    return any(
        one.promised_at == moment or moment < one.promised_at <= one.found_at for one in told
    )


def _read_said(session: Session, *, now: datetime) -> Mapping[int, list[DutyPromise]]:
    begins = col(DutyPromise.begins_at)
    near = begins > now - _LOOK_BACK, begins < now + NOTICE  # as the duties they are held against
    found: dict[int, list[DutyPromise]] = defaultdict(list)
    for one in session.exec(select(DutyPromise).where(*near)):
        found[one.ticket_id].append(one)
    return found


def _read_told(session: Session, numbers: Collection[int]) -> Mapping[int, list[BrokenPromise]]:
    found: dict[int, list[BrokenPromise]] = defaultdict(list)
    of_them = col(BrokenPromise.ticket_id).in_(numbers)
    for one in session.exec(select(BrokenPromise).where(of_them)):
        found[one.ticket_id].append(one)
    return found


def list_broken_since(session: Session, *, since: datetime) -> Sequence[BrokenPromise]:
    """Return the promises that were broken since then, the newest first."""
    return session.exec(
        select(BrokenPromise)
        .where(col(BrokenPromise.found_at) >= since)
        .order_by(col(BrokenPromise.found_at).desc(), col(BrokenPromise.ticket_id))
    ).all()
