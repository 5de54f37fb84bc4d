"""Sends what is in the outbox: each message once, unless WeChat's answer was lost.

A message is claimed in one transaction, sent outside of any, and what became of it is recorded in
another. Who is killed in between leaves a claim behind that ends; the message is then sent again
and marked, for nobody can know whether WeChat had it.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as midnight
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from bot.wechat.api import (
    BAD_APP_ID,
    BAD_SECRET,
    BUSY,
    IP_NOT_LISTED,
    NOT_ALLOWED,
    TOKEN_IS_OLD,
    WeChatAnswerLostError,
    WeChatApiError,
    WeChatUnreachableError,
)
from bot.wechat.gateway import TextGateway
from bot.wechat.rendering import render
from models.account_state import (
    Limits,
    find_limits,
    pause_sending,
    switch_sending_off,
    switch_sending_on,
)
from models.clock import Clock
from models.contact import Contact
from models.database import Database
from models.messages import Reply
from models.outbox import (
    LEASE,
    Claimed,
    OutboxKind,
    OutboxReason,
    Step,
    claim_message,
    has_due,
    record_failed,
    record_lost,
    record_parked,
    record_retry,
    record_sent,
)
from models.reply_window import close_windows

log = structlog.get_logger()

NAP = 0.5
"""How many seconds to wait when there is nothing to send."""

PER_SECOND = 20.0
"""How many messages a process sends in a second at most."""

MINUTE_LIMIT, DAY_LIMIT = 45011, 45009
WINDOW_CLOSED, QUOTA_USED_UP = 45015, 45047
NOT_FOLLOWING = 43004

_MINUTE = timedelta(minutes=1)
_UNTIL_MENDED = timedelta(minutes=5)
_RECORDINGS = 5
_PARKING = {
    WINDOW_CLOSED: OutboxReason.WINDOW_CLOSED,
    QUOTA_USED_UP: OutboxReason.QUOTA_USED_UP,
}
_RETRYING = {BUSY: OutboxReason.BUSY} | dict.fromkeys(TOKEN_IS_OLD, OutboxReason.TOKEN_REFUSED)
_GONE = frozenset({40003, NOT_FOLLOWING, 43019})
_WRONGLY_SET_UP = frozenset({IP_NOT_LISTED, 61004, 89503, BAD_SECRET, BAD_APP_ID})
_ACCOUNT_WIDE = _WRONGLY_SET_UP | {NOT_ALLOWED, MINUTE_LIMIT, DAY_LIMIT}


class RateLimit:
    """Spaces the messages of a process; threads may share it."""

    def __init__(
        self, per_second: float = PER_SECOND, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._gap = 1 / per_second
        self._now = now
        self._free_at = 0.0
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Take the next place; return how many seconds it is away."""
        with self._lock:
            now = self._now()
            place = max(now, self._free_at)
            self._free_at = place + self._gap
            return place - now


