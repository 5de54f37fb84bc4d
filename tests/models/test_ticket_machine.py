"""Random steps of several people: the database agrees with a plain model after each of them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import Session, col, func, select

from models import schema
from models import ticket_flow as flow
from models.database import Database
from models.encryption import Cipher
from models.ticket import (
    Outcome,
    Ticket,
    TicketEvent,
    TicketKind,
    TicketState,
    add_to_ticket,
    open_ticket,
)
from models.transfer import TicketTransfer, TransferState
from models.volunteer import Role, Skill
from tests.conftest import KEY, NOON
from tests.support.people import add_contact, add_volunteer

HELD = (TicketState.HUMAN, TicketState.WAITING_CONTACT, TicketState.WRAP_UP)
HEADS = {0: 0, 1: 4, 2: 48, 3: 48}
PEOPLE = {
    "王": ({Skill.LAWYER}, 1),
    "李": ({Skill.LAWYER, Skill.STAFF}, 2),
    "宋": ({Skill.COUNSELOR}, 1),
    "督": (set(Skill), 2),
}
KINDS = (TicketKind.LAWYER, TicketKind.COUNSELOR, TicketKind.CRISIS, TicketKind.AID)


@dataclass
class Person:
    """A volunteer of the model."""

    id: int
    skills: set[Skill]
    cap: int
    rest_until: datetime


@dataclass
class Case:
    """A ticket of the model."""

    id: int
    contact: int
    kind: TicketKind
    skill: Skill
    risk: int
    since: datetime
    state: TicketState = TicketState.QUEUED
    owner: int | None = None
    lease: datetime | None = None
    offer: tuple[int, int, datetime] | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    events: int = 1

    @property
    def is_held(self) -> bool:
        return self.state in HELD

    @property
    def place(self) -> tuple[bool, datetime, int]:
        return self.risk < 3, self.since - timedelta(hours=HEADS[self.risk]), self.id


@dataclass
class World:
    """All of the model, with its rules in plain words."""

    now: datetime = NOON
    people: dict[int, Person] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)

    def others_held(self, case: Case) -> bool:
        return any(
            c.is_held for c in self.cases.values() if c.contact == case.contact and c is not case
        )

    def has_room(self, person: Person) -> bool:
        return sum(c.owner == person.id for c in self.cases.values()) < person.cap

    def is_skilled(self, person: Person, case: Case) -> bool:
        is_alone = case.kind is TicketKind.CRISIS and self.now - case.since >= timedelta(minutes=5)
        return case.skill in person.skills or (is_alone and Skill.STAFF in person.skills)

    def can_claim(self, person: Person, case: Case) -> bool:
        return (
            case.state is TicketState.QUEUED
            and not self.others_held(case)
            and self.is_skilled(person, case)
            and person.rest_until <= self.now
            and self.has_room(person)
        )

    def take(self, person: Person, case: Case) -> None:
        case.state, case.owner = TicketState.HUMAN, person.id
        case.lease = self.now + timedelta(minutes=20)
        case.events += 1

    def give_back(self, case: Case) -> None:
        case.state, case.owner, case.lease = TicketState.QUEUED, None, None
        case.events += 1
        self.drop_offer(case)

    def drop_offer(self, case: Case) -> None:
        case.events += case.offer is not None
        case.offer = None

    def end(self, case: Case, outcome: Outcome) -> None:
        person = self.people[case.owner or 0]
        if case.risk >= 2:
            person.rest_until = self.now + timedelta(minutes=30)
        self.give_back(case)
        case.state, case.outcome, case.closed_at = TicketState.CLOSED, outcome, self.now


@cache
def database() -> Database:
    """An empty database in memory; nothing of an example is ever committed to it."""
    database = Database("sqlite://", cipher=Cipher(KEY))
    schema.upgrade(database)
    return database


wishes = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 3)), min_size=4, max_size=8)
pick = st.integers(0, 50)
trying = st.tuples(pick, pick, st.booleans())
"""Which volunteer, which ticket, and whether it is rather its holder who tries."""


class TicketMachine(RuleBasedStateMachine):
    """Steps of volunteers and contacts, each done in the database and in the model."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.session = Session(database().engine)
        self.session.begin()

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    @initialize(
        wishes=st.lists(
            st.tuples(st.sampled_from(KINDS), st.integers(0, 3)), min_size=4, max_size=8
        )
    )
    def people_come(self, wishes: list[tuple[TicketKind, int]]) -> None:
        for name, (skills, cap) in PEOPLE.items():
            role = Role.SUPERVISOR if name == "督" else Role.VOLUNTEER
            known = skills if role is Role.VOLUNTEER else set()
            id_ = add_volunteer(
                self.session, name, *sorted(known), now=NOON, role=role, max_active=cap
            )
            self.world.people[id_] = Person(id_, skills, cap, NOON)
        self.contacts = [add_contact(self.session, f"o{n}", now=NOON) for n in range(5)]
        for number, (kind, risk) in enumerate(wishes):
            self.world.now += timedelta(minutes=90)
            self.a_contact_asks_for(number, kind, risk)

    def person(self, number: int) -> Person:
        return list(self.world.people.values())[number % len(self.world.people)]

    def case(self, number: int) -> Case:
        return list(self.world.cases.values())[number % len(self.world.cases)]

    def tries(self, step: Callable[[], object], *, possible: bool) -> None:
        """Do a step; it must be refused exactly where the model says so."""
        is_done = False
        with suppress(flow.FlowError):
            step()
            is_done = True
        assert is_done == possible

    @rule(contact=pick, kind=st.sampled_from(KINDS), risk=st.integers(0, 3))
    def a_contact_asks(self, contact: int, kind: TicketKind, risk: int) -> None:
        self.a_contact_asks_for(contact, kind, risk)

    def a_contact_asks_for(self, contact: int, kind: TicketKind, risk: int) -> None:
        contact_id = self.contacts[contact % len(self.contacts)]
        now = self.world.now
        ticket = open_ticket(
            self.session, contact_id=contact_id, kind=kind, summary="", risk=risk, now=now
        )
        same = self.world.cases.get(ticket.id or 0)
        if same is None:
            case = Case(ticket.id or 0, contact_id, kind, kind.skill, risk, now)
            self.world.cases[case.id] = case
            return
        assert (same.contact, same.kind) == (contact_id, kind)
        assert same.state is not TicketState.CLOSED
        same.events += risk > same.risk
        same.risk = max(same.risk, risk)
        self.contact_speaks(same)

    def contact_speaks(self, case: Case) -> None:
        if case.state in {TicketState.WAITING_CONTACT, TicketState.WRAP_UP}:
            case.state = TicketState.HUMAN
            case.lease = self.world.now + timedelta(minutes=20)
        case.events += 1

    @precondition(lambda self: self.world.cases)
    @rule(case=pick)
    def a_contact_writes(self, case: int) -> None:
        chosen = self.case(case)
        if chosen.state is not TicketState.CLOSED:
            ticket = self.session.get_one(Ticket, chosen.id)
            add_to_ticket(self.session, ticket, body="x", now=self.world.now)
            self.contact_speaks(chosen)

    @precondition(lambda self: self.world.cases)
    @rule(person=pick, case=pick)
    def somebody_claims(self, person: int, case: int) -> None:
        who, what, world = self.person(person), self.case(case), self.world
        if what.owner == who.id:
            return
        is_possible = world.can_claim(who, what)
        self.tries(
            lambda: flow.claim(self.session, ticket_id=what.id, volunteer_id=who.id, now=world.now),
            possible=is_possible,
        )
        if is_possible:
            world.take(who, what)

    @rule(person=pick)
    def somebody_takes_the_next(self, person: int) -> None:
        who, world = self.person(person), self.world
        fitting = [case for case in world.cases.values() if world.can_claim(who, case)]
        taken = flow.claim_next(self.session, volunteer_id=who.id, now=world.now)

        expected = min(fitting, key=lambda case: case.place) if fitting else None
        assert (taken and taken.id) == (expected and expected.id)
        if expected is not None:
            world.take(who, expected)

    def holds(
        self, step: Callable[..., object], who: tuple[int, int, bool], *, also: bool = True
    ) -> Case | None:
        """Let a volunteer, mostly the holder, go on; return the case where that was possible."""
        person, number, is_owner = who
        what = self.case(number)
        id_ = what.owner if is_owner and what.owner is not None else self.person(person).id
        is_possible = what.is_held and what.owner == id_ and also
        self.tries(
            lambda: step(self.session, ticket_id=what.id, volunteer_id=id_, now=self.world.now),
            possible=is_possible,
        )
        return what if is_possible else None

    @precondition(lambda self: self.world.cases)
    @rule(who=trying)
    def a_volunteer_replies(self, who: tuple[int, int, bool]) -> None:
        if (what := self.holds(flow.record_reply, who)) is not None:
            what.state = TicketState.WAITING_CONTACT
            what.lease = self.world.now + timedelta(hours=2)
            what.events += 1

    @precondition(lambda self: self.world.cases)
    @rule(who=trying)
    def a_volunteer_gives_back(self, who: tuple[int, int, bool]) -> None:
        if (what := self.holds(flow.release, who)) is not None:
            self.world.give_back(what)

    @precondition(lambda self: self.world.cases)
    @rule(who=trying)
    def a_volunteer_wraps_up(self, who: tuple[int, int, bool]) -> None:
        is_open = self.case(who[1]).state is not TicketState.WRAP_UP
        if (what := self.holds(flow.wrap_up, who, also=is_open)) is not None:
            what.state = TicketState.WRAP_UP
            what.lease = self.world.now + timedelta(minutes=20)
            what.events += 1

    @precondition(lambda self: self.world.cases)
    @rule(who=trying)
    def a_volunteer_closes(self, who: tuple[int, int, bool]) -> None:
        step = partial(flow.close, outcome=Outcome.SOLVED)
        if (what := self.holds(step, who)) is not None:
            self.world.end(what, Outcome.SOLVED)

    @precondition(lambda self: self.world.cases)
    @rule(who=trying)
    def a_volunteer_hands_back(self, who: tuple[int, int, bool]) -> None:
        if (what := self.holds(flow.hand_back_to_bot, who)) is not None:
            self.world.end(what, Outcome.HANDED_BACK)

    @precondition(lambda self: self.world.cases)
    @rule(who=trying)
    def a_volunteer_is_there(self, who: tuple[int, int, bool]) -> None:
        if (what := self.holds(flow.renew_lease, who)) is not None:
            is_quiet = what.state is TicketState.WAITING_CONTACT
            what.lease = self.world.now + timedelta(minutes=120 if is_quiet else 20)

    @precondition(lambda self: self.world.cases)
    @rule(who=trying)
    def a_volunteer_offers(self, who: tuple[int, int, bool]) -> None:
        is_free = self.case(who[1]).offer is None
        if (what := self.holds(flow.offer_transfer, who, also=is_free)) is not None:
            [made] = self.session.exec(
                select(TicketTransfer).where(
                    TicketTransfer.ticket_id == what.id,
                    TicketTransfer.state == TransferState.OFFERED,
                )
            )
            until = self.world.now + timedelta(minutes=5)
            what.offer = (made.id or 0, what.owner or 0, until)
            what.lease = max(what.lease or until, until)
            what.events += 1

    @precondition(lambda self: any(case.offer for case in self.world.cases.values()))
    @rule(person=pick, number=pick)
    def somebody_accepts(self, person: int, number: int) -> None:
        world, who = self.world, self.person(person)
        offered = [case for case in world.cases.values() if case.offer]
        what = offered[number % len(offered)]
        assert what.offer is not None
        transfer_id, owner, until = what.offer
        is_possible = (
            until > world.now
            and owner != who.id
            and what.skill in who.skills
            and who.rest_until <= world.now
            and world.has_room(who)
        )
        self.tries(
            lambda: flow.accept_transfer(
                self.session, transfer_id=transfer_id, volunteer_id=who.id, now=world.now
            ),
            possible=is_possible,
        )
        if is_possible:
            what.offer = None
            world.take(who, what)

    @rule(minutes=st.sampled_from((1, 6, 21, 40, 125)))
    def time_passes(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)

    @rule()
    def what_is_over_ends(self) -> None:
        world = self.world
        flow.expire_transfers(self.session, now=world.now)
        for case in world.cases.values():
            if case.offer is not None and case.offer[2] <= world.now:
                world.drop_offer(case)
        flow.expire_leases(self.session, now=world.now)
        for case in world.cases.values():
            if case.lease is not None and case.lease <= world.now:
                world.give_back(case)

    @rule(contact=pick)
    def a_contact_leaves_the_queue(self, contact: int) -> None:
        contact_id = self.contacts[contact % len(self.contacts)]
        flow.cancel_waiting(self.session, contact_id=contact_id, now=self.world.now)
        for case in self.world.cases.values():
            is_waiting = case.state is TicketState.QUEUED and case.risk < 2
            if case.contact == contact_id and is_waiting:
                case.state, case.outcome = TicketState.CLOSED, Outcome.CANCELLED
                case.closed_at = self.world.now
                case.events += 1

    @precondition(lambda self: self.world.cases)
    @rule(case=pick)
    def a_contact_comes_back(self, case: int) -> None:
        what, world = self.case(case), self.world
        has_same = any(
            c.contact == what.contact and c.kind is what.kind and c.closed_at is None
            for c in world.cases.values()
        )
        was_closed = what.closed_at
        is_possible = (
            was_closed is not None and world.now - was_closed < timedelta(hours=72) and not has_same
        )
        self.tries(
            lambda: flow.reopen(self.session, ticket_id=what.id, now=world.now),
            possible=is_possible,
        )
        if is_possible and was_closed is not None:
            is_soon = world.now - was_closed <= timedelta(minutes=10)
            if not (is_soon and what.outcome is Outcome.CANCELLED):
                what.since = world.now
            what.state, what.closed_at, what.outcome = TicketState.QUEUED, None, None
            what.events += 1

    @invariant()
    def the_database_agrees_with_the_model(self) -> None:
        self.session.flush()
        rows = self.session.exec(select(Ticket).execution_options(populate_existing=True)).all()
        found = {t.id: (t.state, t.volunteer_id, t.lease_until, t.risk, t.outcome) for t in rows}
        cases = self.world.cases.values()
        assert found == {c.id: (c.state, c.owner, c.lease, c.risk, c.outcome) for c in cases}

    @invariant()
    def nobody_is_held_twice_and_nobody_holds_too_many(self) -> None:
        owned = select(Ticket.volunteer_id, Ticket.contact_id).where(col(Ticket.state).in_(HELD))
        rows = self.session.exec(owned).all()
        contacts = [contact for _, contact in rows]
        assert len(contacts) == len(set(contacts))
        owners = [owner for owner, _ in rows]
        assert all(owners.count(p.id) <= p.cap for p in self.world.people.values())

    @invariant()
    def every_step_left_one_event_and_every_offer_has_an_end(self) -> None:
        count = select(TicketEvent.ticket_id, func.count()).group_by(col(TicketEvent.ticket_id))
        counted = {row[0]: row[1] for row in self.session.exec(count)}
        assert counted == {case.id: case.events for case in self.world.cases.values()}
        standing = self.session.exec(
            select(TicketTransfer.id).where(TicketTransfer.state == TransferState.OFFERED)
        ).all()
        offers = (case.offer for case in self.world.cases.values())
        assert set(standing) == {offer[0] for offer in offers if offer is not None}

    @rule()
    def somebody_asks_for_their_place(self) -> None:
        world = self.world
        line = [
            case
            for case in world.cases.values()
            if case.state is TicketState.QUEUED and not world.others_held(case)
        ]
        for case in line:
            ticket = self.session.get_one(Ticket, case.id)
            ahead = {
                other.contact
                for other in line
                if other.place < case.place and self.serves(case.skill, other)
            }
            told = flow.queue_position(self.session, ticket, world.now)
            assert told == len(ahead - {case.contact})

    def serves(self, skill: Skill, case: Case) -> bool:
        minutes = (self.world.now - case.since) / timedelta(minutes=1)
        is_alone = case.kind is TicketKind.CRISIS and minutes >= 5
        return case.skill is skill or (skill is Skill.STAFF and is_alone)


TestTicketMachine = TicketMachine.TestCase
TestTicketMachine.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
