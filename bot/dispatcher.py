"""One message, one transaction, exactly one effect.

A known message gets its stored reply. Otherwise the text is understood first, outside any
transaction; then message, effects and reply are committed together. Of two deliveries at the same
moment the unique `dedup_key` lets one commit; the other rolls back and reads the stored reply.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from bot import statements
from bot.pages import Page
from handlers.alarm import latch_contact
from handlers.base import Context, KnownContact
from handlers.router import Routed, Router
from knowledge.engine import Understanding
from knowledge.live import LiveKnowledge
from knowledge.safety import Danger, SafetyTexts, name_for
from models.clock import Clock
from models.contact import Contact
from models.conversation import QUIET_TIME, Conversation
from models.database import Database
from models.inbox import ReplyKind
from models.media import receive
from models.messages import InboundMessage, MessageKind, RenderedReply, Reply
from models.outbox import OutboxKind, OutboxMessage, list_parked, mark_said
from models.reply_window import GrantReason, close_windows, grant
from models.ticket import (
    Ticket,
    TicketKind,
    add_to_ticket,
    get_ticket_in_hands,
    list_open_tickets,
    open_ticket,
)

log = structlog.get_logger()

ATTEMPTS = 10
UNJUDGED = 2
SAID_KEPT, SAID_LENGTH = 6, 120
PARKED_NOTE = "（您有新的留言，回复「继续」看）"
REST_NOTE = "（您刚问的也答了，回复「继续」看）"
VOLUNTEER_LINE = "————\n"
"""Stands between what a volunteer wrote and what the machine says."""

_GRANTS = {
    "subscribe": GrantReason.FOLLOW,
    "scan": GrantReason.SCAN,
    "click": GrantReason.MENU,
    "scancode_push": GrantReason.MENU,
    "scancode_waitmsg": GrantReason.MENU,
}
"""Events after which WeChat lets us send, and shows what we answer."""

APOLOGY = (
    "对不住，我这边出了点毛病，没办成。您的话我记下了（编号 {number}），工作人员会看到并回您。"
)
APOLOGY_IN_DANGER = "您要是有危险，马上打110或120；心里撑不住，打12356，有人听您说。\n"

_ACCOUNT_EVENTS = frozenset(
    {"verify_expired", "annual_renew", "qualification_verify_fail", "naming_verify_fail"}
)
"""With its verification the account loses the right to send: the operator must know."""

_STORY_TOPICS = frozenset({"legal", "counsel", "fallback"})
_CONFIDED_TOPICS = frozenset({"counsel"})
_FOR_TICKETS = {
    "legal": frozenset({TicketKind.LAWYER}),
    "counsel": frozenset({TicketKind.COUNSELOR, TicketKind.CRISIS}),
}
"""Whose ticket gets what is said on a topic: a confession is not for the career adviser."""


class _AnsweredMeanwhileError(Exception):
    """Another delivery of the same message was quicker."""


class _SpokenMeanwhileError(Exception):
    """The dialogue moved on while the text was being understood."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What could be read before the text was understood; `version` tells whether it still holds."""

    reply: RenderedReply | None = None
    conversation: Conversation = field(default_factory=Conversation)
    version: str | None = None
    pieces: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    was_put_off: bool = False


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What was read under the lock."""

    contact: KnownContact
    conversation: Conversation
    has_row: bool


class Dispatcher:
    """Takes decoded messages, returns the reply that was committed with each."""

    def __init__(  # noqa: PLR0913 - the one place where the parts meet
        self,
        *,
        database: Database,
        knowledge: LiveKnowledge,
        router: Router,
        safety_texts: SafetyTexts,
        paginate: Callable[[Reply], Page],
        clock: Clock,
        timezone: ZoneInfo,
        sender: str = "",
    ) -> None:
        self._sender = sender
        self._database = database
        self._knowledge = knowledge
        self._router = router
        self._safety_texts = safety_texts
        self._paginate = paginate
        self._clock = clock
        self._timezone = timezone

    def dispatch(self, message: InboundMessage) -> RenderedReply:
        """Answer a message; raise SQLAlchemy's OperationalError when the database is away."""
        for _ in range(ATTEMPTS):
            now = self._clock()
            seen = self._look(message, now)
            if seen.reply is not None:
                return seen.reply
            engine = self._knowledge.engine(now)
            danger = None
            try:
                understanding = engine.understand(message.text, seen.pieces, heard=seen.heard)
                danger = understanding.danger
                return self._handle(message, understanding, seen=seen, now=now)
            except (_AnsweredMeanwhileError, _SpokenMeanwhileError):
                continue
            except OperationalError:
                raise
            except Exception:
                log.exception("handler_failed", kind=message.kind.value)
                return self._apologise(message, danger=danger, now=now)
        msg = "a message could not be handled: its dialogue never came to rest"
        raise RuntimeError(msg)

    def finish(self, message: InboundMessage, *, is_last_attempt: bool) -> RenderedReply:
        """Answer a message that was put off; after the last attempt it is handed to people."""
        try:
            return self.dispatch(message)
        except OperationalError:
            if not is_last_attempt:
                raise
            log.exception("message_given_up", kind=message.kind.value)
            return self._apologise(message, danger=None, now=self._clock())

    def _look(self, message: InboundMessage, now: datetime) -> _Seen:
        with self._database.reading() as connection:
            row = connection.execute(
                statements.LOOK, {"key": message.dedup_key, "sender": message.openid}
            ).one()
        if row.reply_kind is not None:
            text = None if row.reply_kind is ReplyKind.SILENT else row.reply_text
            stored = RenderedReply(
                text, created_at=row.received_at, was_put_off=bool(row.was_put_off)
            )
            return _Seen(reply=stored)
        conversation = _read_conversation(row.state, row.updated_at, now=now)
        return _Seen(
            conversation=conversation,
            version=row.version,
            was_put_off=bool(row.was_put_off),
            pieces=tuple(conversation.recent_pieces(now)),
            heard=tuple(conversation.heard_lately(now)),
        )

    def _handle(
        self, message: InboundMessage, understanding: Understanding, *, seen: _Seen, now: datetime
    ) -> RenderedReply:
        with self._database.transaction() as session:
            loaded = self._load(session, message, seen=seen, now=now)
            if tuple(loaded.conversation.heard_lately(now)) != seen.heard:
                raise _SpokenMeanwhileError
            ctx = Context(
                session=session,
                contact=loaded.contact,
                conversation=loaded.conversation,
                understanding=understanding,
                now=now,
                timezone=self._timezone,
                safety_texts=self._safety_texts,
                sender=self._sender,
            )
            routed = self._router.route(message, ctx)
            self._append_to_ticket(message, routed, ctx)
            text = self._finish(message, routed, ctx)
            session.flush()
            connection = session.connection()
            if message.event != "unsubscribe":
                _save_conversation(connection, ctx, has_row=loaded.has_row)
            _store(connection, message, routed, text=text, ctx=ctx)
        if message.event in _ACCOUNT_EVENTS:
            log.warning("account_verification", event_name=message.event)
        return RenderedReply(text, created_at=now, was_put_off=seen.was_put_off)

    def _load(
        self, session: Session, message: InboundMessage, *, seen: _Seen, now: datetime
    ) -> _Loaded:
        """Lock the contact (one message of a person at a time) and load the dialogue."""
        connection = session.connection()
        row = connection.execute(
            statements.LOCK_CONTACT,
            {"sender": message.openid, "now": now, "follows": message.event != "unsubscribe"},
        ).first()
        if row is None:
            contact = self._new_contact(session, message, now=now)
            return _Loaded(contact, Conversation(), has_row=False)
        found = connection.execute(
            statements.FIND_STANDING, {"of_contact": row.id, "now": now, "sender": message.openid}
        ).one()
        contact = KnownContact(
            id=row.id,
            crisis_until=row.crisis_until,
            crisis_situation=row.crisis_situation or "",
            has_open_ticket=found.open_ticket,
            is_in_hands=found.in_hands,
            has_parked_reply=found.parked,
            is_blocked=found.blocked,
            awaits_answer=found.awaits,
            notice_version=row.notice_version,
        )
        _open_window(session, message, contact_id=contact.id, now=now)
        conversation = seen.conversation
        if found.version != seen.version:
            conversation = _reread_conversation(connection, row.id, now=now)
        return _Loaded(contact, conversation, has_row=found.version is not None)

    def _new_contact(
        self, session: Session, message: InboundMessage, *, now: datetime
    ) -> KnownContact:
        contact = Contact(
            openid=message.openid,
            followed=message.event != "unsubscribe",
            first_seen_at=now,
            last_message_at=now,
        )
        session.add(contact)
        try:
            session.flush()  # everything else refers to its id
        except IntegrityError as error:
            raise _SpokenMeanwhileError from error
        _open_window(session, message, contact_id=contact.id or 0, now=now)
        return KnownContact(id=contact.id or 0, is_new=True)

    def _append_to_ticket(self, message: InboundMessage, routed: Routed, ctx: Context) -> None:
        """Add what the person wrote to the ticket that waits for them."""
        if message.kind is MessageKind.EVENT:
            return
        if ctx.contact.is_in_hands:
            ticket = get_ticket_in_hands(ctx.session, contact_id=ctx.contact.id)
            ticket.risk = max(ticket.risk, ctx.understanding.danger.level)
            add_to_ticket(ctx.session, ticket, body=_in_words(message), now=ctx.now)
            _receive_media(message, ctx, ticket)
        elif ctx.contact.has_open_ticket and routed.topic in _FOR_TICKETS:
            tickets = list_open_tickets(ctx.session, contact_id=ctx.contact.id)
            fitting = [t for t in tickets if t.kind in _FOR_TICKETS[routed.topic]]
            if fitting:
                add_to_ticket(ctx.session, fitting[0], body=message.text, now=ctx.now)
                _receive_media(message, ctx, fitting[0])

    def _finish(self, message: InboundMessage, routed: Routed, ctx: Context) -> str | None:
        """Cut the reply to one page and bring the dialogue's memory up to date."""
        conversation = ctx.conversation
        if routed.topic == "safety":
            conversation.heard = []  # it was heard: the same words must not raise it again
        elif message.text:
            conversation.hear(message.text, ctx.now)
        if routed.topic != "fallback":
            conversation.pieces, conversation.misses = [], 0
        if message.text and routed.topic in _STORY_TOPICS:
            said = [*conversation.said, message.text[:SAID_LENGTH]]
            conversation.said = said[-SAID_KEPT:]
            if routed.topic in _CONFIDED_TOPICS:
                confided = [*conversation.confided, message.text[:SAID_LENGTH]]
                conversation.confided = confided[-SAID_KEPT:]
        return self._put_into_page(message, routed, ctx)

    def _put_into_page(self, message: InboundMessage, routed: Routed, ctx: Context) -> str | None:
        """Write the reply: what was to be said meanwhile, then what was answered now."""
        reply, parked, keeps = routed.reply, _parked(ctx), routed.topic == "resume"
        theirs = _list_coming_along(parked, routed, ctx)
        if theirs and _is_shown(message, routed):
            said = self._fit(theirs, reply)
            mark_said(ctx.session, theirs[:said], now=ctx.now)
            reply, keeps = self._with_theirs(theirs[:said], reply, ctx)
            parked = [m for m in parked if m not in theirs[:said]]
        if reply is None:
            return None
        if parked and routed.topic != "resume" and not _is_bad_moment(parked, routed):
            reply = replace(reply, closing=f"{reply.closing}\n{PARKED_NOTE}".strip())
        page = self._paginate(reply)
        if page.rest:
            # What is parked comes before what is left of another reply, and does not replace it.
            kept = ctx.conversation.rest if keeps else ""
            ctx.conversation.rest = f"{page.rest}\n{kept}".strip()
        return page.text

    def _fit(self, theirs: Sequence[OutboxMessage], reply: Reply | None) -> int:
        """Return how many of the parked messages go into this reply: one at least."""
        for count in range(len(theirs), 1, -1):
            if not self._paginate(_after(theirs[:count], reply)).rest:
                return count
        return 1

    def _with_theirs(
        self, theirs: Sequence[OutboxMessage], reply: Reply | None, ctx: Context
    ) -> tuple[Reply, bool]:
        """Put a volunteer's words first; tell whether the answer had no room and is kept."""
        whole = _after(theirs, reply)
        if reply is None or not self._paginate(whole).rest:
            return whole, False
        ctx.conversation.rest = f"{reply.text}\n{reply.closing}".strip()
        ctx.conversation.rest_choices = list(reply.choices)
        return replace(_after(theirs, None), closing=REST_NOTE), True

    def _apologise(
        self, message: InboundMessage, *, danger: Danger | None, now: datetime
    ) -> RenderedReply:
        """Say sorry and hand the message to people; nothing of the failed handler remains.

        Where not even the danger could be judged (None), help is named all the same.
        """
        is_crisis = danger is not None and danger.is_crisis
        try:
            with self._database.transaction() as session:
                contact = self._load(session, message, seen=_Seen(), now=now).contact
                ticket = open_ticket(
                    session,
                    contact_id=contact.id,
                    kind=TicketKind.CRISIS if is_crisis else TicketKind.ERROR,
                    summary=message.text,
                    risk=danger.level if danger is not None else UNJUDGED,
                    now=now,
                )
                if danger is not None and is_crisis:
                    latch_contact(session, contact.id, name_for(danger), now=now)
                text = APOLOGY.format(number=ticket.id)
                if danger is None or is_crisis:
                    text = APOLOGY_IN_DANGER + text
                shown = None if message.event == "unsubscribe" else text
                session.flush()
                session.connection().execute(
                    statements.INSERT_ENTRY,
                    _entry_values(message, contact_id=contact.id, text=shown, now=now)
                    | {"topic": "error", "source": ""},
                )
        except (IntegrityError, _SpokenMeanwhileError):
            stored = self._look(message, now).reply
            if stored is None:
                raise
            return stored
        return RenderedReply(shown, created_at=now)


