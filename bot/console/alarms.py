"""Alarms as people see them in the console, and the one tap that stops the calls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import FastAPI, Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.console import words
from bot.console.access import MissingError, Person, Signed, find_ticket_for
from bot.console.desk import Desk, go_to
from bot.console.forms import Filled
from models.alarm import AlarmKind, TicketAlarm, TicketPage, acknowledge, list_calling
from models.outbox import OutboxMessage, OutboxStatus
from models.ticket import Ticket
from models.ticket_steps import find_name

_BACK: Final = {"board": "/board", "queue": "/queue"}


@dataclass(frozen=True, slots=True)
class Call:
    """The newest call of an alarm, and what became of it."""

    number: int
    at: datetime
    told: int
    arrived: int
    webhook: str
    mail: str
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm in a list: no name and no word of what was said."""

    id: int
    ticket_id: int
    title: str
    kind: str
    risk: int
    since: datetime
    call: Call | None
    known_by: str
    known_at: datetime | None


def add_alarms(app: FastAPI, desk: Desk) -> None:
    """Add the tap that says: I take care."""

    @app.post("/alarms/{alarm_id}/acknowledgement")
    def take_note(alarm_id: int, person: Signed, form: Filled) -> Response:
        """Stop the calls of an alarm."""
        now = desk.clock()
        with desk.database.transaction() as session:
            alarm = session.get(TicketAlarm, alarm_id)
            if alarm is None or not _concerns(session, person, alarm, now):
                raise MissingError
            is_first = acknowledge(session, alarm_id=alarm_id, volunteer_id=person.id, now=now)
        back = _BACK.get(form.text("back", most=10), f"/tickets/{alarm.ticket_id}")
        return go_to(f"{back}?said={'acknowledged' if is_first else 'acknowledged_before'}")


def list_alarm_rows(
    session: Session,
    person: Person,
    now: datetime,
    *,
    ticket_id: int | None = None,
    also_known: bool = False,
) -> list[AlarmRow]:
    """Return the alarms that concern this person, dangers first; also the known ones, if asked."""
    standing = list_calling(session, ticket_id=ticket_id)
    standing.sort(key=lambda one: (one.acknowledged_at is not None, one.kind is AlarmKind.DUTY))
    return [
        _row(session, alarm)
        for alarm in standing
        if (also_known or alarm.acknowledged_at is None) and _concerns(session, person, alarm, now)
    ]


def alarm_mark(session: Session) -> tuple[object, ...]:
    """Return what differs whenever an alarm or a call does."""
    alarms = session.exec(
        select(
            func.count(),
            func.count(col(TicketAlarm.acknowledged_at)),
            func.count(col(TicketAlarm.ended_at)),
        )
    ).one()
    calls = session.exec(
        select(func.max(TicketPage.id), func.count(col(TicketPage.claimed_until)))
    ).one()
    return (*alarms, *calls)


def _concerns(session: Session, person: Person, alarm: TicketAlarm, now: datetime) -> bool:
    """Tell whether an alarm is this person's business."""
    if person.is_supervisor:
        return True
    if alarm.kind is AlarmKind.DUTY:
        return False
    try:
        seen = find_ticket_for(session, person, alarm.ticket_id, now=now)
    except MissingError:
        return False
    return seen.is_mine or alarm.kind is AlarmKind.CRISIS


def _row(session: Session, alarm: TicketAlarm) -> AlarmRow:
    ticket = session.get_one(Ticket, alarm.ticket_id)
    kind = words.KINDS[ticket.kind] if alarm.skill is None else words.SKILLS[alarm.skill]
    return AlarmRow(
        id=alarm.id or 0,
        ticket_id=alarm.ticket_id,
        title=words.CALLED_OFF if alarm.is_called_off else words.ALARMS[alarm.kind],
        kind=kind,
        risk=0 if alarm.skill else max(alarm.risk, ticket.risk),
        since=alarm.promised_at or alarm.raised_at,
        call=_find_call(session, alarm),
        known_by=find_name(session, alarm.acknowledged_by),
        known_at=alarm.acknowledged_at,
    )


def _find_call(session: Session, alarm: TicketAlarm) -> Call | None:
    page = session.exec(
        select(TicketPage)
        .where(TicketPage.alarm_id == alarm.id)
        .order_by(col(TicketPage.rung).desc())
        .limit(1)
    ).first()
    if page is None:
        return None
    sent = (OutboxStatus.SENT, OutboxStatus.UNCERTAIN)
    statuses = session.exec(
        select(OutboxMessage.status).where(OutboxMessage.subject == alarm.subject)
    ).all()
    return Call(
        number=page.rung + 1,
        at=page.at,
        told=len(statuses),
        arrived=sum(status in sent for status in statuses),
        webhook=words.CALLS[page.webhook],
        mail=words.CALLS[page.mail],
        is_repeated=page.is_repeated,
    )
