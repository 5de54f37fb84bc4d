"""Many volunteers press at the same moment: one gets the ticket, all others are told who."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from unittest.mock import patch

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel, col, select

from models import claims, ticket_steps
from models import ticket_flow as flow
from models.database import Database
from models.encryption import Cipher
from models.ticket import (
    LEASE,
    Outcome,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketKind,
    TicketState,
    add_to_ticket,
    open_ticket,
)
from models.transfer import TicketTransfer, TransferState, list_offers
from models.volunteer import Skill, Volunteer
from tests.conftest import KEY, NOON
from tests.races.crew import SIZE, Crew
from tests.support.people import add_ticket, add_volunteer
from tests.support.processes import Racer

pytestmark = pytest.mark.race

T = TypeVar("T")

VOLUNTEERS, TICKETS = 8, 60
ATTEMPTS = 5
SEEDS = [0, 1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 20))]

_ANSWERS = frozenset(
    {
        TicketEventKind.TRANSFER_EXPIRED,
        TicketEventKind.TRANSFER_WITHDRAWN,
        TicketEventKind.TRANSFER_REFUSED,
    }
)
"""Steps of an offer that leave the ticket as it was."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Who races for what."""

    volunteers: tuple[int, ...]
    tickets: tuple[int, ...]
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one claim went: `winner` is who won instead, `refused` why it could not be."""

    ticket_id: int
    volunteer_id: int
    won: bool = False
    winner: str = ""
    refused: str = ""


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a test that can be repeated


@contextmanager
def opened(racer: Racer) -> Iterator[Database]:
    database = Database(racer.url, cipher=Cipher(KEY))
    try:
        with database.reading():
            racer.wait_for_others()
        yield database
    finally:
        database.close()


def in_turn(database: Database, step: Callable[[Session], T]) -> T:
    """Run a step in a transaction of its own, again where the database was too busy."""
    for _ in range(ATTEMPTS - 1):
        with suppress(OperationalError), database.transaction() as session:
            return step(session)
    with database.transaction() as session:
        return step(session)


def set_up(database: Database, *, cap: int, tickets: int = TICKETS, seed: int = 0) -> Setting:
    """Let the volunteers come and as many people wait."""
    with database.transaction() as session:
        volunteers = [
            add_volunteer(session, f"v{number}", Skill.LAWYER, now=NOON, max_active=cap)
            for number in range(VOLUNTEERS)
        ]
        waiting = [add_ticket(session, f"o{number}", now=NOON) for number in range(tickets)]
        return Setting(tuple(volunteers), tuple(ticket.id or 0 for ticket in waiting), seed)


def attempt(database: Database, ticket_id: int, volunteer_id: int) -> Attempt:
    claim = partial(flow.claim, ticket_id=ticket_id, volunteer_id=volunteer_id, now=NOON)
    try:
        in_turn(database, claim)
    except flow.ClaimLostError as lost:
        return Attempt(ticket_id, volunteer_id, winner=lost.winner)
    except flow.ClaimRefusedError as refused:
        return Attempt(ticket_id, volunteer_id, refused=refused.reason.value)
    return Attempt(ticket_id, volunteer_id, won=True)


def claim_all(racer: Racer, setting: Setting) -> list[Attempt]:
    """Let this process's share of the volunteers try every ticket, each in an own order."""

    def work(volunteer_id: int) -> list[Attempt]:
        order = list(setting.tickets)
        dice(setting.seed * 100 + volunteer_id).shuffle(order)
        return [attempt(database, ticket_id, volunteer_id) for ticket_id in order]

    mine = setting.volunteers[racer.index :: SIZE]
    with opened(racer) as database, ThreadPoolExecutor(len(mine)) as threads:
        return [one for attempts in threads.map(work, mine) for one in attempts]


def take_until_nothing_is_left(racer: Racer, setting: Setting) -> list[int]:
    """Let every volunteer press "next" on this process's phone too, until nothing comes."""

    def work(volunteer_id: int) -> list[int]:
        taken = []
        step = partial(flow.claim_next, volunteer_id=volunteer_id, now=NOON)
        while (ticket := in_turn(database, step)) is not None:
            taken.append(ticket.id or 0)
        return taken

    order = list(setting.volunteers)
    dice(setting.seed * 100 + racer.index).shuffle(order)
    with opened(racer) as database, ThreadPoolExecutor(VOLUNTEERS) as threads:
        return [ticket_id for taken in threads.map(work, order) for ticket_id in taken]


