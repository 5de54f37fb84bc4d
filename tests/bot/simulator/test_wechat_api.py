"""The stand-in keeps WeChat's rules: tokens, windows, limits, kinds of account."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.simulator.gestures import Gesture, openid_of
from bot.simulator.routes import create_simulator
from bot.simulator.wechat_api import AccountType, Fault, StandIn, create_stand_in
from bot.simulator.wire import Account
from tests.support.fake_webhook import FakeWebhook

APP_ID, SECRET = "wx0000000000000001", "a-secret"
API = "/simulator/wechat/cgi-bin"


class Wristwatch:
    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


class Service:
    """The product as the stand-in sees it."""

    def __init__(self) -> None:
        self.clock = Wristwatch()
        self.wechat = StandIn(app_id=APP_ID, secret=SECRET, now=self.clock, slow=0.0)
        app = FastAPI()
        app.include_router(create_stand_in(self.wechat, prefix="/simulator/wechat"))
        self.client = TestClient(app)

    def token(self, **changed: str) -> dict[str, Any]:
        body = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET} | changed
        answer: dict[str, Any] = self.client.post(f"{API}/stable_token", json=body).json()
        return answer

    def post(self, raw: bytes, *, token: str | None = None) -> httpx2.Response:
        given = self.token()["access_token"] if token is None else token
        address = f"{API}/message/custom/send?access_token={given}"
        return self.client.post(address, content=raw)

    def send(self, openid: str, text: str = "您好", *, token: str | None = None) -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        raw = json.dumps(body, ensure_ascii=False).encode()
        return int(self.post(raw, token=token).json()["errcode"])

    def act(self, kind: str = "text", follower: str = "lao-zhang") -> str:
        self.wechat.observe(Gesture.model_validate({"follower": follower, "kind": kind}))
        return openid_of(follower, APP_ID)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    with service.client:
        yield service


def test_the_token_stays_the_same_until_it_ends(service: Service) -> None:
    first = service.token()
    service.clock.now += 3600
    again = service.token()
    service.clock.now += 3600

    assert (first["expires_in"], again["expires_in"]) == (7200, 3600)
    assert again["access_token"] == first["access_token"] != service.token()["access_token"]


@pytest.mark.parametrize(
    ("changed", "errcode"), [({"secret": "x"}, 40125), ({"appid": "wx1"}, 40013)]
)
def test_a_wrong_secret_gets_no_token(
    service: Service, changed: dict[str, str], errcode: int
) -> None:
    assert service.token(**changed)["errcode"] == errcode


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("forged", 40001)])
def test_without_the_token_nothing_is_sent(service: Service, token: str, errcode: int) -> None:
    assert service.send(service.act(), token=token) == errcode


def test_five_messages_after_one_of_theirs_and_then_no_more(service: Service) -> None:
    openid = service.act()

    assert [service.send(openid) for _ in range(6)] == [0] * 5 + [45047]
    service.act()
    assert service.send(openid) == 0


def test_the_window_ends_after_48_hours(service: Service) -> None:
    openid = service.act()
    service.clock.now += 48 * 3600

    assert service.send(openid) == 45015


@pytest.mark.parametrize("kind", ["subscribe", "scan", "click"])
def test_three_messages_within_a_minute_after_a_tap(service: Service, kind: str) -> None:
    openid = service.act(kind)

    assert [service.send(openid) for _ in range(4)] == [0, 0, 0, 45047]
    service.clock.now += 60
    assert service.send(openid) == 45015


def test_who_left_gets_nothing(service: Service) -> None:
    openid = service.act()
    service.act("unsubscribe")

    assert service.send(openid) == 43004


@pytest.mark.parametrize(("openid", "errcode"), [("o-stranger", 45015), ("nobody", 40003)])
def test_a_stranger_gets_nothing(service: Service, openid: str, errcode: int) -> None:
    assert service.send(openid) == errcode


def test_an_unverified_account_sends_nothing(service: Service) -> None:
    service.wechat.account_type = AccountType.UNVERIFIED

    assert service.send(service.act()) == 48001


def test_escaped_letters_long_texts_and_other_bodies_are_refused(service: Service) -> None:
    openid = service.act()
    escaped = json.dumps({"touser": openid, "msgtype": "text", "text": {"content": "您好"}})

    assert service.send(openid, "字" * 683) == 45002
    assert service.post(escaped.encode()).json()["errcode"] == 40033
    assert service.post(b"[]").json()["errcode"] == 47001


@pytest.mark.parametrize(
    ("fault", "errcode"),
    [
        (Fault.BUSY, -1),
        (Fault.TOKEN, 40001),
        (Fault.MINUTE_LIMIT, 45011),
        (Fault.DAY_LIMIT, 45009),
        (Fault.SLOW, 0),
    ],
)
def test_one_fault_spoils_one_call(service: Service, fault: Fault, errcode: int) -> None:
    openid = service.act()
    service.wechat.faults.append(fault)

    assert [service.send(openid), service.send(openid)] == [errcode, 0]


def test_a_server_in_trouble_answers_502(service: Service) -> None:
    service.wechat.faults.append(Fault.UNAVAILABLE)

    assert service.post(b"{}").status_code == 502


# Beside the phone


@pytest.fixture
def demo() -> Iterator[TestClient]:
    account = Account("a-token", APP_ID)
    app = FastAPI()
    app.include_router(
        create_simulator(
            webhook_url="http://service.test/wechat",
            token=account.token,
            app_id=APP_ID,
            secret=SECRET,
            transport=httpx.ASGITransport(app=FakeWebhook(account).app),
        )
    )
    with TestClient(app) as client:
        yield client


def token_of(demo: TestClient) -> str:
    body = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
    return str(demo.post(f"{API}/stable_token", json=body).json()["access_token"])


def send(demo: TestClient, text: str) -> int:
    body = {"touser": openid_of("lao-zhang", APP_ID), "text": {"content": text}}
    raw = json.dumps(body, ensure_ascii=False).encode()
    address = f"{API}/message/custom/send?access_token={token_of(demo)}"
    return int(demo.post(address, content=raw).json()["errcode"])


def test_an_active_message_is_there_for_the_phone(demo: TestClient) -> None:
    demo.post("/simulator/api/send", json={"follower": "lao-zhang", "text": "在吗"})
    send(demo, "一")
    send(demo, "二")

    found = demo.get("/simulator/api/arrivals?after=1").json()

    assert [(m["number"], m["follower"], m["text"]) for m in found["messages"]] == [
        (2, "lao-zhang", "二")
    ]
    assert found["run"]


def test_the_kind_of_account_and_the_next_faults_can_be_chosen(demo: TestClient) -> None:
    demo.post("/simulator/api/send", json={"follower": "lao-zhang", "text": "在吗"})
    chosen = {"account_type": "unverified", "faults": ["busy"]}

    assert demo.put("/simulator/api/conditions", json=chosen).status_code == 200

    assert demo.get("/simulator/api/conditions").json() == chosen
    assert [send(demo, "一"), send(demo, "二")] == [-1, 48001]


@pytest.mark.parametrize(
    ("kind", "media_type", "begins"),
    [("image", "image/jpeg", b"\xff\xd8\xff"), ("voice", "audio/amr", b"#!AMR\n")],
)
def test_what_was_sent_can_be_fetched_by_its_media_id(
    demo: TestClient, kind: str, media_type: str, begins: bytes
) -> None:
    exchange = demo.post("/simulator/api/send", json={"follower": "lao-zhang", "kind": kind}).json()
    xml = exchange["attempts"][0]["request_xml"]
    media_id = xml.split("<MediaId><![CDATA[")[1].split("]")[0]

    query = {"access_token": token_of(demo), "media_id": media_id}
    answer = demo.get(f"{API}/media/get", params=query)

    assert answer.headers["content-type"] == media_type
    assert answer.content.startswith(begins)


def test_a_picture_is_also_at_the_address_that_comes_with_it(demo: TestClient) -> None:
    exchange = demo.post(
        "/simulator/api/send", json={"follower": "lao-zhang", "kind": "image"}
    ).json()
    xml = exchange["attempts"][0]["request_xml"]
    address = xml.split("<PicUrl><![CDATA[")[1].split("]")[0]

    answer = demo.get(urlsplit(address).path)

    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")
