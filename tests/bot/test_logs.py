"""Logs say what broke and where, never what a person wrote."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import set_up_logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    handlers = logging.root.handlers[:]
    yield
    logging.root.handlers[:] = handlers
    structlog.reset_defaults()


def test_an_exception_is_logged_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO")
    try:
        int("我叫刘建国，电话13800000000")
    except ValueError:
        structlog.get_logger().exception("handler_failed")

    line = capsys.readouterr().err.splitlines()[-1]
    event = json.loads(line)
    assert event["event"] == "handler_failed"
    assert event["exception"] == "ValueError"
    assert "test_logs.py" in event["where"][-1]
    assert "刘建国" not in line


def test_a_library_speaks_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO")
    logging.getLogger("some.library").warning("address in use")

    last = capsys.readouterr().err.splitlines()[-1]
    assert json.loads(last)["event"] == "address in use"


def test_requests_are_not_logged_for_their_addresses_hold_openids() -> None:
    set_up_logging("DEBUG")

    assert logging.getLogger("uvicorn.access").disabled