def _open_window(
    session: Session, message: InboundMessage, *, contact_id: int, now: datetime
) -> None:
    """Enter what WeChat lets us send after this message."""
    if message.event == "unsubscribe":
        close_windows(session, contact_id=contact_id)
        return
    reason = _GRANTS.get(message.event) if message.event else GrantReason.MESSAGE
    if reason is not None:
        # WeChat counts from when they sent it.
        since = min(now, message.created_at)
        grant(session, contact_id=contact_id, reason=reason, now=since)


def _is_shown(message: InboundMessage, routed: Routed) -> bool:
    """Tell whether a volunteer's words may stand in this reply, and WeChat shows it."""
    if routed.topic in ("resume", "safety"):
        return False  # who asks for what is parked is given it; the words of safety stay alone
    return message.kind is not MessageKind.EVENT or message.event in _GRANTS


def _list_coming_along(
    parked: Sequence[OutboxMessage], routed: Routed, ctx: Context
) -> Sequence[OutboxMessage]:
    """Return what stands before the answer; while a person speaks only what people wrote."""
    is_ours = routed.reply is not None and not ctx.contact.is_in_hands
    return [m for m in parked if m.kind is OutboxKind.VOLUNTEER or (is_ours and m.comes_along)]


def _parked(ctx: Context) -> list[OutboxMessage]:
    if not ctx.contact.has_parked_reply:
        return []
    return list(list_parked(ctx.session, contact_id=ctx.contact.id, now=ctx.now))


