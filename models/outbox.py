"""What is still to be said to a contact: when it may be said, and what WeChat answered.

A row is waiting, then sending under a lease, then sent; parked where only their next message brings
it; failed where it will not be said. Where WeChat's answer was lost it is said again and stays
`uncertain` for ever: they may have read it twice. What goes to one contact goes in one order: what
volunteers wrote first, then what concerns this person, then announcements, each by id.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Index, and_, case, exists, not_, or_, text, update
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, select

from models.account_state import Limits
from models.announcement import Announcement, NewsKind, is_for, is_still_said
from models.columns import EncryptedText, UtcDateTime, enum_column
from models.contact import Contact
from models.reply_window import give_back, remaining, take, use_up
from models.ticket import IN_HANDS, Ticket

MAX_BYTES = 1650
"""The size of one message: with a note behind it, it still is one passive reply."""

MAX_ATTEMPTS = 20
LEASE = timedelta(seconds=60)
"""How long one attempt may take before it is taken for lost."""

KEPT_FOR_PEOPLE = 2
"""How many messages of a window are left to volunteers by what the machine sends unasked."""

MOST_AT_ONCE = 1000
"""How many messages one transaction changes where many are changed: others write meanwhile."""

_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=10)


class OutboxStatus(StrEnum):
    """How far a message to a contact has come."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    PARKED = "parked"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class OutboxKind(StrEnum):
    """Whose words they are, or what they are for."""

    VOLUNTEER = "volunteer"
    BOT = "bot"
    REMINDER = "reminder"
    NOTICE = "notice"
    ANNOUNCEMENT = "announcement"
    RATING = "rating"
    ANSWER = "answer"
    """What was not ready in time; it stands as it was answered, with links where it has choices."""
    PAGE = "page"
    """A call for somebody who helps, on their own WeChat account."""

    @property
    def lane(self) -> int:
        """Return its place in the order of what one contact is sent."""
        first = (OutboxKind.VOLUNTEER, OutboxKind.PAGE)
        return 0 if self in first else 2 if self is OutboxKind.ANNOUNCEMENT else 1

    @property
    def is_unasked(self) -> bool:
        """Tell whether it must leave something of the window to people."""
        return self in (OutboxKind.REMINDER, OutboxKind.NOTICE, OutboxKind.ANNOUNCEMENT)


class OutboxReason(StrEnum):
    """Why a message is where it is."""

    NO_WINDOW = "no_window"
    WINDOW_CLOSED = "window_closed"
    QUOTA_USED_UP = "quota_used_up"
    ACCOUNT_MAY_NOT = "account_may_not"
    DAY_LIMIT = "day_limit"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    ANSWER_LOST = "answer_lost"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a word for a reason
    GONE = "gone"
    REFUSED = "refused"
    PERSON_SPEAKS = "person_speaks"
    TOO_LATE = "too_late"
    WITHDRAWN = "withdrawn"


class MessageTooLongError(Exception):
    """The text does not fit into one message."""


class Step(StrEnum):
    """What came of looking for something to send."""

    CLAIMED = "claimed"
    SETTLED = "settled"
    NOTHING = "nothing"


def _lane_of_kind(context: DefaultExecutionContext) -> int:
    parameters: dict[str, str] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return OutboxKind(parameters["kind"]).lane


def _created_at(context: DefaultExecutionContext) -> datetime:
    parameters: dict[str, datetime] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return parameters["created_at"]


_PENDING_SQL = "{0}status IN ('waiting', 'uncertain') AND {0}sent_at IS NULL"
_PENDING_INDEX = text(_PENDING_SQL.format(""))
_PARKED_SQL = "{0}status = 'parked'"
_PARKED_INDEX = text(_PARKED_SQL.format(""))
_CLAIMED_INDEX = text("claimed_until IS NOT NULL")
_NEWS_INDEX = text("announcement_id IS NOT NULL")

