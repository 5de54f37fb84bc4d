"""How an episode ends, begins again, or is taken up into another."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.media import drop_media_of, follow_join
from models.risk import risk_values
from models.taking import Conditions, Refusal, all_of, find_refusal, given_conditions, has_skill
from models.ticket import (
    DANGER,
    LEASE,
    Outcome,
    Ticket,
    TicketEventKind,
    TicketKind,
    TicketState,
    add_to_ticket,
    open_ticket,
    record_event,
)
from models.ticket_steps import (
    ClaimLostError,
    ClaimRefusedError,
    NotAllowedError,
    NotHolderError,
    change,
    change_held,
    find_holder,
    find_name,
    held_values,
    lock_contact,
    lock_ticket,
    lock_volunteer,
    queued_values,
    reread,
)
from models.transfer import TransferState, end_offers
from models.volunteer import Volunteer

REST = timedelta(minutes=30)
"""How long nothing is offered after an episode in which somebody was in danger."""

REOPEN_TIME = timedelta(hours=72)
"""How long a closed episode can be taken up again."""

PLACE_KEPT = timedelta(minutes=10)
"""How long the place of somebody who left the queue is kept, with what they had sent."""

FOR_GOOD = (Outcome.ERASED, Outcome.JOINED)
"""Outcomes after which an episode is never taken up again."""


def wrap_up(
    session: Session,
    *,
    ticket_id: int,
    volunteer_id: int,
    now: datetime,
    version: int | None = None,
) -> Ticket:
    """Begin to close: the outcome is still to be said, the bot is still silent.

    What the contact writes now makes it the volunteer's turn again. Raises NotHolderError,
    StaleTicketError.
    """
    before = lock_ticket(session, ticket_id)
    values = {"state": TicketState.WRAP_UP, "lease_until": now + LEASE, "updated_at": now}
    speaking = (TicketState.HUMAN, TicketState.WAITING_CONTACT)
    after = change_held(
        session,
        before,
        volunteer_id=volunteer_id,
        version=version,
        values=values,
        states=speaking,
    )
    kind = TicketEventKind.WRAPPED_UP
    record_event(session, ticket_id, kind=kind, now=now, actor_id=volunteer_id)
    return after


def hand_back_to_bot(
    session: Session,
    *,
    ticket_id: int,
    volunteer_id: int,
    now: datetime,
    version: int | None = None,
) -> Ticket:
    """End the episode so that the bot answers the very next message.

    Raises NotHolderError, StaleTicketError.
    """
    return _finish(
        session,
        ticket_id,
        volunteer_id,
        outcome=Outcome.HANDED_BACK,
        kind=TicketEventKind.HANDED_BACK,
        version=version,
        now=now,
    )


def close(  # noqa: PLR0913 - what, by whom, how it ended
    session: Session,
    *,
    ticket_id: int,
    volunteer_id: int,
    outcome: Outcome,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> Ticket:
    """End the episode with an outcome; after one with danger the volunteer rests.

    Raises NotHolderError, StaleTicketError.
    """
    return _finish(
        session,
        ticket_id,
        volunteer_id,
        outcome=outcome,
        kind=TicketEventKind.CLOSED,
        version=version,
        reason=reason,
        now=now,
    )


def reopen(
    session: Session, *, ticket_id: int, now: datetime, volunteer_id: int | None = None
) -> Ticket:
    """Take up a closed episode again: by a volunteer into their hands, else into the queue.

    Who had left the queue a moment ago gets the old place. Raises NotAllowedError,
    ClaimRefusedError, ClaimLostError.
    """
    if volunteer_id is not None:
        lock_volunteer(session, volunteer_id)
    before = lock_ticket(session, ticket_id)
    conditions = {} if volunteer_id is None else given_conditions(volunteer_id, now)
    values = queued_values(before, now=now, since=_place_after(before, now))
    if volunteer_id is not None:
        values |= held_values(volunteer_id, now=now, lease=now + LEASE)
    values |= {"outcome": None, "closed_at": None}
    possible = (*_can_reopen(now), *all_of(conditions))
    if not change(session, Ticket, ticket_id, *possible, values=values):
        return _explain_reopening(session, before, volunteer_id, conditions)
    kind = TicketEventKind.REOPENED
    record_event(session, ticket_id, kind=kind, now=now, actor_id=volunteer_id)
    return reread(session, ticket_id)


def cancel_waiting(
    session: Session, *, contact_id: int, now: datetime, kind: TicketKind | None = None
) -> list[Ticket]:
    """Let the contact leave the queue; return what was closed. A ticket of danger stays."""
    lock_contact(session, contact_id)
    waiting = select(Ticket).where(
        Ticket.contact_id == contact_id,
        Ticket.state == TicketState.QUEUED,
        col(Ticket.risk) < DANGER,
    )
    if kind is not None:
        waiting = waiting.where(Ticket.kind == kind)
    closed = []
    for ticket in session.exec(waiting.order_by(col(Ticket.id))).all():
        is_still = (col(Ticket.state) == TicketState.QUEUED, col(Ticket.risk) < DANGER)
        values = _closed_values(ticket, Outcome.CANCELLED, now=now)
        if change(session, Ticket, ticket.id, *is_still, values=values):
            record_event(session, ticket.id, kind=TicketEventKind.CANCELLED, now=now)
            closed.append(reread(session, ticket.id or 0))
    return closed


def drop_left_media(session: Session, *, now: datetime) -> None:
    """Delete what was sent by those who left the queue and did not return in time."""
    drop_media_of(session, cancelled_before=now - PLACE_KEPT)


def list_left(
    session: Session, *, contact_id: int, now: datetime, kind: TicketKind | None = None
) -> list[Ticket]:
    """Return the episodes that the contact took back and can return to, of each kind the last."""
    left = select(Ticket).where(
        Ticket.contact_id == contact_id, Ticket.outcome == Outcome.CANCELLED, *_can_reopen(now)
    )
    if kind is not None:
        left = left.where(Ticket.kind == kind)
    return list(
        {ticket.kind: ticket for ticket in session.exec(left.order_by(col(Ticket.id)))}.values()
    )


def ask_again(
    session: Session, *, contact_id: int, kind: TicketKind, summary: str, now: datetime
) -> Ticket:
    """Open an episode; who left the queue a moment ago returns to the old one and its place."""
    lock_contact(session, contact_id)
    for left in list_left(session, contact_id=contact_id, now=now, kind=kind):
        if left.closed_at is not None and now - left.closed_at <= PLACE_KEPT:
            ticket = reopen(session, ticket_id=left.id or 0, now=now)
            add_to_ticket(session, ticket, body=summary, now=now)
            return ticket
    return open_ticket(session, contact_id=contact_id, kind=kind, summary=summary, now=now)


def join_waiting(
    session: Session, *, ticket_id: int, into_id: int, volunteer_id: int, now: datetime
) -> Ticket:
    """Take up a waiting need of the same contact into the episode that the volunteer holds.

    They must be one for it, except for a crisis, which whoever holds the person must know of.
    Raises NotHolderError, ClaimRefusedError.
    """
    before = lock_ticket(session, ticket_id)
    held = aliased(Ticket)
    is_held = (
        select(col(held.id))
        .where(col(held.id) == into_id, col(held.contact_id) == Ticket.contact_id)
        .where(col(held.volunteer_id) == volunteer_id, col(held.id) != Ticket.id)
        .exists()
    )
    skilled = has_skill(volunteer_id, now)
    conditions: Conditions = {
        Refusal.NOT_WAITING: col(Ticket.state) == TicketState.QUEUED,
        Refusal.NO_SKILL: or_(skilled, col(Ticket.kind) == TicketKind.CRISIS),
    }
    values = _closed_values(before, Outcome.JOINED, now=now) | {"joined_id": into_id}
    if not change(session, Ticket, ticket_id, is_held, *all_of(conditions), values=values):
        refusal = find_refusal(session, ticket_id, conditions)
        raise ClaimRefusedError(refusal) if refusal else NotHolderError
    follow_join(session, ticket_id=ticket_id, into_id=into_id)
    joined = TicketEventKind.JOINED
    record_event(session, ticket_id, kind=joined, now=now, actor_id=volunteer_id)
    body = before.summary
    record_event(session, into_id, kind=joined, now=now, body=body, actor_id=volunteer_id)
    return _take_risk_over(session, into_id, before.risk, now=now)


def _finish(  # noqa: PLR0913 - what an end is made of
    session: Session,
    ticket_id: int,
    volunteer_id: int,
    *,
    outcome: Outcome,
    kind: TicketEventKind,
    version: int | None,
    now: datetime,
    reason: str = "",
) -> Ticket:
    lock_volunteer(session, volunteer_id)
    before = lock_ticket(session, ticket_id)
    values = _closed_values(before, outcome, now=now)
    after = change_held(session, before, volunteer_id=volunteer_id, version=version, values=values)
    record_event(session, ticket_id, kind=kind, now=now, body=reason, actor_id=volunteer_id)
    end_offers(session, ticket_id=ticket_id, state=TransferState.WITHDRAWN, now=now)
    if before.worst_risk >= DANGER:
        change(session, Volunteer, volunteer_id, values={"rest_until": now + REST})
    return after


def _closed_values(before: Ticket, outcome: Outcome, *, now: datetime) -> dict[str, object]:
    return {
        "state": TicketState.CLOSED,
        "volunteer_id": None,
        "former_volunteer_id": before.volunteer_id or before.former_volunteer_id,
        "lease_until": None,
        "draft": "",
        "outcome": outcome,
        "closed_at": now,
        "updated_at": now,
        "version": col(Ticket.version) + 1,
    }


def _can_reopen(now: datetime) -> tuple[ColumnElement[bool], ...]:
    other = aliased(Ticket)
    has_same = (
        select(col(other.id))
        .where(col(other.contact_id) == Ticket.contact_id, col(other.kind) == Ticket.kind)
        .where(col(other.state) != TicketState.CLOSED)
        .exists()
    )
    return (
        col(Ticket.state) == TicketState.CLOSED,
        col(Ticket.closed_at) > now - REOPEN_TIME,
        col(Ticket.outcome).not_in(FOR_GOOD),
        ~has_same,
    )


def _place_after(before: Ticket, now: datetime) -> datetime:
    left_at = before.closed_at if before.outcome is Outcome.CANCELLED else None
    is_kept = left_at is not None and now - left_at <= PLACE_KEPT
    return before.waiting_since if is_kept else now


def _explain_reopening(
    session: Session, before: Ticket, volunteer_id: int | None, conditions: Conditions
) -> Ticket:
    if volunteer_id is not None:
        refusal = find_refusal(session, before.id or 0, conditions)
        if refusal is Refusal.CONTACT_HELD:
            raise ClaimLostError(find_name(session, find_holder(session, before.contact_id)))
        if refusal is not None:
            raise ClaimRefusedError(refusal)
    raise NotAllowedError


def _take_risk_over(session: Session, ticket_id: int, risk: int, *, now: datetime) -> Ticket:
    before = reread(session, ticket_id)
    change(session, Ticket, ticket_id, values=risk_values(before, max(before.risk, risk), now))
    return reread(session, ticket_id)
