"""Many want a seat at the same moment: a class is never over its capacity, and no seat is lost."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import open_class
from models.contact import Contact
from models.database import Database
from models.open_class import (
    Enrolment,
    EnrolmentState,
    OpenClass,
    cancel_enrolment,
    enrol,
    find_enrolment,
)
from models.outbox import OutboxMessage
from tests.conftest import NOON
from tests.races.crew import SIZE, Crew
from tests.races.service import (
    CANCEL,
    CLASS,
    ENROL,
    count,
    deliver,
    follower,
    make_known,
    places,
    seats_taken,
    serving,
    set_capacity,
    text_xml,
)
from tests.support.processes import Racer

pytestmark = pytest.mark.race

THREADS = 6
FOLLOWERS = {follower(number): number for number in range(50)}


def say_at_once(racer: Racer, numbers: Sequence[int], text: str, msg_id: int) -> None:
    """Let this process's share of the followers say the same, on several threads."""
    mine = numbers[racer.index :: SIZE]
    messages = [text_xml(number, text, msg_id=msg_id + number) for number in mine]
    with serving(racer.url) as service, ThreadPoolExecutor(THREADS) as threads:
        racer.wait_for_others()
        for answer in threads.map(partial(deliver, service), messages):
            assert "<Content>" in answer


def _say(crew: Crew, url: str, numbers: Sequence[int], text: str, *, msg_id: int) -> None:
    crew.race(partial(say_at_once, numbers=numbers, text=text, msg_id=msg_id), url)


def test_thirty_seats_serve_thirty_of_fifty_and_move_up_as_many_as_leave(
    crew: Crew, database_url: str, database: Database
) -> None:
    set_capacity(database, 30)

    _say(crew, database_url, range(50), ENROL, msg_id=1_000)

    seated = places(database, EnrolmentState.ENROLLED)
    queue = places(database, EnrolmentState.WAITING)
    assert (len(seated), len(queue), seats_taken(database)) == (30, 20, 30)

    leavers = seated[::3]
    _say(crew, database_url, [FOLLOWERS[who] for who in leavers], CANCEL, msg_id=2_000)

    now_seated = places(database, EnrolmentState.ENROLLED)
    assert set(now_seated) == (set(seated) - set(leavers)) | set(queue[:10])
    assert places(database, EnrolmentState.WAITING) == queue[10:]
    assert (len(now_seated), seats_taken(database)) == (30, 30)
    assert count(database, OutboxMessage) == 10


def enrol_by_an_earlier_look(racer: Racer) -> str:
    """Enrol with the seats counted first and written back later, as careless code does it."""
    seen: list[tuple[int, int]] = []

    def look(_text: str) -> None:
        query = sa.select(col(OpenClass.seats_taken), col(OpenClass.capacity)).where(
            col(OpenClass.id) == CLASS
        )
        with service.database.reading() as connection:
            taken, capacity = connection.execute(query).one()
        seen.append((taken, capacity))
        racer.wait_for_others()

    def take(session: Session, class_id: str) -> bool:
        taken, capacity = seen[0]
        chosen = col(OpenClass.id) == class_id
        session.connection().execute(
            sa.update(OpenClass).where(chosen).values(seats_taken=taken + 1)
        )
        return taken < capacity

    with serving(racer.url, look) as service, patch.object(open_class, "_take_seat", take):
        return deliver(service, text_xml(racer.index, ENROL, msg_id=3_000 + racer.index))


def enrol_as_it_is(racer: Racer) -> str:
    """Enrol when all processes have understood the wish and none has begun to write."""
    with serving(racer.url, lambda _text: racer.wait_for_others()) as service:
        return deliver(service, text_xml(racer.index, ENROL, msg_id=3_000 + racer.index))


def test_the_last_seat_goes_to_one_of_three(
    crew: Crew, database_url: str, database: Database
) -> None:
    set_capacity(database, 1)

    crew.race(enrol_as_it_is, database_url)

    assert len(places(database, EnrolmentState.ENROLLED)) == seats_taken(database) == 1
    assert len(places(database, EnrolmentState.WAITING)) == SIZE - 1


def test_without_the_condition_in_the_statement_the_last_seat_goes_to_all_three(
    crew: Crew, database_url: str, database: Database
) -> None:
    set_capacity(database, 1)

    crew.race(enrol_by_an_earlier_look, database_url)

    assert len(places(database, EnrolmentState.ENROLLED)) == SIZE
    assert seats_taken(database) == 1


def _begin_and_meet(database: Database, work: Callable[[Session], object]) -> Callable[[], None]:
    """Start `work` in a transaction of its own; return when it is done or waits for ours."""
    done = threading.Event()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with database.transaction() as session:
                work(session)
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=run)
    thread.start()
    while database.engine.dialect.name == "postgresql" and not done.wait(0.01):
        if _somebody_waits(database):
            break

    def finish() -> None:
        thread.join(10)
        assert not errors, errors

    return finish


def _somebody_waits(database: Database) -> bool:
    query = sa.text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with database.reading() as connection:
        return bool(connection.execute(query).scalar_one())


def _enrol(session: Session, number: int, *, known: dict[str, int]) -> Enrolment:
    return enrol(session, class_id=CLASS, contact_id=known[follower(number)], now=NOON)


def _leave(session: Session, number: int, *, known: dict[str, int]) -> None:
    place = find_enrolment(session, class_id=CLASS, contact_id=known[follower(number)])
    assert place is not None
    cancel_enrolment(session, place)


@pytest.fixture
def known(database: Database) -> dict[str, int]:
    """Three people who know the class, of one seat."""
    set_capacity(database, 1)
    make_known(database, range(3))
    with database.transaction() as session:
        return {contact.openid: contact.id or 0 for contact in session.exec(select(Contact))}


def test_who_queues_while_the_seat_is_given_back_gets_it(
    database: Database, known: dict[str, int]
) -> None:
    with database.transaction() as session:
        _enrol(session, 0, known=known)

    with database.transaction() as session:
        assert _enrol(session, 1, known=known).state is EnrolmentState.WAITING
        finish = _begin_and_meet(database, partial(_leave, number=0, known=known))
    finish()

    assert places(database, EnrolmentState.ENROLLED) == [follower(1)]
    assert seats_taken(database) == 1


def test_who_leaves_the_queue_while_being_moved_up_passes_the_seat_on(
    database: Database, known: dict[str, int]
) -> None:
    for number in range(3):
        with database.transaction() as session:
            _enrol(session, number, known=known)

    with database.transaction() as session:
        _leave(session, 0, known=known)
        finish = _begin_and_meet(database, partial(_leave, number=1, known=known))
    finish()

    assert places(database, EnrolmentState.ENROLLED) == [follower(2)]
    assert seats_taken(database) == 1
