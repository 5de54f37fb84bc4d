"""Who may take which ticket, as conditions that a statement carries, each with its name.

The same conditions choose what is offered, decide the claim, and tell why it was refused, so that
they cannot disagree.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlmodel import Session, col

from models.block import SkippedKind, VolunteerBlock, is_blocked
from models.ticket import DANGER, IN_HANDS, Ticket, TicketKind, TicketState
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill

CRISIS_ALONE = timedelta(minutes=5)
"""After this long without a counsellor a crisis may be taken by staff too."""

_HELPING = (Role.VOLUNTEER, Role.SUPERVISOR)


class Refusal(StrEnum):
    """Why a volunteer cannot take a ticket, in the order in which it is told."""

    NOT_WAITING = "not_waiting"
    CONTACT_HELD = "contact_held"
    NOT_ALLOWED = "not_allowed"
    NO_SKILL = "no_skill"
    PAUSED = "paused"
    RESTING = "resting"
    FULL = "full"
    SKIPPED = "skipped"
    AVOIDED = "avoided"
    CONTACT_BLOCKED = "contact_blocked"


Conditions = dict[Refusal, ColumnElement[bool]]
"""What must hold of a ticket, by what is said where it does not."""


def waiting_conditions(now: datetime) -> Conditions:
    """Return what makes a ticket wait for whoever comes."""
    other = aliased(Ticket)
    held = exists().where(
        col(other.contact_id) == Ticket.contact_id,
        col(other.id) != Ticket.id,
        col(other.state).in_(IN_HANDS),
    )
    blocked = is_blocked(col(Ticket.contact_id), now=now)
    return {
        Refusal.NOT_WAITING: col(Ticket.state) == TicketState.QUEUED,
        Refusal.CONTACT_HELD: not_(held),
        Refusal.CONTACT_BLOCKED: or_(not_(blocked), col(Ticket.risk) >= DANGER),
    }


def person_conditions(
    volunteer_id: int, now: datetime, *, skill: Skill | None = None
) -> Conditions:
    """Return what lets this volunteer take a ticket; `skill` is asked for instead of its own."""
    rested = or_(col(Volunteer.rest_until).is_(None), col(Volunteer.rest_until) <= now)
    return {
        Refusal.NOT_ALLOWED: _is(
            volunteer_id, col(Volunteer.is_active), col(Volunteer.role).in_(_HELPING)
        ),
        Refusal.NO_SKILL: has_skill(volunteer_id, now, skill=skill),
        Refusal.PAUSED: _is(volunteer_id, not_(col(Volunteer.is_paused))),
        Refusal.RESTING: _is(volunteer_id, rested),
        Refusal.FULL: _has_room(volunteer_id),
        Refusal.SKIPPED: not_(
            exists().where(
                col(SkippedKind.volunteer_id) == volunteer_id,
                col(SkippedKind.kind) == Ticket.kind,
            )
        ),
        Refusal.AVOIDED: not_(
            exists().where(
                col(VolunteerBlock.volunteer_id) == volunteer_id,
                col(VolunteerBlock.contact_id) == Ticket.contact_id,
            )
        ),
    }


def claim_conditions(volunteer_id: int, now: datetime) -> Conditions:
    """Return all that a claim asks for."""
    return waiting_conditions(now) | person_conditions(volunteer_id, now)


def given_conditions(volunteer_id: int, now: datetime) -> Conditions:
    """Return what must hold for a ticket to come to this person past the queue.

    Somebody asks for them by name, or they ask themselves: only offers stop for a rest.
    """
    person = person_conditions(volunteer_id, now)
    needed = (Refusal.NOT_ALLOWED, Refusal.NO_SKILL, Refusal.FULL, Refusal.AVOIDED)
    held = {Refusal.CONTACT_HELD: waiting_conditions(now)[Refusal.CONTACT_HELD]}
    return held | {refusal: person[refusal] for refusal in needed}


def has_skill(
    volunteer_id: int, now: datetime, *, skill: Skill | None = None
) -> ColumnElement[bool]:
    """Return the condition that the volunteer is one for this ticket; supervisors are for all."""
    if skill is not None:
        return or_(is_supervisor(volunteer_id), _can(volunteer_id, skill))
    own = exists().where(
        col(VolunteerSkill.volunteer_id) == volunteer_id,
        col(VolunteerSkill.skill) == Ticket.skill,
    )
    alone = and_(_is_crisis_alone(now), _can(volunteer_id, Skill.STAFF))
    return or_(is_supervisor(volunteer_id), own, alone)


def is_served_by(skill: Skill, now: datetime) -> ColumnElement[bool]:
    """Return the condition that volunteers with this skill are offered the ticket."""
    own = col(Ticket.skill) == skill
    return or_(own, _is_crisis_alone(now)) if skill is Skill.STAFF else own


def is_supervisor(volunteer_id: int) -> ColumnElement[bool]:
    """Return the condition that this is a supervisor who is still with us."""
    return _is(volunteer_id, col(Volunteer.is_active), col(Volunteer.role) == Role.SUPERVISOR)


def may_judge_risk(volunteer_id: int) -> ColumnElement[bool]:
    """Return the condition of being trained to say that a danger is over."""
    judges = and_(_can(volunteer_id, Skill.COUNSELOR), col(Ticket.volunteer_id) == volunteer_id)
    return or_(is_supervisor(volunteer_id), judges)


def find_refusal(session: Session, ticket_id: int, conditions: Conditions) -> Refusal | None:
    """Return the first condition that does not hold of the ticket now."""
    ordered = [refusal for refusal in Refusal if refusal in conditions]
    row = (
        session.connection()
        .execute(
            select(*(conditions[refusal].label(refusal) for refusal in ordered)).where(
                col(Ticket.id) == ticket_id
            )
        )
        .one()
    )
    return next((refusal for refusal, holds in zip(ordered, row, strict=True) if not holds), None)


def _is(volunteer_id: int, *conditions: SQLCoreOperations[bool]) -> ColumnElement[bool]:
    return exists().where(col(Volunteer.id) == volunteer_id, *conditions)


def _can(volunteer_id: int, skill: Skill) -> ColumnElement[bool]:
    return exists().where(
        col(VolunteerSkill.volunteer_id) == volunteer_id, col(VolunteerSkill.skill) == skill
    )


def _has_room(volunteer_id: int) -> ColumnElement[bool]:
    held = aliased(Ticket)
    count = (
        select(func.count())
        .select_from(held)
        .where(col(held.volunteer_id) == volunteer_id)
        .scalar_subquery()
    )
    most = select(col(Volunteer.max_active)).where(col(Volunteer.id) == volunteer_id)
    return count < most.scalar_subquery()


def _is_crisis_alone(now: datetime) -> ColumnElement[bool]:
    since = func.coalesce(col(Ticket.queued_at), col(Ticket.opened_at))
    return and_(col(Ticket.kind) == TicketKind.CRISIS, since <= now - CRISIS_ALONE)


def all_of(conditions: Conditions, *, but: Iterable[Refusal] = ()) -> list[ColumnElement[bool]]:
    """Return the conditions for a statement, without those that do not matter to it."""
    return [condition for refusal, condition in conditions.items() if refusal not in set(but)]
