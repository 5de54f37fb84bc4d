"""The way out to followers: what may be asked of WeChat, and the real one behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol

from bot.wechat.api import ApiAccount, MediaFile, WeChatApi
from models.account_state import drop_token, find_token, keep_token
from models.clock import Clock
from models.database import Database


class TextGateway(Protocol):
    """Sends to followers.

    Its method raises WeChatApiError (WeChat refused), WeChatAnswerLostError (it may have been done
    or not) and WeChatUnreachableError (it was not done).
    """

    def send_text(self, openid: str, text: str) -> None:
        """Send a finished text."""


class WeChatGateway(TextGateway, Protocol):
    """Also fetches what followers sent; raises as `TextGateway` does."""

    def fetch_media(self, media_id: str) -> MediaFile:
        """Return a picture or a recording."""


class TokenInDatabase:
    """Keeps the access token in the row that all processes share."""

    def __init__(self, database: Database, *, app_id: str, clock: Clock) -> None:
        self._database = database
        self._app_id = app_id
        self._clock = clock

    def find(self) -> str | None:
        """Return the token, if there is one that is still good."""
        with self._database.reading() as connection:
            return find_token(connection, app_id=self._app_id, now=self._clock())

    def keep(self, token: str, lasts: timedelta) -> None:
        """Store a new token for all processes."""
        until = self._clock() + lasts
        with self._database.transaction() as session:
            keep_token(session, app_id=self._app_id, token=token, until=until)

    def drop(self, token: str) -> None:
        """Forget a token that WeChat refused, unless another process has renewed it already."""
        with self._database.transaction() as session:
            drop_token(session, app_id=self._app_id, token=token)


@contextmanager
def open_gateway(account: ApiAccount, *, database: Database, clock: Clock) -> Iterator[WeChatApi]:
    """Open the way to WeChat's API for the time of a block; threads may share it."""
    tokens = TokenInDatabase(database, app_id=account.app_id, clock=clock)
    with WeChatApi(account, tokens=tokens) as api:
        yield api
