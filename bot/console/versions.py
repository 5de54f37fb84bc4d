"""What the pages of approved replies and of FAQ entries share: states, names, refused steps."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session, select

from models.review import OwnDraftError, VersionMovedError, VersionState
from models.volunteer import Volunteer

NO_REASON: Final = "请写一句哪里不行，写的人好改。"
WHY_DOWN: Final = "请写一句为什么撤下。"
BAD_DAY: Final = "有效期请写成 2027-12-31 这样。"
STATES: Final[Mapping[VersionState, str]] = {
    VersionState.DRAFT: "等人审",
    VersionState.REVIEWED: "审过了，等发布",
    VersionState.PUBLISHED: "正在用",
    VersionState.REPLACED: "换成新的了",
    VersionState.WITHDRAWN: "撤下了",
    VersionState.REJECTED: "没通过",
}
_OWN: Final = "自己写的要请别人审。"
_MOVED: Final = "这一版刚有变化，请看一眼再试。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who did what to a version, and what this person may do with it."""

    state: str
    author: str
    reviewer: str
    publisher: str
    ender: str
    may_review: bool
    may_publish: bool
    may_reject: bool


@contextmanager
def told(refuse: Callable[[str], Exception]) -> Iterator[None]:
    """Turn what stands in the way of a step into words for its page."""
    try:
        yield
    except OwnDraftError as error:
        raise refuse(_OWN) from error
    except VersionMovedError as error:
        raise refuse(_MOVED) from error


def read_day(text: str) -> date | None:
    """Return the day that a field holds; None where it holds none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def name_of(session: Session, volunteer_id: int | None) -> str:
    """Return what a person is called; an empty text where there was none."""
    if volunteer_id is None:
        return ""
    name = session.exec(select(Volunteer.display_name).where(Volunteer.id == volunteer_id)).first()
    return name or ""