class OutboxWorker:
    """Sends one message after the other; several may run beside each other.

    Without a gateway the account cannot send, and all that is due is parked. One that works
    `without_news` leaves announcements to others: however slowly WeChat takes those, there is
    somebody free for what a volunteer writes.
    """

    def __init__(  # noqa: PLR0913 - the one place where the parts meet
        self,
        *,
        database: Database,
        gateway: TextGateway | None,
        app_id: str,
        clock: Clock,
        timezone: ZoneInfo,
        rate: RateLimit | None = None,
        lease: timedelta = LEASE,
        without_news: bool = False,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pause = pause
        self._without_news = without_news
        self._database = database
        self._gateway = gateway
        self._app_id = app_id
        self._clock = clock
        self._timezone = timezone
        self._rate = rate or RateLimit()
        self._lease = lease

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop; what has begun is brought to its end."""
        while not stop.is_set():
            try:
                found = self.run_once(stop)
            except SQLAlchemyError as error:
                log.warning("outbox_database_failed", error=type(error).__name__)
                found = False
            except Exception:
                # The claim ends by itself, and the message is then marked and sent again.
                log.exception("outbox_failed")
                found = False
            if not found:
                stop.wait(NAP)

    def run_once(self, stop: threading.Event | None = None) -> bool:
        """Send or settle one message; tell whether there was one."""
        now = self._clock()
        limits = self._look(now)
        if limits is None:
            return False
        if stop is not None and stop.wait(self._rate.reserve()):
            return False
        with self._database.transaction() as session:
            step, claimed = claim_message(
                session,
                limits=limits,
                now=self._clock(),
                lease=self._lease,
                without_news=self._without_news,
            )
        if claimed is not None:
            self._send(claimed, limits)
        return step is not Step.NOTHING

    def _look(self, now: datetime) -> Limits | None:
        """Return the limits to keep; None where nothing is due or WeChat wants a short pause."""
        with self._database.reading() as connection:
            if not has_due(connection, now=now, without_news=self._without_news):
                return None
            limits = find_limits(connection, app_id=self._app_id)
        if self._gateway is None:
            return Limits(sending_off_at=now)
        is_short = limits.is_paused(now) and not limits.is_over_for_today(now)
        return None if is_short else limits

    def _send(self, claimed: Claimed, limits: Limits) -> None:
        if self._gateway is None:
            msg = "a message was claimed that nobody can send"
            raise RuntimeError(msg)
        try:
            self._gateway.send_text(claimed.openid, _text_of(claimed))
        except WeChatAnswerLostError:
            log.warning("outbox_answer_lost", message_id=claimed.id)
            self._record(lambda session, now: record_lost(session, claimed, now=now))
        except WeChatUnreachableError as error:
            log.warning("outbox_unreachable", message_id=claimed.id, error=str(error))
            reason = OutboxReason.UNREACHABLE
            self._record(
                lambda session, now: record_retry(session, claimed, reason=reason, now=now)
            )
        except WeChatApiError as error:
            _tell(claimed, error)
            errcode = error.errcode
            self._record(lambda session, now: self._react(session, claimed, errcode, now))
        else:
            self._record(lambda session, now: self._note_sent(session, claimed, limits, now))

    def _note_sent(self, session: Session, claimed: Claimed, limits: Limits, now: datetime) -> None:
        record_sent(session, claimed, now=now)
        if limits.sending_off_at is not None:
            switch_sending_on(session, app_id=self._app_id)

    def _react(self, session: Session, claimed: Claimed, errcode: int, now: datetime) -> None:
        """Do what WeChat's number asks for."""
        if errcode in _RETRYING:
            record_retry(session, claimed, reason=_RETRYING[errcode], now=now, errcode=errcode)
        elif errcode in _PARKING:
            record_parked(session, claimed, reason=_PARKING[errcode], errcode=errcode)
        elif errcode in _GONE:
            record_failed(session, claimed, reason=OutboxReason.GONE, errcode=errcode)
            _note_gone(session, claimed, errcode)
        elif errcode in _ACCOUNT_WIDE:
            self._react_for_all(session, claimed, errcode, now)
        else:
            record_failed(session, claimed, reason=OutboxReason.REFUSED, errcode=errcode)

    def _react_for_all(
        self, session: Session, claimed: Claimed, errcode: int, now: datetime
    ) -> None:
        """Let all processes know what WeChat does not let this account do now."""
        if errcode == NOT_ALLOWED:
            switch_sending_off(session, app_id=self._app_id, now=now)
            reason = OutboxReason.ACCOUNT_MAY_NOT
            record_parked(session, claimed, reason=reason, errcode=errcode)
            return
        pause_sending(session, app_id=self._app_id, until=self._pause_end(errcode, now))
        if errcode == DAY_LIMIT:
            record_parked(session, claimed, reason=OutboxReason.DAY_LIMIT, errcode=errcode)
            return
        reason = OutboxReason.BUSY if errcode == MINUTE_LIMIT else OutboxReason.REFUSED
        record_retry(session, claimed, reason=reason, now=now, errcode=errcode)

    def _pause_end(self, errcode: int, now: datetime) -> datetime:
        if errcode == MINUTE_LIMIT:
            return now + _MINUTE
        if errcode != DAY_LIMIT:
            return now + _UNTIL_MENDED
        tomorrow = now.astimezone(self._timezone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, midnight(), self._timezone)

    def _record(self, act: Callable[[Session, datetime], None]) -> None:
        """Write down what became of a message, also where the database is away for a moment."""
        for attempt in range(_RECORDINGS):
            try:
                with self._database.transaction() as session:
                    act(session, self._clock())
            except SQLAlchemyError:
                if attempt == _RECORDINGS - 1:
                    raise
                self._pause(NAP)
            else:
                return


def _text_of(claimed: Claimed) -> str:
    # What asks for a rating is ours and has links in it, and an answer was rendered before; in all
    # else somebody's words may be.
    is_ready = claimed.kind in (OutboxKind.RATING, OutboxKind.ANSWER)
    return claimed.body if is_ready else render(Reply(claimed.body))


def _tell(claimed: Claimed, error: WeChatApiError) -> None:
    words = error.errmsg.replace(claimed.openid, "***")
    write = log.error if error.errcode in _WRONGLY_SET_UP else log.warning
    write("outbox_refused", message_id=claimed.id, errcode=error.errcode, errmsg=words)


def _note_gone(session: Session, claimed: Claimed, errcode: int) -> None:
    close_windows(session, contact_id=claimed.contact_id)
    if errcode == NOT_FOLLOWING:
        session.connection().execute(
            update(Contact).where(col(Contact.id) == claimed.contact_id).values(followed=False)
        )
