"""Adds the recipients of an announcement to the outbox: little by little, each at most once.

Contacts are walked in the order of their ids. Whom WeChat does not let us write to gets a row that
waits for their next message; whom it does gets one that is sent at once, and of these only as many
as the rate allows. The walk waits for the rate, so that the outbox never holds more than a minute's
worth of it: what volunteers write is not behind it, and a stop finds little to take back. Who
writes before the walk has come to them is simply reached at once.

How far the walk is stands in the announcement, written with the rows: who takes over goes on there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import and_, exists, func, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from models.account_state import Limits
from models.announcement import Announcement, AnnouncementState, NewsKind, wants
from models.contact import Contact
from models.outbox import (
    KEPT_FOR_PEOPLE,
    OutboxKind,
    OutboxMessage,
    OutboxReason,
    OutboxStatus,
    drop_stopped,
)
from models.reply_window import ReplyWindow

BATCH = 1000
"""How many contacts one transaction looks at."""

AHEAD = timedelta(minutes=1)
"""For how long at most the rate is saved up, and how much of it may wait in the outbox."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people would be told now, and how many with their next message."""

    now: int
    later: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What has become of an announcement so far, in people."""

    sent: int = 0
    on_its_way: int = 0
    parked: int = 0
    dropped: int = 0

    @property
    def total(self) -> int:
        """Return how many were added so far."""
        return self.sent + self.on_its_way + self.parked + self.dropped


def count_reach(session: Session, *, kind: NewsKind, limits: Limits, now: datetime) -> Reach:
    """Count whom an announcement of this kind would reach if it went out at this moment."""
    all_of_them = session.exec(
        select(func.count()).select_from(Contact).where(wants(kind, now))
    ).one()
    if not limits.may_send(now) or limits.is_paused(now):
        return Reach(now=0, later=all_of_them)
    at_once = session.exec(
        select(func.count()).select_from(Contact).where(wants(kind, now), _is_open(now))
    ).one()
    return Reach(now=at_once, later=all_of_them - at_once)


def count_progress(session: Session, *, announcement_id: int) -> Progress:
    """Count what has become of an announcement."""
    rows = session.exec(
        select(OutboxMessage.status, func.count())
        .where(OutboxMessage.announcement_id == announcement_id)
        .group_by(col(OutboxMessage.status))
    ).all()
    found = {OutboxStatus(status): number for status, number in rows}
    return Progress(
        sent=found.get(OutboxStatus.SENT, 0) + found.get(OutboxStatus.UNCERTAIN, 0),
        on_its_way=found.get(OutboxStatus.WAITING, 0) + found.get(OutboxStatus.SENDING, 0),
        parked=found.get(OutboxStatus.PARKED, 0),
        dropped=found.get(OutboxStatus.FAILED, 0),
    )


def list_unfinished(session: Session, *, now: datetime) -> Sequence[int]:
    """Return the announcements for which something is to be done."""
    state = col(Announcement.state)
    is_over = and_(state == AnnouncementState.SPREAD, col(Announcement.expires_at) <= now)
    has_work = state.in_((AnnouncementState.RUNNING, AnnouncementState.STOPPED))
    found = session.exec(
        select(Announcement.id)
        .where(col(Announcement.ended_at).is_(None), or_(has_work, is_over))
        .order_by(col(Announcement.id))
    )
    return [number or 0 for number in found]


def spread_all(session: Session, *, limits: Limits, now: datetime) -> None:
    """Do the next part of every announcement that is under way."""
    for number in list_unfinished(session, now=now):
        spread(session, announcement_id=number, limits=limits, now=now)


def spread(session: Session, *, announcement_id: int, limits: Limits, now: datetime) -> bool:
    """Do the next part of an announcement; tell whether more can be done at once.

    One transaction of bounded length: it may be killed, done twice and by two at a time.
    """
    announcement = _lock(session, announcement_id)
    if announcement is None or announcement.ended_at is not None:
        return False
    if announcement.state is AnnouncementState.STOPPED:
        return _clear(session, announcement, now=now)
    if announcement.expires_at <= now:
        announcement.state, announcement.ended_at = AnnouncementState.SPREAD, now
        return False
    if announcement.state is AnnouncementState.RUNNING:
        return _walk(session, announcement, limits=limits, now=now)
    return False


def _lock(session: Session, announcement_id: int) -> Announcement | None:
    return session.exec(
        select(Announcement)
        .where(Announcement.id == announcement_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()


def _clear(session: Session, announcement: Announcement, *, now: datetime) -> bool:
    """Take back what is not on its way, a part at a time."""
    if drop_stopped(session, announcement_id=announcement.id or 0) > 0:
        return True
    announcement.ended_at = now
    return False


def _walk(session: Session, announcement: Announcement, *, limits: Limits, now: datetime) -> bool:
    """Add the next contacts, as far as the rate allows."""
    seen = _look(session, announcement, now=now)
    may_send = limits.may_send(now)
    room = _room(session, announcement, limits=limits, now=now) if may_send else 0
    rows, spent, is_held_up = [], 0, False
    for contact_id, is_open in seen:
        goes_now = is_open and may_send
        if goes_now and spent >= room:
            is_held_up = True
            break
        spent += goes_now
        announcement.cursor = contact_id
        rows.append(_row(announcement, contact_id, goes_now=goes_now, may_send=may_send, now=now))
    _insert(session, rows)
    _spend(announcement, spent, now=now)
    is_whole = len(seen) < BATCH and not is_held_up
    if is_whole:
        announcement.state = AnnouncementState.SPREAD
    return not is_whole and not is_held_up


def _look(
    session: Session, announcement: Announcement, *, now: datetime
) -> Sequence[tuple[int, bool]]:
    """Return the next contacts who want it, and whether WeChat lets us write to each."""
    rows = session.connection().execute(
        sa.select(col(Contact.id), _is_open(now).label("is_open"))
        .where(col(Contact.id) > announcement.cursor, wants(announcement.kind, now))
        .order_by(col(Contact.id))
        .limit(BATCH)
    )
    return [(row.id or 0, bool(row.is_open)) for row in rows]


def _is_open(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that WeChat lets us write to a contact, with something left over."""
    return exists().where(
        col(ReplyWindow.contact_id) == col(Contact.id),
        col(ReplyWindow.expires_at) > now,
        col(ReplyWindow.used) + KEPT_FOR_PEOPLE < col(ReplyWindow.allowed),
    )


