"""A need handed to people: an episode with its append-only history.

Opening and what the contact adds is here; all that people do with it is in `models.ticket_flow`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, case, func, text, update
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlmodel import Field, Session, SQLModel, col, select

from models.ageing import LineColumns, priority_since
from models.columns import EncryptedText, UtcDateTime, enum_column
from models.volunteer import Skill


class TicketKind(StrEnum):
    """Whom a need is for, or what it is about."""

    LAWYER = "lawyer"
    COUNSELOR = "counselor"
    CAREER = "career"
    STAFF = "staff"
    CRISIS = "crisis"
    AID = "aid"
    FEEDBACK = "feedback"
    MUTUAL_HELP = "mutual_help"
    PRIVACY = "privacy"
    POSTING = "posting"
    ERROR = "error"

    @property
    def skill(self) -> Skill:
        """Return what a volunteer must be able to do to take it."""
        return _SKILLS.get(self, Skill.STAFF)


_SKILLS: Mapping[TicketKind, Skill] = {
    TicketKind.LAWYER: Skill.LAWYER,
    TicketKind.COUNSELOR: Skill.COUNSELOR,
    TicketKind.CRISIS: Skill.COUNSELOR,
    TicketKind.CAREER: Skill.CAREER,
}


class TicketState(StrEnum):
    """Where an episode stands."""

    QUEUED = "queued"
    HUMAN = "human"
    WAITING_CONTACT = "waiting_contact"
    WRAP_UP = "wrap_up"
    CLOSED = "closed"


IN_HANDS = (TicketState.HUMAN, TicketState.WAITING_CONTACT, TicketState.WRAP_UP)
"""States in which a volunteer holds the conversation and the bot is silent."""

DANGER = 2
"""From this risk on somebody may come to harm."""

LEASE = timedelta(minutes=20)
"""How long a volunteer may do nothing while it is their turn."""

QUIET_LEASE = timedelta(hours=2)
"""How long a ticket stays with a volunteer who is away while it is the contact's turn."""

_IN_HANDS_SQL = "state IN ('human', 'waiting_contact', 'wrap_up')"
_ONE_IN_HANDS = text(_IN_HANDS_SQL)


class TicketEventKind(StrEnum):
    """What happened in an episode."""

    OPENED = "opened"
    CONTACT_WROTE = "contact_wrote"
    RISK_RAISED = "risk_raised"
    RISK_LOWERED = "risk_lowered"
    CLAIMED = "claimed"
    REPLIED = "replied"
    RELEASED = "released"
    REASSIGNED = "reassigned"
    LEASE_EXPIRED = "lease_expired"
    TRANSFER_OFFERED = "transfer_offered"
    TRANSFER_ACCEPTED = "transfer_accepted"
    TRANSFER_REFUSED = "transfer_refused"
    TRANSFER_EXPIRED = "transfer_expired"
    TRANSFER_WITHDRAWN = "transfer_withdrawn"
    WRAPPED_UP = "wrapped_up"
    HANDED_BACK = "handed_back"
    JOINED = "joined"
    SUPERVISOR_ASKED = "supervisor_asked"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    REOPENED = "reopened"


class Outcome(StrEnum):
    """How an episode ended."""

    SOLVED = "solved"
    ADVISED = "advised"
    REFERRED = "referred"
    NO_ANSWER = "no_answer"
    NOT_NEEDED = "not_needed"
    ABUSE = "abuse"
    OTHER = "other"
    HANDED_BACK = "handed_back"
    CANCELLED = "cancelled"
    JOINED = "joined"
    ERASED = "erased"


def _skill_of_kind(context: DefaultExecutionContext) -> Skill:
    parameters: dict[str, str] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return TicketKind(parameters["kind"]).skill


