"""The timed work is done by one process at a time, and the senders run inside the server."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session
from structlog.testing import capture_logs

from bot.app import create_app
from bot.background import LEASE, Job, Timekeeper, list_jobs
from bot.settings import Settings
from knowledge.engine import Engine
from models.account_state import pause_sending
from models.clock import system_clock
from models.database import Database
from models.outbox import OutboxKind, OutboxMessage, OutboxReason, OutboxStatus, enqueue
from models.reply_window import GrantReason, grant
from tests.conftest import NOON
from tests.support.chat import FakeClock
from tests.support.people import add_contact
from tests.support.wechat_stand_in import APP_ID, Served, serving_wechat

MakeKeeper = Callable[..., Timekeeper]


@pytest.fixture
def make_keeper(database: Database, clock: FakeClock) -> MakeKeeper:
    def make(*jobs: Job) -> Timekeeper:
        return Timekeeper(database=database, clock=clock, jobs=jobs)

    return make


def counting(done: list[datetime], *, every: timedelta = timedelta(minutes=1)) -> Job:
    return Job("count", every, lambda _, now: done.append(now))


def test_a_job_is_done_when_it_is_due_and_not_before(
    make_keeper: MakeKeeper, clock: FakeClock
) -> None:
    done: list[datetime] = []
    keeper = make_keeper(counting(done))

    for _ in range(3):
        keeper.run_once()
        clock.advance(seconds=30)

    assert done == [NOON, NOON + timedelta(minutes=1)]


def test_one_process_at_a_time_does_the_work_and_another_takes_over(
    make_keeper: MakeKeeper, clock: FakeClock
) -> None:
    first, second = make_keeper(), make_keeper()

    assert (first.run_once(), second.run_once()) == (True, False)
    clock.advance(seconds=10)
    assert (first.run_once(), second.run_once()) == (True, False)
    clock.advance(seconds=LEASE.total_seconds())
    assert (second.run_once(), first.run_once()) == (True, False)


def test_who_stops_lets_the_next_one_begin_at_once(make_keeper: MakeKeeper) -> None:
    first, second = make_keeper(), make_keeper()
    stop = threading.Event()
    done: list[datetime] = []

    def work(_session: Session, now: datetime) -> None:
        done.append(now)
        stop.set()

    busy = make_keeper(Job("stop", timedelta(0), work))

    busy.run(stop)

    assert len(done) == 1
    assert first.run_once()
    assert not second.run_once()


def test_a_job_that_fails_does_not_stop_the_others(make_keeper: MakeKeeper) -> None:
    done: list[datetime] = []

    def fail(_session: Session, _now: datetime) -> None:
        raise ZeroDivisionError

    keeper = make_keeper(Job("fail", timedelta(0), fail), counting(done))
    with capture_logs() as logs:
        keeper.run_once()

    assert done == [NOON]
    assert [(entry["event"], entry["job"]) for entry in logs] == [("job_failed", "fail")]


def test_what_was_parked_for_the_days_limit_goes_out_after_it(
    make_keeper: MakeKeeper, clock: FakeClock, database: Database
) -> None:
    with database.transaction() as session:
        contact_id = add_contact(session, "oDAY", now=NOON)
        parked = OutboxMessage(
            contact_id=contact_id,
            status=OutboxStatus.PARKED,
            reason=OutboxReason.DAY_LIMIT,
            body="x",
            created_at=NOON,
        )
        session.add(parked)
        pause_sending(session, app_id=APP_ID, until=NOON + timedelta(hours=1))
    keeper = make_keeper(*list_jobs(APP_ID, ZoneInfo("Asia/Shanghai")))

    def status() -> OutboxStatus:
        keeper.run_once()
        with database.transaction() as session:
            return session.get_one(OutboxMessage, parked.id).status

    assert status() is OutboxStatus.PARKED
    clock.advance(hours=1)
    assert status() is OutboxStatus.WAITING


@pytest.mark.usefixtures("socket_enabled")
def test_the_server_sends_by_itself_while_it_runs(
    settings: Settings, engine: Engine, database: Database
) -> None:
    with serving_wechat() as wechat:
        _write_to_somebody(database, wechat)
        running = settings.model_copy(
            update={
                "background_worker": True,
                "wechat_api_base": wechat.account.base_url,
                "wechat_app_secret": wechat.account.app_secret,
            }
        )
        with TestClient(create_app(running, engine=engine)):
            pause = threading.Event()
            for _ in range(100):
                if wechat.texts() or pause.wait(0.1):
                    break

        assert wechat.texts() == ["有人回您了"]


def _write_to_somebody(database: Database, wechat: Served) -> None:
    now, kind = system_clock(), OutboxKind.VOLUNTEER
    with database.transaction() as session:
        contact_id = add_contact(session, wechat.writes("lao-zhang"), now=now)
        grant(session, contact_id=contact_id, reason=GrantReason.MESSAGE, now=now)
        enqueue(session, contact_id=contact_id, body="有人回您了", kind=kind, now=now)


def test_a_server_without_the_worker_has_no_threads_of_its_own(
    client: TestClient, settings: Settings
) -> None:
    assert not settings.background_worker
    assert client.app.state.background is None  # type: ignore[attr-defined]
