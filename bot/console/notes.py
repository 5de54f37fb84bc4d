"""Private notes and asking a supervisor: words among volunteers, which nothing can send."""

from fastapi import FastAPI, Response

from bot.console.access import Signed, get_whole
from bot.console.desk import Desk, go_to
from bot.console.forms import Filled
from models.note import add_note
from models.ticket import TicketEventKind, record_event


def add_notes(app: FastAPI, desk: Desk) -> None:
    """Add what volunteers write for each other."""

    @app.post("/tickets/{ticket_id}/notes")
    def keep_note(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Keep a note with the ticket."""
        body, now = form.text("note", most=2000), desk.clock()
        if not body:
            return go_to(f"/tickets/{ticket_id}?said=empty_note#notes")
        with desk.database.transaction() as session:
            get_whole(session, person, ticket_id, now=now)
            add_note(session, ticket_id=ticket_id, volunteer_id=person.id, body=body, now=now)
        return go_to(f"/tickets/{ticket_id}?said=noted#end")

    @app.post("/tickets/{ticket_id}/help")
    def ask_supervisor(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Call a supervisor to this ticket; the question becomes a note."""
        question, now = form.text("question", most=500), desk.clock()
        with desk.database.transaction() as session:
            get_whole(session, person, ticket_id, now=now)
            kind = TicketEventKind.SUPERVISOR_ASKED
            record_event(session, ticket_id, kind=kind, now=now, actor_id=person.id)
            body = f"请督导看看：{question}" if question else "请督导看看。"
            add_note(session, ticket_id=ticket_id, volunteer_id=person.id, body=body, now=now)
        return go_to(f"/tickets/{ticket_id}?said=asked#end")