CLASS_SUBJECT = "class:"
"""What begins the subject of all that is said about a class, before the class's key."""

SAFETY_SUBJECT = "safety"
"""The subject of an answer to danger, which goes out first and also while a person speaks."""

_TAG = re.compile(r"<[^<>]*>")


class OutboxMessage(SQLModel, table=True):
    """A message for a contact; `parked` ones go out with the contact's next message.

    `volunteer_id` wrote it; `ticket_version` is the episode's when it was written. It is not sent
    before `not_before` nor after `not_after`. `claimed_until` is how long the one who sends it may
    take, `attempts` also the number of the claim. `is_doubtful`: an answer of WeChat was lost.
    `subject` names what it is about (`class:7`), so that all of it can be withdrawn. The words of
    an announcement stand there, once for all who get it: see `words_of`.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_contact", "contact_id", "status"),
        Index(
            "ix_outbox_message_pending",
            "lane",
            "not_before",
            sqlite_where=_PENDING_INDEX,
            postgresql_where=_PENDING_INDEX,
        ),
        Index("ix_outbox_message_subject", "subject"),
        Index(
            "ix_outbox_message_claimed",
            "claimed_until",
            sqlite_where=_CLAIMED_INDEX,
            postgresql_where=_CLAIMED_INDEX,
        ),
        Index(
            "ix_outbox_message_parked",
            "not_after",
            sqlite_where=_PARKED_INDEX,
            postgresql_where=_PARKED_INDEX,
        ),
        Index(
            "ix_outbox_message_news",
            "announcement_id",
            "status",
            sqlite_where=_NEWS_INDEX,
            postgresql_where=_NEWS_INDEX,
        ),
        # Nobody is told the same news twice, whoever adds the recipients.
        Index(
            "uq_outbox_message_news",
            "announcement_id",
            "contact_id",
            unique=True,
            sqlite_where=_NEWS_INDEX,
            postgresql_where=_NEWS_INDEX,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id")
    status: OutboxStatus = Field(sa_column=enum_column(OutboxStatus))
    attempts: int = 0
    errcode: int | None = None
    body: str = Field(sa_type=EncryptedText)
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    kind: OutboxKind = Field(default=OutboxKind.NOTICE, sa_column=enum_column(OutboxKind))
    lane: int = Field(
        default=None, sa_column=sa.Column(sa.Integer, nullable=False, default=_lane_of_kind)
    )
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    ticket_version: int | None = None
    volunteer_id: int | None = Field(default=None, foreign_key="volunteer.id")
    not_before: datetime | None = Field(
        default=None, sa_column=sa.Column(UtcDateTime, nullable=True, default=_created_at)
    )
    not_after: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_doubtful: bool = False
    reason: OutboxReason | None = Field(
        default=None, sa_column=enum_column(OutboxReason, nullable=True)
    )
    subject: str = Field(default="", max_length=60)
    announcement_id: int | None = Field(default=None, foreign_key="announcement.id")

    @property
    def comes_along(self) -> bool:
        """Tell whether it stands in the next reply without being asked for, once it is parked."""
        always = (OutboxKind.VOLUNTEER, OutboxKind.ANSWER)
        return self.kind in always or self.subject.startswith(CLASS_SUBJECT)

    @property
    def words(self) -> str:
        """Return what it says without links, as it can stand inside another reply."""
        return _TAG.sub("", self.body) if self.kind is OutboxKind.ANSWER else self.body


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in the hands of one sender; `number` says which claim of it this is."""

    id: int
    contact_id: int
    openid: str
    body: str
    kind: OutboxKind
    number: int
    at: datetime
    until: datetime


