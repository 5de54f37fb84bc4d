"""Taking a ticket that waits, what waits, and who comes before whom."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.taking import (
    Conditions,
    Refusal,
    all_of,
    claim_conditions,
    find_refusal,
    is_served_by,
    waiting_conditions,
)
from models.ticket import LEASE, LINE, Ticket, TicketEventKind, TicketState, record_event
from models.ticket_steps import (
    ClaimLostError,
    ClaimRefusedError,
    change,
    find_holder,
    find_name,
    held_values,
    lock_ticket,
    lock_volunteer,
    reread,
)


def claim(session: Session, *, ticket_id: int, volunteer_id: int, now: datetime) -> Ticket:
    """Take a waiting ticket; from the commit on the bot is silent.

    Raises ClaimLostError where another one holds this person, ClaimRefusedError where the
    volunteer cannot take it. Who holds it already gets it again.
    """
    lock_volunteer(session, volunteer_id)
    before = lock_ticket(session, ticket_id)
    conditions = claim_conditions(volunteer_id, now)
    is_same = col(Ticket.version) == before.version
    values = held_values(volunteer_id, now=now, lease=now + LEASE)
    if not change(session, Ticket, ticket_id, is_same, *all_of(conditions), values=values):
        return _explain(session, ticket_id, volunteer_id, conditions)
    kind = TicketEventKind.CLAIMED
    record_event(session, ticket_id, kind=kind, now=now, actor_id=volunteer_id)
    return reread(session, ticket_id)


def claim_next(session: Session, *, volunteer_id: int, now: datetime) -> Ticket | None:
    """Take the ticket whose turn it is; None where nothing waits that this volunteer may take."""
    lock_volunteer(session, volunteer_id)
    lost: set[int] = set()
    while (ticket_id := _find_first(session, volunteer_id, now, lost=lost)) is not None:
        try:
            with session.begin_nested():  # what is lost gives its lock back
                return claim(session, ticket_id=ticket_id, volunteer_id=volunteer_id, now=now)
        except (ClaimLostError, ClaimRefusedError):
            lost.add(ticket_id)
    return None


def why_not(
    session: Session, *, ticket_id: int, volunteer_id: int, now: datetime
) -> Refusal | None:
    """Return why the volunteer cannot take this ticket now, None where they can."""
    return find_refusal(session, ticket_id, claim_conditions(volunteer_id, now))


def list_waiting(
    session: Session, *, volunteer_id: int, now: datetime, limit: int = 50
) -> Sequence[Ticket]:
    """Return the tickets that this volunteer could take, in the order of their turn.

    Whether the volunteer is busy, resting or away does not matter here.
    """
    passing = (Refusal.PAUSED, Refusal.RESTING, Refusal.FULL)
    conditions = all_of(claim_conditions(volunteer_id, now), but=passing)
    return session.exec(
        select(Ticket).where(*conditions).order_by(*LINE.in_order()).limit(limit)
    ).all()


def queue_position(session: Session, ticket: Ticket, now: datetime) -> int | None:
    """Return how many people are served before this one, None where it does not wait."""
    if ticket.state is not TicketState.QUEUED:
        return None
    before = LINE.before(
        risk=ticket.risk, since=ticket.priority_since or ticket.opened_at, id_=ticket.id or 0
    )
    return session.exec(
        select(func.count(col(Ticket.contact_id).distinct()))
        .where(*all_of(waiting_conditions(now)), is_served_by(ticket.skill, now), before)
        .where(Ticket.contact_id != ticket.contact_id)
    ).one()


def _find_first(
    session: Session, volunteer_id: int, now: datetime, *, lost: set[int]
) -> int | None:
    return session.exec(
        select(Ticket.id)
        .where(*all_of(claim_conditions(volunteer_id, now)), col(Ticket.id).not_in(lost))
        .order_by(*LINE.in_order())
        .limit(1)
    ).first()


def _explain(session: Session, ticket_id: int, volunteer_id: int, conditions: Conditions) -> Ticket:
    """Return the ticket where the volunteer has it already; else raise why they cannot."""
    ticket = reread(session, ticket_id)
    if ticket.volunteer_id == volunteer_id:
        return ticket
    holder = find_holder(session, ticket.contact_id)
    if holder is not None and holder != volunteer_id:
        raise ClaimLostError(find_name(session, holder))
    if ticket.state is TicketState.CLOSED and ticket.former_volunteer_id is not None:
        raise ClaimLostError(find_name(session, ticket.former_volunteer_id))
    raise ClaimRefusedError(find_refusal(session, ticket_id, conditions) or Refusal.NOT_WAITING)
