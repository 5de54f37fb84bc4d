"""The ways of a ticket through people's hands: each is one function, one conditional UPDATE.

queued → human ⇄ waiting_contact → wrap_up → closed. Every function takes the caller's session,
locks in the order of `models.ticket_steps`, adds an event with who did it, and raises a `FlowError`
before anything is changed where the way is closed. Who holds a ticket may give the `version` that
they saw: where it has changed since, StaleTicketError is raised instead.

What is written here is the life of a ticket in hands; the rest is in `models.claims`,
`models.transfer`, `models.endings` and `models.risk`, and can be had from here.
"""

from datetime import datetime

from sqlalchemy import case
from sqlmodel import Session, col, select

from models.audit import record_audit
from models.claims import claim, claim_next, list_waiting, queue_position, why_not
from models.endings import (
    PLACE_KEPT,
    REOPEN_TIME,
    REST,
    ask_again,
    cancel_waiting,
    close,
    drop_left_media,
    hand_back_to_bot,
    join_waiting,
    list_left,
    reopen,
    wrap_up,
)
from models.risk import lower_risk, raise_risk
from models.taking import Refusal, all_of, find_refusal, given_conditions, is_supervisor
from models.ticket import (
    IN_HANDS,
    LEASE,
    QUIET_LEASE,
    Ticket,
    TicketEventKind,
    TicketState,
    record_event,
)
from models.ticket_steps import (
    ClaimLostError,
    ClaimRefusedError,
    FlowError,
    NotAllowedError,
    NotHolderError,
    StaleTicketError,
    change,
    change_held,
    held_values,
    lock_ticket,
    lock_volunteer,
    queued_values,
    reread,
)
from models.transfer import (
    TransferGoneError,
    TransferPendingError,
    TransferState,
    accept_transfer,
    end_offers,
    expire_transfers,
    offer_transfer,
    refuse_transfer,
    withdraw_transfer,
)
from models.volunteer import Skill


def record_reply(
    session: Session,
    *,
    ticket_id: int,
    volunteer_id: int,
    now: datetime,
    seen: datetime | None = None,
) -> Ticket:
    """Note that the volunteer has answered: now it is the contact's turn, and the draft is gone.

    `seen` is the contact's last message that the volunteer knew; StaleTicketError is raised where
    there is a later one. Raises NotHolderError.
    """
    before = lock_ticket(session, ticket_id)
    if before.volunteer_id == volunteer_id and _is_unseen(before.last_contact_at, seen):
        raise StaleTicketError
    values = {
        "state": TicketState.WAITING_CONTACT,
        "last_reply_at": now,
        "lease_until": now + QUIET_LEASE,
        "draft": "",
        "updated_at": now,
    }
    after = change_held(session, before, volunteer_id=volunteer_id, version=None, values=values)
    kind = TicketEventKind.REPLIED
    record_event(session, ticket_id, kind=kind, now=now, actor_id=volunteer_id)
    return after


def save_draft(
    session: Session, *, ticket_id: int, volunteer_id: int, draft: str, now: datetime
) -> None:
    """Keep what the volunteer is writing, and their lease with it. Raises NotHolderError."""
    _keep(session, ticket_id, volunteer_id, now=now, draft=draft)


def renew_lease(session: Session, *, ticket_id: int, volunteer_id: int, now: datetime) -> None:
    """Note that the volunteer is still there. Raises NotHolderError."""
    _keep(session, ticket_id, volunteer_id, now=now)


def expire_leases(session: Session, *, now: datetime) -> list[Ticket]:
    """Give the tickets of volunteers who vanished back to the queue, at their old place."""
    due = session.exec(
        select(Ticket.id)
        .where(col(Ticket.state).in_(IN_HANDS), col(Ticket.lease_until) <= now)
        .order_by(col(Ticket.contact_id))  # contacts are locked in one order
    ).all()
    given_back = []
    for ticket_id in due:
        before = lock_ticket(session, ticket_id or 0)
        is_due = (col(Ticket.state).in_(IN_HANDS), col(Ticket.lease_until) <= now)
        owner = before.volunteer_id
        values = queued_values(before, now=now)
        if change(session, Ticket, ticket_id, *is_due, values=values):
            kind = TicketEventKind.LEASE_EXPIRED
            record_event(session, ticket_id, kind=kind, now=now, actor_id=owner)
            end_offers(session, ticket_id=ticket_id or 0, state=TransferState.EXPIRED, now=now)
            given_back.append(reread(session, ticket_id or 0))
    return given_back


