"""The simulator's page and its small API (demonstration only)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi import Path as PathParam
from jinja2 import Environment, FileSystemLoader

from bot.simulator.assets import SECURITY_HEADERS, load_assets, serve
from bot.simulator.client import Exchange, SimulatedWeChat
from bot.simulator.followers import FOLLOWERS, Follower
from bot.simulator.gestures import Gesture
from bot.simulator.menu import Menu, load_menu
from bot.simulator.wire import Account

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class AccountView:
    """What the page needs to know of the account."""

    name: str
    app_id: str
    is_sealed: bool
    menu: Menu
    followers: tuple[Follower, ...]


def create_simulator(
    *,
    webhook_url: str,
    token: str,
    app_id: str,
    encoding_aes_key: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
) -> APIRouter:
    """Return the router of `/simulator`, which plays WeChat in front of a webhook."""
    account = Account(token=token, app_id=app_id, encoding_aes_key=encoding_aes_key)
    wechat = SimulatedWeChat(account, webhook_url=webhook_url, transport=transport)
    router = APIRouter(prefix="/simulator", include_in_schema=False)
    _add_page(router, account)
    _add_files(router)
    _add_api(router, wechat)
    return router


def _add_page(router: APIRouter, account: Account) -> None:
    pages = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)
    html = pages.get_template("simulator.html").render(account=account)

    @router.get("")
    def show_page() -> Response:
        """Show the simulated phone."""
        headers = {"Cache-Control": "no-cache", **SECURITY_HEADERS}
        return Response(html, media_type="text/html; charset=utf-8", headers=headers)


def _add_files(router: APIRouter) -> None:
    assets = load_assets(_HERE / "static")

    @router.get("/static/{name:path}")
    def send_file(name: Annotated[str, PathParam()], request: Request) -> Response:
        """Send one of the page's own files."""
        if name not in assets:
            raise HTTPException(status_code=404)
        return serve(assets[name], request)


def _add_api(router: APIRouter, wechat: SimulatedWeChat) -> None:
    account = wechat.account
    view = AccountView(
        name=account.name,
        app_id=account.app_id,
        is_sealed=account.is_sealed,
        menu=load_menu(),
        followers=FOLLOWERS,
    )

    @router.get("/api/account")
    def describe_account() -> AccountView:
        """Return the account with its menu and the invented followers."""
        return view

    @router.post("/api/send")
    async def send(gesture: Gesture) -> Exchange:
        """Do what a follower does, and return what the phone shows and what went over the wire."""
        return await wechat.send(gesture)
