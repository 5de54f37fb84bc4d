"""Showing a hidden number or a full name: with a reason, which is kept for good."""

from fastapi import FastAPI, Response
from sqlmodel import Session, select

from bot.console.access import Person, Signed, get_whole
from bot.console.conversation import own_words
from bot.console.desk import Desk
from bot.console.forms import Filled
from bot.console.masking import find_numbers
from models.audit import record_audit
from models.job import JobSeeker
from models.ticket import Ticket

SHORTEST_REASON = 4


def add_reveal(app: FastAPI, desk: Desk) -> None:
    """Add the page that asks for a reason first."""

    @app.get("/tickets/{ticket_id}/reveal")
    def ask_reason(ticket_id: int, person: Signed) -> Response:
        """Ask why."""
        with desk.looking() as session:
            get_whole(session, person, ticket_id, now=desk.clock())
        return _page(desk, person, ticket_id)

    @app.post("/tickets/{ticket_id}/reveal")
    def reveal(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Show numbers and name once, after the reason has been written down."""
        reason, now = form.text("reason", most=300), desk.clock()
        if len(reason) < SHORTEST_REASON:
            with desk.looking() as session:
                get_whole(session, person, ticket_id, now=now)
            return _page(desk, person, ticket_id, error="请写清楚为什么要看，几个字就行。")
        subject = f"ticket:{ticket_id}"
        with desk.database.transaction() as session:
            seen = get_whole(session, person, ticket_id, now=now)
            record_audit(
                session,
                actor_id=person.id,
                action="reveal",
                subject=subject,
                reason=reason,
                now=now,
            )
            numbers, name = _read_hidden(session, seen.ticket, person)
        return _page(desk, person, ticket_id, numbers=numbers, name=name, is_shown=True)


def _read_hidden(session: Session, ticket: Ticket, person: Person) -> tuple[list[str], str]:
    name = session.exec(
        select(JobSeeker.name).where(JobSeeker.contact_id == ticket.contact_id)
    ).first()
    return find_numbers([ticket.summary, *own_words(session, ticket, person)]), name or ""


def _page(  # noqa: PLR0913 - the page with and without what it shows
    desk: Desk,
    person: Person,
    ticket_id: int,
    *,
    error: str = "",
    numbers: list[str] | None = None,
    name: str = "",
    is_shown: bool = False,
) -> Response:
    return desk.page(
        "reveal.html",
        status=422 if error else 200,
        person=person,
        ticket_id=ticket_id,
        error=error,
        numbers=numbers or [],
        name=name,
        is_shown=is_shown,
    )
