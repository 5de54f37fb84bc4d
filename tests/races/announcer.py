"""The background of a service, there to be killed: `python -m tests.races.announcer URL BASE`."""

import logging
import sys
import threading
from zoneinfo import ZoneInfo

import structlog

from bot.background import Timekeeper, list_jobs
from bot.outbox_worker import OutboxWorker, RateLimit
from bot.wechat.api import ApiAccount
from bot.wechat.gateway import open_gateway
from models.clock import system_clock
from models.database import Database
from models.encryption import Cipher
from tests.conftest import KEY
from tests.support.wechat_stand_in import APP_ID, APP_SECRET

ZONE = ZoneInfo("Asia/Shanghai")


def main(url: str, base: str) -> None:
    """Keep the time and send, as `bot.background` does, until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    database = Database(url, cipher=Cipher(KEY))
    account = ApiAccount(base, APP_ID, APP_SECRET)
    with open_gateway(account, database=database, clock=system_clock) as gateway:
        rate, stop = RateLimit(), threading.Event()
        for without_news in (False, False, True):
            worker = OutboxWorker(
                database=database,
                gateway=gateway,
                app_id=APP_ID,
                clock=system_clock,
                timezone=ZONE,
                rate=rate,
                without_news=without_news,
            )
            threading.Thread(target=worker.run, args=(stop,), daemon=True).start()
        jobs = list_jobs(APP_ID, ZONE)
        Timekeeper(database=database, clock=system_clock, jobs=jobs).run(stop)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
