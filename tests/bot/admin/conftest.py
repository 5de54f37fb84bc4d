"""An admin, and others who are none, each at a browser of their own."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from models.database import OpenSession
from models.volunteer import Role, Volunteer
from tests.support.chat import FakeClock
from tests.support.console import Console

ORIGIN = {"origin": "http://testserver"}


@dataclass
class Desk:
    """One browser at the admin pages; `page` is what it shows."""

    client: TestClient
    page: str = ""
    status: int = 0
    place: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What a person reads, without the markup."""
        body = re.sub(r"<(title)[^>]*>.*?</\1>", "", self.page, flags=re.S)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))

    def opens(self, path: str) -> str:
        """Open a page; return what is read on it."""
        return self._show(self.client.get(f"/admin{path}"))

    def presses(self, path: str, *, origin: str | None = ORIGIN["origin"], **fields: str) -> str:
        """Press a button or send a form with just these fields."""
        headers = {} if origin is None else {"origin": origin}
        return self._show(self.client.post(f"/admin{path}", data=fields, headers=headers))

    def fills_in(self, path: str, **fields: str) -> str:
        """Open a form, change these fields of it, and send it."""
        self.opens(path)
        sent = self.fields() | fields
        return self.presses(path, **sent)

    def fields(self) -> dict[str, str]:
        """What the form on the open page holds."""
        form = re.search(r'<form method="post".*?</form>', self.page, re.S)
        assert form is not None, self.text
        inputs = re.findall(r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"', form[0])
        areas = re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form[0], re.S)
        chosen = [
            (name, found[1] if (found := re.search(r'value="([^"]*)" selected', rest)) else "")
            for name, rest in re.findall(
                r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form[0], re.S
            )
        ]
        return {name: html.unescape(value) for name, value in (*inputs, *areas, *chosen)}

    def _show(self, answer: httpx2.Response) -> str:
        self.page, self.status = answer.text, answer.status_code
        self.place = str(answer.url.path)
        self.headers = dict(answer.headers)
        return self.text


OpenDesk = Callable[[str], Desk]

PEOPLE = {
    Role.VOLUNTEER: "li",
    Role.SUPERVISOR: "qin",
    Role.ADMIN: "chef",
    Role.AUDITOR: "pruefer",
}


@pytest.fixture
def client(whole_client: TestClient) -> TestClient:
    """The pages of admins are beside those of volunteers."""
    return whole_client


@pytest.fixture
def people(open_session: OpenSession, clock: FakeClock) -> None:
    """Add an admin and an auditor with the password of the others."""
    with open_session() as session:
        li = session.exec(select(Volunteer).where(Volunteer.username == "li")).one()
        for role in (Role.ADMIN, Role.AUDITOR):
            session.add(
                Volunteer(
                    username=PEOPLE[role],
                    name=role,
                    display_name=role,
                    role=role,
                    password_hash=li.password_hash,
                    created_at=clock(),
                )
            )


@pytest.fixture
def open_desk(client: TestClient, people: None) -> OpenDesk:
    """Log somebody in at the console, and stand them before the admin pages."""
    del people

    def begin(username: str) -> Desk:
        console = Console.beside(client)
        console.logs_in(username)
        assert console.place != "/login"
        return Desk(console.client)

    return begin


@pytest.fixture
def admin(open_desk: OpenDesk) -> Desk:
    return open_desk(PEOPLE[Role.ADMIN])
