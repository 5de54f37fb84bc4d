"""Saying something to the person: drafts, and replies that go through the outbox.

Nothing here knows private notes (an import contract): they cannot be sent.
"""

from datetime import datetime
from urllib.parse import quote

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from sqlmodel import Session, col, select

from bot.console.access import Person, Signed, find_ticket_for, get_whole
from bot.console.approved import find_sent_version, list_filled
from bot.console.desk import HEADERS, Desk, go_to
from bot.console.forms import Filled, Form
from bot.console.window import read_sending
from knowledge.approved import list_gaps
from models.approved_reply import ApprovedReplyVersion
from models.outbox import (
    MessageTooLongError,
    OutboxKind,
    OutboxMessage,
    enqueue,
    list_for_ticket,
    withdraw,
)
from models.ticket import Ticket
from models.ticket_flow import (
    NotHolderError,
    StaleTicketError,
    record_reply,
    save_draft,
)
from models.ticket_steps import lock_ticket


class CannotSendError(Exception):
    """Nothing can be sent; the text says why. What was typed is kept as the draft."""

    def __init__(self, ticket_id: int, reason: str) -> None:
        super().__init__(reason)
        self.ticket_id = ticket_id
        self.reason = reason


def add_sending(app: FastAPI, desk: Desk) -> None:
    """Add what the composer needs."""
    _add_send(app, desk)
    _add_drafts(app, desk)
    _add_replies(app, desk)