def enqueue(  # noqa: PLR0913 - what a message is made of
    session: Session,
    *,
    contact_id: int,
    body: str,
    kind: OutboxKind,
    now: datetime,
    ticket: Ticket | None = None,
    volunteer_id: int | None = None,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    subject: str = "",
) -> OutboxMessage:
    """Put a message into the outbox; raise MessageTooLongError for more than MAX_BYTES.

    It goes out after the commit, as soon as it is allowed to.
    """
    if len(body.encode()) > MAX_BYTES:
        raise MessageTooLongError
    message = OutboxMessage(
        contact_id=contact_id,
        status=OutboxStatus.WAITING,
        body=body,
        kind=kind,
        lane=kind.lane,
        created_at=now,
        ticket_id=ticket.id if ticket else None,
        ticket_version=ticket.version if ticket else None,
        volunteer_id=volunteer_id,
        not_before=not_before or now,
        not_after=not_after,
        subject=subject,
    )
    session.add(message)
    session.flush()  # its id is its place in the order
    return message


def enqueue_answer(
    session: Session,
    *,
    contact_id: int,
    body: str,
    is_safety: bool,
    may_send: bool,
    now: datetime,
) -> None:
    """Put an answer into the outbox that was not ready in time.

    Where the account cannot send it comes with their next message. One to danger goes first.
    """
    kind = OutboxKind.ANSWER
    session.add(
        OutboxMessage(
            contact_id=contact_id,
            status=OutboxStatus.WAITING if may_send else OutboxStatus.PARKED,
            reason=None if may_send else OutboxReason.ACCOUNT_MAY_NOT,
            body=body,
            kind=kind,
            lane=0 if is_safety else kind.lane,
            created_at=now,
            not_before=now,
            subject=SAFETY_SUBJECT if is_safety else "",
        )
    )


def withdraw(session: Session, *, message_id: int) -> bool:
    """Take back what is not yet on its way; tell whether it was in time."""
    return _withdraw(session, col(OutboxMessage.id) == message_id) > 0


def withdraw_subject(
    session: Session,
    *,
    subject: str,
    contact_id: int | None = None,
    kind: OutboxKind | None = None,
) -> int:
    """Stop what is about a subject and not yet on its way; return how many messages.

    With `contact_id` only what goes to this contact, with `kind` only what is of this kind.
    """
    which = [col(OutboxMessage.subject) == subject]
    if contact_id is not None:
        which.append(col(OutboxMessage.contact_id) == contact_id)
    if kind is not None:
        which.append(col(OutboxMessage.kind) == kind)
    return _withdraw(session, and_(*which))


def withdraw_news(session: Session, *, contact_id: int, kinds: Collection[NewsKind]) -> int:
    """Stop the announcements of these kinds that this contact has not been told yet."""
    of_kind = select(Announcement.id).where(col(Announcement.kind).in_(kinds))
    return _withdraw(
        session,
        and_(
            col(OutboxMessage.contact_id) == contact_id,
            col(OutboxMessage.announcement_id).in_(of_kind),
        ),
    )


def words_of(session: Session, message: OutboxMessage) -> str:
    """Return what a message says, without links; an announcement has its words in one place."""
    if message.announcement_id is None:
        return message.words
    return session.get_one(Announcement, message.announcement_id).body


def list_for_ticket(session: Session, *, ticket_id: int) -> Sequence[OutboxMessage]:
    """Return what was or is to be sent in an episode, oldest first."""
    return session.exec(
        select(OutboxMessage)
        .where(OutboxMessage.ticket_id == ticket_id)
        .order_by(col(OutboxMessage.id))
        .execution_options(populate_existing=True)
    ).all()


def list_parked(session: Session, *, contact_id: int, now: datetime) -> Sequence[OutboxMessage]:
    """Return what waits for the contact's next message, in the order in which it is said."""
    is_news = col(OutboxMessage.announcement_id).is_not(None)
    return session.exec(
        select(OutboxMessage)
        .where(OutboxMessage.contact_id == contact_id)
        .where(OutboxMessage.status == OutboxStatus.PARKED, not_(_is_late(now)))
        .where(or_(not_(is_news), _is_wanted_news(now)))
        .order_by(col(OutboxMessage.lane), col(OutboxMessage.id))
    ).all()


