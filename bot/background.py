"""What runs beside the answers: senders, finishers, fetchers, the pager, and the timed work.

Any number of processes may send, for each message is claimed; and any number may call people, for
each call has a unique key. The timed work is done by one process at a time, which holds a lease in
the database; when it dies another takes over.
"""

import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from bot.deferral import FINISHERS, Account, Finisher
from bot.dispatcher import Dispatcher
from bot.media_worker import MediaWorker
from bot.outbox_worker import OutboxWorker, RateLimit
from bot.pager import create_pager
from bot.settings import Settings
from bot.wechat.api import ApiAccount, WeChatApi
from bot.wechat.gateway import open_gateway
from bot.wechat.pictures import Pictures
from handlers.class_news import remind, tell_changes
from models.account_state import Limits, find_limits
from models.clock import Clock
from models.database import Database
from models.media import drop_old_media, expire_media
from models.outbox import drop_late, recover_lost, release_after_pause
from models.reply_window import drop_expired
from models.spreading import spread_all
from models.ticket_flow import drop_left_media, expire_leases, expire_transfers
from models.worker_lease import end_lease, take_lease

log = structlog.get_logger()

NEWS_SENDERS, OTHER_SENDERS = 2, 1
"""How many messages may be on their way at once: one slow answer must not hold up the others.

Announcements are not for all of them: somebody is always free for what a volunteer writes.
"""

FETCHERS = 2
"""How many pictures and recordings may be on their way at once."""

