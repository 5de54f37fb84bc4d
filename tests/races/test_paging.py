"""Several processes call people at the same moment: each rung is called once."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from bot.pager import Pager
from models import alarm, paging
from models import ticket_flow as flow
from models.alarm import Outcome, TicketAlarm, TicketPage
from models.database import Database
from models.encryption import Cipher
from models.promise import BrokenPromise
from models.ticket import Ticket, TicketKind, TicketState
from models.volunteer import Skill
from tests.conftest import KEY, NOON
from tests.races.crew import SIZE, Crew
from tests.support.chat import FakeClock
from tests.support.people import add_ticket, add_volunteer
from tests.support.processes import Racer

pytestmark = pytest.mark.race

TICKETS, RUNGS = 12, 4
_insert_once = alarm.insert_once


def call_all(racer: Racer, *, hours: float = 0) -> list[str]:
    """Climb all ladders in steps of five minutes, each beside the other processes."""
    database, texts = Database(racer.url, cipher=Cipher(KEY)), list[str]()
    clock = FakeClock(NOON)
    clock.advance(hours=hours)
    pager = make_pager(database, clock, texts.append)
    for _ in range(RUNGS):
        racer.wait_for_others()
        _work(pager)
        clock.advance(minutes=5)
    database.close()
    return texts


def make_pager(database: Database, clock: FakeClock, tell: Callable[[str], object]) -> Pager:
    def send(text: str) -> Outcome:
        tell(text.partition("，")[0])
        return Outcome.SENT

    return Pager(
        database=database,
        clock=clock,
        timezone=ZoneInfo("Asia/Shanghai"),
        address="https://help.example.org/console/",
        channels={"webhook": send},
    )


def _work(pager: Pager) -> None:
    for _ in range(10):
        try:
            if pager.run_once() == 0:
                return
        except OperationalError:
            continue  # SQLite had another writer for too long


def set_up(database: Database) -> list[int]:
    """Let people in danger wait."""
    with database.transaction() as session:
        kind = TicketKind.CRISIS
        tickets = [
            add_ticket(session, f"o{number}", now=NOON, kind=kind, risk=3)
            for number in range(TICKETS)
        ]
        return [ticket.id or 0 for ticket in tickets]


def test_three_processes_call_each_rung_of_each_alarm_once(
    crew: Crew, database_url: str, database: Database
) -> None:
    tickets = set_up(database)

    shares = crew.race(call_all, database_url, timeout=60)

    said = Counter(text for share in shares for text in share)
    assert set(said.values()) == {1}
    assert len(said) == TICKETS * RUNGS
    with database.transaction() as session:
        alarms = session.exec(select(TicketAlarm.ticket_id)).all()
        pages = session.exec(select(TicketPage)).all()
    assert sorted(alarms) == tickets
    assert {page.webhook for page in pages} == {Outcome.SENT}
    assert not any(page.is_repeated for page in pages)


def test_three_processes_tell_each_person_of_a_broken_promise_once(
    crew: Crew, database_url: str, database: Database
) -> None:
    with database.transaction() as session:
        for number in range(TICKETS):
            add_ticket(session, f"o{number}", now=NOON)

    shares = crew.race(partial(call_all, hours=7.25), database_url, timeout=60)

    assert sum(len(share) for share in shares) == 1
    with database.transaction() as session:
        assert len(session.exec(select(BrokenPromise)).all()) == TICKETS


def _insert_anyway(session: Session, model: type[TicketPage], **values: object) -> int | None:
    """Insert as if there were no key: the second process takes the row of the first for its own."""
    number = _insert_once(session, model, **values)
    if number is not None or model is not TicketPage:
        return number
    page = select(TicketPage.id).where(
        TicketPage.alarm_id == values["alarm_id"], TicketPage.rung == values["rung"]
    )
    return session.exec(page).one()


def begin_by_an_earlier_look(racer: Racer, alarm_id: int) -> bool:
    """Begin a page as careless code does it: looked at first, without a lock or a key."""
    database = Database(racer.url, cipher=Cipher(KEY))
    with database.reading() as connection, Session(connection) as session:
        rung = paging._find_rung(session, session.get_one(TicketAlarm, alarm_id), NOON)
    racer.wait_for_others()
    with (
        patch.object(paging, "_find_rung", lambda *_: rung),
        patch.object(paging, "insert_once", _insert_anyway),
        database.transaction() as session,
    ):
        page = paging.begin_page(session, alarm_id=alarm_id, now=NOON)
    database.close()
    return page is not None


def test_without_the_look_under_the_lock_and_the_key_all_three_call(
    crew: Crew, database_url: str, database: Database
) -> None:
    [first, *_] = set_up(database)
    with database.transaction() as session:
        paging.raise_crisis(session, ticket_id=first, now=NOON)
        alarm_id = session.exec(select(TicketAlarm.id)).one() or 0

    called = crew.race(partial(begin_by_an_earlier_look, alarm_id=alarm_id), database_url)

    assert called == [True] * SIZE


def claim_or_call(racer: Racer, tickets: Sequence[int], volunteer_id: int) -> list[str]:
    """Claim in one process while two others call; return whom the calls were for."""
    if racer.index:
        return call_all(racer)
    database = Database(racer.url, cipher=Cipher(KEY))
    for _ in range(RUNGS):
        racer.wait_for_others()
        for ticket_id in tickets:
            try:
                with database.transaction() as session:
                    flow.claim(session, ticket_id=ticket_id, volunteer_id=volunteer_id, now=NOON)
            except (OperationalError, flow.FlowError):
                continue
    database.close()
    return []


def test_who_is_claimed_while_the_others_call_is_called_for_no_more(
    crew: Crew, database_url: str, database: Database
) -> None:
    tickets = set_up(database)
    with database.transaction() as session:
        one = add_volunteer(session, "v", Skill.COUNSELOR, now=NOON, max_active=TICKETS)

    shares = crew.race(
        partial(claim_or_call, tickets=tickets, volunteer_id=one), database_url, timeout=60
    )

    said = Counter(text for share in shares for text in share)
    assert set(said.values()) <= {1}
    with database.transaction() as session:
        states = [session.get_one(Ticket, number).state for number in tickets]
        open_alarms = session.exec(
            select(TicketAlarm.id).where(col(TicketAlarm.ended_at).is_(None))
        ).all()
    assert set(states) == {TicketState.HUMAN}
    assert open_alarms == []
    assert not [text for text in said if "第 4 次" in text]
