"""The supervisor's board: who calls, who waits, who is there, what is about to be too late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.console import live, words
from bot.console.access import Person, Signed
from bot.console.alarms import alarm_mark, list_alarm_rows
from bot.console.desk import Desk
from bot.console.rows import Row, list_line_rows, list_others, row_of
from models.outbox import OutboxKind, OutboxMessage
from models.promise import BrokenPromise, list_broken_since
from models.reply_window import GrantReason, ReplyWindow
from models.roster import RosterDuty, find_later_duty, list_on_duty
from models.ticket import IN_HANDS, Ticket, TicketState
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill

CLOSING: Final = timedelta(hours=3)
"""A window that closes within this time is shown while the person has no answer."""

_BROKEN_SHOWN: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who is on duty or has people in hand."""

    id: int
    name: str
    duties: str
    until: datetime | None
    held: int
    room: int
    is_paused: bool
    is_resting: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A skill for which nobody is there, and when somebody is."""

    skill: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that was not kept, and how it stands."""

    ticket_id: int
    kind: str
    promised_at: datetime
    next_at: datetime | None
    is_waiting: bool


def add_board(app: FastAPI, desk: Desk) -> None:
    """Add the page and its news."""

    @app.get("/board")
    def show_board(person: Signed, said: str = "") -> Response:
        """Show how everybody stands."""
        return board_page(desk, person, said=said)

    @app.get("/board/live")
    async def watch_board(request: Request, mark: str = "") -> StreamingResponse:
        """Tell the page when something has changed."""
        return live.stream(
            desk, request, read=lambda s, _person, _n: board_mark(s, desk.clock()), mark=mark
        )


def board_page(desk: Desk, person: Person, *, said: str = "") -> Response:
    """Return the page."""
    now = desk.clock()
    with desk.looking() as session:
        present = list_present(session, now)
        facts: dict[str, object] = {
            "may_send": desk.may_send(session, now),
            "mark": board_mark(session, now),
            "alarms": list_alarm_rows(session, person, now, also_known=True),
            "closing": list_closing(session, now),
            "waiting": list_line_rows(session, now),
            "held": list_others(session, person, now, with_own=True),
            "present": present,
            "gaps": list_gaps(session, now),
            "broken": list_broken(session, now),
            "helpers": list_helpers(session),
        }
    return desk.page("board.html", status=200, person=person, said=said, **facts)


def board_mark(session: Session, now: datetime) -> str:
    """Return a short text that differs whenever the page would."""
    tickets = session.exec(
        select(func.count(), func.sum(Ticket.version), func.sum(Ticket.id)).where(
            col(Ticket.state) != TicketState.CLOSED
        )
    ).one()
    calls = session.exec(
        select(OutboxMessage.status, func.count())
        .where(OutboxMessage.kind == OutboxKind.PAGE)
        .group_by(col(OutboxMessage.status))
        .order_by(col(OutboxMessage.status))
    ).all()
    broken = session.exec(select(func.count()).select_from(BrokenPromise)).one()
    duties = [str(duty.key) for duty in list_on_duty(session, now=now)]
    resting = session.exec(
        select(Volunteer.id, Volunteer.is_paused, Volunteer.rest_until).order_by(col(Volunteer.id))
    ).all()
    return live.mark_of(tickets, calls, broken, duties, resting, alarm_mark(session))


def list_closing(session: Session, now: datetime) -> list[Row]:
    """Return who has no answer while WeChat's window is about to close, the soonest first."""
    unanswered = (TicketState.QUEUED, TicketState.HUMAN)
    tickets = session.exec(
        select(Ticket)
        .join(ReplyWindow, col(ReplyWindow.contact_id) == col(Ticket.contact_id))
        .where(col(Ticket.state).in_(unanswered), ReplyWindow.reason == GrantReason.MESSAGE)
        .where(col(ReplyWindow.expires_at) > now, col(ReplyWindow.expires_at) <= now + CLOSING)
        .order_by(col(ReplyWindow.expires_at), col(Ticket.id))
    ).all()
    return [row_of(session, ticket, now) for ticket in tickets]


def list_present(session: Session, now: datetime) -> list[Present]:
    """Return who is on duty, and who has people in hand without being on duty."""
    on_duty = list_on_duty(session, now=now)
    counted = session.exec(
        select(col(Ticket.volunteer_id), func.count())
        .where(col(Ticket.state).in_(IN_HANDS))
        .group_by(col(Ticket.volunteer_id))
    ).all()
    held = {volunteer_id: count for volunteer_id, count in counted if volunteer_id}
    ids = dict.fromkeys([*(duty.volunteer_id for duty in on_duty), *sorted(held)])
    return [
        _present(
            session.get_one(Volunteer, volunteer_id),
            [duty for duty in on_duty if duty.volunteer_id == volunteer_id],
            held=held.get(volunteer_id, 0),
            now=now,
        )
        for volunteer_id in ids
    ]


def list_gaps(session: Session, now: datetime) -> list[Gap]:
    """Return the skills for which nobody is on duty now."""
    covered = {duty.skill for duty in list_on_duty(session, now=now)}
    later = {skill: find_later_duty(session, (skill,), now=now) for skill in Skill}
    return [
        Gap(words.SKILLS[skill], duty.starts_at if duty else None)
        for skill, duty in later.items()
        if skill not in covered
    ]


def list_broken(session: Session, now: datetime) -> list[Broken]:
    """Return the promises of the last day that were not kept."""
    rows = []
    for row in list_broken_since(session, since=now - _BROKEN_SHOWN):
        ticket = session.get_one(Ticket, row.ticket_id)
        rows.append(
            Broken(
                ticket_id=row.ticket_id,
                kind=words.KINDS[ticket.kind],
                promised_at=row.promised_at,
                next_at=row.next_at,
                is_waiting=ticket.state is TicketState.QUEUED,
            )
        )
    return rows


def list_helpers(session: Session) -> list[tuple[int, str]]:
    """Return to whom a ticket can be given, with what they can."""
    people = session.exec(
        select(Volunteer)
        .where(col(Volunteer.is_active).is_(True))
        .where(col(Volunteer.role).in_((Role.VOLUNTEER, Role.SUPERVISOR)))
        .order_by(col(Volunteer.display_name))
    ).all()
    skills = session.exec(select(VolunteerSkill)).all()
    return [(one.id or 0, _describe(one, skills)) for one in people]


def _describe(one: Volunteer, skills: Sequence[VolunteerSkill]) -> str:
    own = "、".join(words.SKILLS[row.skill] for row in skills if row.volunteer_id == one.id)
    return f"{one.display_name}（{own or words.ROLES[one.role]}）"


def _present(one: Volunteer, duties: Sequence[RosterDuty], *, held: int, now: datetime) -> Present:
    return Present(
        id=one.id or 0,
        name=one.display_name,
        duties="、".join(words.SKILLS[duty.skill] for duty in duties),
        until=max((duty.ends_at for duty in duties), default=None),
        held=held,
        room=max(one.max_active - held, 0),
        is_paused=one.is_paused,
        is_resting=one.rest_until is not None and one.rest_until > now,
    )
