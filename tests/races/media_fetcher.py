"""A worker that fetches one thing and is there to be killed: `python -m tests.races.media_fetcher`.

Its clock stands at the noon of the tests.
"""

import sys

from bot.media_worker import MediaWorker
from bot.wechat.api import ApiAccount
from bot.wechat.gateway import open_gateway
from bot.wechat.pictures import Pictures
from models.database import Database
from models.encryption import Cipher
from tests.conftest import KEY, NOON
from tests.support.wechat_stand_in import APP_ID, APP_SECRET


def main(url: str, base: str) -> None:
    """Fetch until killed."""
    database = Database(url, cipher=Cipher(KEY))
    account = ApiAccount(base, APP_ID, APP_SECRET)
    with (
        open_gateway(account, database=database, clock=lambda: NOON) as gateway,
        Pictures(hosts=frozenset()) as pictures,
    ):
        MediaWorker(
            database=database,
            gateway=gateway,
            pictures=pictures,
            app_id=APP_ID,
            clock=lambda: NOON,
        ).run_once()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
