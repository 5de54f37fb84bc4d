"""What happens to an answer that is not ready in time: put off, fetched by a retry, or sent later.

Nothing here runs for a message that is answered in time. A message is put off in a transaction of
its own: only when that is committed may WeChat be told anything. From then on the request, WeChat's
next request and a worker may each bring it to its end; the unique key of the inbox lets one of them
commit, and of all who would bring the answer to the person one takes the row away.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from bot.dispatcher import Dispatcher
from models.account_state import find_limits
from models.clock import Clock
from models.database import Database
from models.inbox import InboxEntry, ReplyKind
from models.messages import InboundMessage, RenderedReply
from models.outbox import enqueue_answer
from models.pending import (
    PendingMessage,
    claim_pending,
    has_pending,
    list_answered,
    note_told,
    put_off,
    take_away,
)

log = structlog.get_logger()

WAIT: Final = "还在查，回复「好」看结果"
"""What the last of WeChat's requests is answered where the account cannot send by itself."""

DELIVERIES: Final = 3
"""How often WeChat asks for one answer."""

LAST_AFTER: Final = timedelta(seconds=9)
"""How old a message is when WeChat asks for the last time, at least."""

NAP: Final = 0.5
FINISHERS: Final = 2
"""How many put-off messages a process works on at once."""

SayInDanger = Callable[[str], str | None]
"""Returns the fixed words for a text that tells of danger, else None; it asks no database."""


class Account:
    """Knows whether the account may send by itself at this moment."""

    def __init__(self, *, app_id: str, can_send: bool) -> None:
        self._app_id = app_id
        self._can_send = can_send

    def may_send(self, session: Session, now: datetime) -> bool:
        """Tell whether an answer can go out by itself, as far as is known."""
        if not self._can_send:
            return False
        limits = find_limits(session.connection(), app_id=self._app_id)
        return limits.may_send(now) and not limits.is_over_for_today(now)


class Deferral:
    """Puts messages off, and fetches what has been answered meanwhile."""

    def __init__(
        self, *, database: Database, clock: Clock, account: Account, say_in_danger: SayInDanger
    ) -> None:
        self._database = database
        self._clock = clock
        self._account = account
        self._say_in_danger = say_in_danger

    def defer(self, message: InboundMessage) -> RenderedReply | None:
        """Put a message off and return what WeChat is told now.

        None: nothing, so that WeChat asks again. Where the answer was ready after all it is that.
        """
        now, key = self._clock(), message.dedup_key
        words = self._say_in_danger(message.text)
        with self._database.transaction() as session:
            deferred = put_off(session, message, now=now)
            # Looked for after the row is there: what is committed meanwhile must be seen.
            stored = _stored(session, key)
            if stored is not None:
                take_away(session, dedup_key=key)
                return stored
            log.warning("answer_put_off", kind=message.kind.value, delivery=deferred.deliveries)
            if words is None and self._account.may_send(session, now):
                return RenderedReply(None, created_at=deferred.since)
            is_last = deferred.deliveries >= DELIVERIES or self.is_last_request(message)
            if words is None and not is_last:
                return None
            note_told(session, dedup_key=key)
            return RenderedReply(words or WAIT, created_at=deferred.since)

    def fetch(self, message: InboundMessage) -> RenderedReply | None:
        """Return the answer if it is there, for a request that brings it; else None.

        Where it went another way already there is nothing to show.
        """
        key = message.dedup_key
        with self._database.reading() as connection, Session(connection) as session:
            stored, is_waiting = _stored_and_waiting(session, key)
            if stored is None or not is_waiting:
                return stored
        with self._database.transaction() as session:
            take_away(session, dedup_key=key)
            return _stored(session, key)

    def say_without_a_trace(self, message: InboundMessage) -> RenderedReply | None:
        """Return the words for danger for a message that could not even be put off."""
        words = self._say_in_danger(message.text)
        return RenderedReply(words, created_at=self._clock()) if words else None

    def leave_behind(self, message: InboundMessage) -> None:
        """Put a message off of which WeChat will not ask again, answered or not."""
        with self._database.transaction() as session:
            put_off(session, message, now=self._clock())
            note_told(session, dedup_key=message.dedup_key)

    def is_last_request(self, message: InboundMessage) -> bool:
        """Tell, by its age alone, whether WeChat asks for the last time."""
        return self._clock() - message.created_at >= LAST_AFTER


