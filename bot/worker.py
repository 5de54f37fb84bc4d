"""Sends and does the timed work in a process of its own: `python -m bot.worker`."""

import signal
import sys
import threading
from types import FrameType

from bot.app import create_service
from bot.background import BackgroundWorker
from bot.logs import set_up_logging
from bot.settings import SettingsError, load_settings
from models import schema
from models.clock import system_clock
from models.database import Database
from models.encryption import Cipher


def main() -> int:
    """Work until asked to stop; the status is 2 where a setting or the database is wrong."""
    try:
        settings = load_settings()
        database = Database(settings.database_url, cipher=Cipher(settings.data_encryption_key))
    except (SettingsError, ValueError) as error:
        return _refuse(str(error))
    if not database.is_reachable():
        return _refuse("the database does not answer: is DATABASE_URL right, is it running?")
    if not schema.is_current(database):
        return _refuse("the database is not at this version: run `python -m scripts.migrate`")
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


def _refuse(reason: str) -> int:
    sys.stderr.write(reason + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
