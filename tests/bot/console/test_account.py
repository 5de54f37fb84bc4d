"""The page about oneself, and how the console is reached."""

import re

import pytest
from fastapi.testclient import TestClient

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
