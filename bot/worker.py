"""Sends and does the timed work in a process of its own: `python -m bot.worker`."""

import signal
import sys
import threading
from types import FrameType

from bot.app import create_service
from bot.background import BackgroundWorker
from bot.logs import set_up_logging
from bot.startup import NotReadyError, open_checked, refuse
from models.clock import system_clock


def main() -> int:
    """Work until asked to stop; the status is 2 where a setting or the database is wrong."""
    try:
        settings, database = open_checked()
    except NotReadyError as error:
        return refuse(str(error))
    set_up_logging(settings.log_level)
    database.close()
    service = create_service(settings)
    database = service.database
    worker = BackgroundWorker(
        settings, database=database, dispatcher=service.dispatcher, clock=system_clock
    )
    stop = _stop_on_signal()
    worker.start()
    stop.wait()
    worker.stop()
    database.close()
    return 0


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop


if __name__ == "__main__":
    sys.exit(main())