def release(  # noqa: PLR0913 - what, by whom, whereto, why
    session: Session,
    *,
    ticket_id: int,
    volunteer_id: int,
    now: datetime,
    skill: Skill | None = None,
    reason: str = "",
    version: int | None = None,
) -> Ticket:
    """Give a ticket back to the queue, at its old place, with the draft; `skill` may change.

    Raises NotHolderError, StaleTicketError.
    """
    before = lock_ticket(session, ticket_id)
    values = queued_values(before, now=now) | {"skill": skill or before.skill}
    after = change_held(session, before, volunteer_id=volunteer_id, version=version, values=values)
    kind = TicketEventKind.RELEASED
    record_event(session, ticket_id, kind=kind, now=now, body=reason, actor_id=volunteer_id)
    end_offers(session, ticket_id=ticket_id, state=TransferState.WITHDRAWN, now=now)
    return after


def reassign(
    session: Session,
    *,
    ticket_id: int,
    supervisor_id: int,
    to_id: int | None,
    reason: str,
    now: datetime,
) -> Ticket:
    """Let a supervisor give an open ticket to somebody, take it over, or send it to the queue.

    Raises NotAllowedError, ClaimRefusedError (CONTACT_HELD: another ticket of this contact is in
    somebody's hands).
    """
    if to_id is not None:
        lock_volunteer(session, to_id)
    before = lock_ticket(session, ticket_id)
    conditions = {} if to_id is None else given_conditions(to_id, now)
    is_open = col(Ticket.state) != TicketState.CLOSED
    values = (
        queued_values(before, now=now)
        if to_id is None
        else held_values(to_id, now=now, lease=now + LEASE)
        | {"former_volunteer_id": before.volunteer_id or before.former_volunteer_id}
    )
    allowed = (is_open, is_supervisor(supervisor_id), *all_of(conditions))
    if not change(session, Ticket, ticket_id, *allowed, values=values):
        refusal = find_refusal(session, ticket_id, conditions) if conditions else None
        raise ClaimRefusedError(refusal) if refusal else NotAllowedError
    kind = TicketEventKind.REASSIGNED
    record_event(session, ticket_id, kind=kind, now=now, body=reason, actor_id=supervisor_id)
    end_offers(session, ticket_id=ticket_id, state=TransferState.WITHDRAWN, now=now)
    record_audit(
        session,
        actor_id=supervisor_id,
        action="reassign",
        subject=f"ticket:{ticket_id}",
        reason=reason,
        now=now,
    )
    return reread(session, ticket_id)


def _is_unseen(last: datetime | None, seen: datetime | None) -> bool:
    return last is not None and seen is not None and last > seen


def _keep(
    session: Session, ticket_id: int, volunteer_id: int, *, now: datetime, draft: str | None = None
) -> None:
    # Neither version nor event: this happens every few seconds.
    is_quiet = col(Ticket.state) == TicketState.WAITING_CONTACT
    lease = case((is_quiet, now + QUIET_LEASE), else_=now + LEASE)
    values = {"lease_until": lease} | ({} if draft is None else {"draft": draft})
    held = (col(Ticket.volunteer_id) == volunteer_id, col(Ticket.state).in_(IN_HANDS))
    if not change(session, Ticket, ticket_id, *held, values=values):
        raise NotHolderError


__all__ = [
    "PLACE_KEPT",
    "REOPEN_TIME",
    "REST",
    "ClaimLostError",
    "ClaimRefusedError",
    "FlowError",
    "NotAllowedError",
    "NotHolderError",
    "Refusal",
    "StaleTicketError",
    "TransferGoneError",
    "TransferPendingError",
    "accept_transfer",
    "ask_again",
    "cancel_waiting",
    "claim",
    "claim_next",
    "close",
    "drop_left_media",
    "expire_leases",
    "expire_transfers",
    "hand_back_to_bot",
    "join_waiting",
    "list_left",
    "list_waiting",
    "lower_risk",
    "offer_transfer",
    "queue_position",
    "raise_risk",
    "reassign",
    "record_reply",
    "refuse_transfer",
    "release",
    "renew_lease",
    "reopen",
    "save_draft",
    "why_not",
    "withdraw_transfer",
    "wrap_up",
]