def owners(database: Database) -> dict[int, str]:
    """Return the name of the volunteer who holds each ticket."""
    query = select(Ticket.id, Volunteer.display_name).join(
        Volunteer, col(Volunteer.id) == col(Ticket.volunteer_id)
    )
    with database.transaction() as session:
        return {ticket_id or 0: name for ticket_id, name in session.exec(query)}


def count_events(database: Database, kind: TicketEventKind) -> Counter[int]:
    with database.transaction() as session:
        query = select(TicketEvent.ticket_id).where(TicketEvent.kind == kind)
        return Counter(session.exec(query).all())


def names(database: Database, setting: Setting) -> dict[int, str]:
    with database.transaction() as session:
        return {id_: session.get_one(Volunteer, id_).display_name for id_ in setting.volunteers}


@pytest.mark.parametrize("seed", SEEDS)
def test_of_eight_volunteers_one_gets_each_of_sixty_tickets_and_all_others_hear_who(
    crew: Crew, database_url: str, database: Database, seed: int
) -> None:
    setting = set_up(database, cap=TICKETS, seed=seed)

    results = crew.race(partial(claim_all, setting=setting), database_url, timeout=120)

    attempts = [one for result in results for one in result]
    won = {one.ticket_id: one.volunteer_id for one in attempts if one.won}
    called = names(database, setting)
    assert len(attempts) == VOLUNTEERS * TICKETS
    assert sum(one.won for one in attempts) == len(won) == TICKETS
    assert owners(database) == {ticket_id: called[who] for ticket_id, who in won.items()}
    assert count_events(database, TicketEventKind.CLAIMED) == dict.fromkeys(setting.tickets, 1)
    losers = [one for one in attempts if not one.won]
    assert all(one.winner == called[won[one.ticket_id]] for one in losers)


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_holds_more_than_their_cap_though_they_press_on_three_phones(
    crew: Crew, database_url: str, database: Database, seed: int
) -> None:
    setting = set_up(database, cap=3, seed=seed)

    results = crew.race(
        partial(take_until_nothing_is_left, setting=setting), database_url, timeout=120
    )

    taken = [ticket_id for result in results for ticket_id in result]
    assert len(taken) == len(set(taken)) == 3 * VOLUNTEERS
    assert Counter(owners(database).values()) == dict.fromkeys(names(database, setting).values(), 3)
    assert set(taken) == set(setting.tickets[: 3 * VOLUNTEERS])


def claim_carelessly(racer: Racer, setting: Setting) -> list[Attempt]:
    """Claim with the conditions looked up before and left out of the statement."""

    def change(
        session: Session, model: type[SQLModel], row_id: int | None, *_: object, values: object
    ) -> bool:
        return ticket_steps.change(session, model, row_id, values=values)  # type: ignore[arg-type]

    who = setting.volunteers[racer.index]
    with opened(racer) as database, patch.object(claims, "change", change):
        for ticket_id in setting.tickets:
            why = partial(flow.why_not, ticket_id=ticket_id, volunteer_id=who, now=NOON)
            assert in_turn(database, why) is None
        racer.wait_for_others()
        return [attempt(database, ticket_id, who) for ticket_id in setting.tickets]


def test_without_the_conditions_in_the_statement_all_three_believe_to_have_it(
    crew: Crew, database_url: str, database: Database
) -> None:
    setting = set_up(database, cap=TICKETS, tickets=3)

    results = crew.race(partial(claim_carelessly, setting=setting), database_url)

    assert all(one.won for result in results for one in result)
    assert count_events(database, TicketEventKind.CLAIMED) == dict.fromkeys(setting.tickets, SIZE)


def claim_own_of_each(racer: Racer, pairs: Sequence[tuple[int, ...]], who: Sequence[int]) -> int:
    """Claim another ticket of each contact than the other processes do; return how many."""
    won = 0
    with opened(racer) as database:
        for pair in pairs:
            racer.wait_for_others()
            won += attempt(database, pair[racer.index], who[racer.index]).won
    return won


def test_of_three_tickets_of_one_contact_one_comes_into_hands(
    crew: Crew, database_url: str, database: Database
) -> None:
    setting = set_up(database, cap=TICKETS, tickets=20)
    with database.transaction() as session:
        kinds = (TicketKind.LAWYER, TicketKind.CAREER, TicketKind.AID)
        contacts = [session.get_one(Ticket, ticket_id).contact_id for ticket_id in setting.tickets]
        tickets = [
            [
                open_ticket(session, contact_id=contact_id, kind=kind, summary="", now=NOON)
                for kind in kinds
            ]
            for contact_id in contacts
        ]
        for ticket in (ticket for three in tickets for ticket in three):
            ticket.skill = Skill.LAWYER
        pairs = [tuple(ticket.id or 0 for ticket in three) for three in tickets]

    won = crew.race(
        partial(claim_own_of_each, pairs=pairs, who=setting.volunteers), database_url, timeout=60
    )

    assert sum(won) == len(contacts) == len(owners(database))


