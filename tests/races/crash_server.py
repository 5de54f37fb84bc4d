"""A server that stops at the worst moment and waits there to be killed.

`python -m tests.races.crash_server POINT FD` serves the webhook on the listening socket FD, with
the settings of the environment. At the POINT it prints a line and goes no further.
"""

import socket
import sys
import threading
from enum import StrEnum
from typing import NoReturn

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI

from bot.app import create_service
from bot.patience import Dispatch, Patience, PatientDispatch
from bot.settings import Settings, load_settings
from bot.wechat.webhook import WeChatCredentials, create_webhook
from models.clock import system_clock
from models.messages import InboundMessage, RenderedReply
from tests.races.service import HookedEngine, load_engine

SOON = Patience(answer=0.2, hang_up=600.0)
"""Puts off at once, and holds the request until the server is killed."""


class Point(StrEnum):
    """Where it stops."""

    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT = "after_commit"
    UNDERSTANDING = "understanding"
    """It stands still, so that the message is put off; the server is killed after that."""


def create(settings: Settings, point: Point) -> FastAPI:
    """Return the real service behind the real webhook, with a hole at the point."""
    is_slow = point is Point.UNDERSTANDING
    engine = HookedEngine(load_engine(), lambda _text: _stop()) if is_slow else None
    service = create_service(settings, engine=engine)
    dispatch: Dispatch | PatientDispatch = service.dispatcher.dispatch
    if is_slow:
        dispatch = PatientDispatch(
            service.dispatcher.dispatch,
            deferral=service.deferral,
            clock=system_clock,
            patience=SOON,
        )
    elif point is Point.BEFORE_COMMIT:
        sa.event.listen(service.database.engine, "commit", lambda _connection: _stop())
    else:
        dispatch = _stop_after(service.dispatcher.dispatch)
    app = FastAPI()
    credentials = WeChatCredentials(settings.wechat_token, settings.wechat_app_id)
    app.include_router(
        create_webhook(credentials=credentials, dispatch=dispatch, clock=system_clock)
    )
    return app


def _stop_after(dispatch: Dispatch) -> Dispatch:
    def dispatch_and_stop(message: InboundMessage) -> RenderedReply:
        dispatch(message)
        _stop()

    return dispatch_and_stop


def _stop() -> NoReturn:
    sys.stdout.write("stopped\n")
    sys.stdout.flush()
    threading.Event().wait()
    raise AssertionError


def main() -> None:
    app = create(load_settings(), Point(sys.argv[1]))
    listening = socket.socket(fileno=int(sys.argv[2]))
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


if __name__ == "__main__":
    main()