def mark_said(session: Session, messages: Sequence[OutboxMessage], *, now: datetime) -> None:
    """Note that parked messages travel in the reply of this very transaction."""
    for message in messages:
        message.status = OutboxStatus.UNCERTAIN if message.is_doubtful else OutboxStatus.SENT
        message.sent_at = now
        message.reason = None
        session.add(message)


def has_due(connection: sa.Connection, *, now: datetime, without_news: bool = False) -> bool:
    """Tell, without a transaction, whether it is worth looking for something to send."""
    due = select(OutboxMessage.id).where(_is_pending(), col(OutboxMessage.not_before) <= now)
    if without_news:
        due = due.where(col(OutboxMessage.lane) < OutboxKind.ANNOUNCEMENT.lane)
    return connection.execute(due.limit(1)).first() is not None


def claim_message(
    session: Session,
    *,
    limits: Limits,
    now: datetime,
    lease: timedelta = LEASE,
    without_news: bool = False,
) -> tuple[Step, Claimed | None]:
    """Take the next message to send, or settle one that cannot be sent now.

    The contact is locked first, as each message of theirs and each claim of a ticket does, so that
    nothing changes between the checks and the commit. Who is locked already is passed by. With
    `without_news` announcements are left to others.
    """
    found = _find_next(session, now, without_news=without_news)
    if found is None:
        return Step.NOTHING, None
    message_id, openid = found
    message = session.exec(
        select(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .execution_options(populate_existing=True)
    ).first()
    if message is None or not _may_go(session, message, now=now):
        return Step.SETTLED, None  # somebody was quicker
    reason = _obstacle(session, message, limits=limits, now=now)
    if reason is not None:
        _settle(message, reason)
        return Step.SETTLED, None
    if _unpark_earlier(session, message, now=now):
        return Step.SETTLED, None
    keep = KEPT_FOR_PEOPLE if message.kind.is_unasked else 0
    if not take(session, contact_id=message.contact_id, now=now, keep=keep):
        _settle(message, OutboxReason.NO_WINDOW)
        return Step.SETTLED, None
    message.status = OutboxStatus.SENDING
    message.attempts += 1
    message.claimed_until = now + lease
    message.reason = None
    return Step.CLAIMED, Claimed(
        id=message.id or 0,
        contact_id=message.contact_id,
        openid=openid,
        body=message.body if message.kind is OutboxKind.ANSWER else words_of(session, message),
        kind=message.kind,
        number=message.attempts,
        at=now,
        until=now + lease,
    )


def record_sent(session: Session, claimed: Claimed, *, now: datetime) -> None:
    """Note that WeChat took it."""
    doubtful = col(OutboxMessage.is_doubtful)
    status = case((doubtful, OutboxStatus.UNCERTAIN.value), else_=OutboxStatus.SENT.value)
    _record(session, claimed, status=status, sent_at=now, reason=None, errcode=None)


def record_lost(session: Session, claimed: Claimed, *, now: datetime) -> None:
    """Note that WeChat may have taken it or not: it is sent again, and marked."""
    is_last = claimed.number >= MAX_ATTEMPTS
    _record(
        session,
        claimed,
        status=OutboxStatus.UNCERTAIN,
        is_doubtful=True,
        reason=OutboxReason.ANSWER_LOST,
        not_before=None if is_last else now + pause_after(claimed.number),
    )


def record_retry(
    session: Session,
    claimed: Claimed,
    *,
    reason: OutboxReason,
    now: datetime,
    errcode: int | None = None,
) -> None:
    """Note that it was not sent and may be soon; after many times it is parked."""
    give_back(session, contact_id=claimed.contact_id, taken_at=claimed.at)
    if claimed.number >= MAX_ATTEMPTS:
        _record(session, claimed, status=OutboxStatus.PARKED, reason=reason, errcode=errcode)
        return
    later = now + pause_after(claimed.number)
    status = case(
        (col(OutboxMessage.is_doubtful), OutboxStatus.UNCERTAIN.value),
        else_=OutboxStatus.WAITING.value,
    )
    _record(session, claimed, status=status, reason=reason, errcode=errcode, not_before=later)


def record_parked(
    session: Session, claimed: Claimed, *, reason: OutboxReason, errcode: int | None
) -> None:
    """Note that it can only go out with their next message."""
    if reason in (OutboxReason.WINDOW_CLOSED, OutboxReason.QUOTA_USED_UP):
        use_up(session, contact_id=claimed.contact_id, taken_at=claimed.at)
    else:
        give_back(session, contact_id=claimed.contact_id, taken_at=claimed.at)
    status = OutboxStatus.FAILED if claimed.kind is OutboxKind.RATING else OutboxStatus.PARKED
    _record(session, claimed, status=status, reason=reason, errcode=errcode)


def record_failed(
    session: Session, claimed: Claimed, *, reason: OutboxReason, errcode: int | None
) -> None:
    """Note that it will not be sent."""
    give_back(session, contact_id=claimed.contact_id, taken_at=claimed.at)
    _record(session, claimed, status=OutboxStatus.FAILED, reason=reason, errcode=errcode)


def recover_lost(session: Session, *, now: datetime) -> int:
    """Take up what somebody was sending when they died; return how many messages."""
    session.flush()
    found = session.connection().execute(
        update(OutboxMessage)
        .where(col(OutboxMessage.status) == OutboxStatus.SENDING)
        .where(col(OutboxMessage.claimed_until) <= now)
        .values(
            status=OutboxStatus.UNCERTAIN,
            is_doubtful=True,
            reason=OutboxReason.ANSWER_LOST,
            not_before=case((col(OutboxMessage.attempts) < MAX_ATTEMPTS, now), else_=None),
        )
    )
    return found.rowcount


def release_after_pause(session: Session, *, now: datetime) -> int:
    """Let go out what was parked for the day's limit: that is over."""
    freed = session.connection().execute(
        update(OutboxMessage)
        .where(col(OutboxMessage.status) == OutboxStatus.PARKED)
        .where(col(OutboxMessage.reason) == OutboxReason.DAY_LIMIT)
        .values(status=OutboxStatus.WAITING, reason=None, not_before=now, attempts=0)
    )
    return freed.rowcount


def drop_late(session: Session, *, now: datetime, most: int = MOST_AT_ONCE) -> int:
    """Give up what was parked and would come too late: a part of it, for others write too."""
    parked = sa.literal_column(f"({_PARKED_SQL.format('outbox_message.')})", sa.Boolean)
    late = select(OutboxMessage.id).where(parked, col(OutboxMessage.not_after) <= now).limit(most)
    gone = session.connection().execute(
        update(OutboxMessage)
        .where(col(OutboxMessage.id).in_(late))
        .where(col(OutboxMessage.status) == OutboxStatus.PARKED, _is_late(now))
        .values(status=OutboxStatus.FAILED, reason=OutboxReason.TOO_LATE)
    )
    return gone.rowcount


def drop_stopped(session: Session, *, announcement_id: int, most: int = MOST_AT_ONCE) -> int:
    """Clear away what was not said of an announcement that was stopped: a part of it."""
    undone = (OutboxStatus.WAITING, OutboxStatus.PARKED)
    some = (
        select(OutboxMessage.id)
        .where(OutboxMessage.announcement_id == announcement_id)
        .where(col(OutboxMessage.status).in_(undone))
        .limit(most)
    )
    return _withdraw(session, col(OutboxMessage.id).in_(some))


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: ever longer, up to ten minutes."""
    doublings: int = min(attempts - 1, 12)
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


def _find_next(
    session: Session, now: datetime, *, without_news: bool = False
) -> tuple[int, str] | None:
    """Return the message whose turn it is and its contact's openid, with the contact locked."""
    lanes = {kind.lane for kind in OutboxKind}
    if without_news:
        lanes -= {OutboxKind.ANNOUNCEMENT.lane}
    for lane in sorted(lanes):
        query = (
            select(OutboxMessage.id, Contact.openid)
            .join(Contact, col(Contact.id) == col(OutboxMessage.contact_id))
            .where(_is_pending(), col(OutboxMessage.not_before) <= now)
            .where(OutboxMessage.lane == lane, *_turn(now))
            .order_by(col(OutboxMessage.not_before), col(OutboxMessage.id))
            .limit(1)
            .with_for_update(of=Contact, key_share=True, skip_locked=True)
        )
        found = session.exec(query).first()
        if found is not None:
            return found[0] or 0, found[1]
    return None


def _may_go(session: Session, message: OutboxMessage, *, now: datetime) -> bool:
    """Check again under the lock that it is still the turn of this message."""
    still = select(OutboxMessage.id).where(OutboxMessage.id == message.id, _is_pending())
    return session.exec(still.where(*_turn(now))).first() is not None


def _turn(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return not_(_has_earlier(now)), or_(not_(_is_held()), _goes_or_falls())


def _is_pending() -> ColumnElement[bool]:
    # Written out, so that both databases see that the partial index serves it.
    return sa.literal_column(f"({_PENDING_SQL.format('outbox_message.')})", sa.Boolean)


def _has_earlier(now: datetime) -> ColumnElement[bool]:
    """Return the condition that something else goes to this contact first."""
    other = aliased(OutboxMessage)
    before = or_(
        col(other.lane) < col(OutboxMessage.lane),
        and_(col(other.lane) == col(OutboxMessage.lane), col(other.id) < col(OutboxMessage.id)),
    )
    # What was tried keeps its place while it waits; what is for a later day has none yet.
    was_tried = and_(col(other.attempts) > 0, col(other.not_before).is_not(None))
    has_place = or_(was_tried, col(other.not_before) <= now)
    is_pending = and_(
        col(other.status).in_((OutboxStatus.WAITING, OutboxStatus.UNCERTAIN)),
        col(other.sent_at).is_(None),
    )
    return exists().where(
        col(other.contact_id) == col(OutboxMessage.contact_id),
        col(other.id) != col(OutboxMessage.id),
        or_(col(other.status) == OutboxStatus.SENDING, and_(is_pending, before, has_place)),
    )


def _is_held() -> ColumnElement[bool]:
    return exists().where(
        col(Ticket.contact_id) == col(OutboxMessage.contact_id), col(Ticket.state).in_(IN_HANDS)
    )


def _goes_or_falls() -> ColumnElement[bool]:
    # A volunteer's words and calls go; what the machine had to say is out of date by then.
    goes = (OutboxKind.VOLUNTEER, OutboxKind.PAGE, OutboxKind.BOT, OutboxKind.ANSWER)
    return col(OutboxMessage.kind).in_(goes)


def _obstacle(
    session: Session, message: OutboxMessage, *, limits: Limits, now: datetime
) -> OutboxReason | None:
    """Return why a message whose turn it is cannot be sent."""
    if _is_ours(message) and _is_in_hands(session, message.contact_id):
        return OutboxReason.PERSON_SPEAKS
    if message.kind is OutboxKind.RATING and _is_in_danger(session, message.contact_id, now=now):
        return OutboxReason.PERSON_SPEAKS
    if message.not_after is not None and message.not_after <= now:
        return OutboxReason.TOO_LATE
    if message.announcement_id is not None and not _is_wanted(session, message, now=now):
        return OutboxReason.WITHDRAWN
    if not limits.may_send(now):
        return OutboxReason.ACCOUNT_MAY_NOT
    return OutboxReason.DAY_LIMIT if limits.is_over_for_today(now) else None


def _is_ours(message: OutboxMessage) -> bool:
    """Tell whether it is the machine's own speech, which ends when a person speaks."""
    is_answer = message.kind is OutboxKind.ANSWER and message.subject != SAFETY_SUBJECT
    return is_answer or message.kind is OutboxKind.BOT


def _is_wanted(session: Session, message: OutboxMessage, *, now: datetime) -> bool:
    wanted = select(OutboxMessage.id).where(OutboxMessage.id == message.id, _is_wanted_news(now))
    return session.exec(wanted).first() is not None


def _is_wanted_news(now: datetime) -> ColumnElement[bool]:
    return exists().where(
        col(Announcement.id) == col(OutboxMessage.announcement_id),
        col(Contact.id) == col(OutboxMessage.contact_id),
        is_still_said(now),
        is_for(now),
    )


def _is_in_hands(session: Session, contact_id: int) -> bool:
    held = select(Ticket.id).where(Ticket.contact_id == contact_id)
    return session.exec(held.where(col(Ticket.state).in_(IN_HANDS))).first() is not None


def _is_in_danger(session: Session, contact_id: int, *, now: datetime) -> bool:
    """Tell whether they have said something meanwhile after which nobody asks for a rating."""
    until = session.exec(select(Contact.crisis_until).where(Contact.id == contact_id)).one()
    return until is not None and until > now


def _settle(message: OutboxMessage, reason: OutboxReason) -> None:
    falls = reason in (
        OutboxReason.PERSON_SPEAKS,
        OutboxReason.TOO_LATE,
        OutboxReason.WITHDRAWN,
    )
    fails = falls or message.kind is OutboxKind.RATING
    message.status = OutboxStatus.FAILED if fails else OutboxStatus.PARKED
    message.reason = reason


def _unpark_earlier(session: Session, message: OutboxMessage, *, now: datetime) -> bool:
    """Let what a volunteer wrote before this go first, now that sending is possible again."""
    if message.kind is not OutboxKind.VOLUNTEER:
        return False
    if remaining(session, contact_id=message.contact_id, now=now).left == 0:
        return False  # the earlier one would be parked again, and this one free it again, for ever
    freed = session.connection().execute(
        update(OutboxMessage)
        .where(col(OutboxMessage.contact_id) == message.contact_id)
        .where(col(OutboxMessage.status) == OutboxStatus.PARKED)
        .where(col(OutboxMessage.lane) == message.lane, col(OutboxMessage.id) < message.id)
        .values(status=OutboxStatus.WAITING, reason=None, not_before=now, attempts=0)
    )
    return freed.rowcount > 0


def _record(session: Session, claimed: Claimed, **values: object) -> None:
    """Write down how a claim ended, unless it was taken for lost and claimed anew meanwhile."""
    session.connection().execute(
        update(OutboxMessage)
        .where(col(OutboxMessage.id) == claimed.id)
        .where(col(OutboxMessage.attempts) == claimed.number, col(OutboxMessage.sent_at).is_(None))
        .where(col(OutboxMessage.claimed_until) == claimed.until)
        .where(col(OutboxMessage.status).in_((OutboxStatus.SENDING, OutboxStatus.UNCERTAIN)))
        .values(claimed_until=None, **values)
    )


def _withdraw(session: Session, which: ColumnElement[bool]) -> int:
    session.flush()
    stopped = session.connection().execute(
        update(OutboxMessage)
        .where(which)
        .where(col(OutboxMessage.status).in_((OutboxStatus.WAITING, OutboxStatus.PARKED)))
        .values(status=OutboxStatus.FAILED, reason=OutboxReason.WITHDRAWN)
    )
    return stopped.rowcount


def _is_late(now: datetime) -> ColumnElement[bool]:
    # Never unknown: its negation has to hold for what may come at any time.
    return and_(col(OutboxMessage.not_after).is_not(None), col(OutboxMessage.not_after) <= now)
