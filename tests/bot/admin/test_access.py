"""Who may open the admin pages, and that no other site can press a button on them."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from bot.admin.rules import RULES
from bot.console.desk import HEADERS
from models.database import OpenSession
from models.faq import FaqEntry
from models.volunteer import Role, Volunteer
from tests.bot.admin.conftest import PEOPLE, Desk, OpenDesk
from tests.support.console import Console

A = frozenset({Role.ADMIN})
SHEETS = ("faq-entry", "job-posting", "open-class", "station", "local-figure")

MATRIX = {
    ("GET", "/"): A,
    ("GET", "/static/{name:path}"): A,
    ("GET", "/{identity}/list"): A,
    ("GET", "/{identity}/details/{pk:path}"): A,
    ("GET", "/{identity}/create"): A,
    ("POST", "/{identity}/create"): A,
    ("GET", "/{identity}/edit/{pk:path}"): A,
    ("POST", "/{identity}/edit/{pk:path}"): A,
    **{("POST", f"/{name}/removal/{{pk:path}}"): A for name in SHEETS},
    ("GET", "/faq-entry/draft/{asked}"): A,
    ("GET", "/answer"): A,
    ("POST", "/answer"): A,
    ("GET", "/unanswered"): A,
    ("GET", "/settings"): A,
    ("POST", "/settings"): A,
    ("POST", "/load-run/undo/{pk}"): A,
    ("POST", "/volunteer/activity/{pk}"): A,
    ("POST", "/volunteer/password/{pk}"): A,
}
"""Written down a second time on purpose: who opens a route to a role has to say so twice."""

TABLES = (*SHEETS, "volunteer", "load-run", "audit-entry")


def address(path: str, table: str) -> str:
    """Return an address of this route."""
    filled = path.replace("{identity}", table).replace("{name:path}", "admin.css")
    return filled.replace("{pk:path}", "1").replace("{pk}", "1").replace("{asked}", "1")


def addresses() -> list[tuple[str, str]]:
    found = {(method, address(path, table)) for method, path in MATRIX for table in TABLES}
    return sorted(found)


def admin_app(client: TestClient) -> Starlette:
    """Return the application behind /admin."""
    app = client.app
    assert isinstance(app, FastAPI)
    mounts = [r for r in app.routes if isinstance(r, Mount) and r.path == "/admin"]
    inner = mounts[0].app
    assert isinstance(inner, Starlette)
    return inner


def test_every_route_is_declared_and_every_declaration_is_a_route(client: TestClient) -> None:
    routes = {
        (method, route.path)
        for route in admin_app(client).routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }

    assert routes == set(MATRIX)
    assert dict(RULES) == MATRIX
    assert all(isinstance(route, Route) for route in admin_app(client).routes)


def test_an_undeclared_route_is_denied(client: TestClient, admin: Desk) -> None:
    admin_app(client).routes.append(Route("/forgotten", lambda _: PlainTextResponse("secret")))

    assert "secret" not in admin.opens("/forgotten")
    assert admin.status == 404


@pytest.mark.parametrize("role", sorted(set(Role) - A))
def test_who_is_no_admin_finds_nothing_there(open_desk: OpenDesk, role: Role) -> None:
    person = open_desk(PEOPLE[role])
    for method, path in addresses():
        said = person.opens(path) if method == "GET" else person.presses(path)
        assert (person.status, "没有找到" in said) == (404, True), (method, path)


@pytest.mark.usefixtures("people")
def test_strangers_are_led_to_the_log_in_and_back(client: TestClient) -> None:
    stranger = Desk(TestClient(client.app))
    for method, path in addresses():
        _ = stranger.opens(path) if method == "GET" else stranger.presses(path)
        assert stranger.place == "/console/login", (method, path)
    console = Console(stranger.client)
    console.opens("/login?back=/admin")

    console.presses("/login", username=PEOPLE[Role.ADMIN], password="only for tests", back="/admin")

    assert "机器人会怎么答" in console.text


def test_the_log_out_of_the_console_ends_it_here_too(admin: Desk) -> None:
    console = Console(admin.client)
    console.opens("/account")
    console.presses("/logout")

    admin.opens("/")

    assert admin.place == "/console/login"


def test_who_has_a_password_that_was_given_must_change_it_first(
    admin: Desk, open_session: OpenSession
) -> None:
    with open_session() as session:
        chef = session.exec(select(Volunteer).where(Volunteer.username == "chef")).one()
        chef.must_change_password = True

    admin.opens("/faq-entry/list")

    assert admin.place == "/console/account"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil", None])
def test_a_form_that_does_not_come_from_here_changes_nothing(
    admin: Desk, open_session: OpenSession, origin: str | None
) -> None:
    with open_session() as session:
        entry = session.exec(select(FaqEntry)).first()
        assert entry is not None
        key, count = entry.id, len(session.exec(select(FaqEntry.id)).all())

    admin.presses(f"/faq-entry/removal/{key}", origin=origin)

    assert admin.status == 403
    assert "没有收下" in admin.text
    with open_session() as session:
        assert len(session.exec(select(FaqEntry.id)).all()) == count


def test_every_page_has_the_headers_of_the_console(admin: Desk) -> None:
    for path in ("/", "/faq-entry/list", "/nothing/list", "/answer"):
        admin.opens(path)
        assert {name: admin.headers[name.lower()] for name in HEADERS} == HEADERS, path


def test_pages_hold_no_script_no_inline_style_and_nothing_from_another_host(admin: Desk) -> None:
    for method, path in addresses():
        if method == "GET" and "static" not in path:
            admin.opens(path)
            for forbidden in ("<script", "style=", "onclick", '="//', '="http'):
                assert forbidden not in admin.page.replace("<!doctype html>", ""), (path, forbidden)


def test_a_form_longer_than_any_answer_is_refused(admin: Desk) -> None:
    admin.presses("/answer", text="长" * 200_000)

    assert admin.status == 413


@pytest.mark.parametrize(
    "path",
    ["/job-posting/details/abc", "/job-posting/edit/99999999999999999999", "/faq-entry/edit/x"],
)
def test_an_address_of_nothing_is_said_to_be_one(admin: Desk, path: str) -> None:
    assert "没有找到" in admin.opens(path)
    assert admin.status == 404
