"""How a ticket ends or begins again, how grave it is, and who may no longer write."""

from typing import Final

from fastapi import FastAPI, Response

from bot.console.access import Signed, find_ticket_for, get_whole
from bot.console.desk import Desk, go_to
from bot.console.forms import Filled
from bot.console.words import CHOSEN_OUTCOMES, RISKS
from bot.wechat.rendering import render_in_line
from handlers.topics.rating import LABELS, QUESTION
from models.block import BlockLength, BlockReason, avoid_contact, block_contact
from models.rating import ask_for_rating
from models.ticket import Outcome
from models.ticket_flow import (
    NotHolderError,
    close,
    hand_back_to_bot,
    lower_risk,
    raise_risk,
    reopen,
)

_QUESTION: Final = render_in_line(QUESTION, tuple(LABELS.values()))


def add_ending(app: FastAPI, desk: Desk) -> None:
    """Add the ends of a ticket."""
    _add_ends(app, desk)
    _add_risk(app, desk)
    _add_protection(app, desk)


def _add_ends(app: FastAPI, desk: Desk) -> None:
    @app.post("/tickets/{ticket_id}/close")
    def end(ticket_id: int, person: Signed, form: Filled) -> Response:
        """End a ticket with an outcome."""
        now, said = desk.clock(), form.text("outcome", most=20)
        if said not in set(CHOSEN_OUTCOMES):
            return go_to(f"/tickets/{ticket_id}?said=outcome_missing")
        with desk.database.transaction() as session:
            find_ticket_for(session, person, ticket_id, now=now)
            outcome = Outcome(said)
            closed = close(
                session, ticket_id=ticket_id, volunteer_id=person.id, outcome=outcome, now=now
            )
            ask_for_rating(session, closed, body=_QUESTION, now=now)
        return go_to("/queue?said=closed")

    @app.post("/tickets/{ticket_id}/hand-back")
    def hand_back(ticket_id: int, person: Signed) -> Response:
        """Let the bot answer again from the next message on."""
        now = desk.clock()
        with desk.database.transaction() as session:
            find_ticket_for(session, person, ticket_id, now=now)
            hand_back_to_bot(session, ticket_id=ticket_id, volunteer_id=person.id, now=now)
        return go_to("/queue?said=handed_back")

    @app.post("/tickets/{ticket_id}/reopen")
    def begin_again(ticket_id: int, person: Signed) -> Response:
        """Take up a closed ticket again."""
        now = desk.clock()
        with desk.database.transaction() as session:
            get_whole(session, person, ticket_id, now=now)
            reopen(session, ticket_id=ticket_id, volunteer_id=person.id, now=now)
        return go_to(f"/tickets/{ticket_id}?said=reopened")


def _add_risk(app: FastAPI, desk: Desk) -> None:
    @app.post("/tickets/{ticket_id}/risk")
    def judge_risk(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Say how grave it is: anybody higher, few lower and with a reason."""
        risk, reason, now = form.number("risk"), form.text("reason", most=300), desk.clock()
        if risk is None or risk >= len(RISKS):
            return go_to(f"/tickets/{ticket_id}?said=risk_missing")
        with desk.database.transaction() as session:
            seen = get_whole(session, person, ticket_id, now=now)
            if risk >= seen.ticket.risk:
                raise_risk(
                    session,
                    ticket_id=ticket_id,
                    risk=risk,
                    volunteer_id=person.id,
                    reason=reason,
                    now=now,
                )
                return go_to(f"/tickets/{ticket_id}?said=risk")
            lower_risk(
                session,
                ticket_id=ticket_id,
                risk=risk,
                volunteer_id=person.id,
                reason=reason,
                now=now,
            )
        return go_to(f"/tickets/{ticket_id}?said=risk")


def _add_protection(app: FastAPI, desk: Desk) -> None:
    @app.post("/tickets/{ticket_id}/block")
    def block(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Report abuse: close the ticket, and serve this contact no more for a while."""
        why, length = form.text("reason", most=20), form.text("length", most=20)
        now = desk.clock()
        if why not in set(BlockReason) or length not in set(BlockLength):
            return go_to(f"/tickets/{ticket_id}?said=reason_missing")
        with desk.database.transaction() as session:
            seen = get_whole(session, person, ticket_id, now=now)
            if not seen.is_mine and not person.is_supervisor:
                raise NotHolderError
            block_contact(
                session,
                contact_id=seen.ticket.contact_id,
                volunteer_id=person.id,
                reason=BlockReason(why),
                length=BlockLength(length),
                now=now,
            )
            if seen.is_mine:
                outcome = Outcome.ABUSE
                close(
                    session, ticket_id=ticket_id, volunteer_id=person.id, outcome=outcome, now=now
                )
        return go_to("/queue?said=blocked")

    @app.post("/tickets/{ticket_id}/avoid")
    def avoid(ticket_id: int, person: Signed) -> Response:
        """Never be offered this contact again; the ticket goes on to somebody else later."""
        now = desk.clock()
        with desk.database.transaction() as session:
            seen = get_whole(session, person, ticket_id, now=now)
            contact_id = seen.ticket.contact_id
            avoid_contact(session, volunteer_id=person.id, contact_id=contact_id, now=now)
        return go_to(f"/tickets/{ticket_id}?said=avoided")
