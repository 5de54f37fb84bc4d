"""Many senders at once, and senders that are killed: no quota overspent, no message lost."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from bot.outbox_worker import OutboxWorker, RateLimit
from bot.simulator.wechat_api import Fault
from models import outbox
from models.clock import system_clock
from models.database import Database
from models.encryption import Cipher
from models.outbox import OutboxKind, OutboxMessage, OutboxStatus, enqueue, list_parked, mark_said
from models.reply_window import GrantReason, ReplyWindow, grant, take
from tests.conftest import KEY, NOON
from tests.races.crew import SIZE, Crew
from tests.races.real_server import environment
from tests.races.service import follower
from tests.support.chat import FakeClock
from tests.support.people import add_contact
from tests.support.processes import Racer
from tests.support.wechat_stand_in import Served, serving_wechat

pytestmark = pytest.mark.race

CONTACTS = 30
SENDERS = 12
ALLOWED = 5


def add_contacts(database: Database, count: int) -> list[int]:
    """Store contacts whose window is open."""
    with database.transaction() as session:
        ids = [add_contact(session, follower(number), now=NOON) for number in range(count)]
        for contact_id in ids:
            grant(session, contact_id=contact_id, reason=GrantReason.MESSAGE, now=NOON)
    return ids


# Windows


def take_from_all(racer: Racer, contacts: Sequence[int]) -> list[int]:
    """Let this process's share of the senders spend from every contact, each in its own order."""
    database = Database(racer.url, cipher=Cipher(KEY))
    with database.reading() as connection:
        connection.execute(sa.select(1))
    racer.wait_for_others()
    with ThreadPoolExecutor(SENDERS // SIZE) as threads:
        shares = threads.map(
            partial(_take_each, database, contacts), range(racer.index, SENDERS, SIZE)
        )
        taken = [contact_id for share in shares for contact_id in share]
    database.close()
    return taken


def _take_each(database: Database, contacts: Sequence[int], sender: int) -> list[int]:
    mine = random.Random(sender).sample(list(contacts), len(contacts))  # noqa: S311 - a test's order
    return [contact_id for contact_id in mine if _take_one(database, contact_id)]


def _take_one(database: Database, contact_id: int) -> bool:
    for _ in range(10):
        try:
            with database.transaction() as session:
                return take(session, contact_id=contact_id, now=NOON)
        except OperationalError:
            continue  # SQLite had another writer for too long
    raise AssertionError


def test_twelve_senders_never_spend_more_than_the_window_allows(
    crew: Crew, database_url: str, database: Database
) -> None:
    contacts = add_contacts(database, CONTACTS)

    shares = crew.race(partial(take_from_all, contacts=contacts), database_url)

    taken = Counter(contact_id for share in shares for contact_id in share)
    assert taken == dict.fromkeys(contacts, ALLOWED)
    with database.transaction() as session:
        assert set(session.exec(select(ReplyWindow.used))) == {ALLOWED}


def take_by_an_earlier_look(racer: Racer, contact_id: int) -> bool:
    """Spend as careless code does it: looked at first, written back later."""
    database = Database(racer.url, cipher=Cipher(KEY))
    with database.reading() as connection:
        used = connection.execute(sa.select(col(ReplyWindow.used))).scalar_one()
    racer.wait_for_others()
    with database.transaction() as session:
        session.connection().execute(
            sa.update(ReplyWindow)
            .where(col(ReplyWindow.contact_id) == contact_id)
            .values(used=used + 1)
        )
    database.close()
    return bool(used < ALLOWED)


def test_without_the_condition_in_the_statement_one_message_is_spent_three_times(
    crew: Crew, database_url: str, database: Database
) -> None:
    [contact] = add_contacts(database, 1)
    for _ in range(ALLOWED - 1):
        assert _take_one(database, contact)

    taken = crew.race(partial(take_by_an_earlier_look, contact_id=contact), database_url)

    assert taken == [True] * SIZE


# Claims


@dataclass
class _Notes:
    """A gateway that writes down what it is asked to send."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    def send_text(self, openid: str, text: str) -> None:
        self.sent.append((openid, text))


def send_all(racer: Racer, *, careless: bool = False) -> list[tuple[str, str]]:
    """Work with several threads until nothing is left."""
    database, notes = Database(racer.url, cipher=Cipher(KEY)), _Notes()
    worker = OutboxWorker(
        database=database,
        gateway=notes,
        app_id="wx1",
        clock=FakeClock(NOON),
        timezone=ZoneInfo("Asia/Shanghai"),
        rate=RateLimit(10_000),
    )
    if careless:
        with (
            patch.object(outbox, "_may_go", lambda *_, **__: True),
            patch.object(outbox, "_find_next", partial(_find_and_meet, racer, outbox._find_next)),
        ):
            worker.run_once()
    else:
        racer.wait_for_others()
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(_until_done, [worker] * 2))
    database.close()
    return notes.sent


def _find_and_meet(
    racer: Racer, find: object, session: Session, now: object, **options: bool
) -> object:
    """Look without a lock, then wait until everybody has looked."""
    with patch.object(sa.sql.Select, "with_for_update", lambda self, **_: self):
        found = find(session, now, **options)  # type: ignore[operator]
    racer.wait_for_others()
    return found


def _until_done(worker: OutboxWorker) -> None:
    idle = 0
    while idle < 20:
        try:
            idle = 0 if worker.run_once() else idle + 1
        except OperationalError:
            continue
        if idle:
            time.sleep(0.02)


def test_three_processes_send_each_message_once_and_in_order(
    crew: Crew, database_url: str, database: Database
) -> None:
    contacts = add_contacts(database, 20)
    with database.transaction() as session:
        for number in range(ALLOWED):
            for contact_id in contacts:
                enqueue(
                    session,
                    contact_id=contact_id,
                    body=str(number),
                    kind=OutboxKind.VOLUNTEER,
                    now=NOON,
                )

    shares = crew.race(send_all, database_url)

    sent = Counter(message for share in shares for message in share)
    assert len(sent) == 100
    assert set(sent.values()) == {1}
    for share in shares:
        for openid in {who for who, _ in share}:
            bodies = [body for who, body in share if who == openid]
            assert bodies == sorted(bodies)


def test_without_the_look_under_the_lock_one_message_is_sent_three_times(
    crew: Crew, postgres_url: str
) -> None:
    database = Database(postgres_url, cipher=Cipher(KEY))
    [contact] = add_contacts(database, 1)
    with database.transaction() as session:
        enqueue(session, contact_id=contact, body="一", kind=OutboxKind.VOLUNTEER, now=NOON)
    database.close()

    shares = crew.race(partial(send_all, careless=True), postgres_url)

    assert sum(len(share) for share in shares) == SIZE


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the kind where two transactions can look at the same time."""
    request.getfixturevalue("socket_enabled")
    server = request.getfixturevalue("postgres")
    url = server.create_database(template=request.getfixturevalue("postgres_template"))
    yield url
    server.drop_database(url)


# Senders that are killed


@contextmanager
def _sender(url: str, base: str) -> Iterator[subprocess.Popen[bytes]]:
    inherited = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}  # noqa: TID251 - a child's own
    command = [sys.executable, "-m", "tests.races.outbox_sender", url, base]
    with subprocess.Popen(command, env=inherited) as process:
        try:
            yield process
        finally:
            process.kill()


