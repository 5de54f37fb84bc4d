"""The weekly open class, who is enrolled and who waits for a seat."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import ColumnElement, Index, UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime, enum_column
from models.outbox import CLASS_SUBJECT, OutboxKind, withdraw_subject

_LONGEST_SUBJECT = 60


class EnrolmentState(StrEnum):
    """Whether somebody has a seat."""

    ENROLLED = "enrolled"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class OpenClass(SQLModel, table=True):
    """One evening of the open class; `seats_taken` never passes `capacity`.

    `told` is what those who come were told of it (`ClassFacts`): whoever changes the class and by
    whatever means, they are told what is different.
    """

    __tablename__ = "open_class"

    id: str = Field(primary_key=True, max_length=64)
    title: str = Field(max_length=80)
    speaker: str = Field(default="", max_length=80)
    summary: str = Field(default="", max_length=400)
    starts_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    capacity: int
    seats_taken: int = 0
    join_url: str = Field(default="", max_length=400)
    replay_url: str = Field(default="", max_length=400)
    is_demo: bool = False
    place: str = Field(default="", max_length=120)
    is_cancelled: bool = False
    told: str = ""

    @property
    def facts(self) -> "ClassFacts":
        """Return what people who come have to know."""
        return ClassFacts(
            starts_at=self.starts_at,
            place=self.place,
            join_url=self.join_url,
            is_cancelled=self.is_cancelled,
        )

    @property
    def facts_told(self) -> "ClassFacts | None":
        """Return what those who come were told last; None where nobody was told anything yet."""
        return ClassFacts.model_validate_json(self.told) if self.told else None


class ClassFacts(BaseModel, frozen=True):
    """What people who come to a class have to know."""

    starts_at: AwareDatetime
    place: str = ""
    join_url: str = ""
    is_cancelled: bool = False


class Enrolment(SQLModel, table=True):
    """One contact's place in one class.

    `wants_reminder`: they asked for one. Everybody who has a seat is reminded, unless they want
    none (`reminders_off`). `reminded` is the last reminder they got, so that each comes once.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("class_id", "contact_id"),
        Index("ix_enrolment_queue", "class_id", "state", "requested_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    class_id: str = Field(foreign_key="open_class.id", max_length=64)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    state: EnrolmentState = Field(sa_column=enum_column(EnrolmentState))
    requested_at: datetime = Field(sa_type=UtcDateTime)
    wants_reminder: bool = False
    reminders_off: bool = False
    reminded: str = Field(default="", max_length=60)


def list_upcoming_classes(session: Session, *, now: datetime, limit: int = 5) -> list[OpenClass]:
    """Return the classes that are not over yet, soonest first."""
    return list(
        session.exec(
            select(OpenClass)
            .where(col(OpenClass.ends_at) > now, col(OpenClass.is_cancelled).is_(False))
            .order_by(col(OpenClass.starts_at), col(OpenClass.id))
            .limit(limit)
        )
    )


def list_past_classes(session: Session, *, now: datetime, limit: int = 5) -> list[OpenClass]:
    """Return the classes that are over, newest first."""
    return list(
        session.exec(
            select(OpenClass)
            .where(col(OpenClass.ends_at) <= now, col(OpenClass.is_cancelled).is_(False))
            .order_by(col(OpenClass.starts_at).desc(), col(OpenClass.id))
            .limit(limit)
        )
    )


def find_enrolment(session: Session, *, class_id: str, contact_id: int) -> Enrolment | None:
    """Return the contact's place in the class, if they ever asked for one."""
    return session.exec(
        select(Enrolment).where(Enrolment.class_id == class_id, Enrolment.contact_id == contact_id)
    ).first()


def list_enrolments(session: Session, *, contact_id: int, now: datetime) -> list[OpenClass]:
    """Return the classes to come in which the contact has a seat or waits for one."""
    return list(
        session.exec(
            select(OpenClass)
            .join(Enrolment, col(Enrolment.class_id) == col(OpenClass.id))
            .where(Enrolment.contact_id == contact_id, col(OpenClass.ends_at) > now)
            .where(col(Enrolment.state) != EnrolmentState.CANCELLED)
            .order_by(col(OpenClass.starts_at))
        )
    )


def enrol(session: Session, *, class_id: str, contact_id: int, now: datetime) -> Enrolment:
    """Give the contact a seat, or a place on the waiting list when the class is full."""
    _lock(session, class_id)
    _note_told(session, class_id)
    enrolment = find_enrolment(session, class_id=class_id, contact_id=contact_id)
    if enrolment is not None and enrolment.state is not EnrolmentState.CANCELLED:
        return enrolment
    if enrolment is None:
        enrolment = Enrolment(
            class_id=class_id, contact_id=contact_id, state=EnrolmentState.WAITING, requested_at=now
        )
    has_seat = _take_seat(session, class_id)
    enrolment.state = EnrolmentState.ENROLLED if has_seat else EnrolmentState.WAITING
    enrolment.requested_at = now
    enrolment.reminders_off, enrolment.reminded = False, ""
    session.add(enrolment)
    return enrolment


def cancel_enrolment(session: Session, enrolment: Enrolment) -> Enrolment | None:
    """Give the place back; return the enrolment that moved up from the waiting list, if any."""
    _lock(session, enrolment.class_id)
    session.refresh(enrolment)  # it may have moved up since it was read
    had_seat = enrolment.state is EnrolmentState.ENROLLED
    enrolment.state = EnrolmentState.CANCELLED
    enrolment.wants_reminder = False
    session.add(enrolment)
    session.flush()  # from here on nobody reminds them any more
    withdraw_subject(
        session,
        subject=subject_of(enrolment.class_id),
        contact_id=enrolment.contact_id,
    )
    if not had_seat:
        return None
    _give_seat_back(session, enrolment.class_id)
    session.flush()
    return _move_up(session, enrolment.class_id)


def switch_reminders(session: Session, enrolment: Enrolment, *, wanted: bool) -> None:
    """Remind somebody of their class, or not; what is on its way already still comes."""
    enrolment.reminders_off = not wanted
    enrolment.wants_reminder = wanted
    session.add(enrolment)
    session.flush()  # from here on nobody reminds them any more
    if not wanted:
        withdraw_subject(
            session,
            subject=subject_of(enrolment.class_id),
            contact_id=enrolment.contact_id,
            kind=OutboxKind.REMINDER,
        )


def remind_once(
    session: Session, *, class_id: str, reminder: str, asked_before: datetime
) -> Sequence[int]:
    """Note for everybody in a class that they get this reminder now; return who does, by contact.

    The conditions are in the statement: who was reminded, gave the seat back or wants no reminder
    is passed by, whoever else does the same at this moment.
    """
    reminded = session.connection().execute(
        update(Enrolment)
        .where(col(Enrolment.class_id) == class_id)
        .where(col(Enrolment.state) == EnrolmentState.ENROLLED)
        .where(col(Enrolment.reminders_off).is_(False), col(Enrolment.reminded) != reminder)
        .where(col(Enrolment.requested_at) < asked_before)
        .values(reminded=reminder)
        .returning(col(Enrolment.contact_id))
    )
    return sorted(reminded.scalars())


def lock_classes(session: Session, *conditions: ColumnElement[bool]) -> list[OpenClass]:
    """Return the classes that fulfil the conditions; until the commit nobody changes them."""
    return list(
        session.exec(
            select(OpenClass)
            .where(*conditions)
            .order_by(col(OpenClass.id))  # classes are locked one by one: in one order
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def list_comers(session: Session, *, class_id: str) -> list[Enrolment]:
    """Return who has a seat or waits for one."""
    return list(
        session.exec(
            select(Enrolment)
            .where(Enrolment.class_id == class_id, Enrolment.state != EnrolmentState.CANCELLED)
            .order_by(col(Enrolment.id))
            .execution_options(populate_existing=True)
        )
    )


def subject_of(class_id: str) -> str:
    """Return the subject under which messages about a class are in the outbox."""
    plain = f"{CLASS_SUBJECT}{class_id}"
    if len(plain) <= _LONGEST_SUBJECT:
        return plain
    return f"{CLASS_SUBJECT}{hashlib.sha256(class_id.encode()).hexdigest()[:40]}"


def _note_told(session: Session, class_id: str) -> None:
    """Remember what the first who comes is told, so that a change of it is noticed."""
    found = session.exec(
        select(OpenClass)
        .where(OpenClass.id == class_id, OpenClass.told == "")
        .execution_options(populate_existing=True)
    ).first()
    if found is not None:
        found.told = found.facts.model_dump_json()
        session.add(found)
        session.flush()  # seats are taken by statements of their own


def fill_free_seats(
    session: Session, class_ids: Collection[str], *, now: datetime
) -> list[Enrolment]:
    """Let those who wait move up where seats became free; return who did. A past class stays."""
    is_waited_for = (
        select(Enrolment.id)
        .where(Enrolment.class_id == OpenClass.id, Enrolment.state == EnrolmentState.WAITING)
        .exists()
    )
    roomy = session.exec(
        select(OpenClass.id)
        .where(col(OpenClass.id).in_(class_ids), col(OpenClass.ends_at) > now, is_waited_for)
        .where(col(OpenClass.is_cancelled).is_(False))
        .where(col(OpenClass.seats_taken) < col(OpenClass.capacity))
        .order_by(col(OpenClass.id))  # classes are locked one by one: in one order
    ).all()
    return [enrolment for class_id in roomy for enrolment in _fill(session, class_id)]


def _fill(session: Session, class_id: str) -> Iterator[Enrolment]:
    _lock(session, class_id)
    while (enrolment := _move_up(session, class_id)) is not None:
        session.flush()  # the next look at the queue must not find them again
        yield enrolment


def _lock(session: Session, class_id: str) -> None:
    # One at a time: who queues just as a seat is given back would not be seen by who gives it
    # back, and who leaves the queue just as they move up would take the seat along.
    session.exec(
        select(OpenClass.id).where(OpenClass.id == class_id).with_for_update(key_share=True)
    ).first()


def _take_seat(session: Session, class_id: str) -> bool:
    # The condition is in the statement: of two simultaneous wishes one seat serves one.
    taken = session.connection().execute(
        update(OpenClass)
        .where(col(OpenClass.id) == class_id, col(OpenClass.seats_taken) < OpenClass.capacity)
        .values(seats_taken=OpenClass.seats_taken + 1)
    )
    return taken.rowcount == 1


def _give_seat_back(session: Session, class_id: str) -> None:
    session.connection().execute(
        update(OpenClass)
        .where(col(OpenClass.id) == class_id, col(OpenClass.seats_taken) > 0)
        .values(seats_taken=OpenClass.seats_taken - 1)
    )


def _move_up(session: Session, class_id: str) -> Enrolment | None:
    first = session.exec(
        select(Enrolment)
        .where(Enrolment.class_id == class_id, Enrolment.state == EnrolmentState.WAITING)
        .order_by(col(Enrolment.requested_at), col(Enrolment.id))
        .with_for_update(skip_locked=True)
        .limit(1)
    ).first()
    if first is None or not _take_seat(session, class_id):
        return None
    first.state = EnrolmentState.ENROLLED
    session.add(first)
    return first


USUAL_LENGTH = timedelta(minutes=75)
"""How long a class lasts where the schedule does not say."""
