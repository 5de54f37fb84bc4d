"""The simulator's page, files and API over HTTP."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.simulator import routes
from bot.simulator.routes import create_simulator
from bot.simulator.wire import Account
from tests.support.fake_webhook import FakeWebhook

STATIC = Path(routes.__file__).parent / "static"


@pytest.fixture
def client(account: Account) -> TestClient:
    webhook = FakeWebhook(account)
    app = FastAPI()
    app.include_router(
        create_simulator(
            webhook_url="http://service.test/wechat",
            token=account.token,
            app_id=account.app_id,
            encoding_aes_key=account.encoding_aes_key,
            transport=httpx.ASGITransport(app=webhook.app),
        )
    )
    return TestClient(app)


def test_the_page_allows_only_its_own_files(client: TestClient) -> None:
    answer = client.get("/simulator")

    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "矿友互助" in answer.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", answer.text)


def test_every_file_the_page_names_is_there(client: TestClient) -> None:
    page = client.get("/simulator").text

    for path in re.findall(r'(?:href|src)="(/simulator/[^"]+)"', page):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("script", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_every_script_imports_files_that_exist(script: Path) -> None:
    source = script.read_text(encoding="utf-8")

    for name in re.findall(r'from "\./([^"]+)"', source):
        assert (STATIC / name).is_file(), name
    assert "innerHTML" not in source


def test_nothing_comes_from_another_host() -> None:
    # example.com stands as a value in a form, w3.org names the language of drawings.
    foreign = re.compile(r"url\(|@import|https?://(?!www\.w3\.org|example\.com)\w")

    for path in STATIC.rglob("*"):
        if path.suffix in (".css", ".js"):
            assert not foreign.search(path.read_text("utf-8")), path.name


def test_a_file_is_not_sent_twice(client: TestClient) -> None:
    first = client.get("/simulator/static/main.js")
    second = client.get(
        "/simulator/static/main.js", headers={"If-None-Match": first.headers["etag"]}
    )

    assert first.headers["content-type"].startswith("text/javascript")
    assert (second.status_code, second.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "../routes.py", "%2e%2e/routes.py"])
def test_no_other_file_can_be_read(client: TestClient, name: str) -> None:
    assert client.get(f"/simulator/static/{name}").status_code == 404


def test_the_account_has_its_menu_and_people(client: TestClient, account: Account) -> None:
    view = client.get("/simulator/api/account").json()

    assert view["is_sealed"] == account.is_sealed
    assert [button["name"] for button in view["menu"]["button"]] == ["找工作", "问法律", "找人帮"]
    assert "老张" in [person["name"] for person in view["followers"]]
    assert account.token not in str(view)


def test_a_gesture_comes_back_with_answer_and_raw_messages(client: TestClient) -> None:
    exchange = client.post(
        "/simulator/api/send", json={"follower": "xiao-li", "text": "你好", "deliveries": 2}
    ).json()

    assert exchange["shown"] == {"kind": "text", "text": "收到：你好", "articles": [], "reason": ""}
    assert exchange["identical"] is True
    attempt = exchange["attempts"][0]
    assert (attempt["status"], attempt["outcome"]) == (200, "answered")
    assert "收到：你好" in attempt["response_xml"]
    assert attempt["milliseconds"] >= 0


def test_an_impossible_gesture_is_refused(client: TestClient) -> None:
    assert client.post("/simulator/api/send", json={"follower": ""}).status_code == 422