class _Week:
    """Followers who write now and then, and an outbox full of messages for them."""

    def __init__(self, database: Database, wechat: Served, *, messages: int, seed: int) -> None:
        self.database = database
        self.wechat = wechat
        self.random = random.Random(seed)  # noqa: S311 - a run that can be repeated
        self.followers = [f"follower-{number}" for number in range(messages // ALLOWED)]
        now = system_clock()
        with database.transaction() as session:
            self.contacts = {
                add_contact(session, wechat.writes(name), now=now): name for name in self.followers
            }
            for number in range(messages):
                contact_id = list(self.contacts)[number % len(self.contacts)]
                enqueue(
                    session,
                    contact_id=contact_id,
                    body=f"第{number:04}条",
                    kind=OutboxKind.VOLUNTEER,
                    now=now,
                )
        self.everybody_writes()

    def everybody_writes(self) -> None:
        """Open all windows, on WeChat's side and on ours."""
        with self.database.transaction() as session:
            for contact_id, name in self.contacts.items():
                self.wechat.writes(name)
                grant(
                    session,
                    contact_id=contact_id,
                    reason=GrantReason.MESSAGE,
                    now=system_clock(),
                )

    def order_faults(self) -> None:
        """Let something go wrong with some of the next calls."""
        kinds = (Fault.BUSY, Fault.UNAVAILABLE, Fault.RESET, Fault.LOST, Fault.SLOW, Fault.TOKEN)
        if not self.wechat.stand_in.faults and self.random.random() < 0.5:
            self.wechat.stand_in.faults.append(self.random.choice(kinds))

    def pending(self) -> int:
        with self.database.reading() as connection:
            return int(
                connection.execute(
                    sa.select(sa.func.count())
                    .select_from(OutboxMessage)
                    .where(col(OutboxMessage.sent_at).is_(None))
                    .where(col(OutboxMessage.status) != OutboxStatus.PARKED)
                ).scalar_one()
            )

    def say_what_is_parked(self) -> list[str]:
        """Give everybody what the dispatcher would give them with their next message."""
        said = []
        with self.database.transaction() as session:
            for contact_id in self.contacts:
                parked = list_parked(session, contact_id=contact_id, now=system_clock())
                mark_said(session, parked, now=system_clock())
                said += [message.body for message in parked]
        return said

    def rows(self) -> Sequence[OutboxMessage]:
        with self.database.transaction() as session:
            return session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id))).all()


