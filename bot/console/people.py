"""Who is new and may not write freely yet, and how people rate the help."""

from collections.abc import Mapping
from datetime import timedelta

from fastapi import FastAPI, Response
from sqlmodel import Session, col, select

from bot.console.access import MissingError, Person, Signed
from bot.console.desk import Desk, go_to
from bot.console.forms import Filled
from models.audit import record_audit
from models.rating import FEWEST_SHOWN, Rating, count_ratings
from models.volunteer import Role, Skill, Volunteer, set_released

_LOOKED_BACK = timedelta(days=90)


def add_people(app: FastAPI, desk: Desk) -> None:
    """Add the page of a supervisor about volunteers."""

    @app.get("/people")
    def show_people(person: Signed, said: str = "") -> Response:
        """Show who is new, and what people say of the help."""
        return _page(desk, person, said=said)

    @app.post("/people/{volunteer_id}/release")
    def release(volunteer_id: int, person: Signed) -> Response:
        """Let a newcomer write in their own words."""
        with desk.database.transaction() as session:
            _set(session, person, volunteer_id, desk, is_released=True)
        return go_to("/people?said=newcomer_released")

    @app.post("/people/{volunteer_id}/restriction")
    def restrict(volunteer_id: int, person: Signed, form: Filled) -> Response:
        """Let somebody send approved replies only, for a reason."""
        reason = form.text("reason", most=300)
        if not reason:
            return _page(desk, person, error="请写一句为什么。", status=422)
        with desk.database.transaction() as session:
            _set(session, person, volunteer_id, desk, is_released=False, reason=reason)
        return go_to("/people?said=newcomer_restricted")


def _set(
    session: Session,
    person: Person,
    volunteer_id: int,
    desk: Desk,
    *,
    is_released: bool,
    reason: str = "",
) -> None:
    if volunteer_id == person.id or not _is_helper(session, volunteer_id):
        raise MissingError  # nobody judges themselves
    if not set_released(session, volunteer_id=volunteer_id, is_released=is_released):
        return
    record_audit(
        session,
        actor_id=person.id,
        action="release_newcomer" if is_released else "restrict_volunteer",
        subject=f"volunteer:{volunteer_id}",
        reason=reason,
        now=desk.clock(),
    )


def _is_helper(session: Session, volunteer_id: int) -> bool:
    volunteer = session.get(Volunteer, volunteer_id)
    return volunteer is not None and volunteer.role in (Role.VOLUNTEER, Role.SUPERVISOR)


def _page(
    desk: Desk, person: Person, *, said: str = "", error: str = "", status: int = 200
) -> Response:
    now = desk.clock()
    with desk.looking() as session:
        helpers = session.exec(
            select(Volunteer)
            .where(col(Volunteer.is_active).is_(True), Volunteer.id != person.id)
            .where(col(Volunteer.role).in_((Role.VOLUNTEER, Role.SUPERVISOR)))
            .order_by(col(Volunteer.released), col(Volunteer.id))
        ).all()
        counts = count_ratings(session, skills=list(Skill), since=now - _LOOKED_BACK)
    return desk.page(
        "people.html",
        status=status,
        person=person,
        said=said,
        error=error,
        newcomers=[one for one in helpers if not one.released],
        released=[one for one in helpers if one.released],
        ratings={skill: _in_words(found) for skill, found in counts.items()},
        days=_LOOKED_BACK.days,
        fewest=FEWEST_SHOWN,
    )


def _in_words(found: Mapping[Rating, int]) -> Mapping[Rating, str]:
    """Return the counts, none so small that it tells of single people."""
    return {
        value: f"{count} 次" if count >= FEWEST_SHOWN else f"不到 {FEWEST_SHOWN} 次"
        for value, count in found.items()
    }
