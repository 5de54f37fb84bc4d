"""Weeks around National Day: closings, exchanges, holidays; each promise is computed twice.

The plain model below keeps a list of evenings in the wall clock of Shanghai, with the holidays of
those weeks written out by hand; it shares nothing with the roster but the people's names.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, delete

from models.database import Database
from models.duty import CloseReason, Duty, WeeklyDuty
from models.duty_exchange import accept_offer, offer_duty, refuse_offer, withdraw_offer
from models.holiday import DayKind, decide_day, forget_day
from models.roster import DutyKey, find_next_duty
from models.roster_changes import (
    RosterError,
    add_single,
    add_weekly,
    close_duty,
    confirm_duty,
    reopen_duty,
)
from models.volunteer import Skill
from tests.support.people import add_volunteer

MONDAY = date(2026, 9, 21)
EIGHT_HOURS = timedelta(hours=8)
OFF = {date(2026, 9, day) for day in (25, 26, 27)} | {date(2026, 10, day) for day in range(1, 8)}
WORKED = {date(2026, 9, 20), date(2026, 10, 10)}
PEOPLE = {"an": (Skill.LAWYER,), "bo": (Skill.LAWYER,), "chen": (Skill.LAWYER, Skill.COUNSELOR)}
WEEKLY = [
    ("an", Skill.LAWYER, 0, time(19, 30), time(21, 30)),
    ("bo", Skill.LAWYER, 3, time(20), time(22)),
    ("chen", Skill.COUNSELOR, 3, time(19), time(21)),
    ("bo", Skill.LAWYER, 4, time(19), time(22)),
    ("chen", Skill.LAWYER, 4, time(19), time(21)),
    ("chen", Skill.LAWYER, 5, time(14), time(16)),
    ("an", Skill.LAWYER, 6, time(22), time(2)),
]


@dataclass
class Slot:
    """One evening in the plain model."""

    owner: str
    skill: Skill
    start: datetime
    end: datetime
    key: DutyKey
    closed: bool = False
    sure: bool = False


class Plain:
    """The roster as a list."""

    def __init__(self) -> None:
        self.slots: list[Slot] = []
        self.decided: dict[date, DayKind] = {}

    def asked(self, slot: Slot) -> bool:
        day = slot.start.date()
        kind = self.decided.get(day)
        off = day in OFF if kind is None else kind is DayKind.HOLIDAY
        worked = day in WORKED if kind is None else kind is DayKind.MAKE_UP
        return not slot.sure and (off or (worked and slot.start.hour < 18))

    def promise(self, skill: Skill, now: datetime) -> tuple[str, datetime, datetime] | None:
        best: Slot | None = None
        for slot in self.slots:
            if slot.skill is not skill or slot.closed or self.asked(slot) or slot.end <= now:
                continue
            if best is None or (slot.start, slot.owner) < (best.start, best.owner):
                best = slot
        return None if best is None else (best.owner, best.start, best.end)

    def is_free(self, who: str, slot: Slot, *, but: Slot | None = None) -> bool:
        return slot.skill in PEOPLE[who] and not any(
            one.owner == who
            and one.skill is slot.skill
            and not one.closed
            and one.start < slot.end
            and slot.start < one.end
            for one in self.slots
            if one is not but
        )


class Week:
    """The roster and the plain model side by side; `now` is the wall clock of Shanghai."""

    def __init__(self, session: Session) -> None:
        self.session, self.plain, self.tried = session, Plain(), 0
        self.now = datetime.combine(MONDAY, time(8))
        for model in (Duty, WeeklyDuty):
            session.connection().execute(delete(model))
        self.ids = {
            name: add_volunteer(session, name, *skills, now=self.utc())
            for name, skills in PEOPLE.items()
        }
        for owner, skill, weekday, starts, ends in WEEKLY:
            self._lay(owner, skill, weekday, starts, ends)

    def utc(self, moment: datetime | None = None) -> datetime:
        return (moment or self.now).replace(tzinfo=UTC) - EIGHT_HOURS

    def _lay(self, owner: str, skill: Skill, weekday: int, starts: time, ends: time) -> None:
        weekly = WeeklyDuty(
            volunteer_id=self.ids[owner],
            skill=skill,
            weekday=weekday,
            starts=starts,
            ends=ends,
            timezone="Asia/Shanghai",
            valid_from=MONDAY - timedelta(days=7),
        )
        add_weekly(self.session, weekly, actor_id=1, now=self.utc())
        for week in range(-1, 10):
            day = MONDAY + timedelta(days=7 * week + weekday)
            end = datetime.combine(day, ends)
            end += timedelta(days=1) if ends < starts else timedelta(0)
            key = DutyKey(weekly.id or 0, day)
            start = datetime.combine(day, starts)
            self.plain.slots.append(Slot(owner, skill, start, end, key))

    def pick(self, number: int) -> Slot:
        near = [s for s in self.plain.slots if abs(s.start - self.now) < timedelta(days=16)]
        return near[number % len(near)]

    def attempt(self, allowed: bool, step: Callable[[], object]) -> bool:
        """Do a step that the plain model allows, or see it refused."""
        try:
            with self.session.begin_nested():
                step()
        except RosterError:
            assert not allowed
            return False
        assert allowed
        self.tried += 1
        return True

    def do(self, act: str, one: int, two: int) -> None:
        slot, other = self.pick(one), self.pick(two)
        steps: dict[str, Callable[[], None]] = {
            "close": lambda: self.close(slot),
            "reopen": lambda: self.reopen(slot),
            "confirm": lambda: self.confirm(slot),
            "give": lambda: self.exchange(slot, None, taker=other.owner),
            "swap": lambda: self.exchange(slot, other, taker=other.owner),
            "ask": lambda: self.ask_in_vain(slot, taker=other.owner),
            "single": lambda: self.single(slot.owner, slot.skill, hours=two % 60),
            "decide": lambda: self.decide(slot.start.date(), two),
        }
        steps[act]()

    def close(self, slot: Slot) -> None:
        allowed = slot.end > self.now and not slot.closed
        slot.closed |= self.attempt(
            allowed,
            lambda: close_duty(
                self.session,
                slot.key,
                actor_id=self.ids[slot.owner],
                reason=CloseReason.ILL,
                now=self.utc(),
            ),
        )

    def reopen(self, slot: Slot) -> None:
        allowed = slot.end > self.now and slot.closed and self.plain.is_free(slot.owner, slot)
        by = self.ids[slot.owner]
        if self.attempt(
            allowed, lambda: reopen_duty(self.session, slot.key, actor_id=by, now=self.utc())
        ):
            slot.closed, slot.sure = False, True

    def confirm(self, slot: Slot) -> None:
        allowed = slot.end > self.now and not slot.closed
        by = self.ids[slot.owner]
        slot.sure |= self.attempt(
            allowed, lambda: confirm_duty(self.session, slot.key, actor_id=by, now=self.utc())
        )

    def exchange(self, slot: Slot, back: Slot | None, *, taker: str) -> None:
        giver = slot.owner
        allowed = slot.end > self.now and not slot.closed and taker != giver
        allowed = allowed and self.plain.is_free(taker, slot, but=back)
        if back is not None:
            allowed = allowed and back.end > self.now and not back.closed
            allowed = allowed and self.plain.is_free(giver, back, but=slot)

        def step() -> None:
            offer = offer_duty(
                self.session,
                slot.key,
                from_id=self.ids[giver],
                to_id=None if back else self.ids[taker],
                in_return=back.key if back else None,
                now=self.utc(),
            )
            taker_id = self.ids[taker]
            accept_offer(self.session, offer.id or 0, volunteer_id=taker_id, now=self.utc())

        if self.attempt(allowed, step):
            slot.owner, slot.sure = taker, True
            if back is not None:
                back.owner, back.sure = giver, True

    def ask_in_vain(self, slot: Slot, *, taker: str) -> None:
        allowed = slot.end > self.now and not slot.closed and taker != slot.owner
        allowed = allowed and slot.skill in PEOPLE[taker]
        giver_id, taker_id = self.ids[slot.owner], self.ids[taker]

        def step() -> None:
            offer = offer_duty(
                self.session, slot.key, from_id=giver_id, to_id=taker_id, now=self.utc()
            )
            end, who = (
                (refuse_offer, taker_id) if slot.start.day % 2 else (withdraw_offer, giver_id)
            )
            end(self.session, offer.id or 0, volunteer_id=who, now=self.utc())

        self.attempt(allowed, step)

    def single(self, owner: str, skill: Skill, *, hours: int) -> None:
        start = self.now.replace(minute=0) + timedelta(hours=hours)
        slot = Slot(owner, skill, start, start + timedelta(hours=2), DutyKey(), sure=True)
        allowed = slot.end > self.now and self.plain.is_free(owner, slot)
        duty = Duty(
            volunteer_id=self.ids[owner],
            skill=skill,
            starts_at=self.utc(slot.start),
            ends_at=self.utc(slot.end),
        )
        if self.attempt(
            allowed, lambda: add_single(self.session, duty, actor_id=1, now=self.utc())
        ):
            slot.key = DutyKey(duty_id=duty.id or 0)
            self.plain.slots.append(slot)

    def decide(self, day: date, number: int) -> None:
        kinds = [None, *DayKind]
        kind = kinds[number % len(kinds)]
        if kind is None:
            self.plain.decided.pop(day, None)
            forget_day(self.session, day=day, actor_id=1, now=self.utc())
        else:
            self.plain.decided[day] = kind
            decide_day(self.session, day=day, kind=kind, name="", actor_id=1, now=self.utc())

    def check(self) -> None:
        for skill in (Skill.LAWYER, Skill.COUNSELOR):
            found = find_next_duty(self.session, skills=[skill], now=self.utc())
            wanted = self.plain.promise(skill, self.now)
            assert wanted is not None
            said = found and (found.who, found.starts_at, found.ends_at)
            assert said == (wanted[0], self.utc(wanted[1]), self.utc(wanted[2]))


class _Done(Exception):  # noqa: N818 - nothing went wrong
    """Takes everything back that an example has written."""


@contextmanager
def new_week(database: Database) -> Iterator[Week]:
    """Give a week of which nothing stays."""
    with suppress(_Done), database.transaction() as session:
        yield Week(session)
        raise _Done


ACTS = ("close", "close", "reopen", "confirm", "give", "swap", "ask", "single", "decide")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.integers(0, 40),
        st.integers(0, 60),
        st.integers(0, 900),
    ),
    min_size=15,
    max_size=40,
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_each_promise_of_a_week_equals_a_computation_made_otherwise(
    database: Database, steps: list[tuple[str, int, int, int]]
) -> None:
    with new_week(database) as week:
        for act, one, two, minutes in steps:
            week.now += timedelta(minutes=minutes)
            week.check()
            week.do(act, one, two)
            week.check()


def test_the_model_itself_meets_holidays_closings_and_exchanges(database: Database) -> None:
    """A long week of many acts: the test above would say little if all of them were refused."""
    with new_week(database) as week:
        for number in range(140):
            week.now += timedelta(minutes=37 * number % 500)
            week.do(ACTS[number % len(ACTS)], number * 7, number * 11)
            week.check()
        changed = [slot for slot in week.plain.slots if slot.closed or slot.sure]
        assert week.tried >= 30
        assert len(changed) >= 10
