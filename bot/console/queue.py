"""Who waits, what is in my hands, and the one button: 接下一位."""

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.console import live
from bot.console.access import MissingError, Person, Signed, find_ticket_for
from bot.console.alarms import alarm_mark, list_alarm_rows
from bot.console.desk import Desk, go_to
from bot.console.forms import Filled
from bot.console.rows import (
    list_asking,
    list_done_rows,
    list_held_rows,
    list_offer_rows,
    list_others,
    list_waiting_rows,
)
from models.ticket import Ticket, TicketEvent, TicketEventKind, TicketState
from models.ticket_flow import (
    accept_transfer,
    claim,
    claim_next,
    refuse_transfer,
)
from models.transfer import TicketTransfer
from models.volunteer import Volunteer, end_rest, set_paused


def add_queue(app: FastAPI, desk: Desk) -> None:
    """Add the first page of everybody who helps."""
    _add_page(app, desk)
    _add_taking(app, desk)
    _add_offers(app, desk)
    _add_presence(app, desk)


def _add_page(app: FastAPI, desk: Desk) -> None:
    @app.get("/queue")
    def show_queue(person: Signed, said: str = "") -> Response:
        """Show who waits and what is in my hands."""
        return queue_page(desk, person, said=said)

    @app.get("/queue/live")
    async def watch_queue(request: Request, mark: str = "") -> StreamingResponse:
        """Tell the page when something has changed."""
        return live.stream(desk, request, read=queue_mark, mark=mark)


def _add_taking(app: FastAPI, desk: Desk) -> None:
    @app.post("/queue/next")
    def take_next(person: Signed) -> Response:
        """Take whoever's turn it is."""
        with desk.database.transaction() as session:
            ticket = claim_next(session, volunteer_id=person.id, now=desk.clock())
        if ticket is None:
            return queue_page(desk, person, said=_why_nobody(desk, person))
        return go_to(f"/tickets/{ticket.id}?said=claimed")

    @app.post("/tickets/{ticket_id}/claim")
    def take_this(ticket_id: int, person: Signed) -> Response:
        """Take one that waits; who was quicker is told by name (see `routes`)."""
        now = desk.clock()
        with desk.database.transaction() as session:
            find_ticket_for(session, person, ticket_id, now=now)
            claim(session, ticket_id=ticket_id, volunteer_id=person.id, now=now)
        return go_to(f"/tickets/{ticket_id}?said=claimed")


def _add_offers(app: FastAPI, desk: Desk) -> None:
    @app.post("/offers/{offer_id}/accept")
    def accept(offer_id: int, person: Signed) -> Response:
        """Take over what was offered."""
        with desk.database.transaction() as session:
            _find_offer(session, person, offer_id)
            ticket = accept_transfer(
                session, transfer_id=offer_id, volunteer_id=person.id, now=desk.clock()
            )
        return go_to(f"/tickets/{ticket.id}?said=claimed")

    @app.post("/offers/{offer_id}/refuse")
    def refuse(offer_id: int, person: Signed, form: Filled) -> Response:
        """Say no to what was offered."""
        with desk.database.transaction() as session:
            _find_offer(session, person, offer_id)
            refuse_transfer(
                session,
                transfer_id=offer_id,
                volunteer_id=person.id,
                now=desk.clock(),
                reason=form.text("reason", most=200),
            )
        return go_to("/queue?said=refused")


def _add_presence(app: FastAPI, desk: Desk) -> None:
    @app.post("/queue/pause")
    def pause(person: Signed) -> Response:
        """Be offered nothing for a while."""
        with desk.database.transaction() as session:
            set_paused(session, volunteer_id=person.id, is_paused=True)
        return go_to("/queue?said=paused")

    @app.post("/queue/resume")
    def resume(person: Signed) -> Response:
        """Be there again."""
        with desk.database.transaction() as session:
            set_paused(session, volunteer_id=person.id, is_paused=False)
        return go_to("/queue?said=resumed")

    @app.post("/queue/rested")
    def end_the_rest(person: Signed) -> Response:
        """End the rest after a crisis."""
        with desk.database.transaction() as session:
            end_rest(session, volunteer_id=person.id)
        return go_to("/queue?said=resumed")


def queue_page(
    desk: Desk, person: Person, *, said: str = "", error: str = "", status: int = 200
) -> Response:
    """Return the page, with what went wrong where something did."""
    now = desk.clock()
    with desk.looking() as session:
        volunteer = session.get_one(Volunteer, person.id)
        mine = list_held_rows(session, now, volunteer_id=person.id)
        facts = {
            "volunteer": volunteer,
            "mark": queue_mark(session, person, 0),
            "mine": mine,
            "alarms": list_alarm_rows(session, person, now),
            "room": max(volunteer.max_active - len(mine), 0),
            "just_closed": list_done_rows(session, now, volunteer_id=person.id),
            "may_send": desk.may_send(session, now),
            "waiting": list_waiting_rows(session, person, now),
            "offers": list_offer_rows(session, person, now),
            "others": list_others(session, person, now),
            "asking": list_asking(session) if person.is_supervisor else frozenset(),
        }
    is_resting = volunteer.rest_until is not None and volunteer.rest_until > now
    return desk.page(
        "queue.html",
        status=status,
        person=person,
        said=said,
        error=error,
        is_resting=is_resting,
        **facts,
    )


def queue_mark(session: Session, person: Person, _: int) -> str:
    """Return a short text that differs whenever the page would."""
    volunteer = session.exec(
        select(Volunteer.is_paused, Volunteer.rest_until, Volunteer.max_active).where(
            Volunteer.id == person.id
        )
    ).first()
    tickets = session.exec(
        select(func.count(), func.sum(Ticket.version), func.sum(Ticket.id)).where(
            col(Ticket.state) != TicketState.CLOSED
        )
    ).one()
    offers = session.exec(select(TicketTransfer.id).where(TicketTransfer.state == "offered")).all()
    asked = session.exec(
        select(col(TicketEvent.id))
        .where(TicketEvent.kind == TicketEventKind.SUPERVISOR_ASKED)
        .order_by(col(TicketEvent.id).desc())
        .limit(1)
    ).first()
    return live.mark_of(volunteer, tickets, offers, asked, alarm_mark(session))


def _why_nobody(desk: Desk, person: Person) -> str:
    with desk.looking() as session:
        volunteer = session.get_one(Volunteer, person.id)
        held = len(list_held_rows(session, desk.clock(), volunteer_id=person.id))
    if volunteer.is_paused:
        return "is_paused"
    if volunteer.rest_until is not None and volunteer.rest_until > desk.clock():
        return "is_resting"
    return "is_full" if held >= volunteer.max_active else "nobody"


def _find_offer(session: Session, person: Person, offer_id: int) -> None:
    """Raise MissingError for an offer that was never made to this person."""
    offer = session.get(TicketTransfer, offer_id)
    if offer is None or offer.from_id == person.id:
        raise MissingError
    is_named = offer.to_id == person.id
    is_for_skill = offer.to_id is None and (person.is_supervisor or offer.to_skill in person.skills)
    if not is_named and not is_for_skill:
        raise MissingError
