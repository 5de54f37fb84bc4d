"""`/healthz` and `/readyz` tell a person or a machine how the service is."""

from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from bot.app import create_app
from bot.settings import Settings
from knowledge.engine import Engine
from tests.conftest import KEY
from tests.support.chat import TOKEN, Chat, FakeClock


def test_the_service_says_that_it_is_alive(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def test_the_service_is_ready_with_database_and_knowledge(client: TestClient) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert answer.json()["clock"]["skew_seconds"] == 0


def test_a_clock_that_is_off_is_shown_with_the_seconds(
    client: TestClient, chat: Chat, clock: FakeClock
) -> None:
    sent_by_wechat = clock.now
    xml = chat.text_xml("你好")
    query = chat.query(sent_by_wechat)
    clock.advance(hours=2)

    refused = client.post("/wechat", params=query, content=xml.encode())

    assert refused.status_code == 403
    state = client.get("/readyz").json()["clock"]
    assert abs(state["skew_seconds"]) == timedelta(hours=2).total_seconds()
    assert "clock" in state["warning"]


def test_the_skew_is_forgotten_with_the_next_good_request(
    client: TestClient, chat: Chat, clock: FakeClock
) -> None:
    query = chat.query(clock.now)
    clock.advance(hours=2)
    client.post("/wechat", params=query, content=chat.text_xml("你好").encode())

    chat.says("你好")

    assert client.get("/readyz").json()["clock"]["skew_seconds"] == 0


def test_without_its_database_the_service_is_alive_but_not_ready(
    engine: Engine, clock: FakeClock, tmp_path: Path
) -> None:
    nowhere = Settings(
        database_url=f"postgresql+psycopg:///kuangyou?host={tmp_path}",
        wechat_token=TOKEN,
        data_encryption_key=KEY,
    )
    with TestClient(create_app(nowhere, clock=clock, engine=engine)) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        assert Chat(client, clock).post(Chat(client, clock).text_xml("你好")).status_code == 503
