"""Stands before every page: who is it, may they, and did the form come from us."""

from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Request
from sqlmodel import Session, select

from bot.console.access import PUBLIC, MissingError, NotLoggedInError, Person, rule_of
from bot.console.desk import PREFIX, Desk
from bot.console.forms import Filled, Form, is_own_page
from bot.console.keys import COOKIE, VISITOR
from models.volunteer import Volunteer, VolunteerSkill
from models.volunteer_session import (
    VolunteerSession,
    find_session,
    is_due_to_be_seen,
    note_seen,
)

_ALLOWED_BEFORE_A_NEW_PASSWORD = frozenset(
    {("GET", "/account"), ("POST", "/account/password"), ("POST", "/logout")}
)


class NewPasswordError(Exception):
    """This person has to choose a password before anything else."""


class ForeignFormError(Exception):
    """A form did not come from a page of ours, or from one that is too old."""


def create_guard(desk: Desk) -> Callable[[Request, Form], None]:
    """Return the dependency that every route of the console has."""

    def guard(request: Request, form: Filled) -> None:
        """Let a request pass, or raise what is answered instead."""
        rule = rule_of(request)
        if rule is None:
            raise MissingError
        if rule == PUBLIC:
            _check_form(request, form, desk, token=request.cookies.get(VISITOR, ""))
            return
        person = find_person(desk, request.cookies.get(COOKIE, ""))
        if person is None:
            raise NotLoggedInError(_way_back(request))
        request.state.person = person
        if person.role not in rule:
            raise MissingError
        _check_form(request, form, desk, token=request.cookies.get(COOKIE, ""))
        route = (request.method, getattr(request.scope.get("route"), "path", ""))
        if person.must_change_password and route not in _ALLOWED_BEFORE_A_NEW_PASSWORD:
            raise NewPasswordError

    return guard


def find_person(desk: Desk, token: str) -> Person | None:
    """Return who is logged in with this cookie, if somebody is."""
    if not token:
        return None
    now = desk.clock()
    with desk.looking() as session:
        found = find_session(session, token_hash=desk.keys.hash(token), now=now)
        person = None if found is None else _describe(session, *found, mark=desk.keys.mark(token))
    if found is not None and is_due_to_be_seen(found[0], now):
        with desk.database.transaction() as writing:
            note_seen(writing, session_id=found[0].id or 0, now=now)
    return person


def _describe(
    session: Session, found: VolunteerSession, volunteer: Volunteer, *, mark: str
) -> Person:
    skills = session.exec(
        select(VolunteerSkill).where(VolunteerSkill.volunteer_id == volunteer.id)
    ).all()
    return Person(
        id=volunteer.id or 0,
        name=volunteer.display_name,
        role=volunteer.role,
        skills=frozenset(row.skill for row in skills),
        session_id=found.id or 0,
        mark=mark,
        must_change_password=volunteer.must_change_password,
    )


def _check_form(request: Request, form: Form, desk: Desk, *, token: str) -> None:
    if request.method == "GET":
        return
    is_ours = is_own_page(request, public_url=desk.public_url)
    if not is_ours or not desk.keys.is_mark(form.text("mark", most=100), token):
        raise ForeignFormError


def _way_back(request: Request) -> str:
    """Return where to go after the log-in: the page that was wanted, or the one of the form."""
    if request.method == "GET":
        return request.url.path.removeprefix(PREFIX)
    return urlsplit(request.headers.get("referer", "")).path.removeprefix(PREFIX)
