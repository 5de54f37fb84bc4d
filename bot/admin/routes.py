"""Puts the admin pages together and mounts them; what no rule declares is not served."""

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from sqladmin import Admin, BaseView, ModelView
from sqlalchemy.exc import DataError, NoResultFound, SQLAlchemyError
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.admin import words
from bot.admin.guard import Guard
from bot.admin.office import Office
from bot.admin.pages import AnswerView, SettingsView, UnansweredView
from bot.admin.people import VolunteerView
from bot.admin.records import AuditView, LoadRunView
from bot.admin.rules import PREFIX, RULES
from bot.admin.sheets import ClassView, FaqView, FigureView, JobView, StationView
from bot.assets import load_assets, serve

_VIEWS: Final[tuple[type[BaseView] | type[ModelView], ...]] = (
    *(AnswerView, UnansweredView, FaqView, JobView, ClassView, StationView, FigureView),
    *(VolunteerView, LoadRunView, AuditView, SettingsView),
)
_HERE: Final = Path(__file__).parent


def mount_admin(app: FastAPI, office: Office) -> None:
    """Put the admin pages under their address, also without the slash behind it."""

    @app.get(PREFIX, include_in_schema=False)
    def go_inside() -> Response:
        """Lead to the first page, whatever stands between us and the browser."""
        return RedirectResponse(f"{PREFIX}/", status_code=303)

    desk = office.desk
    admin: Admin = Admin(
        app,
        session_maker=sessionmaker(bind=desk.database.readers, class_=Session),
        base_url=PREFIX,
        title="矿友互助后台",
        templates_dir=str(_HERE / "templates"),
        middlewares=[Middleware(Guard, desk=desk, list_routes=lambda: admin.admin.routes)],
    )
    admin.templates.env.globals |= {"words": words, "zone": desk.zone, "sections": words.SECTIONS}
    for view in _VIEWS:
        admin.add_view(_of_this_app(view, office))
    _add_files(admin)
    admin.admin.router.routes = [r for r in admin.admin.routes if _is_declared(r)]
    _add_refusals(admin)


def _of_this_app(view: Any, office: Office) -> Any:  # noqa: ANN401 - a class of either kind
    """Return the view as a class of its own: sqladmin keeps the database on the class."""
    own: Any = types.new_class(view.__name__, (view,))
    own.office = office
    return own


def _is_declared(route: BaseRoute) -> bool:
    methods = getattr(route, "methods", None) or set()
    wanted = {(method, getattr(route, "path", "")) for method in methods - {"HEAD"}}
    return bool(wanted) and wanted <= set(RULES)


def _add_files(admin: Admin) -> None:
    assets = load_assets(_HERE / "static")

    def send_file(request: Request) -> Response:
        """Send one of the pages' own files."""
        asset = assets.get(request.path_params["name"])
        return serve(asset, request) if asset else Response(status_code=404)

    admin.admin.router.routes.insert(0, Route("/static/{name:path}", send_file, methods=["GET"]))


def _add_refusals(admin: Admin) -> None:
    async def say(request: Request, *, status: int) -> Response:
        facts: Mapping[str, object] = {"status": status, "title": words.REFUSALS[status][0]}
        return await admin.templates.TemplateResponse(
            request, "sqladmin/error.html", dict(facts), status_code=status
        )

    async def say_http(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        return await say(request, status=status if status in words.REFUSALS else 404)

    async def say_missing(request: Request, _: Exception) -> Response:
        return await say(request, status=404)

    async def say_broken(request: Request, _: Exception) -> Response:
        return await say(request, status=503)

    admin.admin.exception_handlers |= {
        HTTPException: say_http,
        NoResultFound: say_missing,
        DataError: say_missing,
        ValueError: say_missing,
        SQLAlchemyError: say_broken,
    }
