"""A sender of the outbox that is there to be killed: `python -m tests.races.outbox_sender`."""

import logging
import sys
import threading
import time
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.outbox_worker import OutboxWorker, RateLimit
from bot.wechat.api import ApiAccount
from bot.wechat.gateway import open_gateway
from models.clock import system_clock
from models.database import Database
from models.encryption import Cipher
from models.outbox import recover_lost
from tests.conftest import KEY
from tests.support.wechat_stand_in import APP_ID, APP_SECRET

LEASE = timedelta(seconds=2)
SENDERS = 3
PER_SECOND = 80.0


def main(url: str, base: str) -> None:
    """Send until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    database = Database(url, cipher=Cipher(KEY))
    with open_gateway(
        ApiAccount(base, APP_ID, APP_SECRET), database=database, clock=system_clock
    ) as gateway:
        worker = OutboxWorker(
            database=database,
            gateway=gateway,
            app_id=APP_ID,
            clock=system_clock,
            timezone=ZoneInfo("Asia/Shanghai"),
            rate=RateLimit(PER_SECOND),
            lease=LEASE,
        )
        stop = threading.Event()
        for _ in range(SENDERS):
            threading.Thread(target=worker.run, args=(stop,), daemon=True).start()
        while True:
            with database.transaction() as session:
                recover_lost(session, now=system_clock())
            time.sleep(0.3)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
