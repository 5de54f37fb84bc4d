"""A duty that three take over, give away and cancel at the same moment has one owner."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from models.database import Database
from models.duty import CloseReason, Duty, DutyOffer, OfferState, WeeklyDuty
from models.duty_exchange import accept_offer, offer_duty
from models.encryption import Cipher
from models.roster import DutyKey
from models.roster_changes import RosterError, close_duty
from models.volunteer import Skill, Volunteer
from tests.conftest import KEY, NOON
from tests.races.crew import SIZE, Crew
from tests.support.people import add_volunteer
from tests.support.processes import Racer

pytestmark = pytest.mark.race

TONIGHT = date(2026, 11, 24)
EVENINGS = 12


def key(session_weekly: int, week: int) -> DutyKey:
    return DutyKey(session_weekly, TONIGHT + timedelta(weeks=week))


def take_over(racer: Racer) -> list[int]:
    """Accept each offer at the same moment as the others; return the ones that were won."""
    database = Database(racer.url, cipher=Cipher(KEY))
    won = []
    with database.transaction() as session:
        me = session.exec(
            select(Volunteer.id).where(Volunteer.username == f"taker{racer.index}")
        ).one()
    for offer_id in range(1, EVENINGS + 1):
        racer.wait_for_others()
        try:
            with database.transaction() as session:
                accept_offer(session, offer_id, volunteer_id=me or 0, now=NOON)
            won.append(offer_id)
        except RosterError:
            continue
    database.close()
    return won


def take_or_cancel(racer: Racer) -> list[int]:
    """Let the owner cancel what two others are accepting; return what this one managed."""
    if racer.index:
        return take_over(racer)
    database = Database(racer.url, cipher=Cipher(KEY))
    done = []
    for duty_id in range(1, EVENINGS + 1):
        racer.wait_for_others()
        try:
            with database.transaction() as session:
                owner = session.exec(select(Volunteer.id).where(Volunteer.username == "wang")).one()
                close_duty(
                    session,
                    DutyKey(duty_id=duty_id),
                    actor_id=owner or 0,
                    reason=CloseReason.ILL,
                    now=NOON,
                )
            done.append(duty_id)
        except RosterError:
            continue
    database.close()
    return done


@pytest.fixture
def offered(database: Database) -> Database:
    """Twelve Tuesdays of one lawyer, offered to all; three other lawyers."""
    with database.transaction() as session:
        for index in range(SIZE):
            add_volunteer(session, f"taker{index}", Skill.LAWYER, now=NOON)
        wang = session.exec(select(Volunteer.id).where(Volunteer.username == "wang")).one() or 0
        weekly = session.exec(
            select(WeeklyDuty).where(WeeklyDuty.volunteer_id == wang, WeeklyDuty.weekday == 1)
        ).one()
        for week in range(EVENINGS):
            offer_duty(session, key(weekly.id or 0, week), from_id=wang, now=NOON)
    return database


def test_each_evening_is_taken_over_once(offered: Database, crew: Crew, database_url: str) -> None:
    won = crew.race(take_over, database_url)

    with offered.transaction() as session:
        owners = dict(session.exec(select(Duty.id, Volunteer.username).join(Volunteer)).all())
        states = {offer.state for offer in session.exec(select(DutyOffer))}
    assert sorted(one for mine in won for one in mine) == list(range(1, EVENINGS + 1))
    assert states == {OfferState.ACCEPTED}
    assert owners == {one: f"taker{index}" for index, mine in enumerate(won) for one in mine}


def test_what_is_cancelled_is_not_taken_over_too(
    offered: Database, crew: Crew, database_url: str
) -> None:
    done = crew.race(take_or_cancel, database_url)

    with offered.transaction() as session:
        closed = [duty.id or 0 for duty in session.exec(select(Duty)) if duty.closed_reason]
        standing = session.exec(select(DutyOffer).where(DutyOffer.state == "offered")).all()
    assert sorted(closed) == sorted(done[0])
    assert sorted(one for mine in done for one in mine) == list(range(1, EVENINGS + 1))
    assert standing == []
