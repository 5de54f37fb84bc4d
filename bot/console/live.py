"""Telling an open page that something has changed: server-sent events, at most a second late.

An event carries no content: the page fetches itself anew, and with that every right is judged
again. Who is no longer logged in, or may no longer see it, is told that and nothing else.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import Request
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from bot.console.access import MissingError, Person
from bot.console.desk import Desk
from bot.console.guard import find_person
from bot.console.keys import COOKIE

EVERY = 1.0
LOOKS = 300
"""After so many looks the browser connects anew: what was lost on the way is noticed."""

_SIGN_OF_LIFE = 5

ReadMark = Callable[[Session, Person, int], str]
"""Returns a mark that differs whenever the page would."""


def mark_of(*parts: object) -> str:
    """Return a short mark of what a page shows; nothing can be read from it."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def stream(
    desk: Desk, request: Request, *, read: ReadMark, mark: str, number: int = 0
) -> StreamingResponse:
    """Return the stream of events for one page; `mark` is what the page was made with."""
    token = request.cookies.get(COOKIE, "")

    def look() -> str | None:
        person = find_person(desk, token)
        if person is None:
            return None
        with desk.looking() as session:
            return read(session, person, number)

    events = watch(look, is_gone=request.is_disconnected, mark=mark)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def watch(
    look: Callable[[], str | None],
    *,
    is_gone: Callable[[], Awaitable[bool]],
    mark: str,
    every: float = EVERY,
    looks: int = LOOKS,
) -> AsyncIterator[str]:
    """Yield an event for each change, until the page or the right to see it is gone."""
    yield "retry: 2000\n\n"
    for number in range(looks):
        try:
            found = await run_in_threadpool(look)
        except MissingError:
            found = None
        except SQLAlchemyError:
            return  # the browser asks again
        if found is None:
            yield "event: gone\ndata: -\n\n"
            return
        if found != mark:
            mark = found
            yield f"event: change\ndata: {found}\n\n"
        elif number % _SIGN_OF_LIFE == 0:
            yield ": \n\n"
        await asyncio.sleep(every)
        if await is_gone():
            return