def _is_bad_moment(parked: Sequence[OutboxMessage], routed: Routed) -> bool:
    """Tell whether there is nothing but news, and it is not the time for that."""
    is_news = all(message.kind is OutboxKind.ANNOUNCEMENT for message in parked)
    return is_news and routed.topic == "safety"


def _after(theirs: Sequence[OutboxMessage], reply: Reply | None) -> Reply:
    """Return a reply with the words of volunteers before it."""
    words = "\n".join(message.words for message in theirs)
    if reply is None:
        return Reply(words)
    return replace(reply, text=f"{words}\n{VOLUNTEER_LINE}{reply.text}")


def _entry_values(
    message: InboundMessage, *, contact_id: int, text: str | None, now: datetime
) -> dict[str, object]:
    return {
        "dedup_key": message.dedup_key,
        "contact_id": contact_id,
        "openid": message.openid,
        "msg_id": message.msg_id,
        "kind": message.kind,
        "event": message.event,
        "created_at": message.created_at,
        "received_at": now,
        "text": message.text,
        "details": _details(message),
        "reply_kind": ReplyKind.SILENT if text is None else ReplyKind.TEXT,
        "reply_text": text or "",
    }


def _receive_media(message: InboundMessage, ctx: Context, ticket: Ticket) -> None:
    contact_id = ctx.contact.id
    receive(ctx.session, contact_id=contact_id, message=message, ticket=ticket, now=ctx.now)


