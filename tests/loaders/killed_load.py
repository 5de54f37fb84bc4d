"""A process that loads postings and is killed in the middle of writing them."""

import os
import signal
import sys
from pathlib import Path

from bot.loading.files import open_sheet
from bot.loading.jobs import KIND
from bot.loading.machine import Loader
from models.database import Database
from models.encryption import Cipher
from tests.conftest import KEY, NOON

WRITTEN = 1000


def die_in_the_middle(step: str, done: int, total: int) -> None:
    """Kill this very process once enough rows are written and more are to come."""
    if step == "写入" and WRITTEN <= done < total:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    database = Database(sys.argv[1], cipher=Cipher(KEY))
    loader = Loader(KIND, database=database, now=NOON, progress=die_in_the_middle)
    path = Path(sys.argv[2])
    loader.load(open_sheet(path, loader.judge.book), file_name=path.name)