class Finisher:
    """Brings put-off messages to their end; several may run beside each other."""

    def __init__(
        self, *, database: Database, dispatcher: Dispatcher, clock: Clock, account: Account
    ) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._clock = clock
        self._account = account

    def run(self, stop: threading.Event) -> None:
        """Finish until told to stop; what has begun is brought to its end."""
        while not stop.is_set():
            try:
                found = self.run_once()
            except SQLAlchemyError as error:
                log.warning("finisher_database_failed", error=type(error).__name__)
                found = False
            except Exception:
                log.exception("finisher_failed")
                found = False
            if not found:
                stop.wait(NAP)

    def run_once(self) -> bool:
        """Bring what is answered, and answer one message; tell whether there was anything."""
        with self._database.reading() as connection:
            if not has_pending(connection):
                return False
        return self._bring() or self._answer()

    def _bring(self) -> bool:
        now = self._clock()
        with self._database.reading() as connection, Session(connection) as session:
            may_send = self._account.may_send(session, now)
            keys = list_answered(connection, now=now, may_send=may_send)
        for key in keys:
            with self._database.transaction() as session:
                _hand_over(session, key, may_send=may_send, now=now)
        return bool(keys)

    def _answer(self) -> bool:
        with self._database.transaction() as session:
            claimed = claim_pending(session, now=self._clock())
        if claimed is None:
            return False
        log.info("answer_taken_up", attempt=claimed.number)
        self._dispatcher.finish(claimed.message, is_last_attempt=claimed.is_last_attempt)
        return True


def _hand_over(session: Session, key: str, *, may_send: bool, now: datetime) -> None:
    """Let the outbox bring an answer, unless a request has just brought it."""
    if not take_away(session, dedup_key=key):
        return
    entry = session.exec(
        select(InboxEntry)
        .where(InboxEntry.dedup_key == key)
        .execution_options(populate_existing=True)
    ).one()
    if entry.reply_kind is ReplyKind.SILENT or entry.event == "unsubscribe":
        return
    enqueue_answer(
        session,
        contact_id=entry.contact_id,
        body=entry.reply_text,
        is_safety=entry.topic == "safety",
        may_send=may_send,
        now=now,
    )
    entry.reply_kind = ReplyKind.SILENT  # to WeChat; a late request must not show it again


def _stored_and_waiting(session: Session, key: str) -> tuple[RenderedReply | None, bool]:
    """Return the answer, and whether it is still to be brought, as of one moment.

    Two looks would let a worker take it in between: it would be shown and sent.
    """
    row = session.exec(
        select(
            InboxEntry.reply_kind,
            InboxEntry.reply_text,
            InboxEntry.received_at,
            col(PendingMessage.dedup_key).is_not(None),
        )
        .outerjoin(PendingMessage, col(PendingMessage.dedup_key) == col(InboxEntry.dedup_key))
        .where(col(InboxEntry.dedup_key) == key)
    ).first()
    if row is None:
        return None, False
    kind, text, received_at, is_waiting = row
    return _rendered(kind, text, received_at), bool(is_waiting)


def _stored(session: Session, key: str) -> RenderedReply | None:
    row = session.exec(
        select(InboxEntry.reply_kind, InboxEntry.reply_text, InboxEntry.received_at).where(
            col(InboxEntry.dedup_key) == key
        )
    ).first()
    if row is None:
        return None
    return _rendered(*row)


def _rendered(kind: str, text: str, received_at: datetime) -> RenderedReply:
    return RenderedReply(text if kind == ReplyKind.TEXT else None, created_at=received_at)