def _in_words(message: InboundMessage) -> str:
    return message.text or f"[{message.kind.value}]"


def _details(message: InboundMessage) -> str:
    details = dict(message.details)
    if message.event_key:
        details["event_key"] = message.event_key
    return json.dumps(details, ensure_ascii=False) if details else ""


def _store(
    connection: Connection,
    message: InboundMessage,
    routed: Routed,
    *,
    text: str | None,
    ctx: Context,
) -> None:
    values = _entry_values(message, contact_id=ctx.contact.id, text=text, now=ctx.now)
    answered_by = {"topic": routed.topic, "source": routed.reply.source if routed.reply else ""}
    try:
        connection.execute(statements.INSERT_ENTRY, values | answered_by)
    except IntegrityError as error:
        raise _AnsweredMeanwhileError from error


def _save_conversation(connection: Connection, ctx: Context, *, has_row: bool) -> None:
    state, contact_id = ctx.conversation.model_dump_json(), ctx.contact.id
    if has_row:
        connection.execute(
            statements.UPDATE_CONVERSATION,
            {"of_contact": contact_id, "new_state": state, "now": ctx.now},
        )
    else:
        connection.execute(
            statements.INSERT_CONVERSATION,
            {"contact_id": contact_id, "state": state, "updated_at": ctx.now},
        )


def _reread_conversation(connection: Connection, contact_id: int, *, now: datetime) -> Conversation:
    row = connection.execute(statements.READ_CONVERSATION, {"of_contact": contact_id}).first()
    return Conversation() if row is None else _read_conversation(row.state, row.updated_at, now=now)


def _read_conversation(
    state: str | None, updated_at: datetime | None, *, now: datetime
) -> Conversation:
    """Return the dialogue, or a fresh one where it has been quiet for long."""
    is_quiet = updated_at is None or now - updated_at > QUIET_TIME
    if is_quiet or not state:
        return Conversation()
    try:
        return Conversation.model_validate_json(state)
    except ValidationError:
        log.warning("conversation_unreadable")  # of another version: the person must be answered
        return Conversation()
