"""Sending through WeChat's API: a stand-in over real HTTP, the token in the database."""

import logging
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import select

from bot.simulator.wechat_api import AccountType, Fault
from bot.wechat import api as api_module
from bot.wechat.api import (
    ApiAccount,
    WeChatAnswerLostError,
    WeChatApi,
    WeChatApiError,
    WeChatUnreachableError,
)
from bot.wechat.gateway import TokenInDatabase, open_gateway
from models.account_state import AccountState
from models.database import Database
from tests.support.chat import FakeClock
from tests.support.wechat_stand_in import APP_ID, APP_SECRET, Served, serving_wechat

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def wechat() -> Iterator[Served]:
    with serving_wechat() as served:
        yield served


@pytest.fixture
def gateway(wechat: Served, database: Database, clock: FakeClock) -> Iterator[WeChatApi]:
    with open_gateway(wechat.account, database=database, clock=clock) as gateway:
        yield gateway


def stored(database: Database) -> AccountState:
    with database.transaction() as session:
        return session.exec(select(AccountState)).one()


def test_a_text_arrives_with_its_own_letters(gateway: WeChatApi, wechat: Served) -> None:
    openid = wechat.writes("lao-zhang")

    gateway.send_text(openid, "王律师：先去“劳动监察”。\n第二行 😀")

    assert wechat.texts() == ["王律师：先去“劳动监察”。\n第二行 😀"]


def test_the_token_is_fetched_once_for_all_processes(
    gateway: WeChatApi, wechat: Served, database: Database, clock: FakeClock
) -> None:
    openid = wechat.writes("lao-zhang")
    gateway.send_text(openid, "一")
    first = stored(database)

    with open_gateway(wechat.account, database=database, clock=clock) as another:
        another.send_text(openid, "二")

    assert stored(database) == first
    assert first.token_until is not None
    assert clock() < first.token_until < clock() + timedelta(seconds=7200)


def test_the_token_is_unreadable_in_the_database(
    gateway: WeChatApi, wechat: Served, database: Database
) -> None:
    gateway.send_text(wechat.writes("lao-zhang"), "一")

    with database.reading() as connection:
        raw = connection.execute(sa.text("SELECT token FROM account_state")).scalar_one()

    assert stored(database).token not in raw


def test_an_old_token_is_renewed_and_the_message_sent(
    gateway: WeChatApi, wechat: Served, database: Database
) -> None:
    openid = wechat.writes("lao-zhang")
    gateway.send_text(openid, "一")
    before = stored(database).token

    wechat.stand_in.expire_token()
    gateway.send_text(openid, "二")

    assert wechat.texts() == ["一", "二"]
    assert stored(database).token != before


def test_a_token_that_another_process_renewed_is_not_dropped(
    database: Database, clock: FakeClock
) -> None:
    tokens = TokenInDatabase(database, app_id=APP_ID, clock=clock)
    tokens.keep("old", timedelta(hours=2))
    tokens.keep("new", timedelta(hours=2))

    tokens.drop("old")
    assert tokens.find() == "new"

    tokens.drop("new")
    assert tokens.find() is None


def test_a_token_is_not_used_past_its_end(database: Database, clock: FakeClock) -> None:
    tokens = TokenInDatabase(database, app_id=APP_ID, clock=clock)
    tokens.keep("token", timedelta(hours=2))

    clock.advance(hours=2)

    assert tokens.find() is None


def test_a_token_that_is_refused_again_and_again_is_asked_for_twice(
    gateway: WeChatApi, wechat: Served
) -> None:
    openid = wechat.writes("lao-zhang")
    wechat.stand_in.faults.extend([Fault.TOKEN] * 9)

    with pytest.raises(WeChatApiError) as caught:
        gateway.send_text(openid, "一")

    assert caught.value.errcode == 40001
    assert len(wechat.stand_in.faults) == 7


@pytest.mark.parametrize(
    ("fault", "errcode"), [(Fault.BUSY, -1), (Fault.MINUTE_LIMIT, 45011), (Fault.DAY_LIMIT, 45009)]
)
def test_a_message_is_tried_once_and_the_answer_told(
    gateway: WeChatApi, wechat: Served, fault: Fault, errcode: int
) -> None:
    openid = wechat.writes("lao-zhang")
    wechat.stand_in.faults.extend([fault, Fault.BUSY])

    with pytest.raises(WeChatApiError) as caught:
        gateway.send_text(openid, "一")

    assert caught.value.errcode == errcode
    assert len(wechat.stand_in.faults) == 1


