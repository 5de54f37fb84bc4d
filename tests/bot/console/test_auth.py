"""Logging in and out, lock-out, sessions, passwords, forms from elsewhere."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from models.audit import AuditEntry
from models.database import OpenSession
from models.volunteer import Volunteer
from models.volunteer_session import VolunteerSession
from tests.bot.console.conftest import OpenConsole
from tests.support.chat import FakeClock
from tests.support.console import PASSWORD, Console


def test_a_volunteer_logs_in_and_lands_in_the_queue(client: TestClient) -> None:
    console = Console.beside(client)

    said = console.logs_in("li")

    assert console.place == "/queue"
    assert "接下一位" in said
    assert "李律师" in said


def test_without_a_log_in_every_page_leads_to_the_form(client: TestClient) -> None:
    console = Console.beside(client)

    said = console.opens("/tickets/7")

    assert console.place == "/login"
    assert "志愿者登录" in said
    assert console.value("back") == "/tickets/7"


def test_after_the_log_in_the_wanted_page_is_shown(client: TestClient) -> None:
    console = Console.beside(client)
    console.opens("/account")

    console.presses("/login", username="li", password=PASSWORD)

    assert console.place == "/account"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/queue/../../x"])
def test_a_log_in_never_leads_to_another_site(client: TestClient, back: str) -> None:
    console = Console.beside(client)
    console.opens("/login")

    console.presses("/login", username="li", password=PASSWORD, back=back)

    assert console.place == "/queue"


@pytest.mark.parametrize("username", ["li", "nobody"])
def test_a_wrong_password_and_a_wrong_name_sound_the_same(
    client: TestClient, username: str
) -> None:
    console = Console.beside(client)

    assert "用户名或密码不对" in console.logs_in(username, "not the password")
    assert console.status == 422


def test_five_failures_lock_even_the_right_password_out_for_a_while(
    client: TestClient, clock: FakeClock
) -> None:
    console = Console.beside(client)
    for _ in range(5):
        console.logs_in("li", "not the password")

    assert "先停 15 分钟" in console.logs_in("li")
    clock.advance(minutes=16)
    assert "接下一位" in console.logs_in("li")


def test_four_failures_do_no_harm_and_are_forgotten(
    client: TestClient, open_session: OpenSession
) -> None:
    console = Console.beside(client)
    for _ in range(4):
        console.logs_in("li", "not the password")

    console.logs_in("li")

    with open_session() as session:
        assert (
            session.exec(select(Volunteer).where(Volunteer.username == "li")).one().failed_logins
            == 0
        )


def test_the_cookie_is_out_of_reach_and_the_database_does_not_hold_it(
    client: TestClient, open_session: OpenSession
) -> None:
    console = Console.beside(client)
    console.opens("/login")
    answer = console.client.post(
        "/console/login",
        data={"mark": console.mark, "username": "li", "password": PASSWORD},
        follow_redirects=False,
    )

    cookie = answer.headers["set-cookie"]
    token = cookie.split("=", 1)[1].split(";")[0]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/console" in cookie
    with open_session() as session:
        assert token not in session.exec(select(VolunteerSession)).one().token_hash


def test_after_logging_out_the_old_cookie_is_worth_nothing(console: OpenConsole) -> None:
    li = console("li")
    token = li.client.cookies.get("kuangyou_console", path="/console")
    assert token is not None
    li.opens("/account")

    assert "您已退出" in li.presses("/logout")

    li.client.cookies.set("kuangyou_console", token, path="/console")
    li.opens("/queue")
    assert li.place == "/login"


def test_a_session_ends_after_a_week(console: OpenConsole, clock: FakeClock) -> None:
    li = console("li")

    clock.advance(days=7, minutes=1)
    li.opens("/queue")

    assert li.place == "/login"


def test_who_is_no_longer_active_is_out_at_once(
    console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    with open_session() as session:
        session.exec(select(Volunteer).where(Volunteer.username == "li")).one().is_active = False

    li.opens("/queue")

    assert li.place == "/login"


def test_a_form_without_its_mark_does_nothing(
    console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")

    said = li.presses("/queue/pause", mark="0" * 64)

    assert li.status == 403
    assert "刷新一下再试" in said
    with open_session() as session:
        assert not session.exec(select(Volunteer).where(Volunteer.username == "li")).one().is_paused


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
def test_a_form_from_another_site_does_nothing(
    console: OpenConsole, headers: dict[str, str]
) -> None:
    li = console("li")

    answer = li.client.post("/console/queue/pause", data={"mark": li.mark}, headers=headers)

    assert answer.status_code == 403


def test_our_own_origin_passes(console: OpenConsole) -> None:
    li = console("li")
    headers = {"origin": "http://testserver"}

    answer = li.client.post("/console/queue/pause", data={"mark": li.mark}, headers=headers)

    assert "已暂停" in answer.text


def test_a_new_password_ends_the_other_sessions(console: OpenConsole, client: TestClient) -> None:
    here, there = console("li"), console("li")
    here.opens("/account")

    new = "青石板-Lantern-77"
    said = here.presses("/account/password", old=PASSWORD, new=new, again=new)
    there.opens("/queue")

    assert "密码改好了" in said
    assert there.place == "/login"
    assert "接下一位" in Console.beside(client).logs_in("li", new)


@pytest.mark.parametrize(
    ("old", "new", "again", "why"),
    [
        ("wrong", "青石板-Lantern-77", "青石板-Lantern-77", "现在的密码不对"),
        (PASSWORD, "short", "short", "密码太短"),
        (PASSWORD, "12345678901234", "12345678901234", "太简单"),
        (PASSWORD, "青石板-Lantern-77", "青石板-Lantern-78", "不一样"),
        (PASSWORD, PASSWORD, PASSWORD, "和现在的一样"),
    ],
)
def test_a_bad_new_password_is_refused_with_the_reason(
    console: OpenConsole, old: str, new: str, again: str, why: str
) -> None:
    li = console("li")
    li.opens("/account")

    assert why in li.presses("/account/password", old=old, new=new, again=again)


def test_who_must_change_the_password_can_do_nothing_before(
    console: OpenConsole, open_session: OpenSession
) -> None:
    with open_session() as session:
        one = session.exec(select(Volunteer).where(Volunteer.username == "li")).one()
        one.must_change_password = True
    li = console("li")

    assert "先换一个只有您知道的密码" in li.opens("/queue")
    assert li.place == "/account"


def test_a_log_in_is_written_down(console: OpenConsole, open_session: OpenSession) -> None:
    console("li")

    with open_session() as session:
        assert [entry.action for entry in session.exec(select(AuditEntry))] == ["log_in"]


def test_no_page_runs_foreign_code_or_is_kept_by_the_browser(console: OpenConsole) -> None:
    li = console("li")

    assert "default-src 'self'" in li.headers["content-security-policy"]
    assert li.headers["cache-control"] == "no-store"
    assert "style=" not in li.page
    assert "onclick" not in li.page