def _room(session: Session, announcement: Announcement, *, limits: Limits, now: datetime) -> int:
    """Return how many may be sent at this moment."""
    if limits.is_paused(now):
        return 0
    since = _paced_since(announcement, now=now)
    saved = int((now - since) / timedelta(minutes=1) * announcement.per_minute)
    most = max(int(AHEAD / timedelta(minutes=1) * announcement.per_minute), 1)
    return min(saved, most - _count_waiting(session, announcement))


def _count_waiting(session: Session, announcement: Announcement) -> int:
    undone = (OutboxStatus.WAITING, OutboxStatus.SENDING)
    return session.exec(
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.announcement_id == announcement.id)
        .where(col(OutboxMessage.status).in_(undone))
    ).one()


def _paced_since(announcement: Announcement, *, now: datetime) -> datetime:
    # The first one may go at once; what was not used is saved for a short time only.
    gap = timedelta(minutes=1) / announcement.per_minute
    until = announcement.paced_until
    return now - gap if until is None else max(until, now - max(AHEAD, gap))


def _spend(announcement: Announcement, spent: int, *, now: datetime) -> None:
    gap = timedelta(minutes=1) / announcement.per_minute
    announcement.paced_until = _paced_since(announcement, now=now) + spent * gap


def _row(
    announcement: Announcement, contact_id: int, *, goes_now: bool, may_send: bool, now: datetime
) -> dict[str, object]:
    why = OutboxReason.NO_WINDOW if may_send else OutboxReason.ACCOUNT_MAY_NOT
    return {
        "contact_id": contact_id,
        "announcement_id": announcement.id,
        "status": OutboxStatus.WAITING if goes_now else OutboxStatus.PARKED,
        "reason": None if goes_now else why,
        "kind": OutboxKind.ANNOUNCEMENT,
        "lane": OutboxKind.ANNOUNCEMENT.lane,
        "attempts": 0,
        "body": "",
        "subject": "",
        "is_doubtful": False,
        "created_at": now,
        "not_before": now,
        "not_after": announcement.expires_at,
    }


def _insert(session: Session, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        return
    connection = session.connection()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        insert(OutboxMessage).on_conflict_do_nothing(
            index_elements=["announcement_id", "contact_id"],
            index_where=col(OutboxMessage.announcement_id).is_not(None),
        ),
        rows,
    )
