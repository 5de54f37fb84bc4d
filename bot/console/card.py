"""What a volunteer has to know before the first word, on one card."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.console import words
from bot.console.access import Person, may_know_of
from bot.console.conversation import own_words
from bot.console.facts import Fact, list_facts
from bot.console.masking import has_numbers, mask
from models.job import JobSeeker
from models.ticket import Ticket, TicketKind, TicketState, list_open_tickets


@dataclass(frozen=True, slots=True)
class Episode:
    """An earlier need of the same person."""

    kind: str
    at: datetime
    ended: str
    summary: str


@dataclass(frozen=True, slots=True)
class Card:
    """Question, facts, earlier episodes, and what else waits for the same person."""

    question: str
    facts: Sequence[Fact]
    earlier: Sequence[Episode]
    also_waiting: Sequence[tuple[int, str]]
    has_hidden: bool


def read_card(session: Session, ticket: Ticket, person: Person) -> Card:
    """Return the card as this person may read it."""
    said = own_words(session, ticket, person)
    seeker = session.exec(
        select(JobSeeker).where(JobSeeker.contact_id == ticket.contact_id)
    ).first()
    facts = list_facts(ticket.skill, said, seeker)
    has_name = seeker is not None and seeker.name != ""
    return Card(
        question=mask(ticket.summary),
        facts=[Fact(fact.name, mask(fact.found)) for fact in facts],
        earlier=_list_earlier(session, ticket, person),
        also_waiting=_list_also_waiting(session, ticket, person),
        has_hidden=has_name or any(has_numbers(text) for text in [*said, ticket.summary]),
    )


def _list_earlier(session: Session, ticket: Ticket, person: Person) -> list[Episode]:
    former = session.exec(
        select(Ticket)
        .where(Ticket.contact_id == ticket.contact_id, Ticket.id != ticket.id)
        .where(Ticket.state == TicketState.CLOSED)
        .order_by(col(Ticket.id).desc())
        .limit(5)
    ).all()
    return [_episode(one) for one in former if may_know_of(person, one)]


def _episode(ticket: Ticket) -> Episode:
    return Episode(
        kind=words.KINDS[ticket.kind],
        at=ticket.opened_at,
        ended=words.OUTCOMES[ticket.outcome] if ticket.outcome else "",
        summary=mask(ticket.summary),
    )


def _list_also_waiting(session: Session, ticket: Ticket, person: Person) -> list[tuple[int, str]]:
    others = list_open_tickets(session, contact_id=ticket.contact_id)
    # Whoever holds a person must know that they may be in danger.
    return [
        (other.id or 0, words.KINDS[other.kind])
        for other in others
        if other.id != ticket.id and (other.kind is TicketKind.CRISIS or may_know_of(person, other))
    ]
