"""The roster for those who make it: weekly duties, exceptions, what days are holidays."""

from collections.abc import Mapping
from datetime import timedelta

from fastapi import FastAPI, Response
from sqlmodel import Session, select

from bot.console import roster_words
from bot.console.access import Person, Signed
from bot.console.desk import Desk, go_to
from bot.console.forms import Filled, Form
from bot.console.roster_forms import (
    read_date,
    read_hours,
    read_key,
    read_reason,
    read_single,
    read_skill,
)
from bot.console.roster_rows import list_people, load_sheet, say_gaps
from models.duty import WeeklyDuty
from models.holiday import (
    DayKind,
    decide_day,
    forget_day,
    list_special_days,
    list_unpublished_years,
)
from models.roster_changes import (
    RosterError,
    RosterRefusal,
    add_single,
    add_weekly,
    close_duty,
    confirm_duty,
    end_weekly,
    hand_over,
    list_weekly,
    reopen_duty,
)
from models.volunteer import Skill, Volunteer

_DAYS_AHEAD = timedelta(days=120)


def add_roster_edit(app: FastAPI, desk: Desk) -> None:
    """Add what supervisors and admins change."""
    _add_page(app, desk)
    _add_weekly(app, desk)
    _add_days(app, desk)


def _add_page(app: FastAPI, desk: Desk) -> None:
    @app.get("/roster/edit")
    def show_editing(person: Signed, said: str = "") -> Response:
        """Show the roster with everything that can be changed."""
        return edit_page(desk, person, said=said)

    @app.post("/roster/edit/duty")
    def change_duty(person: Signed, form: Filled) -> Response:
        """Close a duty of somebody, open it again, or give it to another one."""
        with desk.database.transaction() as session:
            said = _change(session, person, form, desk)
        return go_to(f"/roster/edit?said={said}")

    @app.post("/roster/edit/extra")
    def add_extra(person: Signed, form: Filled) -> Response:
        """Put somebody down for one date."""
        try:
            volunteer_id = form.number("volunteer") or 0
            duty = read_single(form, volunteer_id=volunteer_id, zone=desk.zone)
            with desk.database.transaction() as session:
                add_single(session, duty, actor_id=person.id, now=desk.clock())
        except RosterError as error:
            return _again(desk, person, form, error)
        return go_to("/roster/edit?said=roster_added")


def _add_weekly(app: FastAPI, desk: Desk) -> None:
    @app.post("/roster/edit/weekly")
    def put_down_every_week(person: Signed, form: Filled) -> Response:
        """Put somebody down for every week."""
        try:
            weekly = _read_weekly(form, desk)
            with desk.database.transaction() as session:
                add_weekly(session, weekly, actor_id=person.id, now=desk.clock())
        except RosterError as error:
            return _again(desk, person, form, error)
        return go_to("/roster/edit?said=roster_added")

    @app.post("/roster/edit/weekly/{weekly_id}/end")
    def end_every_week(weekly_id: int, person: Signed) -> Response:
        """Let a weekly duty end with today."""
        now = desk.clock()
        today = now.astimezone(desk.zone).date()
        with desk.database.transaction() as session:
            end_weekly(session, weekly_id, last_day=today, actor_id=person.id, now=now)
        return go_to("/roster/edit?said=roster_ended")


def _add_days(app: FastAPI, desk: Desk) -> None:
    @app.post("/roster/edit/day")
    def decide(person: Signed, form: Filled) -> Response:
        """Say what a day is."""
        day, kind = read_date(form, "date"), form.text("kind", most=20)
        if day is None or kind not in set(DayKind):
            return go_to("/roster/edit?said=roster_day_missing")
        name = form.text("name", most=20)
        with desk.database.transaction() as session:
            decide_day(
                session,
                day=day,
                kind=DayKind(kind),
                name=name,
                actor_id=person.id,
                now=desk.clock(),
            )
        return go_to("/roster/edit?said=roster_day")

    @app.post("/roster/edit/day/removal")
    def decide_nothing(person: Signed, form: Filled) -> Response:
        """Let a day be what the published calendar says."""
        day = read_date(form, "date")
        if day is not None:
            with desk.database.transaction() as session:
                forget_day(session, day=day, actor_id=person.id, now=desk.clock())
        return go_to("/roster/edit?said=roster_day")


def edit_page(
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
    today = now.astimezone(zone).date()
    with desk.looking() as session:
        names = {one.id: one.display_name for one in session.exec(select(Volunteer))}
        facts = {
            "sheet": load_sheet(session, now=now, zone=zone),
            "gaps": say_gaps(session, now=now, zone=zone),
            "people": list_people(session),
            "weekly": list_weekly(session, today=today),
            "days": list_special_days(session, start=today, end=today + _DAYS_AHEAD),
        }
    unpublished = list_unpublished_years(today, today + _DAYS_AHEAD)
    return desk.page(
        "roster_edit.html",
        status=status,
        person=person,
        said=said,
        error=error,
        names=names,
        unpublished=roster_words.say_unpublished(unpublished),
        skills=tuple(Skill),
        roster=roster_words,
        kept=kept or {},
        **facts,
    )


def _change(session: Session, person: Person, form: Form, desk: Desk) -> str:
    """Do what was asked of one duty; return the word for what was done."""
    key, now, act = read_key(form), desk.clock(), form.text("act", most=20)
    if act == "reopen":
        reopen_duty(session, key, actor_id=person.id, now=now, for_others=True)
        return "roster_back"
    if act == "confirm":
        confirm_duty(session, key, actor_id=person.id, now=now, for_others=True)
        return "roster_back"
    if act == "hand_over":
        to_id = form.number("to") or 0
        hand_over(session, key, to_id=to_id, actor_id=person.id, now=now)
        return "roster_handed_over"
    reason = read_reason(form)
    if act != "close" or reason is None:
        return "roster_reason_missing"
    close_duty(session, key, actor_id=person.id, reason=reason, now=now, for_others=True)
    return "roster_closed_for"


def _read_weekly(form: Form, desk: Desk) -> WeeklyDuty:
    weekday, (starts, ends) = form.number("weekday"), read_hours(form)
    if weekday is None or weekday >= len(roster_words.WEEKDAYS):
        raise RosterError(RosterRefusal.TIMES)
    today = desk.clock().astimezone(desk.zone).date()
    return WeeklyDuty(
        volunteer_id=form.number("volunteer") or 0,
        skill=read_skill(form),
        weekday=weekday,
        starts=starts,
        ends=ends,
        timezone=desk.zone.key,
        valid_from=max(read_date(form, "from") or today, today),
    )


def _again(desk: Desk, person: Person, form: Form, error: RosterError) -> Response:
    text = roster_words.REFUSALS[error.reason]
    return edit_page(desk, person, error=text, status=409, kept=form.values)
