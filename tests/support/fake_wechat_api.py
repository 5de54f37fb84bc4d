"""A stand-in for WeChat's API: tokens and the menu, with errors on order."""

import json
from collections import deque
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

APP_ID = "wx0000000000000001"
APP_SECRET = "5ec2e7a11ca55e77e5ec2e7a11ca55e7"
TOKEN = "T0KEN-FOR-THE-TEST"


class FakeWeChatApi:
    """Answers over HTTP as WeChat does.

    `errors` maps a path to the answers given before the right one: a number becomes WeChat's
    errcode, a text is sent as it is with status 502.
    """

    def __init__(self) -> None:
        self.menu: dict[str, Any] | None = None
        self.conditional: list[dict[str, Any]] = []
        self.errors: dict[str, deque[int | str]] = {}
        self.errmsg = "refused rid: 1"
        self.calls: list[str] = []
        self.bodies: list[bytes] = []
        self.tokens = 0
        self.app = FastAPI()
        self.app.post("/cgi-bin/stable_token")(self._token)
        self.app.get("/cgi-bin/menu/get")(self._get)
        self.app.post("/cgi-bin/menu/create")(self._create)

    def fail(self, path: str, *answers: int | str) -> None:
        """Answer the next calls of a path with these errors."""
        self.errors[f"/cgi-bin/{path}"] = deque(answers)

    async def _token(self, request: Request) -> Response:
        body = await request.json()
        if (refused := self._refusal(request)) is not None:
            return refused
        if body != {"grant_type": "client_credential", "appid": APP_ID, "secret": APP_SECRET}:
            return _error(40125, "invalid appsecret")
        self.tokens += 1
        return JSONResponse({"access_token": f"{TOKEN}-{self.tokens}", "expires_in": 7200})

    async def _get(self, request: Request) -> Response:
        if (refused := self._refusal(request)) is not None:
            return refused
        if self.menu is None:
            return _error(46003, "menu no exist")
        more = {"conditionalmenu": self.conditional} if self.conditional else {}
        return JSONResponse({"menu": self.menu, **more})

    async def _create(self, request: Request) -> Response:
        body = await request.body()
        if (refused := self._refusal(request)) is not None:
            return refused
        self.bodies.append(body)
        self.menu = json.loads(body)
        return _error(0, "ok")

    def _refusal(self, request: Request) -> Response | None:
        path = request.url.path
        self.calls.append(path.removeprefix("/cgi-bin/"))
        waiting = self.errors.get(path)
        if waiting:
            answer = waiting.popleft()
            if isinstance(answer, str):
                return Response(answer, status_code=502)
            return _error(answer, self.errmsg)
        given = request.query_params.get("access_token")
        if path != "/cgi-bin/stable_token" and given != f"{TOKEN}-{self.tokens}":
            return _error(40001, "invalid credential")
        return None


def _error(errcode: int, errmsg: str) -> Response:
    return JSONResponse({"errcode": errcode, "errmsg": errmsg})
