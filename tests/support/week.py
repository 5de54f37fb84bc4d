"""A week on a clock that jumps: people ask for somebody, volunteers come as the roster says.

What people write goes through the real dispatcher, 接下一位 is the real claim, and the pager, the
timed work and the outbox do their rounds on their own beat. What everybody was told, and when, is
kept in a `Transcript`, which `tests.support.week_truth` judges.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count
from random import Random

from sqlmodel import Session, col, delete, select

from bot.background import Timekeeper, list_jobs
from bot.dispatcher import Dispatcher
from bot.pager import Pager
from models.alarm import Outcome as CallOutcome
from models.contact import Contact
from models.database import Database
from models.duty import CloseReason, Duty, WeeklyDuty
from models.duty_exchange import accept_offer, offer_duty
from models.messages import InboundMessage, MessageKind
from models.outbox import OutboxKind, enqueue
from models.reply_window import GrantReason, grant
from models.risk import raise_risk
from models.roster import DutyKey
from models.roster_changes import add_weekly, close_duty
from models.ticket import IN_HANDS, Outcome, Ticket, TicketEvent, TicketKind, TicketState
from models.ticket_flow import ask_again, claim_next, close, record_reply
from models.ticket_steps import lock_ticket
from models.volunteer import Role, Skill, Volunteer, set_paused
from tests.support.chat import ACCOUNT, FakeClock
from tests.support.people import add_contact, add_volunteer
from tests.support.postman import APP_ID, ZONE, Postman
from tests.support.week_record import Called, Case, Fact, Said, Slot, Transcript, Wrote
from tests.support.week_script import (
    ABSENT,
    BOUND,
    CERTAIN,
    CLOSED,
    PAUSED,
    ROSTER,
    SWAPPED,
    TEAM,
    TUESDAY,
    VANISHES,
    WISHES,
    P,
    S,
)

BEAT = timedelta(seconds=10)
"""How often the pager looks for broken promises."""

NOTICE = timedelta(hours=2)
"""How long before a duty that is called off people are told so."""

BY = timedelta(minutes=15)
"""How long after the beginning of a duty everybody who waits for it in vain has to know."""

TIMED = frozenset({"recover_lost", "drop_late", "ticket_leases"})
"""What of the timed work concerns the queue."""


@dataclass
class Helper:
    """A volunteer of the week."""

    id: int
    name: str
    room: int
    on_until: datetime | None = None


@dataclass
class Evening:
    """A duty of the week, as the people who make it know it."""

    key: DutyKey
    day: int
    skill: Skill
    start: datetime
    end: datetime
    owners: list[tuple[datetime, str]]
    closed_at: datetime | None = None


@dataclass
class Person:
    """Somebody who needs help."""

    openid: str
    skill: Skill | None
    risk: int


@dataclass
class Week:
    """Does one thing after the other, in the order of time."""

    database: Database
    dispatcher: Dispatcher
    clock: FakeClock
    seed: int
    days: int = 7
    people_a_day: int = 2
    rounds: timedelta = timedelta(hours=12)
    pager_kind: type[Pager] = Pager
    said: list[Said] = field(default_factory=list)
    wrote: list[Wrote] = field(default_factory=list)
    called: list[Called] = field(default_factory=list)
    evenings: list[Evening] = field(default_factory=list)
    graver: list[tuple[int, datetime, int]] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    team: dict[str, Helper] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - a game
        self.numbers = count(1)
        self.plan: list[tuple[datetime, int, Callable[[], None]]] = []
        self.beats: set[datetime] = set()
        self.staying: set[str] = set()
        self.phones: dict[str, int] = {}
        self.start = _local(0, time())
        self.phase = timedelta(seconds=self.random.randrange(10))
        self.clock.now = self.start
        self.postman = Postman(self.database, self.clock)
        jobs = [job for job in list_jobs(APP_ID, ZONE) if job.name in TIMED]
        self.keeper = Timekeeper(database=self.database, clock=self.clock, jobs=jobs)
        self.pager = self.pager_kind(
            database=self.database,
            clock=self.clock,
            timezone=ZONE,
            address="https://help.example.org/console/",
            channels={"webhook": self._call},
        )

    def run(self) -> Transcript:
        """Let the week pass."""
        with self.database.transaction() as session:
            self._prepare(session)
        self._plan_roster()
        self._plan_people()
        end = self.start + timedelta(days=self.days)
        for number in range(timedelta(days=self.days) // self.rounds):
            self._beat_at(self.start + number * self.rounds)
        while self.plan and self.plan[0][0] < end:
            self.clock.now, _, act = heapq.heappop(self.plan)
            act()
        self.clock.now = end
        return self._transcript()

    # What is planned

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Do something later; no two things happen at the same moment."""
        number = next(self.numbers)
        moment = moment.replace(microsecond=number)
        heapq.heappush(self.plan, (max(moment, self.clock.now), number, act))

    def soon(self, act: Callable[[], None], *, least: int, most: int) -> None:
        """Do something in so many seconds."""
        self.at(self.clock.now + timedelta(seconds=self.random.randint(least, most)), act)

    def _beat_at(self, moment: datetime) -> None:
        """Let the background do its round at its first beat from a moment on.

        Rounds that are left out would have found nothing; and should they have, then what the
        week shows is only later than it would have been.
        """
        since = (moment - self.start - self.phase).total_seconds()
        beats = -(-since // BEAT.total_seconds())
        beat = self.start + self.phase + beats * BEAT
        if beat not in self.beats:
            self.beats.add(beat)
            self.at(beat, self._beat)

    def _beat(self) -> None:
        self.keeper.run_once()
        self.pager.run_once()
        before = len(self.postman.sent)
        while self.postman.worker.run_once():
            pass
        for openid, text in self.postman.sent[before:]:
            self._hear(openid, text, is_pushed=True)

    def _call(self, text: str) -> CallOutcome:
        self.called.append(Called(self.clock.now, text))
        return CallOutcome.SENT

    def _hear(self, openid: str, text: str, *, is_pushed: bool = False) -> None:
        person = self.people.get(openid)
        skills = (P, S) if person and person.skill is None else (person.skill,) if person else ()
        about = frozenset(skill.value for skill in skills if skill)
        self.said.append(Said(self.clock.now, openid, text, about, is_pushed))

    # The roster

    def _prepare(self, session: Session) -> None:
        for model in (Duty, WeeklyDuty):
            session.connection().execute(delete(model))
        for name, (skills, room) in TEAM.items():
            id_ = add_volunteer(session, name, *skills, now=self.start, max_active=room)
            self.team[name] = Helper(id_, name, room)
        for name in BOUND:
            self._bind(session, name)
        boss = add_volunteer(session, "督导", now=self.start, role=Role.SUPERVISOR)
        self.team["督导"] = Helper(boss, "督导", 1)
        for name, skill, day, starts, ends in ROSTER:
            weekly = WeeklyDuty(
                volunteer_id=self.team[name].id,
                skill=skill,
                weekday=(TUESDAY + timedelta(days=day)).weekday(),
                starts=starts,
                ends=ends,
                timezone="Asia/Shanghai",
                valid_from=TUESDAY,
            )
            add_weekly(session, weekly, actor_id=boss, now=self.start)
            for week in (0, 7, 14):
                key = DutyKey(weekly.id or 0, TUESDAY + timedelta(days=day + week))
                start, end = _local(day + week, starts), _local(day + week, ends)
                owners = [(self.start, name)]
                self.evenings.append(Evening(key, day + week, skill, start, end, owners))

    def _bind(self, session: Session, name: str) -> None:
        """Let a volunteer hear of those who wait on their own phone."""
        openid = f"oHELPER{BOUND.index(name)}"
        session.get_one(Volunteer, self.team[name].id).openid = openid
        self.phones[name] = add_contact(session, openid, now=self.start)

    def _greet(self, name: str) -> None:
        """Let a volunteer write to the account, so that it may write to them."""
        contact_id, now = self.phones[name], self.clock.now
        with self.database.transaction() as session:
            grant(session, contact_id=contact_id, reason=GrantReason.MESSAGE, now=now)

    def _plan_roster(self) -> None:
        for evening in self.evenings:
            if evening.day < self.days:
                self._plan_evening(evening)
        closed = self._evening(*CLOSED)
        self.at(_local(CLOSED[1], time(11, 5)), lambda: self._close_duty(closed))
        self._beat_at(closed.start - NOTICE)
        self.at(_local(2, time(12, 10)), lambda: self._swap(self._evening(*SWAPPED)))
        self.at(_local(1, time(12)), self._judge_graver)
        self.at(_local(4, time(9)), self._judge_graver)

    def _plan_evening(self, evening: Evening) -> None:
        late = timedelta(minutes=self.random.randint(0, 6))
        self.at(evening.start + late, lambda: self._come(evening))
        if (name := evening.owners[0][1]) in BOUND:
            self.at(evening.start - timedelta(minutes=1), lambda: self._greet(name))
            self._beat_at(evening.start)
        self._beat_at(evening.start + BY - 2 * BEAT)
        if (evening.owners[0][1], evening.day) == PAUSED and evening.skill is P:
            name = PAUSED[0]
            self.at(evening.start + timedelta(minutes=50), lambda: self._pause(name, True))
            self.at(evening.start + timedelta(minutes=80), lambda: self._pause(name, False))

    def _evening(self, name: str, day: int) -> Evening:
        return next(e for e in self.evenings if (e.owners[0][1], e.day) == (name, day))

    def _close_duty(self, evening: Evening) -> None:
        with self.database.transaction() as session:
            by = self.team[evening.owners[-1][1]].id
            now = self.clock.now
            close_duty(session, evening.key, actor_id=by, reason=CloseReason.ILL, now=now)
        evening.closed_at = self.clock.now

    def _swap(self, evening: Evening) -> None:
        giver, taker, now = self.team[SWAPPED[0]].id, self.team["薄律师"].id, self.clock.now
        with self.database.transaction() as session:
            offer = offer_duty(session, evening.key, from_id=giver, to_id=taker, now=now)
            offer_id = offer.id or 0
        later = now + timedelta(minutes=50)
        self.at(later, lambda: self._accept(evening, offer_id, taker))

    def _accept(self, evening: Evening, offer_id: int, taker: int) -> None:
        with self.database.transaction() as session:
            accept_offer(session, offer_id, volunteer_id=taker, now=self.clock.now)
        evening.owners.append((self.clock.now, "薄律师"))

    # Volunteers

    def _come(self, evening: Evening) -> None:
        name = evening.owners[-1][1]
        if evening.closed_at or (name, evening.day) == ABSENT:
            return
        self.team[name].on_until = max(evening.end, self.team[name].on_until or evening.end)
        for _ in range(self.team[name].room):
            self._press(name)

    def _pause(self, name: str, is_paused: bool) -> None:
        with self.database.transaction() as session:
            set_paused(session, volunteer_id=self.team[name].id, is_paused=is_paused)
        self._press(name)

    def _press(self, name: str) -> None:
        """Press 接下一位, where one is on duty."""
        helper, now = self.team[name], self.clock.now
        if helper.on_until is None or now > helper.on_until:
            return
        with self.database.transaction() as session:
            ticket = claim_next(session, volunteer_id=helper.id, now=now)
            number, grave = (ticket.id or 0, ticket.risk) if ticket else (0, 0)
        day = (now - self.start).days
        if number and (name, day) != VANISHES:
            self._handle(helper, number, grave=grave)
        elif number:
            helper.on_until = None  # the phone is dead: what was taken comes back
            self._beat_at(now + timedelta(minutes=21))

    def _handle(self, helper: Helper, number: int, *, grave: int) -> None:
        """Answer, and close after 8 to 20 minutes."""
        length = timedelta(seconds=self.random.randint(8 * 60, 20 * 60))
        now = self.clock.now
        self.at(now + length / 2, lambda: self._reply(helper, number))
        self.at(now + length, lambda: self._close(helper, number))
        rest = timedelta(minutes=31 if grave >= 2 else 1)
        self.at(now + length + rest, lambda: self._press(helper.name))

    def _reply(self, helper: Helper, number: int) -> None:
        now = self.clock.now
        with self.database.transaction() as session:
            record_reply(session, ticket_id=number, volunteer_id=helper.id, now=now)
            ticket = lock_ticket(session, number)
            enqueue(
                session,
                contact_id=ticket.contact_id,
                body=f"{helper.name}：看到了，咱们一步一步来。",
                kind=OutboxKind.VOLUNTEER,
                ticket=ticket,
                volunteer_id=helper.id,
                now=now,
            )

    def _close(self, helper: Helper, number: int) -> None:
        with self.database.transaction() as session:
            close(
                session,
                ticket_id=number,
                volunteer_id=helper.id,
                outcome=Outcome.ADVISED,
                now=self.clock.now,
            )

    def _judge_graver(self) -> None:
        """Let the supervisor raise the risk of one who waits and is in no danger."""
        now, boss = self.clock.now, self.team["督导"].id
        with self.database.transaction() as session:
            waiting = select(Ticket.id).where(Ticket.state == TicketState.QUEUED, Ticket.risk == 0)
            number = session.exec(waiting.order_by(col(Ticket.id).desc())).first()
            if number:
                raise_risk(session, ticket_id=number, risk=1, volunteer_id=boss, now=now)
                self.graver.append((number, now, 1))

    # Those who need help

    def _plan_people(self) -> None:
        for day in range(self.days):
            for _ in range(self.people_a_day):
                minute = int(self.random.triangular(7 * 60, 23 * 60 + 30, 19 * 60))
                moment = _local(day, time()) + timedelta(minutes=minute)
                self.at(moment, self._arrive)
        for day, clock, wish in CERTAIN:
            self.at(_local(day, clock), lambda wish=wish: self._come_for(wish))  # type: ignore[misc]

    def _arrive(self) -> None:
        """Somebody new, or one in five times somebody who was here before, writes."""
        weights = [wish[0] for wish in WISHES]
        [(_, skill, risk, lines)] = self.random.choices(WISHES, weights)
        known = [p for p in self.people.values() if p.skill is skill and p.risk == 0]
        if known and risk == 0 and self.random.random() < 0.2:
            person = self.random.choice(known)
        else:
            person = self._meet(skill, risk)
        if skill and self.random.random() < 0.4:
            self._ask_silently(person, skill)
        else:
            self._talk(person, lines)

    def _come_for(self, wish: tuple[int, Skill | None, int, Sequence[str]]) -> None:
        """Let somebody come who asks again a quarter of an hour later, and stays."""
        person = self._meet(wish[1], wish[2])
        self.staying.add(person.openid)
        self._talk(person, wish[3])
        self.soon(lambda: self._ask(person), least=900, most=1000)

    def _meet(self, skill: Skill | None, risk: int) -> Person:
        person = Person(f"oWEEK{len(self.people):022d}", skill, risk)
        self.people[person.openid] = person
        return person

    def _ask_silently(self, person: Person, skill: Skill) -> None:
        """Let somebody be put into the queue at another place than the dialogue."""
        now = self.clock.now
        with self.database.transaction() as session:
            known = select(Contact.id).where(Contact.openid == person.openid)
            contact_id = session.exec(known).first() or add_contact(session, person.openid, now=now)
            self.wrote.append(Wrote(now, person.openid))
            grant(session, contact_id=contact_id, reason=GrantReason.MESSAGE, now=now)
            kind = TicketKind(skill.value)
            ask_again(session, contact_id=contact_id, kind=kind, summary="", now=now)
        self._go_on(person)

    def _talk(self, person: Person, lines: Sequence[str]) -> None:
        if not self._is_served(person):
            self._say(person, lines[0])
        if lines[1:]:
            self.soon(lambda: self._talk(person, lines[1:]), least=15, most=50)
        else:
            self._go_on(person)

    def _go_on(self, person: Person) -> None:
        """Wait, ask how long, leave, come back."""
        self._look_at_newest(person)
        fate = self.random.random()
        if person.risk:
            for minutes in (0, 5, 10, 15):
                self._beat_at(self.clock.now + timedelta(minutes=minutes))
        elif fate < 0.15 and person.openid not in self.staying:
            self.soon(lambda: self._leave(person), least=200, most=4000)
        elif fate < 0.65:
            self.soon(lambda: self._ask(person), least=120, most=6 * 3600)

    def _ask(self, person: Person) -> None:
        words = ("还要等多久", "俺还得等多长时间啊", "咋还没人理我", "前面还有几个人")
        if self._waits(person):
            self._say(person, self.random.choice(words))
            if self.random.random() < 0.5:
                self.soon(lambda: self._ask(person), least=1800, most=8 * 3600)

    def _leave(self, person: Person) -> None:
        if self._waits(person):
            self._say(person, "取消排队")
            if self.random.random() < 0.7:
                self.soon(lambda: self._return(person), least=60, most=1000)

    def _return(self, person: Person) -> None:
        if not self._waits(person) and not self._is_served(person):
            self._say(person, "接着排队")
            self._wake_helpers(person)

    def _say(self, person: Person, text: str) -> None:
        now, number = self.clock.now, next(self.numbers)
        message = InboundMessage(
            openid=person.openid,
            account=ACCOUNT,
            kind=MessageKind.TEXT,
            created_at=now,
            dedup_key=f"week-{number}",
            text=text,
            msg_id=number,
        )
        self.wrote.append(Wrote(now, person.openid))
        reply = self.dispatcher.dispatch(message)
        if reply.text:
            self._hear(person.openid, reply.text)

    def _look_at_newest(self, person: Person) -> None:
        """Note how grave a new ticket is, and let those on duty see it."""
        if person.risk:
            of_person = select(Ticket.id).join(Contact).where(Contact.openid == person.openid)
            with Session(self.database.readers) as session:
                number = session.exec(of_person).one() or 0
            self.graver.append((number, self.clock.now, person.risk))
        self._wake_helpers(person)

    def _wake_helpers(self, person: Person) -> None:
        """Let those on duty who can help see that somebody waits."""
        for name, (skills, _) in TEAM.items():
            until = self.team[name].on_until
            is_fit = person.skill in skills or person.risk > 0
            if is_fit and until and until > self.clock.now:
                self.soon(lambda name=name: self._press(name), least=30, most=150)  # type: ignore[misc]

    def _waits(self, person: Person) -> bool:
        return TicketState.QUEUED in self._states(person) and not self._is_served(person)

    def _is_served(self, person: Person) -> bool:
        return any(state in IN_HANDS for state in self._states(person))

    def _states(self, person: Person) -> list[TicketState]:
        of_person = select(Ticket.state).join(Contact).where(Contact.openid == person.openid)
        with Session(self.database.readers) as session:
            return [TicketState(state) for state in session.exec(of_person)]

    # What is left

    def _transcript(self) -> Transcript:
        with self.database.transaction() as session:
            rows = session.exec(
                select(TicketEvent.id, TicketEvent.ticket_id, TicketEvent.kind, TicketEvent.at)
            ).all()
            tickets = session.exec(
                select(Ticket.id, Contact.openid, Ticket.kind, Ticket.skill).join(
                    Contact, col(Contact.id) == col(Ticket.contact_id)
                )
            ).all()
        return Transcript(
            said=tuple(self.said),
            wrote=tuple(self.wrote),
            called=tuple(self.called),
            slots=tuple(
                Slot(e.skill.value, e.start, e.end, tuple(e.owners), e.closed_at)
                for e in self.evenings
            ),
            facts=tuple(Fact(id_ or 0, of, str(kind), at) for id_, of, kind, at in rows),
            cases=tuple(Case(id_ or 0, who, str(k), str(s)) for id_, who, k, s in tickets),
            graver=tuple(self.graver),
            ends_at=self.clock.now,
        )


def _local(day: int, clock: time) -> datetime:
    """Return a moment of the week by the clock of Shanghai."""
    wall = datetime.combine(TUESDAY + timedelta(days=day), clock, tzinfo=UTC)
    return wall - timedelta(hours=8)