def test_a_server_in_trouble_has_not_taken_it(gateway: WeChatApi, wechat: Served) -> None:
    wechat.stand_in.faults.append(Fault.UNAVAILABLE)

    with pytest.raises(WeChatUnreachableError) as caught:
        gateway.send_text(wechat.writes("lao-zhang"), "一")

    assert not isinstance(caught.value, WeChatAnswerLostError)


@pytest.mark.parametrize(("fault", "arrived"), [(Fault.LOST, ["一"]), (Fault.RESET, [])])
def test_where_the_answer_breaks_off_nobody_knows(
    gateway: WeChatApi, wechat: Served, fault: Fault, arrived: list[str]
) -> None:
    wechat.stand_in.faults.append(fault)

    with pytest.raises(WeChatAnswerLostError):
        gateway.send_text(wechat.writes("lao-zhang"), "一")

    assert wechat.texts() == arrived


def test_an_answer_that_does_not_come_in_time_is_lost(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "TIMEOUT", httpx.Timeout(0.3))
    with (
        serving_wechat(slow=1.0) as wechat,
        open_gateway(wechat.account, database=database, clock=clock) as gateway,
    ):
        openid = wechat.writes("lao-zhang")
        wechat.stand_in.faults.append(Fault.SLOW)

        with pytest.raises(WeChatAnswerLostError, match="no answer in time"):
            gateway.send_text(openid, "一")


def test_where_nobody_listens_nothing_was_sent(database: Database, clock: FakeClock) -> None:
    account = ApiAccount("http://127.0.0.1:9", APP_ID, APP_SECRET)

    with (
        open_gateway(account, database=database, clock=clock) as gateway,
        pytest.raises(WeChatUnreachableError) as caught,
    ):
        gateway.send_text("o1", "一")

    assert not isinstance(caught.value, WeChatAnswerLostError)


def test_a_token_that_did_not_arrive_leaves_no_doubt_about_the_message(
    database: Database, clock: FakeClock
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_hang_up, args=(server,), daemon=True).start()
        account = ApiAccount(f"http://127.0.0.1:{server.getsockname()[1]}", APP_ID, APP_SECRET)
        with (
            open_gateway(account, database=database, clock=clock) as gateway,
            pytest.raises(WeChatUnreachableError) as caught,
        ):
            gateway.send_text("o1", "一")

    assert not isinstance(caught.value, WeChatAnswerLostError)


def _hang_up(server: socket.socket) -> None:
    connection, _ = server.accept()
    connection.recv(65536)
    connection.close()


def test_a_picture_is_fetched(gateway: WeChatApi, wechat: Served) -> None:
    wechat.stand_in.media["M1"] = ("image/jpeg", b"\xff\xd8 not JSON")

    file = gateway.fetch_media("M1")

    assert (file.media_type, file.content) == ("image/jpeg", b"\xff\xd8 not JSON")


@pytest.mark.parametrize(
    ("kind", "errcode"), [(AccountType.VERIFIED, 40007), (AccountType.UNVERIFIED, 48001)]
)
def test_a_picture_that_cannot_be_had_is_told(
    gateway: WeChatApi, wechat: Served, kind: AccountType, errcode: int
) -> None:
    wechat.stand_in.account_type = kind

    with pytest.raises(WeChatApiError) as caught:
        gateway.fetch_media("gone & away")

    assert caught.value.errcode == errcode


def test_a_file_larger_than_wechats_own_is_not_read(
    gateway: WeChatApi, wechat: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "MAX_ANSWER", 1000)
    monkeypatch.setattr(api_module, "PAUSES", ())
    wechat.stand_in.media["M1"] = ("image/jpeg", b"x" * 1001)

    with pytest.raises(WeChatUnreachableError):
        gateway.fetch_media("M1")


def test_neither_secret_nor_token_is_told(
    gateway: WeChatApi, wechat: Served, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    openid = wechat.writes("lao-zhang")
    errors: list[str] = []
    # Named, because a service that another test has started quietens it.
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="httpx"):
        for fault in (Fault.BUSY, Fault.UNAVAILABLE, Fault.LOST, Fault.TOKEN, Fault.TOKEN):
            wechat.stand_in.faults.append(fault)
            try:
                gateway.send_text(openid, "一")
            except (WeChatApiError, WeChatUnreachableError) as error:
                errors.append(f"{error} {error!r} {error.__cause__!r} {error.__dict__}")

    assert len(errors) >= 3
    said = caplog.text + " ".join(errors) + repr(wechat.account)
    assert "custom/send" in said
    assert APP_SECRET not in said
    assert stored(database).token not in said
