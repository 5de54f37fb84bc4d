"""Fetches the pictures and recordings that belong to tickets, while WeChat still has them.

By the media API where the account may use it, else pictures by the address that came with them.
Nothing is held while WeChat is asked: the row is claimed before and settled after, and a claim that
has passed settles nothing. So a worker may be killed at any moment, and a thing is kept once.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.voices import make_playable
from bot.wechat.api import (
    NOT_ALLOWED,
    MediaFile,
    WeChatAnswerTooLargeError,
    WeChatApiError,
    WeChatUnreachableError,
)
from bot.wechat.pictures import (
    PictureError,
    PictureGoneError,
    PictureRefusedError,
    Pictures,
    PictureTooLargeError,
)
from models.account_state import may_fetch_media, switch_media_off, switch_media_on
from models.clock import Clock
from models.database import Database
from models.media import (
    LEASE,
    Fetch,
    Found,
    MediaStatus,
    claim_media,
    has_media_due,
    record_kept,
    record_later,
    record_missing,
    sniff,
)

log = structlog.get_logger()

NAP: Final = 1.0
"""How many seconds to wait where there is nothing to fetch."""

_NOT_PLAYED: Final = frozenset({"audio/amr", "audio/amr-wb"})
_NO_SUCH_MEDIA: Final = frozenset({40007, 40004})
_STATUS_OF: Final[tuple[tuple[type[PictureError], MediaStatus], ...]] = (
    (PictureGoneError, MediaStatus.GONE),
    (PictureRefusedError, MediaStatus.REFUSED),
    (PictureTooLargeError, MediaStatus.TOO_LARGE),
)


class MediaGateway(Protocol):
    """Fetches what followers sent."""

    def fetch_media(self, media_id: str) -> MediaFile:
        """Return a picture or a recording."""


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of one attempt; `waiting` asks for another one."""

    status: MediaStatus
    found: Found | None = None
    media_off: bool | None = None


_LATER: Final = _Result(MediaStatus.WAITING)
_GONE: Final = _Result(MediaStatus.GONE)


class MediaWorker:
    """Fetches one thing after the other; several may run beside each other.

    Without a gateway the account has no media API.
    """

    def __init__(  # noqa: PLR0913 - the one place where the parts meet
        self,
        *,
        database: Database,
        gateway: MediaGateway | None,
        pictures: Pictures,
        app_id: str,
        clock: Clock,
        lease: timedelta = LEASE,
        make_playable: Callable[[bytes], bytes | None] = make_playable,
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._pictures = pictures
        self._app_id = app_id
        self._clock = clock
        self._lease = lease
        self._make_playable = make_playable

    def run(self, stop: threading.Event) -> None:
        """Fetch until told to stop; what has begun is brought to its end."""
        while not stop.is_set():
            try:
                found = self.run_once()
            except SQLAlchemyError as error:
                log.warning("media_database_failed", error=type(error).__name__)
                found = False
            except Exception:
                log.exception("media_failed")  # the claim ends by itself
                found = False
            if not found:
                stop.wait(NAP)

    def run_once(self) -> bool:
        """Fetch one thing; tell whether there was one."""
        now = self._clock()
        with self._database.reading() as connection:
            if not has_media_due(connection, now=now):
                return False
            may_ask = may_fetch_media(connection, app_id=self._app_id, now=now)
        with self._database.transaction() as session:
            fetch = claim_media(session, now=self._clock(), lease=self._lease)
        if fetch is None:
            return False
        result = self._let_it_be_heard(self._fetch(fetch, may_ask=may_ask))
        log.info("media_settled", media=fetch.id, status=result.status.value)
        with self._database.transaction() as session:
            self._record(session, fetch, result)
        return True

    def _let_it_be_heard(self, result: _Result) -> _Result:
        if result.found is None or result.found.content_type not in _NOT_PLAYED:
            return result
        playable = self._make_playable(result.found.content)
        return replace(result, found=replace(result.found, playable=playable))

    def _fetch(self, fetch: Fetch, *, may_ask: bool) -> _Result:
        by_api = self._by_api(fetch) if may_ask else _GONE
        is_final = by_api.found is not None or by_api.status is MediaStatus.TOO_LARGE
        if is_final or not fetch.pic_url:
            return by_api
        by_address = replace(self._by_address(fetch), media_off=by_api.media_off)
        is_lost = by_address.status in (MediaStatus.GONE, MediaStatus.REFUSED)
        return by_api if is_lost and by_api.status is MediaStatus.WAITING else by_address

    def _by_api(self, fetch: Fetch) -> _Result:
        if self._gateway is None or not fetch.media_id:
            return _GONE
        try:
            file = self._gateway.fetch_media(fetch.media_id)
        except WeChatAnswerTooLargeError:
            return _Result(MediaStatus.TOO_LARGE)
        except WeChatUnreachableError as error:
            log.warning("media_unreachable", media=fetch.id, error=str(error))
            return _LATER
        except WeChatApiError as error:
            log.warning("media_refused", media=fetch.id, errcode=error.errcode)
            if error.errcode == NOT_ALLOWED:
                return _Result(MediaStatus.GONE, media_off=True)
            return _GONE if error.errcode in _NO_SUCH_MEDIA else _LATER
        return replace(_judge(fetch, file.content), media_off=False)

    def _by_address(self, fetch: Fetch) -> _Result:
        try:
            content = self._pictures.fetch(fetch.pic_url)
        except PictureError as error:
            log.warning("picture_failed", media=fetch.id, error=str(error) or type(error).__name__)
            status = next((s for kind, s in _STATUS_OF if isinstance(error, kind)), None)
            return _Result(status) if status is not None else _LATER
        return _judge(fetch, content)

    def _record(self, session: Session, fetch: Fetch, result: _Result) -> None:
        now = self._clock()
        self._note_right(session, result, now)
        if result.found is not None:
            record_kept(session, fetch, result.found)
        elif result.status is MediaStatus.WAITING:
            record_later(session, fetch, now=now)
        else:
            record_missing(session, fetch, result.status)

    def _note_right(self, session: Session, result: _Result, now: datetime) -> None:
        if result.media_off:
            switch_media_off(session, app_id=self._app_id, now=now)
        elif result.media_off is False:
            switch_media_on(session, app_id=self._app_id)


def _judge(fetch: Fetch, content: bytes) -> _Result:
    content_type = sniff(fetch.kind, content)
    if not content_type:
        return _Result(MediaStatus.REFUSED)
    return _Result(MediaStatus.KEPT, Found(content, content_type))
