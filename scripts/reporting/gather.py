"""Counts what happened in a period. Rows are read without words, names and openids."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, exists
from sqlmodel import Session, col, select

from knowledge.intents import Intent
from models.contact import Contact
from models.faq import UnansweredQuestion
from models.inbox import InboxEntry
from models.messages import MessageKind
from models.rating import Rating, TicketRating
from models.ticket import Outcome, Ticket, TicketKind, TicketState
from scripts.reporting.period import Period
from scripts.reporting.promises import Promise, list_promises, list_waits
from scripts.reporting.suppress import Cell
from scripts.reporting.wishes import TOPICS, WISHES

K = TypeVar("K")

_OFFER: Final = "offer"
"""How the source of a reply begins that asks which entry is meant."""


class Visitor(StrEnum):
    """Who wrote."""

    NEW = "new"
    KNOWN = "known"


class Answer(StrEnum):
    """What became of a message."""

    ANSWERED = "answered"
    ASKED = "asked"
    UNANSWERED = "unanswered"
    WITH_PERSON = "with_person"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Count(Generic[K]):
    """How often each thing happened, and how many people are behind all of it."""

    cells: Mapping[K, Cell]
    people: int


@dataclass(frozen=True, slots=True)
class Wait:
    """How long somebody waited until a person took care."""

    kind: TicketKind
    contact_id: int
    length: timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    """All that a report tells, before anything is hidden."""

    period: Period
    visitors: Count[Visitor]
    wishes: Count[Intent]
    answers: Count[Answer]
    waits: tuple[Wait, ...]
    promises: Count[Promise]
    outcomes: Count[Outcome]
    ratings: Count[Rating]


def gather(session: Session, period: Period, *, now: datetime) -> Figures:
    """Count what happened in the period, as far as it is known now."""
    return Figures(
        period=period,
        visitors=_count_visitors(session, period),
        wishes=_count_wishes(session, period),
        answers=_count_answers(session, period),
        waits=tuple(_list_waits(session, period)),
        promises=_count(Promise, list_promises(session, period, now=now)),
        outcomes=_count(Outcome, _list_outcomes(session, period)),
        ratings=_count(Rating, _list_ratings(session, period)),
    )


def _count_visitors(session: Session, period: Period) -> Count[Visitor]:
    rows = session.exec(
        select(InboxEntry.contact_id, Contact.first_seen_at)
        .join(Contact, col(Contact.id) == col(InboxEntry.contact_id))
        .where(_are_words(period))
        .distinct()
    )
    return _count(
        Visitor,
        ((Visitor.NEW if seen >= period.start else Visitor.KNOWN, who) for who, seen in rows),
    )


def _count_wishes(session: Session, period: Period) -> Count[Intent]:
    """Count a wish once for each person and day: a form of eight answers is one."""
    rows = session.exec(
        select(InboxEntry.topic, InboxEntry.contact_id, InboxEntry.received_at)
        .where(_are_words(period), col(InboxEntry.topic).in_([t for t, w in TOPICS.items() if w]))
        .distinct()
    )
    days = {(TOPICS[topic], who, period.day_of(at)) for topic, who, at in rows}
    return _count(WISHES, ((wish, who) for wish, who, _ in days if wish is not None))


def _count_answers(session: Session, period: Period) -> Count[Answer]:
    noted = exists().where(
        and_(
            col(UnansweredQuestion.contact_id) == InboxEntry.contact_id,
            col(UnansweredQuestion.asked_at) == InboxEntry.received_at,
        )
    )
    rows = session.exec(
        select(InboxEntry.topic, InboxEntry.source, noted, InboxEntry.contact_id).where(
            _are_words(period)
        )
    )
    return _count(
        Answer,
        ((_judge(topic, source, is_noted=bool(n)), who) for topic, source, n, who in rows),
    )


def _judge(topic: str, source: str, *, is_noted: bool) -> Answer:
    if topic == "in_hands":
        return Answer.WITH_PERSON
    if topic not in TOPICS:
        return Answer.OTHER
    if topic == "fallback":
        return Answer.UNANSWERED if is_noted else Answer.ASKED
    return Answer.ASKED if source.startswith(_OFFER) else Answer.ANSWERED


def _list_waits(session: Session, period: Period) -> Iterable[Wait]:
    kinds = dict(session.exec(select(Ticket.id, Ticket.kind)).all())
    for wait in list_waits(session, until=period.end):
        if wait.served_at is not None and period.start <= wait.served_at < period.end:
            length = wait.served_at - wait.opened_at
            yield Wait(TicketKind(kinds[wait.ticket_id]), wait.contact_id, length)


def _list_outcomes(session: Session, period: Period) -> Iterable[tuple[Outcome, int]]:
    closed = col(Ticket.closed_at)
    rows = session.exec(
        select(Ticket.outcome, Ticket.contact_id)
        .where(Ticket.state == TicketState.CLOSED, col(Ticket.outcome).is_not(None))
        .where(closed >= period.start, closed < period.end)
    )
    return [(Outcome(outcome), who) for outcome, who in rows if outcome is not None]


def _list_ratings(session: Session, period: Period) -> Iterable[tuple[Rating, int]]:
    rated = col(TicketRating.rated_at)
    rows = session.exec(
        select(TicketRating.value, TicketRating.contact_id)
        .where(col(TicketRating.value).is_not(None))
        .where(rated >= period.start, rated < period.end)
    )
    return [(Rating(value), who) for value, who in rows if value is not None]


def _are_words(period: Period) -> ColumnElement[bool]:
    """Return the condition of what people said themselves: no events, no taps on the menu."""
    received = col(InboxEntry.received_at)
    return and_(
        received >= period.start,
        received < period.end,
        col(InboxEntry.kind) != MessageKind.EVENT,
    )


def _count(keys: Iterable[K], found: Iterable[tuple[K, int]]) -> Count[K]:
    """Count by key and by person; a key that is never found counts zero."""
    people: dict[K, list[int]] = defaultdict(list)
    for key, who in found:
        people[key].append(who)
    cells = {key: Cell(len(people[key]), len(set(people[key]))) for key in keys}
    return Count(cells, len({who for whos in people.values() for who in whos}))
