"""Passing a ticket on: who has it keeps it until another one has accepted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, exists, or_, text
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import EncryptedText, UtcDateTime, enum_column
from models.taking import Refusal, all_of, find_refusal, person_conditions
from models.ticket import IN_HANDS, LEASE, Ticket, TicketEventKind, record_event
from models.ticket_steps import (
    ClaimLostError,
    ClaimRefusedError,
    FlowError,
    NotHolderError,
    change,
    change_held,
    find_name,
    held_values,
    lock_ticket,
    lock_volunteer,
    reread,
)
from models.volunteer import Skill

TRANSFER_TIME = timedelta(minutes=5)
"""How long an offer waits for an answer."""


class TransferState(StrEnum):
    """What became of an offer."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


_ONE_OFFER = text("state = 'offered'")


class TicketTransfer(SQLModel, table=True):
    """An offer of a ticket to a person, or to whoever has a skill; one at a time (the index)."""

    __tablename__ = "ticket_transfer"
    __table_args__ = (
        Index(
            "ux_ticket_transfer_offered",
            "ticket_id",
            unique=True,
            sqlite_where=_ONE_OFFER,
            postgresql_where=_ONE_OFFER,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    from_id: int = Field(foreign_key="volunteer.id")
    to_id: int | None = Field(default=None, foreign_key="volunteer.id", index=True)
    to_skill: Skill = Field(sa_column=enum_column(Skill))
    reason: str = Field(default="", sa_type=EncryptedText)
    state: TransferState = Field(
        default=TransferState.OFFERED, sa_column=enum_column(TransferState)
    )
    offered_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: int | None = Field(default=None, foreign_key="volunteer.id")


class TransferPendingError(FlowError):
    """The ticket is already offered to somebody."""


class TransferGoneError(FlowError):
    """The offer no longer stands; `state` says what became of it."""

    def __init__(self, state: TransferState) -> None:
        super().__init__(state.value)
        self.state = state


_EVENTS = {
    TransferState.ACCEPTED: TicketEventKind.TRANSFER_ACCEPTED,
    TransferState.REFUSED: TicketEventKind.TRANSFER_REFUSED,
    TransferState.EXPIRED: TicketEventKind.TRANSFER_EXPIRED,
    TransferState.WITHDRAWN: TicketEventKind.TRANSFER_WITHDRAWN,
}


def offer_transfer(  # noqa: PLR0913 - what, by whom, to whom, why
    session: Session,
    *,
    ticket_id: int,
    volunteer_id: int,
    now: datetime,
    to_id: int | None = None,
    to_skill: Skill | None = None,
    reason: str = "",
    version: int | None = None,
) -> TicketTransfer:
    """Offer a held ticket to a person, or to all who have a skill.

    Raises NotHolderError, StaleTicketError, TransferPendingError; ClaimRefusedError where the
    person could not take it.
    """
    before = lock_ticket(session, ticket_id)
    if find_offer(session, ticket_id=ticket_id) is not None:
        raise TransferPendingError
    skill = to_skill or before.skill
    if to_id is not None:
        conditions = person_conditions(to_id, now, skill=skill)
        needed = {r: c for r, c in conditions.items() if r in _NEEDED_AT_OFFER}
        refusal = find_refusal(session, ticket_id, needed)
        if refusal is not None or to_id == volunteer_id:
            raise ClaimRefusedError(refusal or Refusal.NOT_ALLOWED)
    lease = max(before.lease_until or now, now + TRANSFER_TIME)
    values = {"updated_at": now, "lease_until": lease}
    change_held(session, before, volunteer_id=volunteer_id, version=version, values=values)
    transfer = TicketTransfer(
        ticket_id=ticket_id,
        from_id=volunteer_id,
        to_id=to_id,
        to_skill=skill,
        reason=reason,
        offered_at=now,
        expires_at=now + TRANSFER_TIME,
    )
    session.add(transfer)
    session.flush()  # it is answered by its number
    kind = TicketEventKind.TRANSFER_OFFERED
    record_event(session, ticket_id, kind=kind, now=now, body=reason, actor_id=volunteer_id)
    return transfer


_NEEDED_AT_OFFER = frozenset({Refusal.NOT_ALLOWED, Refusal.NO_SKILL, Refusal.AVOIDED})
"""A person who is busy now may be free when they read it; these will not change by then."""


def accept_transfer(
    session: Session, *, transfer_id: int, volunteer_id: int, now: datetime
) -> Ticket:
    """Take over an offered ticket; until here the other one holds it.

    Raises ClaimLostError, TransferGoneError, ClaimRefusedError.
    """
    lock_volunteer(session, volunteer_id)
    transfer = _lock_transfer(session, transfer_id)
    conditions = person_conditions(volunteer_id, now, skill=transfer.to_skill)
    taken = change(
        session,
        Ticket,
        transfer.ticket_id,
        col(Ticket.state).in_(IN_HANDS),
        _stands(transfer_id, volunteer_id, now),
        *all_of(conditions),
        values=held_values(volunteer_id, now=now, lease=now + LEASE)
        | {"skill": transfer.to_skill, "former_volunteer_id": col(Ticket.volunteer_id)},
    )
    if not taken:
        _explain(session, transfer, volunteer_id, now)
    _answer(session, transfer, TransferState.ACCEPTED, now=now, by=volunteer_id)
    return reread(session, transfer.ticket_id)


def refuse_transfer(
    session: Session, *, transfer_id: int, volunteer_id: int, now: datetime, reason: str = ""
) -> TicketTransfer:
    """Say no to an offer made to oneself; the ticket stays where it is.

    Raises TransferGoneError, NotHolderError.
    """
    transfer = _lock_transfer(session, transfer_id)
    if transfer.to_id != volunteer_id:
        raise NotHolderError
    return _end(session, transfer, TransferState.REFUSED, now=now, by=volunteer_id, reason=reason)


def withdraw_transfer(
    session: Session, *, transfer_id: int, volunteer_id: int, now: datetime
) -> TicketTransfer:
    """Take an own offer back. Raises TransferGoneError, NotHolderError."""
    transfer = _lock_transfer(session, transfer_id)
    if transfer.from_id != volunteer_id:
        raise NotHolderError
    return _end(session, transfer, TransferState.WITHDRAWN, now=now, by=volunteer_id)


def expire_transfers(session: Session, *, now: datetime) -> list[TicketTransfer]:
    """End the offers that nobody answered in time; the tickets stay with who has them."""
    due = session.exec(
        select(TicketTransfer.id)
        .join(Ticket, col(Ticket.id) == col(TicketTransfer.ticket_id))
        .where(TicketTransfer.state == TransferState.OFFERED, TicketTransfer.expires_at <= now)
        .order_by(col(Ticket.contact_id), col(Ticket.id))  # contacts are locked in one order
    ).all()
    ended = []
    for transfer_id in due:
        transfer = _lock_transfer(session, transfer_id or 0)
        if transfer.state is TransferState.OFFERED:
            _answer(session, transfer, TransferState.EXPIRED, now=now, by=None)
            ended.append(transfer)
    return ended


def end_offers(session: Session, *, ticket_id: int, state: TransferState, now: datetime) -> None:
    """End what is offered of a ticket that leaves the hands of its holder; it must be locked."""
    transfer = find_offer(session, ticket_id=ticket_id)
    if transfer is not None:
        _answer(session, transfer, state, now=now, by=None)


def find_offer(session: Session, *, ticket_id: int) -> TicketTransfer | None:
    """Return the offer of a ticket that waits for an answer, if there is one."""
    return session.exec(
        select(TicketTransfer)
        .where(TicketTransfer.ticket_id == ticket_id)
        .where(TicketTransfer.state == TransferState.OFFERED)
    ).first()


def list_offers(session: Session, *, volunteer_id: int, now: datetime) -> Sequence[TicketTransfer]:
    """Return the offers that this volunteer may accept, the oldest first."""
    offers = session.exec(
        select(TicketTransfer)
        .where(TicketTransfer.state == TransferState.OFFERED, TicketTransfer.expires_at > now)
        .where(or_(col(TicketTransfer.to_id).is_(None), col(TicketTransfer.to_id) == volunteer_id))
        .where(TicketTransfer.from_id != volunteer_id)
        .order_by(col(TicketTransfer.id))
    ).all()
    return [offer for offer in offers if _may_accept(session, offer, volunteer_id, now)]


def _may_accept(session: Session, offer: TicketTransfer, volunteer_id: int, now: datetime) -> bool:
    conditions = person_conditions(volunteer_id, now, skill=offer.to_skill)
    return find_refusal(session, offer.ticket_id, conditions) is None


def _lock_transfer(session: Session, transfer_id: int) -> TicketTransfer:
    found = select(TicketTransfer).where(TicketTransfer.id == transfer_id)
    lock_ticket(session, session.exec(found).one().ticket_id)
    return session.exec(found.execution_options(populate_existing=True)).one()


def _stands(transfer_id: int, volunteer_id: int, now: datetime) -> ColumnElement[bool]:
    to_id = col(TicketTransfer.to_id)
    return exists().where(
        col(TicketTransfer.id) == transfer_id,
        col(TicketTransfer.state) == TransferState.OFFERED,
        col(TicketTransfer.expires_at) > now,
        col(TicketTransfer.from_id) == Ticket.volunteer_id,
        col(TicketTransfer.from_id) != volunteer_id,
        or_(to_id.is_(None), to_id == volunteer_id),
    )


def _explain(session: Session, transfer: TicketTransfer, volunteer_id: int, now: datetime) -> None:
    if transfer.state is TransferState.ACCEPTED:
        raise ClaimLostError(find_name(session, transfer.answered_by))
    if transfer.state is not TransferState.OFFERED:
        raise TransferGoneError(transfer.state)
    if transfer.expires_at <= now:
        raise TransferGoneError(TransferState.EXPIRED)
    conditions = person_conditions(volunteer_id, now, skill=transfer.to_skill)
    refusal = find_refusal(session, transfer.ticket_id, conditions)
    raise ClaimRefusedError(refusal or Refusal.NOT_ALLOWED)


def _end(
    session: Session,
    transfer: TicketTransfer,
    state: TransferState,
    *,
    now: datetime,
    by: int,
    reason: str = "",
) -> TicketTransfer:
    if transfer.state is not TransferState.OFFERED:
        raise TransferGoneError(transfer.state)
    _answer(session, transfer, state, now=now, by=by, reason=reason)
    return transfer


def _answer(
    session: Session,
    transfer: TicketTransfer,
    state: TransferState,
    *,
    now: datetime,
    by: int | None,
    reason: str = "",
) -> None:
    transfer.state, transfer.answered_at, transfer.answered_by = state, now, by
    session.add(transfer)
    record_event(
        session, transfer.ticket_id, kind=_EVENTS[state], now=now, body=reason, actor_id=by
    )
    session.flush()  # another offer must find the place free
