"""Alarms: what calls people until somebody has acknowledged it or the reason is gone.

A page is one call of one alarm, on one rung of the ladder; that each is made once, also by several
processes and across restarts, is kept by the unique key of alarm and rung. How it is made is in
`models.paging`.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, and_, exists, or_, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

from models.audit import record_audit
from models.columns import UtcDateTime, enum_column
from models.outbox import withdraw_subject
from models.promise import BrokenPromise
from models.ticket import DANGER, IN_HANDS, Ticket, TicketKind, TicketState, get_ticket_in_hands
from models.volunteer import Skill


class AlarmKind(StrEnum):
    """Why people are called."""

    CRISIS = "crisis"
    """Somebody may be in danger, and nobody has claimed the ticket."""

    HELD = "held"
    """A sign of danger came while a volunteer holds the person."""

    DUTY = "duty"
    """A promised duty has begun, and people who were promised it still wait."""


ACKNOWLEDGED_FOR = timedelta(minutes=30)
"""For how long an acknowledgement answers a danger: by then somebody has to have claimed it."""

_OPEN = text("ended_at IS NULL AND kind != 'duty'")


class TicketAlarm(SQLModel, table=True):
    """An alarm about a ticket; of each kind a ticket has one at a time (the partial unique index).

    `risk` is what it was raised for. For a duty the ticket is the first of those who wait, and the
    skill and the promised time are unique: one alarm, however many wait.
    """

    __tablename__ = "ticket_alarm"
    __table_args__ = (
        Index(
            "ux_ticket_alarm_open",
            "ticket_id",
            "kind",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        UniqueConstraint("skill", "promised_at", name="uq_ticket_alarm_skill"),
        Index("ix_ticket_alarm_ended_at", "ended_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    kind: AlarmKind = Field(sa_column=enum_column(AlarmKind))
    risk: int = 0
    raised_at: datetime = Field(sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: int | None = Field(default=None, foreign_key="volunteer.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    skill: Skill | None = Field(default=None, sa_column=enum_column(Skill, nullable=True))
    promised_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def is_called_off(self) -> bool:
        """Tell whether it is known before the promised duty begins that it will not."""
        return self.promised_at is not None and self.raised_at < self.promised_at

    @property
    def subject(self) -> str:
        """Return what its messages in the outbox are filed under."""
        return f"alarm:{self.id}"


class Outcome(StrEnum):
    """What became of a call through one channel."""

    PENDING = "pending"
    OFF = "off"
    """The channel is not set up, or reaches nobody now."""

    QUEUED = "queued"
    """It is in the outbox, which tells what WeChat said."""

    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """It may have been made or not: nobody came back to tell."""


class TicketPage(SQLModel, table=True):
    """One call of an alarm through all channels; committed before anything is sent.

    Where the sender dies between the commit and the sending, another one does it again, once
    (`is_repeated`): what a channel had no outcome for may then arrive twice. `told` is how many
    people are told through WeChat.
    """

    __tablename__ = "ticket_page"
    __table_args__ = (UniqueConstraint("alarm_id", "rung", name="uq_ticket_page_alarm_id"),)

    id: int | None = Field(default=None, primary_key=True)
    alarm_id: int = Field(foreign_key="ticket_alarm.id")
    rung: int
    at: datetime = Field(sa_type=UtcDateTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_repeated: bool = False
    told: int = 0
    wechat: Outcome = Field(default=Outcome.PENDING, sa_column=enum_column(Outcome))
    webhook: Outcome = Field(default=Outcome.PENDING, sa_column=enum_column(Outcome))
    mail: Outcome = Field(default=Outcome.PENDING, sa_column=enum_column(Outcome))


def insert_once(session: Session, model: type[SQLModel], **values: object) -> int | None:
    """Insert a row; return its id, or None where the unique keys have one already."""
    connection = session.connection()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    number = col(model.id)  # type: ignore[attr-defined]
    statement = insert(model).values(**values).on_conflict_do_nothing().returning(number)
    return connection.execute(statement).scalar()


def raise_for_ticket(
    session: Session, *, ticket_id: int, kind: AlarmKind, risk: int, now: datetime
) -> None:
    """Raise an alarm; who acknowledged one for less, or long ago, is called again."""
    is_spent = or_(
        and_(col(TicketAlarm.acknowledged_at).is_not(None), col(TicketAlarm.risk) < risk),
        col(TicketAlarm.acknowledged_at) <= now - ACKNOWLEDGED_FOR,
    )
    session.connection().execute(
        update(TicketAlarm)
        .where(col(TicketAlarm.ticket_id) == ticket_id, col(TicketAlarm.kind) == kind, is_spent)
        .where(col(TicketAlarm.ended_at).is_(None))
        .values(ended_at=now)
    )
    insert_once(session, TicketAlarm, ticket_id=ticket_id, kind=kind, risk=risk, raised_at=now)


def raise_for_holder(session: Session, *, contact_id: int, risk: int, now: datetime) -> None:
    """Let the volunteer who holds this person, and a supervisor, know of a sign of danger.

    A counsellor who already holds it as a crisis that is as grave sees the words themselves.
    """
    held = get_ticket_in_hands(session, contact_id=contact_id)
    if held.kind is TicketKind.CRISIS and held.risk >= risk:
        return
    kind = AlarmKind.HELD
    raise_for_ticket(session, ticket_id=held.id or 0, kind=kind, risk=risk, now=now)


def acknowledge(session: Session, *, alarm_id: int, volunteer_id: int, now: datetime) -> bool:
    """Stop the calls of an alarm: somebody takes care; tell whether it was still calling."""
    done = session.connection().execute(
        update(TicketAlarm)
        .where(col(TicketAlarm.id) == alarm_id, col(TicketAlarm.acknowledged_at).is_(None))
        .where(col(TicketAlarm.ended_at).is_(None))
        .values(acknowledged_at=now, acknowledged_by=volunteer_id)
    )
    if done.rowcount == 0:
        return False
    alarm = session.get_one(TicketAlarm, alarm_id)
    withdraw_subject(session, subject=alarm.subject)
    subject = f"ticket:{alarm.ticket_id}"
    record_audit(session, actor_id=volunteer_id, action="acknowledge", subject=subject, now=now)
    return True


def end_alarm(session: Session, *, alarm_id: int, now: datetime) -> None:
    """Note that the reason of an alarm is gone; calls that are not yet on their way stay back."""
    session.connection().execute(
        update(TicketAlarm)
        .where(col(TicketAlarm.id) == alarm_id, col(TicketAlarm.ended_at).is_(None))
        .values(ended_at=now)
    )
    withdraw_subject(session, subject=session.get_one(TicketAlarm, alarm_id).subject)


def is_standing(session: Session, alarm: TicketAlarm) -> bool:
    """Tell whether the reason of an alarm still holds."""
    ticket = session.exec(
        select(Ticket).where(Ticket.id == alarm.ticket_id).execution_options(populate_existing=True)
    ).one()
    if alarm.kind is AlarmKind.HELD:
        return ticket.state in IN_HANDS
    if alarm.kind is AlarmKind.CRISIS:
        return ticket.state is TicketState.QUEUED and ticket.risk >= DANGER
    return _is_anybody_waiting(session, alarm)


def list_calling(session: Session, *, ticket_id: int | None = None) -> list[TicketAlarm]:
    """Return the alarms that stand, those that nobody has acknowledged first, the newest last."""
    query = select(TicketAlarm).where(col(TicketAlarm.ended_at).is_(None))
    if ticket_id is not None:
        query = query.where(TicketAlarm.ticket_id == ticket_id)
    is_known = col(TicketAlarm.acknowledged_at).is_not(None)
    alarms = session.exec(query.order_by(is_known, col(TicketAlarm.id)))
    return [alarm for alarm in alarms if is_standing(session, alarm)]


def _is_anybody_waiting(session: Session, alarm: TicketAlarm) -> bool:
    waiting = exists().where(
        col(BrokenPromise.ticket_id) == col(Ticket.id),
        col(BrokenPromise.promised_at) == alarm.promised_at,
    )
    rows = select(Ticket.id).where(
        Ticket.state == TicketState.QUEUED, Ticket.skill == alarm.skill, waiting
    )
    return session.exec(rows.limit(1)).first() is not None
