"""An announcement to a whole city: kills in the middle, and a volunteer who writes meanwhile."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import not_
from sqlmodel import col, select

from models.announcement import Announcement, AnnouncementState, NewsKind, start
from models.clock import system_clock
from models.contact import Contact
from models.database import Database
from models.outbox import OutboxKind, OutboxMessage, OutboxStatus, enqueue
from models.reply_window import GrantReason, grant
from models.spreading import Progress, count_progress
from tests.support.wechat_stand_in import Served, serving_wechat

LISTENING = 60
"""How many followers WeChat lets us write to."""

PER_MINUTE = 600
WORDS = 2
"""How many times the volunteer writes: no more than what is kept for people."""

MOST_MEGABYTES = 200


@dataclass
class _City:
    """Followers, an announcement for them, and a volunteer's words in the middle of it."""

    database: Database
    wechat: Served
    followers: int
    news_id: int = 0
    helped: int = 0
    waits: list[float] = field(default_factory=list)
    peak: int = 0

    def __post_init__(self) -> None:
        now = system_clock()
        names = [f"quiet-{number}" for number in range(self.followers)]
        # Who listens is spread over the whole city, the last of them asked a volunteer.
        every = self.followers // LISTENING
        names[every - 1 :: every] = [self.wechat.writes(f"f{n}") for n in range(LISTENING)]
        people = [_follower(openid, now) for openid in names]
        with self.database.transaction() as session:
            session.connection().execute(sa.insert(Contact), people)
            listening = select(Contact.id).where(not_(col(Contact.openid).like("quiet-%")))
            for contact_id in session.exec(listening.order_by(col(Contact.id))).all():
                self.helped = contact_id or 0
                grant(session, contact_id=self.helped, reason=GrantReason.MESSAGE, now=now)

    def announce(self) -> None:
        now = system_clock()
        with self.database.transaction() as session:
            news = Announcement(
                kind=NewsKind.JOB,
                body="周六有招聘会",
                per_minute=PER_MINUTE,
                created_at=now,
                expires_at=now + timedelta(days=1),
            )
            session.add(news)
            session.flush()
            self.news_id = news.id or 0
            start(session, announcement_id=self.news_id, now=now)

    def progress(self) -> Progress:
        with self.database.transaction() as session:
            return count_progress(session, announcement_id=self.news_id)

    def is_done(self) -> bool:
        with self.database.transaction() as session:
            news = session.get_one(Announcement, self.news_id)
            progress = count_progress(session, announcement_id=self.news_id)
        return news.state is AnnouncementState.SPREAD and progress.on_its_way == 0

    def volunteer_writes(self, text: str) -> None:
        """Let a volunteer write, and note how long it takes to WeChat."""
        with self.database.transaction() as session:
            message = enqueue(
                session,
                contact_id=self.helped,
                body=text,
                kind=OutboxKind.VOLUNTEER,
                now=system_clock(),
            )
        began = time.monotonic()
        while time.monotonic() - began < 30:
            with self.database.transaction() as session:
                found = select(OutboxMessage.sent_at).where(OutboxMessage.id == message.id)
                if session.exec(found).one() is not None:
                    break
            time.sleep(0.02)
        self.waits.append(time.monotonic() - began)

    def note_memory(self, process: subprocess.Popen[bytes]) -> None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        self.peak = max(self.peak, int(found[1]) // 1024 if found else 0)


def _follower(openid: str, now: datetime) -> dict[str, object]:
    wishes = {"wants_class_news": True, "wants_job_news": True}
    seen = {"first_seen_at": now, "last_message_at": now}
    return {"openid": openid, "followed": True, "notice_version": 0} | wishes | seen


@contextmanager
def _background(url: str, base: str) -> Iterator[subprocess.Popen[bytes]]:
    inherited = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}  # noqa: TID251 - a child's own
    command = [sys.executable, "-m", "tests.races.announcer", url, base]
    with subprocess.Popen(command, env=inherited) as process:
        try:
            yield process
        finally:
            process.kill()


def _run(city: _City, url: str, *, kills: int, patience: float) -> float:
    """Kill the background while it spreads and sends, then let it finish; return the seconds."""
    began, base = time.monotonic(), city.wechat.account.base_url
    for _ in range(kills):
        before = city.progress().total
        with _background(url, base) as process:
            while city.progress().total == before and not city.is_done():
                assert time.monotonic() - began < patience
                time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
        _end_leases(city.database)
    seen = city.progress()
    with _background(url, base) as process:
        while not (city.is_done() and len(city.waits) == WORDS):
            assert time.monotonic() - began < patience, city.progress()
            # Not before this background is alive: its start is not what is measured.
            if len(city.waits) < WORDS and city.progress() != seen:
                city.volunteer_writes(f"李律师第{len(city.waits) + 1}句")
                seen = city.progress()
            time.sleep(0.2)
        city.note_memory(process)
    return time.monotonic() - began


def _end_leases(database: Database) -> None:
    """Let fifteen seconds pass for whoever is dead."""
    past = system_clock() - timedelta(minutes=1)
    with database.transaction() as session:
        session.execute(sa.text("DELETE FROM worker_lease"))
        session.connection().execute(
            sa.update(OutboxMessage)
            .where(col(OutboxMessage.status) == OutboxStatus.SENDING)
            .values(claimed_until=past)
        )


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize(
    ("followers", "kills"),
    [
        pytest.param(4_000, 2, id="town"),
        pytest.param(150_000, 6, id="city", marks=pytest.mark.soak),
    ],
)
def test_a_whole_city_is_told_once_and_a_volunteer_waits_for_nobody(
    database_url: str, database: Database, followers: int, kills: int
) -> None:
    with serving_wechat(slow=0.3) as wechat:
        city = _City(database, wechat, followers)
        city.announce()

        seconds = _run(city, database_url, kills=kills, patience=60 + followers / 200)

        progress = city.progress()
        texts = Counter((a.follower, a.text) for a in wechat.stand_in.arrivals)
        news = {who: n for (who, text), n in texts.items() if text == "周六有招聘会"}
        doubtful = _count_doubtful(database)
    print(  # noqa: T201 - what `make soak` is run for
        f"\n{followers} followers: {seconds:.0f} s, {city.peak} MB, a volunteer waited "
        f"{max(city.waits):.2f} s at most; {progress}; {doubtful} in doubt"
    )
    assert progress.total == followers
    assert (progress.on_its_way, progress.dropped) == (0, 0)
    assert progress.sent == len(news) == LISTENING
    assert sum(news.values()) - LISTENING <= doubtful <= kills * 3
    assert [text for _, text in texts if text.startswith("李律师")] == [
        "李律师第1句",
        "李律师第2句",
    ]
    assert max(city.waits) < 5
    assert city.peak < MOST_MEGABYTES


def _count_doubtful(database: Database) -> int:
    with database.transaction() as session:
        doubtful = sa.select(sa.func.count()).where(col(OutboxMessage.is_doubtful))
        return int(session.connection().execute(doubtful).scalar_one())
