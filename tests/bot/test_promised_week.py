"""A simulated week: what everybody is told of their place and of the next duty, and what was so.

The week (`tests.support.week`) is played by the real handlers, claims, pager and timed work; the
truth (`tests.support.week_truth`) is computed from the event log without any of them. That the
comparison would find something is tested below it, with products and transcripts made wrong.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlmodel import Session

from bot.app import create_service
from bot.pager import Pager
from bot.settings import Settings
from handlers import wording
from knowledge.engine import Engine
from models.ticket import Ticket
from models.ticket_flow import queue_position
from tests.support.chat import FakeClock
from tests.support.week import Week
from tests.support.week_record import Said, Transcript
from tests.support.week_truth import Verdict, judge

Play = Callable[..., Transcript]


@pytest.fixture
def play(settings: Settings, engine: Engine, clock: FakeClock) -> Play:
    """Play a week on the database of the test."""

    def go(**how: object) -> Transcript:
        service = create_service(settings, clock=clock, engine=engine)
        if service.database.engine.dialect.name == "sqlite":
            # Nothing of it has to survive a power cut.
            sa.event.listen(service.database.engine, "connect", _hurry)
        parts = {"database": service.database, "dispatcher": service.dispatcher, "clock": clock}
        transcript = Week(**parts, **how).run()  # type: ignore[arg-type]
        service.database.close()
        return transcript

    return go


def _hurry(connection: DBAPIConnection, _record: object) -> None:
    connection.cursor().execute("PRAGMA synchronous=OFF")


def assert_honest(verdict: Verdict) -> None:
    assert verdict.wrong == ()
    assert verdict.unannounced == ()


def test_each_place_and_duty_that_is_told_is_true_and_no_promise_breaks_in_silence(
    play: Play, database_url: str
) -> None:
    verdict = judge(play(seed=2 if "sqlite" in database_url else 7))

    assert_honest(verdict)
    assert verdict.positions >= 25
    assert verdict.duties >= 40
    assert len(verdict.broken) >= 6
    assert verdict.called_off >= 1
    assert verdict.nudges >= 3


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20, 30))
def test_crowded_weeks_with_a_look_every_quarter_of_an_hour_are_as_honest(
    play: Play, seed: int
) -> None:
    rounds = timedelta(minutes=15)
    verdict = judge(play(seed=seed, people_a_day=4 + seed % 7, rounds=rounds))

    assert_honest(verdict)
    assert len(verdict.broken) >= 6


# What makes it red: the product made wrong


class Silent(Pager):
    """Does everything but tell of promises that were not kept."""

    def _keep_promises(self, now: datetime) -> None:
        """Tell nobody."""


FEW = {"seed": 1, "people_a_day": 0}
"""Only those who come in every week."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_the_announcing_tick_promises_break_in_silence(play: Play) -> None:
    verdict = judge(play(**FEW, days=4, pager_kind=Silent))

    assert len(verdict.unannounced) >= 2
    assert verdict.wrong == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_position_that_is_off_by_one_is_found(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_more(session: Session, ticket: Ticket, now: datetime) -> int:
        return (queue_position(session, ticket, now) or 0) + 1

    monkeypatch.setattr(wording, "queue_position", one_more)
    verdict = judge(play(**FEW, days=2))

    assert len(verdict.wrong) == verdict.positions > 0


# What makes it red: texts made wrong after the event


@pytest.fixture(scope="module")
def kept() -> list[Transcript]:
    """The week that several tests change afterwards, once it was played."""
    return []


@pytest.fixture
def true(play: Play, kept: list[Transcript]) -> Transcript:
    """A short week in which a promise is broken and one is called off."""
    if not kept:
        kept.append(play(**FEW, days=6))
    return kept[0]


def _changed(true: Transcript, change: Callable[[Said], Said | None]) -> Verdict:
    changed = (change(said) for said in true.said)
    return judge(replace(true, said=tuple(said for said in changed if said is not None)))


def _worded(true: Transcript, pattern: str, other: str) -> Verdict:
    """Judge the week with other words in the first text that has these."""
    first = next(said for said in true.said if re.search(pattern, said.text))
    other_text = re.sub(pattern, other, first.text)
    return _changed(true, lambda said: replace(said, text=other_text) if said is first else said)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_words_that_were_not_true_are_found_one_by_one(true: Transcript) -> None:
    assert_honest(judge(true))
    for pattern, other in [
        (r"前面还有(\d)位", r"前面还有3位"),
        (r"您前面还有\d位。", ""),
        (r"(下次值班：.{0,12})\d\d:\d\d到", r"\g<1>09:10到"),
        (r"到\d\d:\d\d，薄律师。", "到22:30，薄律师。"),
        (r"薄律师。", "安律师。"),
        (r"现在没人值班。下次值班：.*?。", ""),
        (r"下次值班：今晚", "下次值班：明天（周六）"),
        (r"下次是今天 14:00", "下次是今天 14:30"),
        (r"下一次值班是.*?。", "下一次值班还没排出来，排好了再给您准话。"),
        (r"这一班到 22:00", "这一班到 21:00"),
        (r"有(一| \d )位在等", "有 7 位在等"),
    ]:
        assert len(_worded(true, pattern, other).wrong) == 1, pattern


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_person_or_a_supervisor_who_is_told_late_or_never_is_found(true: Transcript) -> None:
    delays = [said for said in true.said if "说好" in said.text]
    for delay in delays:
        assert _changed(true, lambda said: None if said is delay else said).unannounced  # noqa: B023
        late = replace(delay, at=delay.at + timedelta(hours=3))
        assert _changed(true, lambda said: late if said is delay else said).unannounced  # noqa: B023
    assert len(delays) >= 3

    called = [replace(call, at=call.at + timedelta(hours=3)) for call in true.called]
    assert judge(replace(true, called=())).unannounced
    assert judge(replace(true, called=tuple(called))).unannounced
