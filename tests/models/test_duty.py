"""What is promised about people is computed from the roster."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from models.database import Database
from models.volunteer import Duty, Skill, Volunteer, find_next_duty

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
FAR = NOW + timedelta(days=400)


def put_on_duty(
    session: Session, name: str, *, start: datetime, hours: int = 2, closed: str | None = None
) -> None:
    volunteer = Volunteer(
        username=name, name=name, display_name=name, password_hash="x", created_at=NOW
    )
    session.add(volunteer)
    session.flush()
    session.add(
        Duty(
            volunteer_id=volunteer.id or 0,
            skill=Skill.LAWYER,
            starts_at=start,
            ends_at=start + timedelta(hours=hours),
            closed_reason=closed,
        )
    )


def test_the_duty_that_is_on_comes_before_the_next(database: Database) -> None:
    with database.transaction() as session:
        put_on_duty(session, "later", start=FAR + timedelta(hours=3))
        put_on_duty(session, "on", start=FAR - timedelta(hours=1))

        found = find_next_duty(session, skills=[Skill.LAWYER], now=FAR)

    assert found is not None
    assert (found.who, found.is_on(FAR)) == ("on", True)


def test_a_closed_duty_is_not_promised(database: Database) -> None:
    with database.transaction() as session:
        put_on_duty(session, "ill", start=FAR, closed="病了")
        put_on_duty(session, "there", start=FAR + timedelta(days=1))

        found = find_next_duty(session, skills=[Skill.LAWYER], now=FAR)

    assert found is not None
    assert found.who == "there"


@pytest.mark.parametrize("skill", [Skill.COUNSELOR, Skill.LAWYER])
def test_nobody_is_promised_when_the_roster_is_empty(database: Database, skill: Skill) -> None:
    with database.transaction() as session:
        assert find_next_duty(session, skills=[skill], now=FAR) is None
