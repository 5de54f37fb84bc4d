"""Approved replies for one ticket: filled with its facts, found, and recognised when they are sent.

Who sends imports this: nothing here may name private notes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from bot.console.access import Person
from bot.console.conversation import own_words
from bot.console.facts import find_address, list_facts
from bot.console.masking import mask
from knowledge.approved import Key, fill, find, is_filled_from, key_of, list_gaps
from models.approved_reply import ApprovedReplyVersion, list_published
from models.job import JobSeeker
from models.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Filled:
    """A published version as it would be sent to this person; `gaps` are still to be filled."""

    id: int
    title: str
    text: str
    gaps: Sequence[str]
    key: Key


def list_filled(
    session: Session, ticket: Ticket, person: Person, *, now: datetime, zone: ZoneInfo
) -> list[Filled]:
    """Return what can be used for this ticket, filled with what is known."""
    known = read_facts(session, ticket, person)
    return [_filled(version, known) for version in _published(session, ticket, now, zone)]


def find_filled(replies: Sequence[Filled], query: str) -> list[Filled]:
    """Return the replies that a query means, the best first."""
    return [replies[place] for place in find([reply.key for reply in replies], query)]


def find_sent_version(
    session: Session, ticket: Ticket, person: Person, text: str, *, now: datetime, zone: ZoneInfo
) -> ApprovedReplyVersion | None:
    """Return the published version that a text is, filled in; None where it is somebody's own."""
    published = _published(session, ticket, now, zone)
    if not published:
        return None
    known = read_facts(session, ticket, person)
    fitting = (version for version in published if is_filled_from(text, version.body, known))
    return next(fitting, None)


def read_facts(session: Session, ticket: Ticket, person: Person) -> Mapping[str, str]:
    """Return what can be put into a reply, as the card shows it: hidden numbers stay hidden."""
    said = own_words(session, ticket, person)
    seeker = session.exec(
        select(JobSeeker).where(JobSeeker.contact_id == ticket.contact_id)
    ).first()
    facts = {fact.name: mask(fact.found) for fact in list_facts(ticket.skill, said, seeker)}
    return facts | {"编号": str(ticket.id), "称呼": find_address(said)}


def _published(
    session: Session, ticket: Ticket, now: datetime, zone: ZoneInfo
) -> list[ApprovedReplyVersion]:
    today = now.astimezone(zone).date()
    rows = list_published(session, skills=[ticket.skill], today=today)
    return [version for _, version in rows]


def _filled(version: ApprovedReplyVersion, known: Mapping[str, str]) -> Filled:
    text = fill(version.body, known)
    return Filled(
        id=version.id or 0,
        title=version.title,
        text=text,
        gaps=list_gaps(text),
        key=key_of(version.title, text),
    )
