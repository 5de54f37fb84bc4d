"""A short word to volunteers on duty who have nothing to do while somebody waits for them.

Who is in danger has alarms of their own (`models.paging`); this is for everybody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, func
from sqlmodel import Session, col, select

from models.contact import Contact
from models.outbox import KEPT_FOR_PEOPLE, OutboxKind, OutboxMessage
from models.reply_window import remaining
from models.roster import list_on_duty
from models.taking import all_of, claim_conditions
from models.ticket import DANGER, Ticket
from models.ticket_steps import lock_volunteer
from models.volunteer import Skill, Volunteer

EVERY: Final = timedelta(minutes=15)
"""How long a volunteer has peace after a word."""

SUBJECT: Final = "waiting"
"""What these words are filed under in the outbox."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """Whom to tell, and how many wait for which help; nothing in it tells who they are."""

    contact_id: int
    skill: Skill
    waiting: int


def list_idle(session: Session, *, now: datetime) -> Sequence[tuple[int, Skill]]:
    """Return who is on duty with a bound account and has nobody, each with the help they give."""
    bound = select(Volunteer.id).where(
        col(Volunteer.openid).is_not(None),
        ~exists().where(col(Ticket.volunteer_id) == col(Volunteer.id)),
    )
    idle = set(session.exec(bound))
    duties = list_on_duty(session, now=now) if idle else []
    return [(duty.volunteer_id, duty.skill) for duty in duties if duty.volunteer_id in idle]


def find_nudge(session: Session, *, volunteer_id: int, skill: Skill, now: datetime) -> Nudge | None:
    """Return what to tell this volunteer now, None where nothing is; nobody else tells meanwhile.

    A part of their own window is left to alarms.
    """
    lock_volunteer(session, volunteer_id)
    waiting = _count_waiting(session, volunteer_id, skill, now)
    if not waiting:
        return None
    contact_id = session.exec(
        select(Contact.id)
        .join(Volunteer, col(Volunteer.openid) == col(Contact.openid))
        .where(Volunteer.id == volunteer_id, col(Contact.followed).is_(True))
    ).first()
    if contact_id is None or _was_told(session, contact_id, now):
        return None
    if remaining(session, contact_id=contact_id, now=now).left <= KEPT_FOR_PEOPLE:
        return None
    return Nudge(contact_id, skill, waiting)


def _count_waiting(session: Session, volunteer_id: int, skill: Skill, now: datetime) -> int:
    """Count who waits for this help and may be taken by this very volunteer."""
    holds = exists().where(col(Ticket.volunteer_id) == volunteer_id)
    if session.exec(select(Volunteer.id).where(Volunteer.id == volunteer_id, holds)).first():
        return 0
    fitting = (col(Ticket.skill) == skill, col(Ticket.risk) < DANGER)
    return session.exec(
        select(func.count(col(Ticket.contact_id).distinct())).where(
            *all_of(claim_conditions(volunteer_id, now)), *fitting
        )
    ).one()


def _was_told(session: Session, contact_id: int, now: datetime) -> bool:
    lately = select(OutboxMessage.id).where(
        OutboxMessage.contact_id == contact_id,
        OutboxMessage.kind == OutboxKind.PAGE,
        OutboxMessage.subject == SUBJECT,
        col(OutboxMessage.created_at) > now - EVERY,
    )
    return session.exec(lately.limit(1)).first() is not None
