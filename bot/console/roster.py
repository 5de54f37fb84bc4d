"""The roster for those who are on it: when am I there, I cannot come, who would change with me."""

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response

from bot.console import roster_words
from bot.console.access import Person, Signed, person_of
from bot.console.desk import PREFIX, Desk, go_to
from bot.console.forms import Filled
from bot.console.roster_edit import add_roster_edit, edit_page
from bot.console.roster_forms import read_date, read_key, read_reason, read_single
from bot.console.roster_rows import (
    list_offer_rows,
    list_people,
    list_swaps,
    load_sheet,
    say_gaps,
    skills_of,
)
from models.duty_exchange import accept_offer, offer_duty, refuse_offer, withdraw_offer
from models.roster_changes import (
    RosterError,
    RosterRefusal,
    add_single,
    close_evening,
    confirm_duty,
    reopen_duty,
)


def add_roster(app: FastAPI, desk: Desk) -> None:
    """Add the roster."""
    _add_page(app, desk)
    _add_coming(app, desk)
    _add_exchange(app, desk)
    _add_extra(app, desk)
    add_roster_edit(app, desk)

    @app.exception_handler(RosterError)
    def tell_why_not(request: Request, error: RosterError) -> Response:
        """Show the page again with what stood in the way."""
        person, text = person_of(request), roster_words.REFUSALS[error.reason]
        if request.url.path.startswith(f"{PREFIX}/roster/edit"):
            return edit_page(desk, person, error=text, status=409)
        return roster_page(desk, person, error=text, status=409)


def _add_page(app: FastAPI, desk: Desk) -> None:
    @app.get("/roster")
    def show_roster(person: Signed, said: str = "") -> Response:
        """Show when I am on duty, and who is there this week and the next."""
        return roster_page(desk, person, said=said)


def _add_coming(app: FastAPI, desk: Desk) -> None:
    @app.post("/roster/evening/close")
    def cancel_evening(person: Signed, form: Filled) -> Response:
        """Let everything that I have on one day not take place."""
        day, reason = read_date(form, "day"), read_reason(form)
        if day is None or reason is None:
            return go_to("/roster?said=roster_reason_missing")
        with desk.database.transaction() as session:
            closed = close_evening(
                session,
                volunteer_id=person.id,
                day=day,
                zone=desk.zone,
                reason=reason,
                now=desk.clock(),
            )
        if not closed:
            raise RosterError(RosterRefusal.CLOSED)
        return go_to("/roster?said=roster_closed")

    @app.post("/roster/duty/reopen")
    def come_after_all(person: Signed, form: Filled) -> Response:
        """Let a duty of mine take place after all."""
        with desk.database.transaction() as session:
            reopen_duty(session, read_key(form), actor_id=person.id, now=desk.clock())
        return go_to("/roster?said=roster_reopened")

    @app.post("/roster/duty/confirm")
    def come_on_a_holiday(person: Signed, form: Filled) -> Response:
        """Say that I come although it is a holiday."""
        with desk.database.transaction() as session:
            confirm_duty(session, read_key(form), actor_id=person.id, now=desk.clock())
        return go_to("/roster?said=roster_confirmed")


def _add_exchange(app: FastAPI, desk: Desk) -> None:
    @app.post("/roster/duty/offer")
    def ask_for_a_stand_in(person: Signed, form: Filled) -> Response:
        """Offer a duty of mine to somebody, to all, or for a duty of theirs."""
        to_id, is_for_all = form.number("whom"), form.text("whom", most=40) == "all"
        in_return = None if is_for_all or to_id is not None else read_key(form, "whom")
        with desk.database.transaction() as session:
            offer_duty(
                session,
                read_key(form),
                from_id=person.id,
                to_id=to_id,
                in_return=in_return,
                now=desk.clock(),
            )
        return go_to("/roster?said=roster_offered")

    @app.post("/roster/offers/{offer_id}/accept")
    def take_it_over(offer_id: int, person: Signed) -> Response:
        """Take over the duty of a colleague."""
        with desk.database.transaction() as session:
            accept_offer(session, offer_id, volunteer_id=person.id, now=desk.clock())
        return go_to("/roster?said=roster_accepted")

    @app.post("/roster/offers/{offer_id}/refuse")
    def decline(offer_id: int, person: Signed) -> Response:
        """Say no to a colleague."""
        with desk.database.transaction() as session:
            refuse_offer(session, offer_id, volunteer_id=person.id, now=desk.clock())
        return go_to("/roster?said=roster_refused")

    @app.post("/roster/offers/{offer_id}/withdrawal")
    def ask_no_more(offer_id: int, person: Signed) -> Response:
        """Take an offer of mine back."""
        with desk.database.transaction() as session:
            withdraw_offer(session, offer_id, volunteer_id=person.id, now=desk.clock())
        return go_to("/roster?said=roster_withdrawn")


def _add_extra(app: FastAPI, desk: Desk) -> None:
    @app.post("/roster/extra")
    def add_an_evening(person: Signed, form: Filled) -> Response:
        """Be there once more, on one date."""
        now = desk.clock()
        try:
            duty = read_single(form, volunteer_id=person.id, zone=desk.zone)
            with desk.database.transaction() as session:
                add_single(session, duty, actor_id=person.id, now=now)
        except RosterError as error:
            text = roster_words.REFUSALS[error.reason]
            return roster_page(desk, person, error=text, status=409, kept=form.values)
        return go_to("/roster?said=roster_added")


def roster_page(
    desk: Desk,
    person: Person,
    *,
    said: str = "",
    error: str = "",
    status: int = 200,
    kept: Mapping[str, str] | None = None,
) -> Response:
    """Return the page, with what went wrong where something did."""
    now, zone = desk.clock(), desk.zone
    with desk.looking() as session:
        sheet = load_sheet(session, now=now, zone=zone)
        offers = list_offer_rows(session, person, now=now, zone=zone)
        people = list_people(session)
        gaps = say_gaps(session, now=now, zone=zone) if person.edits_roster else []
    colleagues = {
        skill: [one for one in found if one.value != str(person.id)]
        for skill, found in people.items()
    }
    return desk.page(
        "roster.html",
        status=status,
        person=person,
        said=said,
        error=error,
        sheet=sheet,
        offers=offers,
        colleagues=colleagues,
        swaps={skill: list_swaps(sheet, person, found) for skill, found in colleagues.items()},
        gaps=gaps,
        skills=skills_of(person),
        roster=roster_words,
        kept=kept or {},
    )
