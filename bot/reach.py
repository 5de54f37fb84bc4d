"""Which ways of calling people work now, for `/readyz`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.settings import Settings
from models.account_state import find_limits
from models.alarm import Outcome
from models.database import Database
from models.paging import count_reachable, find_last_outcome

_NOBODY: Final = (
    "nobody can be called when somebody is in danger: set ALERT_WEBHOOK_URL or SMTP_URL, or let "
    "volunteers bind their WeChat account and write to it"
)

ReadReach = Callable[[datetime], Mapping[str, Any]]


def create_reach(settings: Settings, *, database: Database) -> ReadReach:
    """Return what tells the state of each channel, with a warning where none works."""
    is_set = {"webhook": bool(settings.alert_webhook_url), "mail": bool(settings.smtp_url)}

    def read(now: datetime) -> Mapping[str, Any]:
        try:
            with database.reading() as connection, Session(connection) as session:
                states = {name: _state(session, name, is_on) for name, is_on in is_set.items()}
                people = _count_people(session, settings, now)
        except SQLAlchemyError:
            return {"warning": "unknown: the database does not answer"}
        works = people > 0 or any(state in ("set", "works") for state in states.values())
        found = {"wechat": f"reaches {people}", **states}
        return found if works else found | {"warning": _NOBODY}

    return read


def _state(session: Session, name: str, is_set: bool) -> str:  # noqa: FBT001 - of a mapping
    if not is_set:
        return "not set"
    last = find_last_outcome(session, channel=name)
    if last is None:
        return "set"
    return "works" if last is Outcome.SENT else "failed the last time"


def _count_people(session: Session, settings: Settings, now: datetime) -> int:
    limits = find_limits(session.connection(), app_id=settings.wechat_app_id)
    if not settings.app_secret or not limits.may_send(now) or limits.is_over_for_today(now):
        return 0
    return count_reachable(session, now=now)
