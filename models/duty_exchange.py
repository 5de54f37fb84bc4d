"""Exchange of duties between two volunteers: who has a duty keeps it until another one accepts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from models.duty import Duty, DutyOffer, OfferState
from models.roster import DutyKey
from models.roster_changes import (
    RosterError,
    RosterRefusal,
    check_can_take,
    check_skill,
    explain,
    lock_duties,
    make_row,
    note,
    withdraw_offers,
)
from models.ticket_steps import change, lock_volunteer
from models.volunteer import VolunteerSkill


def offer_duty(
    session: Session,
    key: DutyKey,
    *,
    from_id: int,
    now: datetime,
    to_id: int | None = None,
    in_return: DutyKey | None = None,
) -> DutyOffer:
    """Offer an own duty to a colleague or to all who have the skill, or for a duty of theirs.

    Raises RosterError.
    """
    # In one order, whoever offers: two who want each other's duty must not wait for each other.
    rows = {one: make_row(session, one) for one in sorted({key, in_return or key})}
    duty, back = rows[key], rows[in_return] if in_return else None
    lock_duties(session, [row.id or 0 for row in rows.values()])
    duty = _owned(session, duty, by=from_id, now=now)
    if back is not None:
        to_id = back.volunteer_id
        back = _owned(session, back, by=to_id, now=now)
        check_skill(session, from_id, back.skill)
    if to_id == from_id:
        raise RosterError(RosterRefusal.SAME_PERSON)
    if to_id is not None:
        check_skill(session, to_id, duty.skill)
    if _find_offer_of(session, duty.id or 0) is not None:
        raise RosterError(RosterRefusal.OFFERED)
    offer = DutyOffer(
        duty_id=duty.id or 0,
        return_id=None if back is None else back.id,
        from_id=from_id,
        to_id=to_id,
        offered_at=now,
    )
    session.add(offer)
    session.flush()  # it is answered by its number
    note(session, "duty_offer", duty, actor_id=from_id, now=now)
    return offer


def accept_offer(session: Session, offer_id: int, *, volunteer_id: int, now: datetime) -> None:
    """Take an offered duty over, and give the one that was wanted for it; both or neither.

    Raises RosterError; whatever was changed by then is not to be kept.
    """
    offer = get_offer(session, offer_id)
    for person in sorted({offer.from_id, volunteer_id}):
        lock_volunteer(session, person)
    ids = [offer.duty_id] + ([offer.return_id] if offer.return_id else [])
    lock_duties(session, ids)
    if not _answer(session, offer, OfferState.ACCEPTED, by=volunteer_id, now=now):
        raise _why_gone(session, offer_id)
    duty = session.get_one(Duty, offer.duty_id)
    back = session.get_one(Duty, offer.return_id) if offer.return_id else None
    check_can_take(session, duty, volunteer_id=volunteer_id, but=_key(back))
    if back is not None:
        check_can_take(session, back, volunteer_id=offer.from_id, but=_key(duty))
        _pass_on(session, back, giver=volunteer_id, taker=offer.from_id, now=now)
    _pass_on(session, duty, giver=offer.from_id, taker=volunteer_id, now=now)
    withdraw_offers(session, ids, now=now)
    note(session, "duty_accept", duty, actor_id=volunteer_id, now=now)
    if back is not None:
        note(session, "duty_accept", back, actor_id=offer.from_id, now=now)


def refuse_offer(session: Session, offer_id: int, *, volunteer_id: int, now: datetime) -> None:
    """Say no to an offer made to oneself. Raises RosterError."""
    offer = get_offer(session, offer_id)
    if offer.to_id != volunteer_id:
        raise RosterError(RosterRefusal.NOT_YOURS)
    if not _answer(session, offer, OfferState.REFUSED, by=volunteer_id, now=now):
        raise _why_gone(session, offer_id)
    duty = session.get_one(Duty, offer.duty_id)
    note(session, "duty_refuse", duty, actor_id=volunteer_id, now=now)


def withdraw_offer(session: Session, offer_id: int, *, volunteer_id: int, now: datetime) -> None:
    """Take an own offer back. Raises RosterError."""
    offer = get_offer(session, offer_id)
    if offer.from_id != volunteer_id:
        raise RosterError(RosterRefusal.NOT_YOURS)
    if not _answer(session, offer, OfferState.WITHDRAWN, by=volunteer_id, now=now):
        raise _why_gone(session, offer_id)
    duty = session.get_one(Duty, offer.duty_id)
    note(session, "duty_withdraw", duty, actor_id=volunteer_id, now=now)


def get_offer(session: Session, offer_id: int) -> DutyOffer:
    """Return an offer as it is now; raise RosterError where there is none."""
    offer = session.get(DutyOffer, offer_id, populate_existing=True)
    if offer is None:
        raise RosterError(RosterRefusal.MISSING)
    return offer


def list_offers(
    session: Session, *, volunteer_id: int, now: datetime
) -> Sequence[tuple[DutyOffer, Duty]]:
    """Return the offers that stand and concern somebody: made by them, or theirs to take."""
    skills = select(VolunteerSkill.skill).where(VolunteerSkill.volunteer_id == volunteer_id)
    is_for_all = col(DutyOffer.to_id).is_(None) & col(Duty.skill).in_(skills)
    is_theirs = or_(
        col(DutyOffer.from_id) == volunteer_id, col(DutyOffer.to_id) == volunteer_id, is_for_all
    )
    return session.exec(
        select(DutyOffer, Duty)
        .join(Duty, col(Duty.id) == col(DutyOffer.duty_id))
        .where(DutyOffer.state == OfferState.OFFERED, col(Duty.ends_at) > now, is_theirs)
        .order_by(col(Duty.starts_at), col(DutyOffer.id))
    ).all()


def _owned(session: Session, duty: Duty, *, by: int, now: datetime) -> Duty:
    session.refresh(duty)
    if duty.volunteer_id != by or duty.closed_reason is not None or duty.ends_at <= now:
        raise explain(session, duty.id or 0, by, now)
    return duty


def _find_offer_of(session: Session, duty_id: int) -> DutyOffer | None:
    return session.exec(
        select(DutyOffer).where(DutyOffer.duty_id == duty_id, DutyOffer.state == OfferState.OFFERED)
    ).first()


def _answer(
    session: Session, offer: DutyOffer, state: OfferState, *, by: int, now: datetime
) -> bool:
    """End an offer that still stands and that this person may end this way."""
    if state is OfferState.WITHDRAWN:
        may = col(DutyOffer.from_id) == by
    else:
        to_id = col(DutyOffer.to_id)
        may = or_(to_id.is_(None), to_id == by) & (col(DutyOffer.from_id) != by)
    values = {"state": state, "answered_at": now, "answered_by": by}
    still = col(DutyOffer.state) == OfferState.OFFERED
    return change(session, DutyOffer, offer.id, still, may, values=values)


def _pass_on(session: Session, duty: Duty, *, giver: int, taker: int, now: datetime) -> None:
    """Change the owner of a duty that the giver still has and that is still to come."""
    is_passed = change(
        session,
        Duty,
        duty.id,
        col(Duty.volunteer_id) == giver,
        col(Duty.closed_reason).is_(None),
        col(Duty.ends_at) > now,
        values={"volunteer_id": taker, "confirmed": True},
    )
    if not is_passed:
        raise explain(session, duty.id or 0, giver, now)


def _why_gone(session: Session, offer_id: int) -> RosterError:
    state = get_offer(session, offer_id).state
    is_open = state is OfferState.OFFERED
    return RosterError(RosterRefusal.NOT_YOURS if is_open else RosterRefusal(state.value))


def _key(duty: Duty | None) -> DutyKey | None:
    return None if duty is None else DutyKey(duty_id=duty.id or 0)
