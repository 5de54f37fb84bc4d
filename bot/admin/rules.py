"""Which admin pages there are, and for whom; what is not declared here is not served."""

from collections.abc import Mapping
from typing import Final

from bot.console.access import ADMINS
from bot.console.desk import ADMIN
from models.volunteer import Role

PREFIX: Final = ADMIN

_OPEN: Final = (
    "/",
    "/static/{name:path}",
    "/{identity}/list",
    "/{identity}/details/{pk:path}",
    "/answer",
    "/unanswered",
    "/settings",
    "/faq-entry/draft/{asked}",
)
_FILL_IN: Final = ("/{identity}/create", "/{identity}/edit/{pk:path}")
_PRESS: Final = (
    *(f"/{name}/removal/{{pk:path}}" for name in ("faq-entry", "job-posting")),
    *(f"/{name}/removal/{{pk:path}}" for name in ("open-class", "station", "local-figure")),
    "/load-run/undo/{pk}",
    "/volunteer/activity/{pk}",
    "/volunteer/password/{pk}",
    "/settings",
    "/answer",
)

RULES: Final[Mapping[tuple[str, str], frozenset[Role]]] = {
    **{("GET", path): ADMINS for path in (*_OPEN, *_FILL_IN)},
    **{("POST", path): ADMINS for path in (*_FILL_IN, *_PRESS)},
}
"""The roles of every route, by its method and path."""
