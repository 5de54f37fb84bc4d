"""Promised duties: who was told to wait for one and still waits when it is well under way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime
from models.roster import DutyState, RosterDuty, list_duties, list_on_duty
from models.taking import all_of, waiting_conditions
from models.ticket import LINE, Ticket
from models.volunteer import Skill

GRACE = timedelta(minutes=15)
"""How long after the beginning of a duty those who were promised it may still wait."""

_LOOK_BACK = timedelta(hours=24)


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


def list_unkept(session: Session, *, now: datetime) -> Sequence[Unkept]:
    """Return who still waits and has not been told, in the order of their turn.

    Of several duties that went by the last one counts. What was opened after the beginning of a
    duty was not promised its beginning.
    """
    since = func.coalesce(col(Ticket.queued_at), col(Ticket.opened_at))
    waiting = session.exec(
        select(Ticket)
        .where(*all_of(waiting_conditions(now)), since <= now - GRACE)
        .order_by(*LINE.in_order())
    ).all()
    if not waiting:
        return []
    begun = [
        duty
        for duty in list_duties(session, start=now - _LOOK_BACK, end=now)
        if duty.state is DutyState.OPEN and now - _LOOK_BACK < duty.starts_at <= now - GRACE
    ]
    found = (_find_unkept(ticket, begun) for ticket in waiting)
    return [one for one in found if one is not None and not _was_told(session, one)]


def still_waits(session: Session, unkept: Unkept, *, now: datetime) -> bool:
    """Tell whether nobody has come to them, or told them, since they were found."""
    waiting = select(Ticket.id).where(
        Ticket.id == unkept.ticket_id, *all_of(waiting_conditions(now))
    )
    return session.exec(waiting).first() is not None and not _was_told(session, unkept)


def find_duty_end(session: Session, unkept: Unkept, *, now: datetime) -> datetime | None:
    """Return until when the promised duty goes on, None where it is over."""
    on = list_on_duty(session, skills=(unkept.skill,), now=now)
    return max((duty.ends_at for duty in on), default=None)


def _find_unkept(ticket: Ticket, begun: Sequence[RosterDuty]) -> Unkept | None:
    promised = [
        duty.starts_at
        for duty in begun
        if duty.skill is ticket.skill and duty.starts_at > ticket.waiting_since
    ]
    return Unkept(ticket.id or 0, ticket.skill, max(promised)) if promised else None


def _was_told(session: Session, unkept: Unkept) -> bool:
    told = select(BrokenPromise.ticket_id).where(
        BrokenPromise.ticket_id == unkept.ticket_id,
        col(BrokenPromise.promised_at) >= unkept.promised_at,
    )
    return session.exec(told.limit(1)).first() is not None


def list_broken_since(session: Session, *, since: datetime) -> Sequence[BrokenPromise]:
    """Return the promises that were broken since then, the newest first."""
    return session.exec(
        select(BrokenPromise)
        .where(col(BrokenPromise.found_at) >= since)
        .order_by(col(BrokenPromise.found_at).desc(), col(BrokenPromise.ticket_id))
    ).all()
