"""The simulator's page and its small API (demonstration only)."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi import Path as PathParam
from jinja2 import Environment, FileSystemLoader
from pydantic import BaseModel, Field

from bot.assets import SECURITY_HEADERS, load_assets, serve
from bot.simulator.client import Exchange, SimulatedWeChat
from bot.simulator.followers import FOLLOWERS, Follower
from bot.simulator.gestures import Gesture, GestureKind, new_media_id
from bot.simulator.menu import Menu, load_menu
from bot.simulator.wechat_api import AccountType, Arrival, Fault, StandIn, create_stand_in
from bot.simulator.wire import Account

_HERE = Path(__file__).parent
_RECORDING = _HERE / "recording.amr"
"""Three notes: what the phone records whatever is spoken, so that there is something to hear."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """What the page needs to know of the account."""

    name: str
    app_id: str
    is_sealed: bool
    menu: Menu
    followers: tuple[Follower, ...]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What the account sent by itself; `run` changes when the simulator was started anew."""

    run: str
    messages: tuple[Arrival, ...]


class Conditions(BaseModel):
    """What kind of account is played, and what goes wrong with the next calls of its API."""

    account_type: AccountType = AccountType.VERIFIED
    faults: tuple[Fault, ...] = Field(default=(), max_length=1000)


def create_simulator(
    *,
    webhook_url: str,
    token: str,
    app_id: str,
    encoding_aes_key: str = "",
    secret: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
) -> APIRouter:
    """Return the router of `/simulator`, which plays WeChat in front of a webhook and behind it."""
    account = Account(token=token, app_id=app_id, encoding_aes_key=encoding_aes_key)
    wechat = SimulatedWeChat(account, webhook_url=webhook_url, transport=transport)
    stand_in = StandIn(app_id=app_id, secret=secret or secrets.token_hex(16))
    router = APIRouter(prefix="/simulator", include_in_schema=False)
    _add_page(router, account)
    _add_files(router)
    _add_api(router, wechat, stand_in)
    _add_conditions(router, stand_in)
    router.include_router(create_stand_in(stand_in, prefix="/wechat"))
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


def _add_api(router: APIRouter, wechat: SimulatedWeChat, stand_in: StandIn) -> None:
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
        stand_in.observe(gesture)
        media_id = new_media_id()
        _keep_media(stand_in, gesture, media_id)  # it may be asked for at once
        return await wechat.send(gesture, media_id=media_id)


def _add_conditions(router: APIRouter, stand_in: StandIn) -> None:
    @router.get("/api/arrivals")
    def list_arrivals(after: int = 0) -> Arrivals:
        """Return what the account has sent by itself since the message of this number."""
        return Arrivals(stand_in.run, tuple(a for a in stand_in.arrivals if a.number > after))

    @router.get("/api/conditions")
    def show_conditions() -> Conditions:
        """Return what kind of account is played, and what will go wrong."""
        faults = tuple(stand_in.faults)
        return Conditions(account_type=stand_in.account_type, faults=faults)

    @router.put("/api/conditions")
    def set_conditions(conditions: Conditions) -> Conditions:
        """Play another kind of account, or let the next calls go wrong."""
        stand_in.account_type = conditions.account_type
        stand_in.faults.clear()
        stand_in.faults.extend(conditions.faults)
        return conditions


def _keep_media(stand_in: StandIn, gesture: Gesture, media_id: str) -> None:
    file = _HERE / "static" / "pictures" / f"{gesture.picture}.jpg"
    if gesture.kind is GestureKind.IMAGE and file.is_file():
        stand_in.media[media_id] = ("image/jpeg", file.read_bytes())
    elif gesture.kind is GestureKind.VOICE:
        stand_in.media[media_id] = ("audio/amr", _RECORDING.read_bytes())
