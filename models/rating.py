"""Whether it helped, asked once after a volunteer has closed a ticket, and only where that is kind.

The row is there from the question on; the answer is set once. Which question is open is found by
the outbox, so that nobody is taken at their word about a question that they never saw.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, update
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime, enum_column
from models.contact import Contact
from models.outbox import OutboxKind, OutboxMessage, OutboxStatus, enqueue
from models.reply_window import remaining
from models.ticket import DANGER, IN_HANDS, Outcome, Ticket, TicketState
from models.volunteer import Skill

ANSWER_TIME = timedelta(hours=48)
"""How long an answer is taken for the answer to the question."""

FEWEST_SHOWN = 5
"""A smaller count could tell of single people."""

_FRESH = timedelta(minutes=10)
_NEVER_AFTER = frozenset({Outcome.ABUSE, Outcome.JOINED, Outcome.ERASED, Outcome.HANDED_BACK})


class Rating(StrEnum):
    """What the person says of the help."""

    HELPED = "helped"
    SO_SO = "so_so"
    NOT_HELPED = "not_helped"


class TicketRating(SQLModel, table=True):
    """The question after one ticket, and the answer once it has come."""

    __tablename__ = "ticket_rating"

    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    skill: Skill = Field(sa_column=enum_column(Skill))
    asked_at: datetime = Field(sa_type=UtcDateTime)
    value: Rating | None = Field(default=None, sa_column=enum_column(Rating, nullable=True))
    rated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def ask_for_rating(session: Session, ticket: Ticket, *, body: str, now: datetime) -> bool:
    """Ask once after a closed ticket; tell whether it was asked. The contact must be locked.

    Never after danger, nor while another alarm of theirs is on, nor outside of the reply window:
    what cannot go out now is not kept for later.
    """
    if not _may_ask(session, ticket, now=now):
        return False
    session.add(
        TicketRating(
            ticket_id=ticket.id or 0, contact_id=ticket.contact_id, skill=ticket.skill, asked_at=now
        )
    )
    enqueue(
        session,
        contact_id=ticket.contact_id,
        body=body,
        kind=OutboxKind.RATING,
        now=now,
        ticket=ticket,
        not_after=now + _FRESH,
        subject=_subject(ticket.id or 0),
    )
    return True


def find_question(session: Session, *, contact_id: int, now: datetime) -> TicketRating | None:
    """Return the newest question that reached this contact lately, answered or not."""
    rows = session.exec(
        select(TicketRating)
        .where(TicketRating.contact_id == contact_id)
        .where(col(TicketRating.asked_at) > now - ANSWER_TIME)
        .order_by(col(TicketRating.asked_at).desc(), col(TicketRating.ticket_id).desc())
    ).all()
    return next((row for row in rows if _is_delivered(session, row)), None)


def rate(session: Session, *, ticket_id: int, value: Rating, now: datetime) -> bool:
    """Take the answer; tell whether it is the first, which stays."""
    session.flush()  # the statement passes by what the session still holds back
    changed = session.connection().execute(
        update(TicketRating)
        .where(col(TicketRating.ticket_id) == ticket_id, col(TicketRating.value).is_(None))
        .values(value=value, rated_at=now)
    )
    return changed.rowcount == 1


def count_ratings(
    session: Session, *, skills: Sequence[Skill], since: datetime
) -> Mapping[Skill, Mapping[Rating, int]]:
    """Return how often each answer was given for each kind of help; zero where never."""
    rows = session.exec(
        select(TicketRating.skill, TicketRating.value, func.count())
        .where(col(TicketRating.rated_at) > since, col(TicketRating.value).is_not(None))
        .group_by(col(TicketRating.skill), col(TicketRating.value))
    ).all()
    found = {(skill, value): count for skill, value, count in rows}
    return {skill: {value: found.get((skill, value), 0) for value in Rating} for skill in skills}


def _may_ask(session: Session, ticket: Ticket, *, now: datetime) -> bool:
    contact = session.get_one(Contact, ticket.contact_id)
    has_alarm = contact.crisis_until is not None and contact.crisis_until > now
    is_over = ticket.state is TicketState.CLOSED and ticket.outcome not in _NEVER_AFTER
    return (
        is_over
        and ticket.worst_risk < DANGER
        and contact.followed
        and not has_alarm
        and not _has_other_need(session, ticket)
        and session.get(TicketRating, ticket.id) is None
        and remaining(session, contact_id=ticket.contact_id, now=now).left > 0
    )


def _has_other_need(session: Session, ticket: Ticket) -> bool:
    """Tell whether somebody speaks with them already, or ought to because of danger."""
    others = session.exec(
        select(Ticket.state, Ticket.risk).where(
            Ticket.contact_id == ticket.contact_id,
            Ticket.id != ticket.id,
            col(Ticket.state) != TicketState.CLOSED,
        )
    ).all()
    return any(state in IN_HANDS or risk >= DANGER for state, risk in others)


def _is_delivered(session: Session, row: TicketRating) -> bool:
    went = (OutboxStatus.SENDING, OutboxStatus.SENT, OutboxStatus.UNCERTAIN)
    message = select(OutboxMessage.id).where(
        OutboxMessage.contact_id == row.contact_id,
        OutboxMessage.subject == _subject(row.ticket_id),
        col(OutboxMessage.status).in_(went),
    )
    return session.exec(message).first() is not None


def _subject(ticket_id: int) -> str:
    return f"rating:{ticket_id}"