class Ticket(SQLModel, table=True):
    """An episode; at most one of a contact is in a person's hands (the partial unique index).

    `volunteer_id` is who holds it, and nobody but while it is in hands (the check);
    `former_volunteer_id` is who held it last. `opened_at` never changes; `queued_at` is since when
    it waits and `priority_since` the same with the head start of its risk (see `models.ageing`).
    `peak_risk` is the highest risk before it was lowered. `draft` is what the volunteer was about
    to answer. `joined_id` is the ticket that took this one up.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index(
            "ux_ticket_in_hands",
            "contact_id",
            unique=True,
            sqlite_where=_ONE_IN_HANDS,
            postgresql_where=_ONE_IN_HANDS,
        ),
        Index("ix_ticket_queue", "state", "risk", "opened_at"),
        Index("ix_ticket_line", "state", "skill", "priority_since"),
        CheckConstraint(f"(volunteer_id IS NOT NULL) = ({_IN_HANDS_SQL})", name="owner"),
    )

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    kind: TicketKind = Field(sa_column=enum_column(TicketKind))
    state: TicketState = Field(default=TicketState.QUEUED, sa_column=enum_column(TicketState))
    risk: int = 0
    summary: str = Field(default="", sa_type=EncryptedText)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    version: int = 1
    skill: Skill = Field(default=None, sa_column=enum_column(Skill, default=_skill_of_kind))
    volunteer_id: int | None = Field(default=None, foreign_key="volunteer.id", index=True)
    former_volunteer_id: int | None = Field(default=None, foreign_key="volunteer.id")
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    draft: str = Field(default="", sa_type=EncryptedText)
    queued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    priority_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    peak_risk: int = 0
    last_contact_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_reply_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: Outcome | None = Field(default=None, sa_column=enum_column(Outcome, nullable=True))
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    joined_id: int | None = Field(default=None, foreign_key="ticket.id")

    @property
    def waiting_since(self) -> datetime:
        """Return since when it waits for somebody."""
        return self.queued_at or self.opened_at

    @property
    def served_by(self) -> tuple[Skill, ...]:
        """Return on whose duties somebody may come to it: to a crisis staff come too."""
        is_crisis = self.kind is TicketKind.CRISIS
        return (self.skill, Skill.STAFF) if is_crisis else (self.skill,)

    @property
    def worst_risk(self) -> int:
        """Return the highest risk that the episode ever had."""
        return max(self.risk, self.peak_risk)


LINE = LineColumns(
    risk=col(Ticket.risk),
    # What a former release opened has no priority of its own.
    since=func.coalesce(col(Ticket.priority_since), col(Ticket.opened_at)),
    id=col(Ticket.id),
)
"""The order in which waiting tickets are served."""


class TicketEvent(SQLModel, table=True):
    """One thing that happened in an episode; rows are only ever added.

    `actor_id` is the volunteer who did it, None for the contact and for the service itself.
    """

    __tablename__ = "ticket_event"

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    kind: TicketEventKind = Field(sa_column=enum_column(TicketEventKind))
    body: str = Field(default="", sa_type=EncryptedText)
    at: datetime = Field(sa_type=UtcDateTime)
    actor_id: int | None = Field(default=None, foreign_key="volunteer.id")


def open_ticket(
    session: Session,
    *,
    contact_id: int,
    kind: TicketKind,
    summary: str,
    now: datetime,
    risk: int = 0,
) -> Ticket:
    """Open an episode, or join the one of the same kind that the contact already has waiting."""
    waiting = find_waiting_ticket(session, contact_id=contact_id, kind=kind)
    if waiting is not None:
        if risk > waiting.risk:
            waiting.risk = risk
            record_event(session, waiting.id, kind=TicketEventKind.RISK_RAISED, now=now)
        add_to_ticket(session, waiting, body=summary, now=now)
        return waiting
    ticket = Ticket(
        contact_id=contact_id,
        kind=kind,
        skill=kind.skill,
        summary=summary,
        risk=risk,
        opened_at=now,
        updated_at=now,
        queued_at=now,
        priority_since=priority_since(risk, now),
        last_contact_at=now,
    )
    session.add(ticket)
    session.flush()  # the person is told the number
    record_event(session, ticket.id, kind=TicketEventKind.OPENED, body=summary, now=now)
    return ticket


def add_to_ticket(session: Session, ticket: Ticket, *, body: str, now: datetime) -> None:
    """Add what the contact wrote to an episode; where a volunteer holds it, it is their turn."""
    ticket.priority_since = priority_since(ticket.risk, ticket.waiting_since)
    session.add(ticket)
    session.flush()  # the statement below counts on from what is stored
    is_quiet = col(Ticket.state).in_((TicketState.WAITING_CONTACT, TicketState.WRAP_UP))
    session.connection().execute(
        update(Ticket)
        .where(col(Ticket.id) == ticket.id)
        .values(
            state=case((is_quiet, TicketState.HUMAN), else_=col(Ticket.state)),
            lease_until=case((is_quiet, now + LEASE), else_=col(Ticket.lease_until)),
            last_contact_at=now,
            updated_at=now,
            version=col(Ticket.version) + 1,
        )
    )
    session.refresh(ticket)
    record_event(session, ticket.id, kind=TicketEventKind.CONTACT_WROTE, body=body, now=now)


def find_waiting_ticket(session: Session, *, contact_id: int, kind: TicketKind) -> Ticket | None:
    """Return the contact's open episode of this kind, if there is one."""
    return session.exec(
        select(Ticket)
        .where(Ticket.contact_id == contact_id, Ticket.kind == kind)
        .where(col(Ticket.state) != TicketState.CLOSED)
        .order_by(col(Ticket.id).desc())
    ).first()


def get_ticket_in_hands(session: Session, *, contact_id: int) -> Ticket:
    """Return the episode that a volunteer holds; raise NoResultFound where none does."""
    return session.exec(
        select(Ticket).where(Ticket.contact_id == contact_id).where(col(Ticket.state).in_(IN_HANDS))
    ).one()


def list_open_tickets(session: Session, *, contact_id: int) -> Sequence[Ticket]:
    """Return the contact's open episodes, newest first."""
    return session.exec(
        select(Ticket)
        .where(Ticket.contact_id == contact_id)
        .where(col(Ticket.state) != TicketState.CLOSED)
        .order_by(col(Ticket.id).desc())
    ).all()


def list_events(session: Session, *, ticket_id: int) -> Sequence[TicketEvent]:
    """Return what happened in an episode, oldest first."""
    return session.exec(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(col(TicketEvent.id))
    ).all()


def record_event(
    session: Session,
    ticket_id: int | None,
    *,
    kind: TicketEventKind,
    now: datetime,
    body: str = "",
    actor_id: int | None = None,
) -> None:
    """Add to the history of an episode, in the transaction of what happened."""
    session.add(
        TicketEvent(ticket_id=ticket_id or 0, kind=kind, body=body, at=now, actor_id=actor_id)
    )
