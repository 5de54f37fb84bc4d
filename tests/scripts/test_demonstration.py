"""The demonstration is always of today, and loading it twice changes nothing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session, col, func, select

from models.database import Database
from models.duty import WeeklyDuty
from models.faq import ContentVersion, FaqEntry
from models.job import JobPosting
from models.open_class import OpenClass, list_upcoming_classes
from models.roster import find_next_duty
from models.volunteer import Skill, Volunteer
from scripts.demonstration.content import seed

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
SIX_WEEKS_LATER = NOW + timedelta(weeks=6)


def load(session: Session, now: datetime) -> dict[str, int]:
    return seed(session, now=now, zone=SHANGHAI, password="only for tests")


def everything(session: Session) -> list[str]:
    tables = (JobPosting, OpenClass, FaqEntry, Volunteer, WeeklyDuty, ContentVersion)
    return [repr(row) for table in tables for row in session.exec(select(table)).all()]


def test_loading_twice_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        before = everything(session)
        load(session, NOW)
        session.flush()
        session.expire_all()

        assert everything(session) == before


def test_there_is_as_much_as_the_demonstration_promises(database: Database) -> None:
    with database.transaction() as session:
        counts = load(session, NOW)

    assert counts["postings"] >= 200
    assert counts["FAQ entries"] >= 60
    assert counts["classes"] == 10
    assert counts["volunteers"] == 6


@pytest.mark.parametrize("now", [NOW, SIX_WEEKS_LATER])
def test_this_weeks_class_is_on_this_thursday(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        load(session, now)
        session.flush()
        first = list_upcoming_classes(session, now=now)[0]

    assert (first.starts_at - now) < timedelta(days=3)
    assert f"{first.starts_at.astimezone(SHANGHAI):%a %H:%M}" == "Thu 19:30"


@pytest.mark.parametrize("now", [NOW, SIX_WEEKS_LATER])
def test_postings_are_valid_on_the_day_of_seeding(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        load(session, now)
        session.flush()
        valid = session.exec(
            select(func.count())
            .select_from(JobPosting)
            .where(col(JobPosting.valid_until) >= now.date())
        ).one()

    assert valid >= 200


@pytest.mark.parametrize("skill", list(Skill))
def test_somebody_of_each_skill_comes_within_forty_hours(database: Database, skill: Skill) -> None:
    with database.transaction() as session:
        load(session, SIX_WEEKS_LATER)
        session.flush()
        duty = find_next_duty(session, skills=[skill], now=SIX_WEEKS_LATER)

    assert duty is not None
    assert duty.starts_at - SIX_WEEKS_LATER <= timedelta(hours=40)


def test_first_log_ins_are_kept_hashed(database: Database) -> None:
    with database.transaction() as session:
        volunteers = session.exec(select(Volunteer)).all()

    assert len(volunteers) == 6
    assert PasswordHasher().verify(volunteers[0].password_hash, "only for tests")
