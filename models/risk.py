"""How much danger an episode is about: anybody raises it, few may lower it."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.ageing import priority_since
from models.audit import record_audit
from models.contact import Contact
from models.taking import may_judge_risk
from models.ticket import DANGER, Ticket, TicketEventKind, TicketState, record_event
from models.ticket_steps import NotAllowedError, change, lock_ticket, reread


def raise_risk(
    session: Session,
    *,
    ticket_id: int,
    risk: int,
    now: datetime,
    volunteer_id: int | None = None,
    reason: str = "",
) -> Ticket:
    """Raise the risk of an open ticket; one that is as high already stays as it is."""
    before = lock_ticket(session, ticket_id)
    is_lower = (col(Ticket.state) != TicketState.CLOSED, col(Ticket.risk) < risk)
    if not change(session, Ticket, ticket_id, *is_lower, values=risk_values(before, risk, now)):
        return before
    kind = TicketEventKind.RISK_RAISED
    record_event(session, ticket_id, kind=kind, now=now, body=reason, actor_id=volunteer_id)
    return reread(session, ticket_id)


def lower_risk(
    session: Session,
    *,
    ticket_id: int,
    risk: int,
    volunteer_id: int,
    reason: str,
    now: datetime,
) -> Ticket:
    """Lower the risk: only a supervisor, or the counsellor who holds the ticket, with a reason.

    Below danger it also ends the alarm of the contact, unless another open ticket keeps it. Raises
    NotAllowedError.
    """
    before = lock_ticket(session, ticket_id)
    is_higher = (col(Ticket.state) != TicketState.CLOSED, col(Ticket.risk) > risk)
    values = risk_values(before, risk, now)
    allowed = (*is_higher, may_judge_risk(volunteer_id))
    if not reason.strip() or not change(session, Ticket, ticket_id, *allowed, values=values):
        raise NotAllowedError
    kind = TicketEventKind.RISK_LOWERED
    record_event(session, ticket_id, kind=kind, now=now, body=reason, actor_id=volunteer_id)
    record_audit(
        session,
        actor_id=volunteer_id,
        action="lower_risk",
        subject=f"ticket:{ticket_id}",
        reason=reason,
        now=now,
    )
    if risk < DANGER:
        _end_alarm(session, before.contact_id)
    return reread(session, ticket_id)


def risk_values(before: Ticket, risk: int, now: datetime) -> dict[str, object]:
    """Return what a ticket becomes with another risk."""
    return {
        "risk": risk,
        "peak_risk": max(before.worst_risk, risk),
        "priority_since": priority_since(risk, before.waiting_since),
        "updated_at": now,
        "version": col(Ticket.version) + 1,
    }


def _end_alarm(session: Session, contact_id: int) -> None:
    in_danger = (
        select(Ticket.id)
        .where(Ticket.contact_id == contact_id, col(Ticket.risk) >= DANGER)
        .where(col(Ticket.state) != TicketState.CLOSED)
    )
    if session.exec(in_danger.limit(1)).first() is None:
        session.connection().execute(
            update(Contact)
            .where(col(Contact.id) == contact_id)
            .values(crisis_until=None, crisis_situation=None)
        )
