"""Puts the console together: every page behind the guard, every refusal a page in plain words."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi import Path as PathParam
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError

from bot.assets import load_assets, serve
from bot.console import words
from bot.console.access import MissingError, NotLoggedInError, person_of
from bot.console.alarms import add_alarms
from bot.console.audit import add_audit
from bot.console.auth import add_auth
from bot.console.board import add_board
from bot.console.desk import PREFIX, Desk, go_to, open_templates
from bot.console.ending import add_ending
from bot.console.faq import add_faq
from bot.console.guard import ForeignFormError, NewPasswordError, create_guard
from bot.console.keys import Keys
from bot.console.media import add_media
from bot.console.news import add_news
from bot.console.notes import add_notes
from bot.console.passing import add_passing
from bot.console.people import add_people
from bot.console.queue import add_queue, queue_page
from bot.console.replies import add_replies
from bot.console.reveal import add_reveal
from bot.console.roster import add_roster
from bot.console.sending import CannotSendError, add_sending
from bot.console.ticket import add_ticket_page, ticket_page
from bot.settings import Settings
from models.clock import Clock
from models.database import Database
from models.ticket_flow import (
    ClaimLostError,
    ClaimRefusedError,
    FlowError,
    NotAllowedError,
    NotHolderError,
    StaleTicketError,
    TransferGoneError,
    TransferPendingError,
)

_FLOW_WORDS: Final[Mapping[type[FlowError], str]] = {
    NotHolderError: "这位已经不在您手里了。",
    StaleTicketError: "这件事刚有变化，请看一眼再试。",
    TransferPendingError: "已经在转交了，先等对方回应，或者收回。",
    NotAllowedError: "现在不能这样做。调低危险程度要写理由，只有督导和接待的心理老师可以。",
}


def create_desk(settings: Settings, *, database: Database, clock: Clock) -> Desk:
    """Return what all pages for volunteers and admins work with."""
    return Desk(
        database=database,
        clock=clock,
        zone=settings.zone,
        keys=Keys(settings.signing_key),
        app_id=settings.wechat_app_id,
        public_url=settings.console_url,
        templates=open_templates(settings.zone),
        news_per_minute=settings.announcements_per_minute,
        can_send=bool(settings.app_secret),
    )


def create_console(desk: Desk) -> FastAPI:
    """Return the application of `/console`."""
    app = FastAPI(
        title="Kuangyou console",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(create_guard(desk))],
    )
    for add in (
        *(add_auth, add_queue, add_ticket_page, add_sending, add_notes),
        *(add_media, add_passing, add_ending, add_reveal, add_roster, add_audit, add_news),
        *(add_alarms, add_board),
        *(add_replies, add_faq, add_people),
    ):
        add(app, desk)
    _add_files(app)
    _add_refusals(app, desk)
    _add_flow_refusals(app, desk)
    return app


def mount_console(app: FastAPI, console: FastAPI) -> None:
    """Put the console under its address, also without the slash behind it."""

    @app.get(PREFIX, include_in_schema=False)
    def go_inside() -> Response:
        """Lead to the first page, whatever stands between us and the browser."""
        return go_to("/")

    app.mount(PREFIX, console)


def say_refusal(error: FlowError) -> str:
    """Return why a ticket could not go that way, in plain words."""
    if isinstance(error, ClaimLostError):
        return f"{error.winner}先接了这位，您看看下一位。"
    if isinstance(error, ClaimRefusedError):
        return words.REFUSALS[error.reason]
    if isinstance(error, TransferGoneError):
        return f"这次转交{words.OFFERS[error.state]}"
    return _FLOW_WORDS.get(type(error), "没办成，请再试一次。")


def _add_files(app: FastAPI) -> None:
    assets = load_assets(Path(__file__).parent / "static")

    @app.get("/static/{name:path}")
    def send_file(name: Annotated[str, PathParam()], request: Request) -> Response:
        """Send one of the console's own files."""
        if name not in assets:
            raise MissingError
        return serve(assets[name], request)


def _add_refusals(app: FastAPI, desk: Desk) -> None:
    @app.exception_handler(NotLoggedInError)
    def send_to_log_in(_: Request, error: NotLoggedInError) -> Response:
        """Ask who it is, and remember where they wanted to go."""
        return go_to(f"/login?back={error.back}" if error.back.strip("/") else "/login")

    @app.exception_handler(NewPasswordError)
    def send_to_password(_: Request, __: NewPasswordError) -> Response:
        """Ask for a new password first."""
        return go_to("/account?said=must_change")

    @app.exception_handler(ForeignFormError)
    def refuse_form(request: Request, _: ForeignFormError) -> Response:
        """Say that the page was too old."""
        text = "这个页面放得太久了，没敢照办。请返回上一页，刷新一下再试；您写的字还在。"
        return _message(desk, request, "请刷新再试", text, status=403)

    @app.exception_handler(MissingError)
    @app.exception_handler(HTTPException)
    @app.exception_handler(404)
    @app.exception_handler(405)
    @app.exception_handler(RequestValidationError)
    def say_missing(request: Request, error: Exception) -> Response:
        """Answer alike where there is nothing and where it is not for this person."""
        status = getattr(error, "status_code", 404)
        text = "这里没有您要看的，可能已经结束，或者转给别人了。"
        return _message(desk, request, "没有找到", text, status=status)

    @app.exception_handler(SQLAlchemyError)
    def say_broken(request: Request, _: SQLAlchemyError) -> Response:
        """Say that it is not their fault."""
        text = "系统这会儿连不上数据库。过一分钟再试；您写的字还在您的手机里。"
        return _message(desk, request, "稍等一下", text, status=503)


def _add_flow_refusals(app: FastAPI, desk: Desk) -> None:
    @app.exception_handler(FlowError)
    def tell_refusal(request: Request, error: FlowError) -> Response:
        """Show the page again with what stood in the way."""
        person, text = person_of(request), say_refusal(error)
        ticket_id = request.path_params.get("ticket_id")
        if ticket_id is not None and not isinstance(error, ClaimLostError):
            with suppress(MissingError):  # it may be out of their sight by now
                return ticket_page(desk, person, int(ticket_id), error=text, status=409)
        return queue_page(desk, person, error=text, status=409)

    @app.exception_handler(CannotSendError)
    def tell_why_not_sent(request: Request, error: CannotSendError) -> Response:
        """Show the ticket again with why nothing was sent."""
        return ticket_page(
            desk, person_of(request), error.ticket_id, error=error.reason, status=409
        )


def _message(desk: Desk, request: Request, title: str, text: str, *, status: int) -> Response:
    person = getattr(request.state, "person", None)
    return desk.page(
        "message.html", status=status, person=person, title=title, heading=title, text=text, kept=""
    )
