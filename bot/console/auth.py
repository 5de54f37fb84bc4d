"""Logging in and out, the password, the WeChat account that belongs to a volunteer."""

import re
import secrets
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from bot.console.access import Person, Signed
from bot.console.desk import ADMIN, PREFIX, Desk, go_to
from bot.console.forms import Filled
from bot.console.keys import COOKIE, VISITOR, new_token
from bot.console.rows import list_held
from models.audit import record_audit
from models.binding import CODE_TIME, make_code, unbind
from models.block import list_skipped_kinds, skip_kinds
from models.passwords import find_weakness
from models.ticket import TicketKind
from models.volunteer import Role, Volunteer
from models.volunteer_session import (
    LOCK_TIME,
    SESSION_TIME,
    Attempt,
    begin_attempt,
    begin_session,
    revoke_sessions,
    set_password,
)

log = structlog.get_logger()

WRONG: Final = "用户名或密码不对。连错 5 次要停 15 分钟。"
LOCKED: Final = f"试错太多次了，先停 {LOCK_TIME.seconds // 60} 分钟再来；急的话请督导帮忙。"
MOST_AT_ONCE: Final = 2
"""How many passwords are judged at a time: each takes 64 MB, and strangers may try."""

_LONGEST_PASSWORD: Final = 200
_SESSION_SECONDS: Final = int(SESSION_TIME.total_seconds())
_BACK: Final = re.compile(
    r"/(queue|account|audit|news|people|replies(/\d{1,9})?|roster(/edit)?|tickets/\d{1,9})"
)


@dataclass(frozen=True, slots=True)
class Passwords:
    """Judges passwords; one for nobody takes as long as a real one."""

    hasher: PasswordHasher
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(MOST_AT_ONCE))

    def is_right(self, attempt: Attempt | None, password: str) -> bool:
        """Tell whether the password is the one of this volunteer."""
        stored = attempt.password_hash if attempt else _nobody()
        try:
            with self.turn:
                self.hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):  # or this account has no password yet
            return False
        return attempt is not None


@cache
def _nobody() -> str:
    """Return the hash of a password that nobody has: a wrong name takes as long as a right one."""
    return PasswordHasher().hash(secrets.token_hex(16))


def add_auth(app: FastAPI, desk: Desk) -> None:
    """Add the pages about the person who is logged in."""
    passwords = Passwords(PasswordHasher())
    _add_log_in(app, desk, passwords)
    _add_log_out(app, desk)
    _add_account(app, desk, passwords)
    _add_binding(app, desk)


def home_of(person: Person) -> str:
    """Return the page that somebody begins with."""
    if person.helps:
        return "/queue"
    return "/audit" if person.role is Role.AUDITOR else "/account"


def _add_log_in(app: FastAPI, desk: Desk, passwords: Passwords) -> None:
    @app.get("/login")
    def show_log_in(request: Request, back: str = "", said: str = "") -> Response:
        """Show the form."""
        return _log_in_page(desk, request, back=back, said=said)

    @app.post("/login")
    def log_in(request: Request, form: Filled) -> Response:
        """Let somebody in, or say that it was not right."""
        username, back = form.text("username", most=32).lower(), form.text("back", most=60)
        password = form.values.get("password", "")[:_LONGEST_PASSWORD]
        with desk.database.transaction() as session:
            attempt = begin_attempt(session, username=username, now=desk.clock())
        is_right = passwords.is_right(attempt, password)
        if attempt is not None and attempt.is_locked:
            return _log_in_page(desk, request, back=back, error=LOCKED, username=username)
        if attempt is None or not is_right:
            return _log_in_page(desk, request, back=back, error=WRONG, username=username)
        token = new_token()
        with desk.database.transaction() as session:
            _let_in(session, attempt.volunteer_id, token, desk)
        answer = _go_back(back)
        for path in (PREFIX, ADMIN):
            set_cookie(answer, desk, COOKIE, token, seconds=_SESSION_SECONDS, path=path)
        return answer


def _go_back(back: str) -> Response:
    if back == ADMIN:
        return RedirectResponse(f"{ADMIN}/", status_code=303)
    return go_to(back if _BACK.fullmatch(back) else "/")


def _let_in(session: Session, volunteer_id: int, token: str, desk: Desk) -> None:
    now = desk.clock()
    begin_session(session, volunteer_id=volunteer_id, token_hash=desk.keys.hash(token), now=now)
    subject = f"volunteer:{volunteer_id}"
    record_audit(session, actor_id=volunteer_id, action="log_in", subject=subject, now=now)


def _add_log_out(app: FastAPI, desk: Desk) -> None:
    @app.get("/")
    def go_home(person: Signed) -> Response:
        """Send everybody to the page that they begin with."""
        return go_to(home_of(person))

    @app.post("/logout")
    def log_out(person: Signed) -> Response:
        """End this log-in."""
        with desk.database.transaction() as session:
            now = desk.clock()
            revoke_sessions(session, volunteer_id=person.id, only=person.session_id, now=now)
            holds = bool(list_held(session, volunteer_id=person.id))
        answer = go_to(f"/login?said={'bye_held' if holds else 'bye'}")
        for path in (PREFIX, ADMIN):
            answer.delete_cookie(COOKIE, path=path)
        return answer