def hold_and_offer(database: Database, setting: Setting) -> list[int]:
    """Let the first volunteer hold every ticket and offer it to all lawyers."""
    holder = setting.volunteers[0]
    offers = []
    with database.transaction() as session:
        for ticket_id in setting.tickets:
            flow.claim(session, ticket_id=ticket_id, volunteer_id=holder, now=NOON)
            offer = flow.offer_transfer(
                session, ticket_id=ticket_id, volunteer_id=holder, now=NOON + LEASE
            )
            offers.append(offer.id or 0)
    return offers


def accept(database: Database, transfer_id: int, volunteer_id: int, now: datetime) -> str:
    """Return "" where the ticket was taken over, else who has it or what became of the offer."""
    step = partial(
        flow.accept_transfer, transfer_id=transfer_id, volunteer_id=volunteer_id, now=now
    )
    try:
        in_turn(database, step)
    except flow.ClaimLostError as lost:
        return lost.winner
    except flow.TransferGoneError as gone:
        return gone.state.value
    return ""


def accept_all(racer: Racer, setting: Setting, offers: Sequence[int]) -> list[str]:
    who = setting.volunteers[1 + racer.index]
    with opened(racer) as database:
        return [accept(database, offer, who, NOON + LEASE) for offer in offers]


def test_of_three_who_accept_one_takes_over_and_the_others_hear_who(
    crew: Crew, database_url: str, database: Database
) -> None:
    setting = set_up(database, cap=TICKETS, tickets=20)
    offers = hold_and_offer(database, setting)

    results = crew.race(
        partial(accept_all, setting=setting, offers=offers), database_url, timeout=60
    )

    called, held = names(database, setting), owners(database)
    for ticket_id, *answers in zip(setting.tickets, *results, strict=True):
        assert answers.count("") == 1
        winner = called[setting.volunteers[1 + answers.index("")]]
        assert held[ticket_id] == winner
        assert answers.count(winner) == SIZE - 1


def offer_all(racer: Racer, setting: Setting) -> int:
    """Offer every ticket of the first volunteer; return how many offers stand."""
    made = 0
    holder, other = setting.volunteers[0], setting.volunteers[1 + racer.index]
    with opened(racer) as database:
        for ticket_id in setting.tickets:
            step = partial(
                flow.offer_transfer, ticket_id=ticket_id, volunteer_id=holder, to_id=other, now=NOON
            )
            with suppress(flow.TransferPendingError):
                made += in_turn(database, step).id is not None
    return made


def test_of_two_transfers_at_once_one_is_made(
    crew: Crew, database_url: str, database: Database
) -> None:
    setting = set_up(database, cap=TICKETS, tickets=20)
    with database.transaction() as session:
        for ticket_id in setting.tickets:
            flow.claim(session, ticket_id=ticket_id, volunteer_id=setting.volunteers[0], now=NOON)

    made = crew.race(partial(offer_all, setting=setting), database_url, timeout=60)

    with database.transaction() as session:
        offered = session.exec(select(TicketTransfer.ticket_id)).all()
    assert sum(made) == len(setting.tickets)
    assert sorted(offered) == sorted(setting.tickets)


def accept_or_expire(racer: Racer, setting: Setting, offers: Sequence[int]) -> list[str]:
    """Accept in two processes, in opposite orders, while the third finds the leases over."""
    answers = []
    with opened(racer) as database:
        if racer.index == 0:
            expire = partial(flow.expire_leases, now=NOON + 2 * LEASE)
            return [str(len(in_turn(database, expire)))]
        for offer in offers[:: 1 if racer.index == 1 else -1]:
            now = NOON + LEASE + timedelta(minutes=4)
            answers.append(accept(database, offer, setting.volunteers[racer.index], now))
    return answers[:: 1 if racer.index == 1 else -1]


