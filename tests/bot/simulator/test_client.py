"""Delivery as WeChat does it: signed, repeated where it must be, shown as the phone shows it."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from bot.simulator import client
from bot.simulator.client import Exchange, Outcome
from bot.simulator.phone import FAILURE_LINE, ShownKind
from tests.bot.simulator.conftest import Phone

MakePhone = Callable[[httpx.AsyncBaseTransport], Phone]


def outcomes(exchange: Exchange) -> list[Outcome]:
    """Return how the attempts ended."""
    return [attempt.outcome for attempt in exchange.attempts]


def test_a_text_is_answered_in_one_attempt(phone: Phone) -> None:
    exchange = phone.send(text="你好")

    assert exchange.shown.text == "收到：你好"
    assert outcomes(exchange) == [Outcome.ANSWERED]
    assert exchange.identical is None
    assert phone.webhook.pushes[0]["FromUserName"] == exchange.openid


def test_the_address_carries_the_openid_and_the_mode(phone: Phone) -> None:
    exchange = phone.send(text="你好")

    query = phone.webhook.requests[0].query_params
    assert query["openid"] == exchange.openid
    assert ("msg_signature" in query) == phone.webhook.account.is_sealed


def test_in_safe_mode_the_message_itself_is_not_readable_on_the_way(phone: Phone) -> None:
    attempt = phone.send(text="你好").attempts[0]

    assert "你好" in attempt.request_xml
    assert bool(attempt.request_sealed) == phone.webhook.account.is_sealed
    assert "你好" not in attempt.request_sealed


@pytest.mark.parametrize("same_moment", [False, True])
def test_repeated_deliveries_are_the_same_message_with_the_same_answer(
    phone: Phone, *, same_moment: bool
) -> None:
    exchange = phone.send(text="你好", deliveries=3, same_moment=same_moment)

    assert [attempt.number for attempt in exchange.attempts] == [1, 2, 3]
    assert len({push["MsgId"] for push in phone.webhook.pushes}) == 1
    assert exchange.identical is True
    assert exchange.shown.text == "收到：你好"


def test_different_answers_to_repeated_deliveries_are_noticed(phone_before: MakePhone) -> None:
    answers = iter(["", "success"])
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, text=next(answers)))

    exchange = phone_before(transport).send(text="你好", deliveries=2)

    assert exchange.identical is False


def test_a_silent_account_shows_nothing(phone: Phone) -> None:
    phone.webhook.body = "success"

    assert phone.send(text="你好").shown.kind is ShownKind.NOTHING


@pytest.mark.parametrize("body", ['"success"', "null", "{}", "<xml></xml>", "oops"])
def test_an_answer_wechat_cannot_read_becomes_the_failure_line(phone: Phone, body: str) -> None:
    phone.webhook.body = body

    exchange = phone.send(text="你好")

    assert exchange.shown.text == FAILURE_LINE
    assert outcomes(exchange) == [Outcome.ANSWERED]


def test_leaving_shows_nothing_whatever_the_answer(phone: Phone) -> None:
    phone.webhook.body = "oops"

    assert phone.send(kind="unsubscribe").shown.kind is ShownKind.NOTHING


def test_an_error_status_is_asked_three_times_five_seconds_apart(phone: Phone) -> None:
    phone.webhook.status = 500

    exchange = phone.send(text="你好")

    assert outcomes(exchange) == [Outcome.BAD_STATUS] * 3
    assert exchange.shown.text == FAILURE_LINE
    assert len({push["MsgId"] for push in phone.webhook.pushes}) == 1
    assert [4 < pause <= 5 for pause in phone.pauses] == [True, True]


def test_a_stopped_service_is_asked_three_times_with_short_pauses(phone_before: MakePhone) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(request.method, request=request)

    phone = phone_before(httpx.MockTransport(refuse))
    exchange = phone.send(text="你好")

    assert outcomes(exchange) == [Outcome.UNREACHABLE] * 3
    assert exchange.shown.text == FAILURE_LINE
    assert phone.pauses == [client.REFUSED_PAUSE] * 2


def test_the_answer_of_a_later_attempt_is_shown(phone_before: MakePhone) -> None:
    answers = iter([httpx.Response(500), httpx.Response(200, text="success")])

    exchange = phone_before(httpx.MockTransport(lambda _request: next(answers))).send(text="你好")

    assert outcomes(exchange) == [Outcome.BAD_STATUS, Outcome.ANSWERED]
    assert exchange.shown.kind is ShownKind.NOTHING


def test_too_slow_an_answer_is_given_up(
    phone_before: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(client, "PATIENCE", 0.02)
    exchange = phone_before(httpx.MockTransport(never)).send(text="你好")

    assert outcomes(exchange) == [Outcome.TIMEOUT] * 3
    assert exchange.shown.text == FAILURE_LINE
