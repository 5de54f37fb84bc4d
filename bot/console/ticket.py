"""The page of one ticket: the card, the conversation, the composer, and what can be done."""

from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.console import live, words
from bot.console.access import (
    Person,
    Seen,
    Sight,
    Signed,
    find_ticket_for,
    is_noted,
    note_reading,
)
from bot.console.alarms import list_alarm_rows
from bot.console.approved import find_filled, list_filled
from bot.console.card import read_card
from bot.console.conversation import last_words, read_conversation
from bot.console.desk import Desk
from bot.console.window import read_sending
from models.alarm import TicketAlarm
from models.inbox import InboxEntry
from models.media import list_media
from models.note import TicketNote
from models.outbox import MAX_BYTES, OutboxMessage
from models.taking import find_refusal, given_conditions
from models.ticket import IN_HANDS, Ticket, TicketState
from models.transfer import find_offer
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to whom a ticket can be passed on."""

    id: int
    name: str
    skills: str


def add_ticket_page(app: FastAPI, desk: Desk) -> None:
    """Add the page of a ticket."""

    @app.get("/tickets/{ticket_id}")
    def show_ticket(
        ticket_id: int, person: Signed, said: str = "", held: str = "", find: str | None = None
    ) -> Response:
        """Show a ticket, as much of it as this person may see."""
        return ticket_page(desk, person, ticket_id, said=said, is_held=held == "1", find=find)

    @app.get("/tickets/{ticket_id}/live")
    async def watch_ticket(request: Request, ticket_id: int, mark: str = "") -> StreamingResponse:
        """Tell the page when something has changed."""
        return live.stream(
            desk,
            request,
            read=lambda s, p, n: _mark_for(s, p, n, desk),
            mark=mark,
            number=ticket_id,
        )


def ticket_page(  # noqa: PLR0913 - what the page may show once
    desk: Desk,
    person: Person,
    ticket_id: int,
    *,
    said: str = "",
    error: str = "",
    is_held: bool = False,
    find: str | None = None,
    status: int = 200,
) -> Response:
    """Return the page of a ticket; `find` is what is looked for among the approved replies."""
    now = desk.clock()
    with desk.looking() as session:
        seen = find_ticket_for(session, person, ticket_id, now=now)
        noted = is_noted(session, person, seen, now=now)
    if not noted:  # before anything is shown
        with desk.database.transaction() as writing:
            note_reading(writing, person, seen, now=now)
    with desk.looking() as session:
        facts = _outside(session, seen)
        if seen.sight is Sight.WHOLE:
            facts |= _inside(session, seen, person, desk)
        if seen.is_mine:
            replies = list_filled(session, seen.ticket, person, now=now, zone=desk.zone)
            facts["replies"] = find_filled(replies, find or "")
    template = "ticket.html" if seen.sight is Sight.WHOLE else "ticket_outside.html"
    return desk.page(
        template,
        status=status,
        person=person,
        ticket=seen.ticket,
        seen=seen,
        said=said,
        error=error,
        is_held=is_held,
        find=None if find is None else find[:40],
        **facts,
    )


def ticket_mark(session: Session, ticket: Ticket) -> str:
    """Return a short text that differs whenever the page would."""
    sent = session.exec(
        select(OutboxMessage.id, OutboxMessage.status, OutboxMessage.reason)
        .where(OutboxMessage.ticket_id == ticket.id)
        .order_by(col(OutboxMessage.id))
    ).all()
    notes = session.exec(select(func.count()).where(TicketNote.ticket_id == ticket.id)).one()
    media = [(one.id, one.status) for one in list_media(session, ticket_id=ticket.id or 0)]
    spoken = session.exec(
        select(func.max(InboxEntry.id)).where(InboxEntry.contact_id == ticket.contact_id)
    ).one()
    alarms = session.exec(
        select(TicketAlarm.id, TicketAlarm.acknowledged_at, TicketAlarm.ended_at)
        .where(TicketAlarm.ticket_id == ticket.id)
        .order_by(col(TicketAlarm.id))
    ).all()
    return live.mark_of(ticket.version, sent, notes, spoken, media, alarms)


def _mark_for(session: Session, person: Person, ticket_id: int, desk: Desk) -> str:
    seen = find_ticket_for(session, person, ticket_id, now=desk.clock())
    return ticket_mark(session, seen.ticket) + seen.sight.value


def _outside(session: Session, seen: Seen) -> dict[str, object]:
    ticket = seen.ticket
    holder = session.get(Volunteer, ticket.volunteer_id) if ticket.volunteer_id else None
    return {
        "mark": ticket_mark(session, ticket) + seen.sight.value,
        "kind": words.KINDS[ticket.kind],
        "risk_words": words.say_risk(ticket.risk),
        "holder": holder.display_name if holder else "",
        "in_hands": ticket.state in IN_HANDS,
        "is_waiting": ticket.state is TicketState.QUEUED,
    }


def _inside(session: Session, seen: Seen, person: Person, desk: Desk) -> dict[str, object]:
    ticket, now = seen.ticket, desk.clock()
    offer = find_offer(session, ticket_id=seen.id)
    lines = read_conversation(session, ticket, person)
    return {
        "card": read_card(session, ticket, person),
        "lines": lines,
        "last_words": last_words(session, ticket),
        "sending": read_sending(session, ticket, person, app_id=desk.app_id, now=now),
        "longest": MAX_BYTES,
        "offer": offer,
        "offered_to": _offered_to(session, offer.to_id, offer.to_skill) if offer else "",
        "colleagues": _list_colleagues(session, person) if seen.is_mine else [],
        "skills": list(Skill),
        "outcomes": words.CHOSEN_OUTCOMES,
        "alarms": list_alarm_rows(session, person, now, ticket_id=seen.id),
        "newest": max((line.message_id or 0 for line in lines), default=0),
        "refusal": _why_not_mine(session, seen, person, desk),
        "may_judge": person.is_supervisor or (seen.is_mine and Skill.COUNSELOR in person.skills),
    }


def _why_not_mine(session: Session, seen: Seen, person: Person, desk: Desk) -> str:
    """Return why this person cannot take a closed ticket up again; nothing where they can."""
    if seen.ticket.state is not TicketState.CLOSED:
        return ""
    refusal = find_refusal(session, seen.id, given_conditions(person.id, desk.clock()))
    return words.REFUSALS[refusal] if refusal else ""


def _offered_to(session: Session, to_id: int | None, to_skill: Skill) -> str:
    if to_id is None:
        return f"{words.SKILLS[to_skill]}们"
    return session.get_one(Volunteer, to_id).display_name


def _list_colleagues(session: Session, person: Person) -> list[Colleague]:
    helpers = session.exec(
        select(Volunteer)
        .where(col(Volunteer.is_active).is_(True), Volunteer.id != person.id)
        .where(col(Volunteer.role).in_((Role.VOLUNTEER, Role.SUPERVISOR)))
        .order_by(Volunteer.display_name)
    ).all()
    rows = session.exec(select(VolunteerSkill)).all()
    return [
        Colleague(
            id=one.id or 0,
            name=one.display_name,
            skills="、".join(words.SKILLS[row.skill] for row in rows if row.volunteer_id == one.id),
        )
        for one in helpers
    ]
