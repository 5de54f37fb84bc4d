"""Passing a ticket on: to a person, to a profession, back to the queue, to a supervisor."""

from fastapi import FastAPI, Response
from sqlmodel import Session, select

from bot.console import words
from bot.console.access import MissingError, Signed, find_ticket_for, get_whole
from bot.console.desk import Desk, go_to
from bot.console.forms import Filled
from bot.console.ticket import ticket_page
from models.taking import Refusal
from models.ticket import Ticket
from models.ticket_flow import (
    ClaimRefusedError,
    join_waiting,
    offer_transfer,
    reassign,
    release,
    withdraw_transfer,
)
from models.transfer import find_offer
from models.volunteer import Skill, Volunteer, VolunteerSkill


def add_passing(app: FastAPI, desk: Desk) -> None:
    """Add what lets a ticket change hands."""
    _add_offers(app, desk)
    _add_giving_back(app, desk)
    _add_reassigning(app, desk)


def _add_offers(app: FastAPI, desk: Desk) -> None:
    @app.post("/tickets/{ticket_id}/transfer")
    def offer(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Offer a ticket to a person or to all who have a skill; it stays here until accepted."""
        skill, reason = form.text("skill", most=20), form.text("reason", most=300)
        to_skill = Skill(skill) if skill in set(Skill) else None
        to_id, now = form.number("colleague"), desk.clock()
        if to_skill is None and to_id is None:
            return go_to(f"/tickets/{ticket_id}?said=nobody_chosen")
        with desk.database.transaction() as session:
            seen = find_ticket_for(session, person, ticket_id, now=now)
            if to_skill is None and to_id is not None:
                to_skill = _skill_of(session, to_id, wanted=seen.ticket.skill)
            offer_transfer(
                session,
                ticket_id=ticket_id,
                volunteer_id=person.id,
                to_id=to_id,
                to_skill=to_skill,
                reason=reason,
                now=now,
            )
        return go_to(f"/tickets/{ticket_id}?said=offered")

    @app.post("/tickets/{ticket_id}/transfer/withdrawal")
    def withdraw_offer(ticket_id: int, person: Signed) -> Response:
        """Take an offer back."""
        now = desk.clock()
        with desk.database.transaction() as session:
            get_whole(session, person, ticket_id, now=now)
            offered = find_offer(session, ticket_id=ticket_id)
            if offered is not None:
                withdraw_transfer(
                    session, transfer_id=offered.id or 0, volunteer_id=person.id, now=now
                )
        return go_to(f"/tickets/{ticket_id}?said=withdrawn")


def _add_giving_back(app: FastAPI, desk: Desk) -> None:
    @app.post("/tickets/{ticket_id}/release")
    def give_back(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Put a ticket back to its place in the queue."""
        now, reason = desk.clock(), form.text("reason", most=300)
        with desk.database.transaction() as session:
            find_ticket_for(session, person, ticket_id, now=now)
            release(session, ticket_id=ticket_id, volunteer_id=person.id, reason=reason, now=now)
        return go_to("/queue?said=released")

    @app.post("/tickets/{ticket_id}/join")
    def join(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Take up another waiting need of the same person into this ticket."""
        now, other = desk.clock(), form.number("other") or 0
        with desk.database.transaction() as session:
            seen = get_whole(session, person, ticket_id, now=now)
            if session.get(Ticket, other) is None:
                raise MissingError
            join_waiting(session, ticket_id=other, into_id=seen.id, volunteer_id=person.id, now=now)
        return go_to(f"/tickets/{ticket_id}?said=joined")

    @app.post("/tickets/{ticket_id}/take-over")
    def take_over(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Let a supervisor take a ticket over, with a reason that is kept."""
        now, reason = desk.clock(), form.text("reason", most=300)
        if not reason:
            return go_to(f"/tickets/{ticket_id}?said=reason_missing")
        with desk.database.transaction() as session:
            reassign(
                session,
                ticket_id=find_ticket_for(session, person, ticket_id, now=now).id,
                supervisor_id=person.id,
                to_id=person.id,
                reason=reason,
                now=now,
            )
        return go_to(f"/tickets/{ticket_id}?said=claimed")


def _add_reassigning(app: FastAPI, desk: Desk) -> None:
    @app.post("/tickets/{ticket_id}/reassignment")
    def give_to(ticket_id: int, person: Signed, form: Filled) -> Response:
        """Let a supervisor give a ticket to somebody, or put it back to its place in the queue."""
        now, reason = desk.clock(), form.text("reason", most=300)
        to_id, is_for_line = form.number("to"), form.text("to", most=20) == "line"
        if to_id is None and not is_for_line:
            return go_to("/board?said=nobody_chosen")
        if not reason:
            return go_to("/board?said=reason_missing")
        try:
            with desk.database.transaction() as session:
                if to_id is not None and session.get(Volunteer, to_id) is None:
                    raise MissingError
                reassign(
                    session,
                    ticket_id=find_ticket_for(session, person, ticket_id, now=now).id,
                    supervisor_id=person.id,
                    to_id=to_id,
                    reason=reason,
                    now=now,
                )
        except ClaimRefusedError as error:
            if to_id is None or to_id == person.id:
                raise
            text = _say_not_given(desk, error.reason, to_id)
            return ticket_page(desk, person, ticket_id, error=text, status=409)
        return go_to("/board?said=back_in_line" if to_id is None else "/board?said=reassigned")


def _say_not_given(desk: Desk, reason: Refusal, to_id: int) -> str:
    """Return why it could not be given, with the name of who was to have it."""
    with desk.database.transaction() as session:
        who = session.get_one(Volunteer, to_id).display_name
    return words.GIVEN_REFUSALS[reason].format(who=who)


def _skill_of(session: Session, volunteer_id: int, *, wanted: Skill) -> Skill:
    """Return as what somebody takes a ticket that is offered to them by name."""
    rows = session.exec(
        select(VolunteerSkill).where(VolunteerSkill.volunteer_id == volunteer_id)
    ).all()
    skills = sorted(row.skill for row in rows)
    return wanted if wanted in skills or not skills else skills[0]