def test_a_lease_that_ends_during_a_transfer_leaves_one_owner_or_the_queue(
    crew: Crew, database_url: str, database: Database
) -> None:
    setting = set_up(database, cap=TICKETS, tickets=40)
    offers = hold_and_offer(database, setting)

    expired, *answers = crew.race(
        partial(accept_or_expire, setting=setting, offers=offers), database_url, timeout=60
    )

    called, held = names(database, setting), owners(database)
    for ticket_id, *both in zip(setting.tickets, *answers, strict=True):
        takers = [called[setting.volunteers[1 + n]] for n in range(2) if both[n] == ""]
        if takers:
            assert takers == [held[ticket_id]]
        else:
            assert ticket_id not in held
            assert both == [TransferState.EXPIRED.value] * 2
    with database.transaction() as session:
        states = Counter(session.exec(select(Ticket.state)).all())
        offered = session.exec(select(TicketTransfer.state)).all()
    assert TransferState.OFFERED not in offered
    assert states[TicketState.QUEUED] == int(expired[0])
    assert states[TicketState.HUMAN] + states[TicketState.QUEUED] == len(setting.tickets)


def live_a_day(racer: Racer, setting: Setting) -> list[str]:
    """Let volunteers and contacts do all they can, in no order; return what went wrong."""
    wrong: list[str] = []

    def one_step(database: Database, luck: random.Random, minute: int) -> None:
        now = NOON + timedelta(minutes=minute)
        who, ticket_id = luck.choice(setting.volunteers), luck.choice(setting.tickets)
        names = {"volunteer_id": who, "now": now}
        steps: list[Callable[[Session], object]] = [
            partial(flow.claim_next, volunteer_id=who, now=now),
            partial(flow.claim, ticket_id=ticket_id, volunteer_id=who, now=now),
            partial(write, ticket_id=ticket_id, now=now),
            partial(go_on, step=flow.record_reply, names=names),
            partial(go_on, step=flow.release, names=names),
            partial(go_on, step=flow.offer_transfer, names=names),
            partial(go_on, step=partial(flow.close, outcome=Outcome.SOLVED), names=names),
            partial(take_over, volunteer_id=who, now=now),
            partial(flow.expire_leases, now=now),
            partial(flow.expire_transfers, now=now),
        ]
        with suppress(flow.FlowError), database.transaction() as session:
            luck.choice(steps)(session)

    def work(number: int) -> None:
        luck = dice(setting.seed * 1_000 + racer.index * 10 + number)
        for minute in range(60):
            try:
                one_step(database, luck, minute)
            except Exception as error:  # all is told to the parent
                wrong.append(repr(error))

    with opened(racer) as database, ThreadPoolExecutor(3) as threads:
        list(threads.map(work, range(3)))
    return wrong


def write(session: Session, *, ticket_id: int, now: datetime) -> None:
    """Let the contact of the ticket write, under the lock that each message takes."""
    ticket = ticket_steps.lock_ticket(session, ticket_id)
    if ticket.state is not TicketState.CLOSED:
        add_to_ticket(session, ticket, body="x", now=now)


def go_on(session: Session, *, step: Callable[..., object], names: dict[str, object]) -> None:
    """Let the volunteer do the step with the first ticket that they hold."""
    held = select(Ticket.id).where(Ticket.volunteer_id == names["volunteer_id"])
    ticket_id = session.exec(held.order_by(col(Ticket.id))).first()
    if ticket_id is not None:
        step(session, ticket_id=ticket_id, **names)


def take_over(session: Session, *, volunteer_id: int, now: datetime) -> None:
    """Let the volunteer accept what is offered."""
    for offer in list_offers(session, volunteer_id=volunteer_id, now=now)[:1]:
        flow.accept_transfer(session, transfer_id=offer.id or 0, volunteer_id=volunteer_id, now=now)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_all_do_at_once_nobody_waits_in_a_circle_and_nothing_is_lost(
    crew: Crew, database_url: str, database: Database, seed: int
) -> None:
    setting = set_up(database, cap=2, tickets=12, seed=seed)

    wrong = crew.race(partial(live_a_day, setting=setting), database_url, timeout=120)

    assert wrong == [[]] * SIZE
    with database.transaction() as session:
        tickets = session.exec(select(Ticket)).all()
        events = session.exec(select(TicketEvent)).all()
    assert {ticket.id for ticket in tickets} == set(setting.tickets)
    assert max(Counter(owners(database).values()).values(), default=0) <= 2
    for ticket in tickets:
        kinds = [event.kind for event in events if event.ticket_id == ticket.id]
        # Each step counts the version on, and all but the answers to an offer.
        answers = [kind for kind in kinds if kind in _ANSWERS]
        assert ticket.version == len(kinds) - len(answers)
