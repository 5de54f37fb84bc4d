"""What is written down of a simulated week: all that was said, and what really happened."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Said:
    """A text that somebody received; `about` is the help that they had asked for."""

    at: datetime
    openid: str
    text: str
    about: frozenset[str]
    is_pushed: bool


@dataclass(frozen=True)
class Wrote:
    """Somebody wrote: from then on WeChat lets us answer."""

    at: datetime
    openid: str


@dataclass(frozen=True)
class Called:
    """A call to the supervisors' group."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Slot:
    """A duty as people made it: `owners` says who has it since when."""

    skill: str
    start: datetime
    end: datetime
    owners: tuple[tuple[datetime, str], ...]
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Fact:
    """A row of the event log."""

    id: int
    ticket_id: int
    kind: str
    at: datetime


@dataclass(frozen=True)
class Case:
    """What of a ticket never changes."""

    id: int
    openid: str
    kind: str
    skill: str


@dataclass(frozen=True)
class Transcript:
    """All that was said in a week, and what really happened."""

    said: tuple[Said, ...]
    wrote: tuple[Wrote, ...]
    called: tuple[Called, ...]
    slots: tuple[Slot, ...]
    facts: tuple[Fact, ...]
    cases: tuple[Case, ...]
    graver: tuple[tuple[int, datetime, int], ...]
    ends_at: datetime