def _add_send(app: FastAPI, desk: Desk) -> None:
    @app.post("/tickets/{ticket_id}/send")
    def send(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Send a reply, unless the person has just said something that was not seen."""
        body = form.text("body")
        if not body:
            return go_to(f"/tickets/{ticket_id}?said=empty")
        try:
            with desk.database.transaction() as session:
                said = send_words(session, person, ticket_id, form, desk)
        except NotHolderError:
            return _give_text_back(desk, person, body)
        except CannotSendError:
            _keep(desk, person, ticket_id, body)
            raise
        except StaleTicketError:
            _keep(desk, person, ticket_id, body)
            return go_to(f"/tickets/{ticket_id}?held=1#composer")
        except MessageTooLongError:
            _keep(desk, person, ticket_id, body)
            reason = "太长了，微信一条装不下。请分成两条发，每条五百字以内。"
            raise CannotSendError(ticket_id, reason) from None
        return go_to(f"/tickets/{ticket_id}?said={said}#end")


def _add_drafts(app: FastAPI, desk: Desk) -> None:
    @app.post("/tickets/{ticket_id}/draft")
    def keep_draft(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Keep what is being written."""
        now = desk.clock()
        with desk.database.transaction() as session:
            find_ticket_for(session, person, ticket_id, now=now)
            save_draft(
                session,
                ticket_id=ticket_id,
                volunteer_id=person.id,
                draft=form.text("body"),
                now=now,
            )
        return JSONResponse({"saved": True}, headers=HEADERS)

    @app.post("/tickets/{ticket_id}/withdrawal")
    def take_back(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Take back what is not yet on its way."""
        now = desk.clock()
        with desk.database.transaction() as session:
            get_whole(session, person, ticket_id, now=now)
            is_back = _take_back(session, person, ticket_id, form.number("message"))
        return go_to(f"/tickets/{ticket_id}?said={'taken_back' if is_back else 'too_late'}#end")


def _add_replies(app: FastAPI, desk: Desk) -> None:
    @app.post("/tickets/{ticket_id}/insert")
    def insert(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Put an approved reply behind what is written already."""
        now, written = desk.clock(), form.text("body")
        with desk.database.transaction() as session:
            ticket = find_ticket_for(session, person, ticket_id, now=now).ticket
            replies = list_filled(session, ticket, person, now=now, zone=desk.zone)
            chosen = [one.text for one in replies if one.id == form.number("reply")]
            draft = "\n".join(part for part in [written, *chosen] if part)
            save_draft(session, ticket_id=ticket_id, volunteer_id=person.id, draft=draft, now=now)
        said = "inserted" if chosen else "reply_gone"
        return go_to(f"/tickets/{ticket_id}?said={said}#composer")

    @app.post("/tickets/{ticket_id}/find")
    def look_for(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Keep what is written and show the replies that are meant."""
        now = desk.clock()
        with desk.database.transaction() as session:
            find_ticket_for(session, person, ticket_id, now=now)
            draft = form.text("body")
            save_draft(session, ticket_id=ticket_id, volunteer_id=person.id, draft=draft, now=now)
        return go_to(f"/tickets/{ticket_id}?find={quote(form.text('find', most=40))}#replies")


def send_words(
    session: Session, person: Person, ticket_id: int, form: Form, desk: Desk, *, fixed: str = ""
) -> str:
    """Send what the form says, or the fixed words; return whether it is `sent` or `parked`.

    Only who holds the ticket can, within the window, having seen what the person said last. With
    fixed words the draft stays. Raises CannotSendError, NotHolderError, StaleTicketError,
    MessageTooLongError.
    """
    now, body = desk.clock(), fixed or form.text("body")
    find_ticket_for(session, person, ticket_id, now=now)
    before = lock_ticket(session, ticket_id)
    if before.volunteer_id != person.id:
        raise NotHolderError
    text = f"{person.name}：{body}"
    if _is_sent(session, before, person, text, after=form.number("newest") or 0):
        return "sent"
    sending = read_sending(session, before, person, app_id=desk.app_id, now=now)
    if sending.closed:
        raise CannotSendError(ticket_id, sending.closed)
    version = find_sent_version(session, before, person, body, now=now, zone=desk.zone)
    refusal = _why_not_these(body, version, approved_only=sending.approved_only and not fixed)
    if refusal:
        raise CannotSendError(ticket_id, refusal)
    draft = before.draft
    seen = form.moment("seen") or datetime.min.replace(tzinfo=now.tzinfo)
    after = record_reply(session, ticket_id=ticket_id, volunteer_id=person.id, now=now, seen=seen)
    if fixed and draft:
        save_draft(session, ticket_id=ticket_id, volunteer_id=person.id, draft=draft, now=now)
    enqueue(
        session,
        contact_id=after.contact_id,
        body=text,
        kind=OutboxKind.VOLUNTEER,
        now=now,
        ticket=after,
        volunteer_id=person.id,
        subject=f"reply:{version.id}" if version else "",
    )
    return "parked" if sending.parked else "sent"


def _why_not_these(body: str, version: ApprovedReplyVersion | None, *, approved_only: bool) -> str:
    """Return why these words cannot be sent by this person; nothing where they can."""
    gaps = list_gaps(body)
    if gaps:
        return f"还有空没填：{'、'.join(gaps)}。填好再发，或者把那半句删了。"
    if approved_only and version is None:
        return (
            "您还在熟悉阶段，一次发一条审过的回复，空着的地方填几个字就行，别的字先别改。"
            "想自己写，请督导放行。"
        )
    return ""


def _is_sent(session: Session, ticket: Ticket, person: Person, text: str, *, after: int) -> bool:
    """Tell whether this very reply was taken already: somebody pressed twice, or went back."""
    later = session.exec(
        select(OutboxMessage)
        .where(OutboxMessage.ticket_id == ticket.id, OutboxMessage.volunteer_id == person.id)
        .where(col(OutboxMessage.id) > after)
    ).all()
    return any(message.body == text for message in later)


def _keep(desk: Desk, person: Person, ticket_id: int, body: str) -> None:
    with desk.database.transaction() as session:
        now = desk.clock()
        save_draft(session, ticket_id=ticket_id, volunteer_id=person.id, draft=body, now=now)


def _give_text_back(desk: Desk, person: Person, body: str) -> Response:
    """Say that the ticket has gone, and do not let the words go with it."""
    heading = "这位已经不在您手里了"
    return desk.page(
        "message.html",
        status=409,
        person=person,
        title=heading,
        heading=heading,
        text="可能太久没动静回到了排队，或由督导接手了。您刚写的没有发，在这里：",
        kept=body,
    )


def _take_back(session: Session, person: Person, ticket_id: int, message_id: int | None) -> bool:
    own = {
        message.id
        for message in list_for_ticket(session, ticket_id=ticket_id)
        if message.volunteer_id == person.id
    }
    return message_id is not None and message_id in own and withdraw(session, message_id=message_id)
