"""What is promised about people is computed from the roster."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import Session, delete

from models.database import Database
from models.duty import CloseReason, Duty, WeeklyDuty
from models.holiday import DayKind, decide_day, forget_day, list_unpublished_years
from models.roster import DutyKey, DutyState, find_gaps, find_next_duty, list_duties, parse_key
from models.roster_changes import (
    RosterError,
    RosterRefusal,
    add_single,
    add_weekly,
    close_duty,
    confirm_duty,
    end_weekly,
    reopen_duty,
)
from models.volunteer import Skill, Volunteer
from tests.support.people import add_volunteer

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
"""A Tuesday, noon in Shanghai."""

HOUR = timedelta(hours=1)


@pytest.fixture
def roster(database: Database) -> Database:
    """A database in which nobody is on duty yet."""
    with database.transaction() as session:
        session.connection().execute(delete(WeeklyDuty))
    return database


def add_lawyer(session: Session, name: str = "yu") -> int:
    return add_volunteer(session, name, Skill.LAWYER, now=NOW)


def weekly(
    session: Session,
    volunteer_id: int,
    weekday: int,
    *,
    starts: time = time(19, 30),
    ends: time = time(21, 30),
    valid_from: date = date(2026, 1, 1),
) -> WeeklyDuty:
    pattern = WeeklyDuty(
        volunteer_id=volunteer_id,
        skill=Skill.LAWYER,
        weekday=weekday,
        starts=starts,
        ends=ends,
        timezone=ZONE,
        valid_from=valid_from,
    )
    add_weekly(session, pattern, actor_id=volunteer_id, now=NOW)
    return pattern


def single(volunteer_id: int, start: datetime, *, hours: int = 2) -> Duty:
    return Duty(
        volunteer_id=volunteer_id,
        skill=Skill.LAWYER,
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
    )


def promised(session: Session, now: datetime) -> tuple[str, datetime] | None:
    found = find_next_duty(session, skills=[Skill.LAWYER], now=now)
    return None if found is None else (found.who, found.starts_at)


def test_the_duty_that_is_on_comes_before_the_next(roster: Database) -> None:
    with roster.transaction() as session:
        for name, start in (("later", NOW + 3 * HOUR), ("on", NOW - HOUR)):
            add_single(session, single(add_lawyer(session, name), start), actor_id=1, now=NOW)

        found = find_next_duty(session, skills=[Skill.LAWYER], now=NOW)

    assert found is not None
    assert (found.who, found.is_on(NOW)) == ("on", True)


@pytest.mark.parametrize("skill", [Skill.COUNSELOR, Skill.LAWYER])
def test_nobody_is_promised_when_the_roster_is_empty(roster: Database, skill: Skill) -> None:
    with roster.transaction() as session:
        assert find_next_duty(session, skills=[skill], now=NOW) is None


def test_a_weekly_duty_comes_back_every_week(roster: Database) -> None:
    with roster.transaction() as session:
        weekly(session, add_lawyer(session), 1)

        starts = [promised(session, NOW + timedelta(weeks=weeks)) for weeks in range(3)]

    tonight = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
    assert starts == [("yu", tonight + timedelta(weeks=weeks)) for weeks in range(3)]


def test_a_duty_past_midnight_is_on_after_midnight(roster: Database) -> None:
    with roster.transaction() as session:
        weekly(session, add_lawyer(session), 0, starts=time(22), ends=time(2))
        one_o_clock = datetime(2026, 11, 23, 17, tzinfo=UTC)

        found = find_next_duty(session, skills=[Skill.LAWYER], now=one_o_clock)

    assert found is not None
    assert found.is_on(one_o_clock)
    assert found.ends_at == one_o_clock + HOUR


def test_a_closed_duty_is_not_promised_and_one_that_is_opened_again_is(roster: Database) -> None:
    with roster.transaction() as session:
        yu = add_lawyer(session)
        pattern = weekly(session, yu, 1)
        key = DutyKey(pattern.id or 0, date(2026, 11, 24))
        before = promised(session, NOW)

        close_duty(session, key, actor_id=yu, reason=CloseReason.ILL, now=NOW)
        closed = promised(session, NOW)
        reopen_duty(session, key, actor_id=yu, now=NOW)

        assert promised(session, NOW) == before
    assert before is not None
    assert closed == ("yu", before[1] + timedelta(weeks=1))


def test_a_volunteer_who_has_left_is_not_promised(roster: Database) -> None:
    with roster.transaction() as session:
        yu = add_lawyer(session)
        weekly(session, yu, 1)
        add_single(session, single(yu, NOW + HOUR), actor_id=yu, now=NOW)
        session.get_one(Volunteer, yu).is_active = False

        assert promised(session, NOW) is None


NATIONAL_DAY = date(2026, 10, 1)
"""A Thursday; Saturday the 10th is worked for it."""


@pytest.mark.parametrize(
    ("day", "starts", "state"),
    [
        (NATIONAL_DAY, time(19, 30), DutyState.ASKED),
        (date(2026, 10, 8), time(19, 30), DutyState.OPEN),
        (date(2026, 10, 10), time(14), DutyState.ASKED),
        (date(2026, 10, 10), time(19, 30), DutyState.OPEN),
        (date(2026, 10, 17), time(14), DutyState.OPEN),
        (date(2027, 1, 1), time(19, 30), DutyState.ASKED),
        (date(2027, 2, 6), time(19, 30), DutyState.OPEN),
    ],
)
def test_a_holiday_is_asked_for_and_a_worked_weekend_until_the_evening(
    roster: Database, day: date, starts: time, state: DutyState
) -> None:
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC) - 8 * HOUR
    with roster.transaction() as session:
        ends = time(starts.hour + 2)
        weekly(session, add_lawyer(session), day.weekday(), starts=starts, ends=ends)
        duties = list_duties(session, start=begins, end=begins + 24 * HOUR)

    assert [duty.state for duty in duties] == [state]


def test_who_says_that_they_come_on_a_holiday_is_promised(roster: Database) -> None:
    noon = datetime(2026, 10, 1, 4, tzinfo=UTC)
    with roster.transaction() as session:
        yu = add_lawyer(session)
        pattern = weekly(session, yu, NATIONAL_DAY.weekday())
        before = promised(session, noon)

        confirm_duty(session, DutyKey(pattern.id or 0, NATIONAL_DAY), actor_id=yu, now=noon)

        assert promised(session, noon) == ("yu", noon + 7.5 * HOUR)
    assert before == ("yu", noon + 7.5 * HOUR + timedelta(weeks=1))


def test_what_people_decide_of_a_day_goes_before_the_library(roster: Database) -> None:
    tonight = ("yu", NOW + 7.5 * HOUR)
    with roster.transaction() as session:
        yu = add_lawyer(session)
        weekly(session, yu, 1)
        today = date(2026, 11, 24)

        decide_day(session, day=today, kind=DayKind.HOLIDAY, name="矿庆", actor_id=yu, now=NOW)
        asked = promised(session, NOW)
        forget_day(session, day=today, actor_id=yu, now=NOW)

        assert promised(session, NOW) == tonight
    assert asked == ("yu", NOW + 7.5 * HOUR + timedelta(weeks=1))


def test_a_year_that_is_not_published_is_said_so_and_nothing_fails(roster: Database) -> None:
    assert list_unpublished_years(date(2026, 12, 1), date(2150, 1, 5))[-1] == 2150
    assert list_unpublished_years(date(2026, 1, 1), date(2026, 12, 31)) == []
    far = datetime(2150, 1, 3, tzinfo=UTC)
    with roster.transaction() as session:
        weekly(session, add_lawyer(session), 1)

        assert promised(session, far) is not None


def test_a_weekly_duty_that_ends_leaves_what_was_and_takes_what_comes(roster: Database) -> None:
    with roster.transaction() as session:
        yu = add_lawyer(session)
        pattern = weekly(session, yu, 1)
        new_year = datetime(2026, 12, 29, tzinfo=UTC)
        key = DutyKey(pattern.id or 0, date(2026, 12, 1))
        confirm_duty(session, key, actor_id=yu, now=NOW)

        end_weekly(session, pattern.id or 0, last_day=date(2026, 11, 24), actor_id=yu, now=NOW)

        duties = list_duties(session, start=NOW - timedelta(days=8), end=new_year)
    assert [duty.state for duty in duties] == [DutyState.OPEN, DutyState.OPEN, DutyState.CLOSED]


@pytest.mark.parametrize("ends", [time(19), time(19, 30)])
def test_times_that_cannot_be_are_refused(roster: Database, ends: time) -> None:
    with roster.transaction() as session:
        yu = add_lawyer(session)
        with pytest.raises(RosterError) as refused:
            weekly(session, yu, 1, ends=ends)

    assert refused.value.reason is RosterRefusal.TIMES


def test_nobody_is_twice_in_one_place(roster: Database) -> None:
    with roster.transaction() as session:
        yu = add_lawyer(session)
        weekly(session, yu, 6, starts=time(22), ends=time(2))
        for attempt in (
            lambda: weekly(session, yu, 0, starts=time(1), ends=time(3)),
            lambda: add_single(
                session,
                single(yu, datetime(2026, 11, 29, 15, tzinfo=UTC)),
                actor_id=yu,
                now=NOW,
            ),
        ):
            with pytest.raises(RosterError) as refused:
                attempt()
            assert refused.value.reason is RosterRefusal.OVERLAPS


def test_only_who_has_the_duty_may_close_it(roster: Database) -> None:
    with roster.transaction() as session:
        yu, other = add_lawyer(session), add_lawyer(session, "other")
        pattern = weekly(session, yu, 1)
        with pytest.raises(RosterError) as refused:
            close_duty(
                session,
                DutyKey(pattern.id or 0, date(2026, 11, 24)),
                actor_id=other,
                reason=CloseReason.ILL,
                now=NOW,
            )

    assert refused.value.reason is RosterRefusal.NOT_YOURS


def test_a_row_from_before_there_were_weekly_duties_stands_for_its_evening(
    roster: Database,
) -> None:
    with roster.transaction() as session:
        yu = add_lawyer(session)
        tonight = single(yu, NOW + 7.5 * HOUR)
        tonight.closed_reason = "病了"
        session.add(tonight)
        weekly(session, yu, 1)
        session.flush()

        states = [duty.state for duty in list_duties(session, start=NOW, end=NOW + 24 * HOUR)]

    assert states == [DutyState.CLOSED]


def gaps(session: Session, now: datetime = NOW) -> list[tuple[datetime | None, datetime | None]]:
    found = find_gaps(session, now=now)
    return [(gap.starts_at, gap.ends_at) for gap in found if gap.skill is Skill.LAWYER]


def test_a_gap_of_forty_hours_is_bearable_and_a_longer_one_is_named(roster: Database) -> None:
    with roster.transaction() as session:
        yu = add_lawyer(session)
        start = NOW - HOUR
        for _ in range(12):
            add_single(session, single(yu, start), actor_id=yu, now=NOW)
            start += 42 * HOUR
        bearable = gaps(session)
        late = single(yu, start + timedelta(minutes=1))
        add_single(session, late, actor_id=yu, now=NOW)

        # The new one closes the horizon's end; a minute too much is named from where it can be.
        now = NOW + timedelta(days=12)
        assert gaps(session, now)[0] == (start - 40 * HOUR, late.starts_at)
    assert bearable == []


def test_a_skill_without_anybody_is_one_gap_without_ends(roster: Database) -> None:
    with roster.transaction() as session:
        assert {gap.skill for gap in find_gaps(session, now=NOW)} == set(Skill)
        assert gaps(session) == [(None, None)]


def test_the_demonstration_has_no_gap_until_somebody_cannot_come(database: Database) -> None:
    with database.transaction() as session:
        before = find_gaps(session, now=NOW)
        duties = list_duties(session, start=NOW, end=NOW + 56 * HOUR, skills=[Skill.LAWYER])
        for duty in duties[:2]:
            close_duty(
                session,
                duty.key,
                actor_id=1,
                reason=CloseReason.WORK,
                now=NOW,
                for_others=True,
            )
        after = find_gaps(session, now=NOW)

    assert before == []
    assert [gap.skill for gap in after] == [Skill.LAWYER]


@pytest.mark.parametrize("text", ["d12", "w3-2026-11-24"])
def test_a_key_reads_as_it_is_written(text: str) -> None:
    assert str(parse_key(text)) == text


@pytest.mark.parametrize(
    "text", ["", "d", "dx", "w3", "w3-2026-13-01", "x3", "d3-2026-11-24", "d²"]
)
def test_what_is_no_key_names_nothing(text: str) -> None:
    assert parse_key(text) is None
