"""Stands before every admin page: who is it, may they, and did the form come from us."""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.admin.rules import PREFIX, RULES
from bot.console.access import Person
from bot.console.desk import HEADERS, Desk, go_to
from bot.console.guard import find_person
from bot.console.keys import COOKIE
from models.volunteer import Role

MOST_BYTES: Final = 512 * 1024
"""An answer with a hundred wordings has room in it."""

_READS: Final = frozenset({"GET", "HEAD"})


class Guard:
    """Lets a request pass to sqladmin, or answers it instead."""

    def __init__(
        self, app: ASGIApp, *, desk: Desk, list_routes: Callable[[], Sequence[BaseRoute]]
    ) -> None:
        self._app = app
        self._desk = desk
        self._list_routes = list_routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge the request before anything of sqladmin sees it."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        answer = await self._refuse(request)
        if answer is not None:
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, _with_headers(send))

    async def _refuse(self, request: Request) -> Response | None:
        try:
            person = await run_in_threadpool(
                find_person, self._desk, request.cookies.get(COOKIE, "")
            )
        except SQLAlchemyError:
            return self._say("稍等一下", "系统这会儿连不上数据库。过一分钟再试。", status=503)
        if person is None:
            return go_to(f"/login?back={PREFIX}")
        if person.role not in self._rule(request):
            return self._missing(person)
        if person.must_change_password:
            return RedirectResponse("/console/account", status_code=303)
        if request.method not in _READS:
            return self._refuse_form(request, person)
        request.state.person = person
        return None

    def _rule(self, request: Request) -> frozenset[Role]:
        method = "GET" if request.method == "HEAD" else request.method
        for route in self._list_routes():
            if route.matches(request.scope)[0] is Match.FULL:
                return RULES.get((method, getattr(route, "path", "")), frozenset())
        return frozenset()

    def _refuse_form(self, request: Request, person: Person) -> Response | None:
        request.state.person = person
        if not is_from_here(request, public_url=self._desk.public_url):
            text = "这张表不是从这里的页面发来的，没有收。请回到后台重新打开那一页再试。"
            return self._say("没有收下", text, status=403, person=person)
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return self._say("太长了", "这一页收不下这么多字。", status=413, person=person)
        return None

    def _missing(self, person: Person) -> Response:
        text = "这里没有您要看的，可能已经结束，或者转给别人了。"
        return self._say("没有找到", text, status=404, person=person)

    def _say(self, title: str, text: str, *, status: int, person: Person | None = None) -> Response:
        return self._desk.page(
            "message.html",
            status=status,
            person=person,
            title=title,
            heading=title,
            text=text,
            kept="",
        )


def is_from_here(request: Request, *, public_url: str) -> bool:
    """Tell whether the browser says that a form came from one of our own pages.

    sqladmin's forms carry no mark, so a request that does not say where it comes from is refused.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site") == "same-origin"
    own = {request.headers.get("host", ""), urlsplit(public_url).netloc}
    return urlsplit(origin).netloc in own - {""}


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
