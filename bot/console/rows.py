"""The lists of the queue: tickets without a name and without a word of what was said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import false, or_, true
from sqlmodel import Session, col, select

from bot.console import words
from bot.console.access import Person
from models.endings import FOR_GOOD, REOPEN_TIME
from models.note import TicketNote
from models.reply_window import WindowState, remaining
from models.ticket import (
    IN_HANDS,
    LINE,
    Outcome,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketState,
)
from models.ticket_flow import list_waiting
from models.ticket_steps import find_holder, find_name
from models.transfer import TicketTransfer, list_offers
from models.volunteer import Volunteer

MOST_SHOWN, MOST_DONE = 30, 5


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket in a list: no name and no word of what was said."""

    id: int
    kind: str
    risk: int
    state: TicketState
    since: datetime
    window: WindowState
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A ticket that somebody would pass on to this volunteer."""

    id: int
    kind: str
    risk: int
    giver: str
    reason: str
    expires_at: datetime


def row_of(session: Session, ticket: Ticket, now: datetime, *, holder: str = "") -> Row:
    """Return how a ticket looks in a list."""
    is_waiting = ticket.state is TicketState.QUEUED
    last = ticket.last_contact_at or ticket.opened_at
    return Row(
        id=ticket.id or 0,
        kind=words.KINDS[ticket.kind],
        risk=ticket.risk,
        state=ticket.state,
        since=ticket.waiting_since if is_waiting else last,
        window=remaining(session, contact_id=ticket.contact_id, now=now),
        holder=holder,
    )


def list_waiting_rows(session: Session, person: Person, now: datetime) -> list[Row]:
    """Return who waits that this person could take, in the order of their turn."""
    waiting = list_waiting(session, volunteer_id=person.id, now=now, limit=MOST_SHOWN)
    return [row_of(session, ticket, now) for ticket in waiting]


def list_line_rows(session: Session, now: datetime) -> list[Row]:
    """Return all who wait, in the order in which they are served.

    Who waits behind another ticket of the same person comes with the name of who holds that one.
    """
    waiting = session.exec(
        select(Ticket).where(Ticket.state == TicketState.QUEUED).order_by(*LINE.in_order())
    ).all()
    return [
        row_of(session, ticket, now, holder=find_name(session, find_holder(session, contact_id)))
        for ticket in waiting
        for contact_id in (ticket.contact_id,)
    ]


def list_held_rows(session: Session, now: datetime, *, volunteer_id: int) -> list[Row]:
    """Return what is in the hands of a volunteer, the gravest first."""
    return [row_of(session, one, now) for one in list_held(session, volunteer_id=volunteer_id)]


def list_held(session: Session, *, volunteer_id: int) -> Sequence[Ticket]:
    """Return the tickets in the hands of a volunteer, the gravest first."""
    return session.exec(
        select(Ticket)
        .where(Ticket.volunteer_id == volunteer_id, col(Ticket.state).in_(IN_HANDS))
        .order_by(col(Ticket.risk).desc(), col(Ticket.claimed_at))
    ).all()


def list_done_rows(session: Session, now: datetime, *, volunteer_id: int) -> list[Row]:
    """Return what a volunteer closed lately and can take up again, the last first."""
    done = session.exec(
        select(Ticket)
        .where(Ticket.former_volunteer_id == volunteer_id, Ticket.state == TicketState.CLOSED)
        .where(col(Ticket.closed_at) > now - REOPEN_TIME)
        .where(col(Ticket.outcome).not_in((Outcome.ABUSE, *FOR_GOOD)))
        .order_by(col(Ticket.closed_at).desc())
        .limit(MOST_DONE)
    ).all()
    return [replace(row_of(session, ticket, now), since=ticket.closed_at or now) for ticket in done]


def list_others(
    session: Session, person: Person, now: datetime, *, with_own: bool = False
) -> list[Row]:
    """Return for a supervisor what others (and they themselves) have in their hands."""
    if not person.is_supervisor:
        return []
    held = session.exec(
        select(Ticket, Volunteer.display_name)
        .join(Volunteer, col(Volunteer.id) == col(Ticket.volunteer_id))
        .where(col(Ticket.state).in_(IN_HANDS))
        .where(or_(true() if with_own else false(), col(Ticket.volunteer_id) != person.id))
        .order_by(col(Ticket.risk).desc(), col(Ticket.claimed_at))
        .limit(MOST_SHOWN)
    ).all()
    return [row_of(session, ticket, now, holder=name) for ticket, name in held]


def list_asking(session: Session) -> frozenset[int]:
    """Return the tickets whose volunteer asked for a supervisor and has had no note since."""
    asked = session.exec(
        select(TicketEvent.ticket_id, TicketEvent.at, TicketEvent.actor_id)
        .join(Ticket, col(Ticket.id) == col(TicketEvent.ticket_id))
        .where(TicketEvent.kind == TicketEventKind.SUPERVISOR_ASKED)
        .where(col(Ticket.state).in_(IN_HANDS))
    ).all()
    return frozenset(
        ticket_id
        for ticket_id, at, actor_id in asked
        if not _was_answered(session, ticket_id, at, actor_id)
    )


def _was_answered(session: Session, ticket_id: int, at: datetime, actor_id: int | None) -> bool:
    answer = select(TicketNote.id).where(
        TicketNote.ticket_id == ticket_id, TicketNote.at >= at, TicketNote.volunteer_id != actor_id
    )
    return session.exec(answer.limit(1)).first() is not None


def list_offer_rows(session: Session, person: Person, now: datetime) -> list[Offer]:
    """Return what others would pass on to this person."""
    rows = []
    for offer in list_offers(session, volunteer_id=person.id, now=now):
        ticket = session.get_one(Ticket, offer.ticket_id)
        giver = session.get_one(Volunteer, offer.from_id).display_name
        rows.append(_offer(offer, ticket, giver))
    return rows


def _offer(offer: TicketTransfer, ticket: Ticket, giver: str) -> Offer:
    return Offer(
        id=offer.id or 0,
        kind=words.KINDS[ticket.kind],
        risk=ticket.risk,
        giver=giver,
        reason=offer.reason,
        expires_at=offer.expires_at,
    )
