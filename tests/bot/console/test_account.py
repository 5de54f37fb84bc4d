"""The page about oneself, and how the console is reached."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from bot.app import create_app
from bot.settings import Settings
from knowledge.engine import Engine
from models.database import OpenSession
from models.volunteer import Volunteer
from tests.bot.console.conftest import OpenConsole
from tests.handlers import stored
from tests.support.chat import Chat
from tests.support.console import PASSWORD, Console


def test_the_code_from_the_page_binds_the_account_that_sends_it(
    chat: Chat, console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    li.opens("/account")

    said = li.presses("/account/binding")
    code = re.search(r"绑定 (\d{6})", said)

    assert code is not None
    assert "绑好了，李律师" in chat.says(code[0])
    assert "已绑定" in li.opens("/account")
    assert chat.openid not in li.page
    li.presses("/account/unbinding")
    assert [one.openid for one in stored.all_of(open_session, Volunteer) if one.openid] == []


@pytest.mark.usefixtures("asked")
def test_a_kind_that_is_spared_is_not_offered(console: OpenConsole) -> None:
    li = console("li")
    li.opens("/account")

    li.presses("/account/kinds", **{"skip-lawyer": 1})

    assert "没有人在等" in li.opens("/queue")
    assert "没有您能接的人" in li.presses("/queue/next")


def test_behind_https_the_cookie_travels_over_nothing_else(
    settings: Settings, engine: Engine
) -> None:
    public = settings.model_copy(update={"public_url": "https://help.example.org"})
    with TestClient(create_app(public, engine=engine), base_url="https://inside") as client:
        console = Console(client)
        console.opens("/login")
        answer = client.post(
            "/console/login",
            data={"mark": console.mark, "username": "li", "password": PASSWORD},
            headers={"origin": "https://help.example.org"},
            follow_redirects=False,
        )

    assert answer.status_code == 303
    assert "Secure" in answer.headers["set-cookie"]


def test_a_body_that_is_too_large_is_refused(console: OpenConsole) -> None:
    li = console("li")

    li.presses("/account/kinds", note="x" * 70_000)

    assert li.status == 413


def test_who_comes_with_a_given_password_finds_the_one_thing_to_do_first(
    console: OpenConsole, open_session: OpenSession
) -> None:
    with open_session() as session:
        one = session.exec(select(Volunteer).where(Volunteer.username == "li")).one()
        one.must_change_password = True

    li = console("li")
    seen = li.opens("/account")

    assert "请先换一个只有您知道的密码" in li.opens("/queue")
    assert seen.index("换密码") < seen.index("退出登录")
    assert "要一个绑定码" not in seen


def test_who_forgot_the_password_is_sent_to_who_can_give_one(client: TestClient) -> None:
    assert "请管理员给您一个新的" in Console(client).opens("/login")


@pytest.mark.usefixtures("asked")
def test_who_leaves_with_somebody_in_hand_is_told_what_becomes_of_them(
    console: OpenConsole,
) -> None:
    li = console("li")
    assert "早点歇着" in li.presses("/logout")
    li.logs_in("li")
    li.opens("/queue")
    li.presses("/queue/next")
    li.opens("/queue")

    assert "手上的 1 位还等着您" in li.presses("/queue/pause")
    assert "会自动放回排队" in li.presses("/logout")