def _send_under_fire(week: _Week, url: str, *, kills: int, patience: float) -> int:
    """Kill the sender again and again while it sends, then let it finish; return the kills."""
    deadline, killed = time.monotonic() + patience, 0
    base = week.wechat.account.base_url
    while week.pending():
        assert time.monotonic() < deadline, f"{week.pending()} messages are still waiting"
        with _sender(url, base) as process:
            _wait_for_life(week, deadline)
            if killed < kills:
                time.sleep(week.random.uniform(0, 0.25))
                process.send_signal(signal.SIGKILL)
                killed += 1
            else:
                _wait_for_the_end(week, deadline)
    return killed


def _wait_for_life(week: _Week, deadline: float) -> None:
    before = week.wechat.stand_in.calls
    while week.wechat.stand_in.calls == before and week.pending():
        assert time.monotonic() < deadline, f"{week.pending()} messages are still waiting"
        week.order_faults()
        week.everybody_writes()
        time.sleep(0.1)


def _wait_for_the_end(week: _Week, deadline: float) -> None:
    week.wechat.stand_in.faults.clear()
    while week.pending() and time.monotonic() < deadline:
        week.everybody_writes()
        time.sleep(0.1)


def _check(week: _Week) -> None:
    parked = week.say_what_is_parked()
    arrived = Counter([*week.wechat.texts(), *parked])
    for row in week.rows():
        assert arrived[row.body] >= 1, f"{row.body} is lost"
        if arrived[row.body] > 1:
            assert row.status is OutboxStatus.UNCERTAIN, f"{row.body} came twice, unmarked"
        assert row.status in (OutboxStatus.SENT, OutboxStatus.UNCERTAIN)


def _check_order(week: _Week) -> None:
    first: dict[str, list[str]] = {}
    for arrival in week.wechat.stand_in.arrivals:
        bodies = first.setdefault(arrival.follower, [])
        if arrival.text not in bodies:
            bodies.append(arrival.text)
    assert all(bodies == sorted(bodies) for bodies in first.values())


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize(
    ("messages", "kills"),
    [
        pytest.param(100, 4, id="short"),
        pytest.param(1000, 20, id="long", marks=pytest.mark.soak),
    ],
)
def test_of_messages_under_fire_none_is_lost_and_none_comes_twice_unmarked(
    database_url: str, database: Database, messages: int, kills: int
) -> None:
    with serving_wechat(slow=0.3) as wechat:
        week = _Week(database, wechat, messages=messages, seed=messages)

        killed = _send_under_fire(week, database_url, kills=kills, patience=60 + messages / 2)

        assert killed >= kills // 2
        _check(week)
        _check_order(week)
        doubtful = [row for row in week.rows() if row.status is OutboxStatus.UNCERTAIN]
        assert len(doubtful) < messages / 2


@pytest.mark.usefixtures("socket_enabled")
def test_the_worker_process_sends_and_stops_when_asked(
    database_url: str, database: Database
) -> None:
    with serving_wechat() as wechat:
        week = _Week(database, wechat, messages=ALLOWED, seed=1)
        settings = environment(
            database_url,
            WECHAT_API_BASE=wechat.account.base_url,
            WECHAT_APP_SECRET=wechat.account.app_secret,
            SECRET_KEY="only for tests, with 32 letters or more: 0123456789",
        )
        with subprocess.Popen([sys.executable, "-m", "bot.worker"], env=settings) as process:
            try:
                deadline = time.monotonic() + 30
                while week.pending() and time.monotonic() < deadline:
                    threading.Event().wait(0.1)
            finally:
                process.terminate()
        assert process.returncode == 0
        assert wechat.texts() == [f"第{number:04}条" for number in range(ALLOWED)]
