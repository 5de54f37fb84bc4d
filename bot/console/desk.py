"""What all pages of the console share: the database, the time, the templates."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import Response
from fastapi.responses import RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session

from bot.console import words
from bot.console.keys import Keys
from models.account_state import find_limits
from models.clock import Clock
from models.database import Database

PREFIX = "/console"
ADMIN = "/admin"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Without a referrer browsers would not say which site a form comes from either.
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of the service that the pages work with."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    keys: Keys
    app_id: str
    public_url: str
    templates: Environment
    news_per_minute: int = 300
    can_send: bool = True

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """Open a session for reading, which holds up no writer."""
        with (
            self.database.reading() as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session

    def page(self, template: str, *, status: int = 200, **facts: object) -> Response:
        """Return a page; `person` is who looks at it, where somebody is logged in."""
        shared = {"person": None, "said": None, "now": self.clock(), "title": "矿友互助"}
        html = self.templates.get_template(template).render(shared | facts)
        return Response(
            html, status_code=status, media_type="text/html; charset=utf-8", headers=HEADERS
        )

    def may_send(self, session: Session, now: datetime) -> bool:
        """Tell whether the account may send by itself, as far as is known."""
        limits = find_limits(session.connection(), app_id=self.app_id)
        return self.can_send and limits.may_send(now)

    @property
    def is_https(self) -> bool:
        """Tell whether people reach the console by https."""
        return self.public_url.startswith("https://")


def go_to(path: str) -> RedirectResponse:
    """Send the browser to a page of the console, to be fetched anew."""
    return RedirectResponse(
        f"{PREFIX}{path}", status_code=303, headers={"Cache-Control": "no-store"}
    )


def open_templates(zone: ZoneInfo) -> Environment:
    """Return the templates, with the words for times and states."""
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def at(moment: datetime, now: datetime) -> str:
        return words.say_past(moment, now=now, zone=zone)

    def until(moment: datetime, now: datetime) -> str:
        return words.say_future(moment, now=now, zone=zone)

    pages.filters |= {"at": at, "until": until, "since": words.say_span}
    pages.globals |= {"words": words, "zone": zone}
    return pages