def _add_account(app: FastAPI, desk: Desk, passwords: Passwords) -> None:
    @app.get("/account")
    def show_account(person: Signed, said: str = "") -> Response:
        """Show what is known of the person, and let them change it."""
        return account_page(desk, person, said=said)

    @app.post("/account/password")
    def change_password(person: Signed, form: Filled) -> Response:
        """Take a new password, and end every other log-in."""
        old = form.values.get("old", "")[:_LONGEST_PASSWORD]
        new = form.values.get("new", "")[:_LONGEST_PASSWORD]
        error = _find_fault(desk, person, passwords, old=old, new=new)
        if error is None and new != form.values.get("again", ""):
            error = "两次填的新密码不一样。"
        if error is not None:
            return account_page(desk, person, error=error, status=422)
        hashed = passwords.hasher.hash(new)
        with desk.database.transaction() as session:
            _store_password(session, person, hashed, desk)
        return go_to("/account?said=password")

    @app.post("/account/sessions")
    def end_other_sessions(person: Signed) -> Response:
        """End the log-ins on all other devices."""
        with desk.database.transaction() as session:
            now = desk.clock()
            revoke_sessions(session, volunteer_id=person.id, but=person.session_id, now=now)
        return go_to("/account?said=sessions")

    @app.post("/account/kinds")
    def choose_kinds(person: Signed, form: Filled) -> Response:
        """Keep which kinds of need the volunteer is spared."""
        spared = frozenset(kind for kind in TicketKind if form.text(f"skip-{kind}", most=2))
        with desk.database.transaction() as session:
            skip_kinds(session, volunteer_id=person.id, kinds=spared)
        return go_to("/account?said=kinds")


def _find_fault(
    desk: Desk, person: Person, passwords: Passwords, *, old: str, new: str
) -> str | None:
    with desk.looking() as session:
        stored = session.get_one(Volunteer, person.id)
    attempt = Attempt(person.id, stored.password_hash, is_locked=False)
    if not passwords.is_right(attempt, old):
        return "现在的密码不对。"
    if new == old:
        return "新密码和现在的一样。"
    return find_weakness(new, username=stored.username, name=stored.name)


def _store_password(session: Session, person: Person, hashed: str, desk: Desk) -> None:
    now, subject = desk.clock(), f"volunteer:{person.id}"
    set_password(session, volunteer_id=person.id, password_hash=hashed)
    revoke_sessions(session, volunteer_id=person.id, but=person.session_id, now=now)
    record_audit(session, actor_id=person.id, action="password", subject=subject, now=now)


def _add_binding(app: FastAPI, desk: Desk) -> None:
    @app.post("/account/binding")
    def ask_for_code(person: Signed) -> Response:
        """Show the code that binds a WeChat account; it is shown once."""
        with desk.database.transaction() as session:
            code = make_code(session, volunteer_id=person.id, now=desk.clock())
        return account_page(desk, person, code=code)

    @app.post("/account/unbinding")
    def forget_account(person: Signed) -> Response:
        """Forget the volunteer's WeChat account."""
        with desk.database.transaction() as session:
            unbind(session, volunteer_id=person.id)
        return go_to("/account?said=unbound")


def account_page(
    desk: Desk,
    person: Person,
    *,
    said: str = "",
    error: str = "",
    code: str = "",
    status: int = 200,
) -> Response:
    """Return the page about the person who is logged in."""
    with desk.looking() as session:
        volunteer = session.get_one(Volunteer, person.id)
        skipped = list_skipped_kinds(session, volunteer_id=person.id)
    return desk.page(
        "account.html",
        status=status,
        person=person,
        volunteer=volunteer,
        skipped=skipped,
        kinds=[kind for kind in TicketKind if person.is_supervisor or kind.skill in person.skills],
        code=code,
        code_minutes=int(CODE_TIME.total_seconds()) // 60,
        error=error,
        said=said,
    )


def set_cookie(
    answer: Response, desk: Desk, name: str, value: str, *, seconds: int, path: str = PREFIX
) -> None:
    """Give the browser a cookie that no script and no other site gets at."""
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="lax",
        secure=desk.is_https,
    )


def _log_in_page(
    desk: Desk,
    request: Request,
    *,
    back: str,
    said: str = "",
    error: str = "",
    username: str = "",
) -> Response:
    visitor = request.cookies.get(VISITOR) or new_token()
    answer = desk.page(
        "login.html",
        status=422 if error else 200,
        mark=desk.keys.mark(visitor),
        back=back if back == ADMIN or _BACK.fullmatch(back) else "",
        said=said,
        error=error,
        username=username,
    )
    set_cookie(answer, desk, VISITOR, visitor, seconds=86_400)
    return answer