TICK = 1.0
WORK = "timed-work"
LEASE = timedelta(seconds=15)
PATIENCE = 20.0
"""How long a stop waits for what is on its way."""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of timed work; doing it twice does no harm."""

    name: str
    every: timedelta
    work: Callable[[Session, datetime], object]


def list_jobs(app_id: str, zone: ZoneInfo, *, can_send: bool = True) -> Sequence[Job]:
    """Return the timed work."""

    def limits_at(session: Session, now: datetime) -> Limits:
        found = find_limits(session.connection(), app_id=app_id)
        return found if can_send else Limits(sending_off_at=now)

    def announce(session: Session, now: datetime) -> None:
        spread_all(session, limits=limits_at(session, now), now=now)

    def release(session: Session, now: datetime) -> None:
        if not find_limits(session.connection(), app_id=app_id).is_paused(now):
            release_after_pause(session, now=now)

    return (
        Job("recover_lost", timedelta(seconds=5), lambda s, now: recover_lost(s, now=now)),
        Job("release_after_pause", timedelta(minutes=1), release),
        Job("drop_late", timedelta(seconds=10), lambda s, now: drop_late(s, now=now)),
        Job("drop_windows", timedelta(minutes=30), lambda s, now: drop_expired(s, now=now)),
        Job("expire_media", timedelta(minutes=1), lambda s, now: expire_media(s, now=now)),
        Job("drop_old_media", timedelta(hours=1), lambda s, now: drop_old_media(s, now=now)),
        Job("drop_left_media", timedelta(minutes=1), lambda s, now: drop_left_media(s, now=now)),
        Job("ticket_leases", timedelta(seconds=15), lambda s, now: expire_leases(s, now=now)),
        Job("announcements", timedelta(seconds=1), announce),
        Job(
            "class_changes",
            timedelta(seconds=15),
            lambda s, now: tell_changes(s, zone=zone, now=now),
        ),
        Job("reminders", timedelta(seconds=30), lambda s, now: remind(s, zone=zone, now=now)),
        Job("transfers", timedelta(seconds=15), lambda s, now: expire_transfers(s, now=now)),
    )


class Timekeeper:
    """Does the jobs when they are due, while this process holds the lease."""

    def __init__(
        self, *, database: Database, clock: Clock, jobs: Sequence[Job], holder: str = ""
    ) -> None:
        self._database = database
        self._clock = clock
        self._jobs = tuple(jobs)
        self._holder = holder or f"{os.getpid()}-{secrets.token_hex(8)}"
        self._done: dict[str, datetime] = {}

    def run(self, stop: threading.Event) -> None:
        """Do the timed work until told to stop, then let another process begin."""
        while not stop.is_set():
            try:
                self.run_once()
            except Exception:
                log.exception("timed_work_failed")
            stop.wait(TICK)
        try:
            with self._database.transaction() as session:
                end_lease(session, name=WORK, holder=self._holder, now=self._clock())
        except Exception:
            log.exception("timed_work_failed")

    def run_once(self) -> bool:
        """Do what is due; tell whether this process holds the lease."""
        now = self._clock()
        with self._database.transaction() as session:
            mine = take_lease(session, name=WORK, holder=self._holder, now=now, length=LEASE)
        if mine:
            for job in self._jobs:
                self._do(job, now)
        return mine

    def _do(self, job: Job, now: datetime) -> None:
        last = self._done.get(job.name)
        if last is not None and now - last < job.every:
            return
        self._done[job.name] = now
        try:
            with self._database.transaction() as session:
                job.work(session, now)
        except Exception:
            log.exception("job_failed", job=job.name)  # the others are done all the same


class BackgroundWorker:
    """The threads of one process."""

    def __init__(
        self, settings: Settings, *, database: Database, dispatcher: Dispatcher, clock: Clock
    ) -> None:
        self._settings = settings
        self._dispatcher = dispatcher
        self._database = database
        self._clock = clock
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open = ExitStack()

    def start(self) -> None:
        """Begin."""
        app_id = self._settings.wechat_app_id
        can_send = bool(self._settings.app_secret)
        jobs = list_jobs(app_id, self._settings.zone, can_send=can_send)
        keeper = Timekeeper(database=self._database, clock=self._clock, jobs=jobs)
        pager = create_pager(self._settings, database=self._database, clock=self._clock)
        gateway = self._gateway(app_id)
        fetcher = self._fetcher(app_id, gateway)
        sender, other = self._senders(app_id, gateway)
        finisher = Finisher(
            database=self._database,
            dispatcher=self._dispatcher,
            clock=self._clock,
            account=Account(app_id=app_id, can_send=can_send),
        )
        work = [
            keeper.run,
            pager.run,
            *[sender.run] * NEWS_SENDERS,
            *[other.run] * OTHER_SENDERS,
            *[fetcher.run] * FETCHERS,
            *[finisher.run] * FINISHERS,
        ]
        self._threads = [
            threading.Thread(target=run, args=(self._stop,), daemon=True) for run in work
        ]
        for thread in self._threads:
            thread.start()
        log.info("background_started", can_send=bool(self._settings.app_secret))

    def stop(self) -> None:
        """Bring what has begun to its end; what takes too long is found by the next process."""
        self._stop.set()
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._open.close()
        log.info("background_stopped")

    def _gateway(self, app_id: str) -> WeChatApi | None:
        settings = self._settings
        if not settings.app_secret:
            log.warning("sending_is_off", missing="WECHAT_APP_SECRET")
            return None
        account = ApiAccount(settings.api_base, app_id, settings.app_secret)
        return self._open.enter_context(
            open_gateway(account, database=self._database, clock=self._clock)
        )

    def _fetcher(self, app_id: str, gateway: WeChatApi | None) -> MediaWorker:
        settings = self._settings
        pictures = Pictures(hosts=settings.media_hosts, own=settings.own_pictures)
        return MediaWorker(
            database=self._database,
            gateway=gateway,
            pictures=self._open.enter_context(pictures),
            app_id=app_id,
            clock=self._clock,
        )

    def _senders(self, app_id: str, gateway: WeChatApi | None) -> tuple[OutboxWorker, OutboxWorker]:
        """Return one for everything and one for all but announcements; they share the rate."""
        make = partial(
            OutboxWorker,
            database=self._database,
            gateway=gateway,
            app_id=app_id,
            clock=self._clock,
            timezone=self._settings.zone,
            rate=RateLimit(),
        )
        return make(), make(without_news=True)
