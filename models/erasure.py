"""What is kept of one person, and taking it away: every table has its rule here.

The rules are complete by test: a new table must be put under one of the four before it can stay.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, update
from sqlmodel import Session, SQLModel, col, or_, select

from models.account_state import AccountState
from models.alarm import TicketAlarm, TicketPage
from models.announcement import Announcement
from models.approved_reply import ApprovedReply, ApprovedReplyVersion
from models.audit import AuditEntry
from models.binding import BindingCode
from models.block import ContactBlock, SkippedKind, VolunteerBlock
from models.conceal import as_wording
from models.contact import Contact
from models.conversation import Conversation, StoredConversation
from models.duty import Duty, DutyOffer, WeeklyDuty
from models.faq import ContentVersion, FaqEntry, UnansweredQuestion
from models.faq_version import FaqVersion, forget_wordings
from models.helpfulness import AnswerFeedback
from models.holiday import Holiday
from models.inbox import InboxEntry, ReplyKind
from models.job import JobPosting, JobSeeker
from models.load_run import LoadChange, LoadRun
from models.local_figure import LocalFigure
from models.media import Media, MediaStatus, erase_media
from models.messages import MessageKind
from models.note import TicketNote
from models.open_class import Enrolment, EnrolmentState, OpenClass, cancel_enrolment
from models.outbox import OutboxMessage, OutboxStatus
from models.pending import PendingMessage
from models.promise import BrokenPromise, DutyPromise
from models.rating import TicketRating
from models.reply_window import ReplyWindow
from models.station import Station
from models.statute import StatuteArticle
from models.ticket import (
    DANGER,
    IN_HANDS,
    Outcome,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketKind,
    TicketState,
)
from models.transfer import TicketTransfer
from models.volunteer import Volunteer, VolunteerSkill
from models.volunteer_session import VolunteerSession
from models.worker_lease import WorkerLease

ERASED: frozenset[type[SQLModel]] = frozenset(
    {
        Enrolment,
        JobSeeker,
        Media,
        OutboxMessage,
        PendingMessage,
        TicketNote,
        TicketRating,
        UnansweredQuestion,
    }
)
"""The person's rows are deleted."""

BLANKED: frozenset[type[SQLModel]] = frozenset(
    {FaqVersion, InboxEntry, StoredConversation, Ticket, TicketEvent, TicketTransfer}
)
"""The rows stay without their words: keys that make effects happen once, numbers people know.

A version that somebody has reviewed keeps its wordings: they were read to tell of nobody.
"""

KEPT: dict[type[SQLModel], str] = {
    AuditEntry: "who looked and who acted can be told afterwards; it has numbers, not their words",
    ContactBlock: "to ask for erasure does not end a block; it ends by itself and has no words",
    VolunteerBlock: "a volunteer's wish not to meet somebody outlives what they said",
    TicketAlarm: "whom a danger called, and when, can be told afterwards; it has no words",
    TicketPage: "as the alarm that it belongs to",
    DutyPromise: "what was promised can be compared with what was kept; it has times and no words",
    BrokenPromise: "a promise that was not kept stays one; it has times and no words",
    ReplyWindow: "whoever still answers them may not send more than WeChat allows; it has no words",
    Contact: "the account still answers, an alarm stays latched, a wish for silence stays a wish",
}
"""The rows stay, for the reason given."""

NO_FOLLOWER: frozenset[type[SQLModel]] = frozenset(
    {
        AccountState,
        Announcement,
        AnswerFeedback,
        ApprovedReply,
        ApprovedReplyVersion,
        BindingCode,
        ContentVersion,
        Duty,
        DutyOffer,
        FaqEntry,
        Holiday,
        JobPosting,
        LoadChange,
        LoadRun,
        LocalFigure,
        OpenClass,
        SkippedKind,
        Station,
        StatuteArticle,
        Volunteer,
        VolunteerSession,
        VolunteerSkill,
        WeeklyDuty,
        WorkerLease,
    }
)
"""The rows speak of no follower."""

RECORD_TIME = timedelta(days=3 * 365)
"""How long the record of a counselling stays, as psychological hotlines are told to keep theirs."""

CLOSED_BY_ERASURE = "本人要求删除信息，到此结束"


class KeptBecause(StrEnum):
    """Why the words of a ticket stay although the person wants them gone."""

    IN_HANDS = "in_hands"
    ALARM = "alarm"
    COUNSELLING = "counselling"


@dataclass(frozen=True, slots=True)
class KeptTicket:
    """A ticket whose words stay."""

    id: int
    kind: TicketKind
    because: KeptBecause


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is kept of one person, by kind."""

    seeker: JobSeeker | None
    messages: int
    media: int
    unanswered: int
    parked: int
    classes_to_come: int
    classes_past: int
    tickets: tuple[Ticket, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure left, and who moved up to the seats that it gave back."""

    kept: tuple[KeptTicket, ...]
    moved_up: tuple[Enrolment, ...]


def take_stock(session: Session, *, contact_id: int, now: datetime) -> Holdings:
    """Return what is kept of this person; words that were blanked no longer count."""
    to_come = _count_enrolments(session, contact_id, col(OpenClass.ends_at) > now)
    past = _count_enrolments(session, contact_id, col(OpenClass.ends_at) <= now)
    return Holdings(
        seeker=session.exec(select(JobSeeker).where(JobSeeker.contact_id == contact_id)).first(),
        messages=_count(
            session,
            InboxEntry.contact_id == contact_id,
            col(InboxEntry.kind) != MessageKind.EVENT,
            or_(col(InboxEntry.text) != "", col(InboxEntry.details) != ""),
        ),
        media=_count(
            session, Media.contact_id == contact_id, col(Media.status) == MediaStatus.KEPT
        ),
        unanswered=_count(session, UnansweredQuestion.contact_id == contact_id),
        parked=_count(
            session,
            OutboxMessage.contact_id == contact_id,
            OutboxMessage.status == OutboxStatus.PARKED,
        ),
        classes_to_come=to_come,
        classes_past=past,
        tickets=tuple(t for t in _tickets(session, contact_id) if t.summary or _is_open(t)),
    )


def list_kept_tickets(
    session: Session, *, contact_id: int, now: datetime
) -> tuple[KeptTicket, ...]:
    """Return the tickets whose words an erasure would leave, and why."""
    reasons = [(t, _why_kept(t, now=now)) for t in _tickets(session, contact_id)]
    return tuple(KeptTicket(t.id or 0, t.kind, why) for t, why in reasons if why is not None)


def erase_registration(session: Session, *, contact_id: int) -> None:
    """Delete what the person told as a job seeker."""
    session.connection().execute(delete(JobSeeker).where(col(JobSeeker.contact_id) == contact_id))


def erase_person(session: Session, *, contact_id: int, now: datetime) -> Erased:
    """Take away what is kept of this person, but for what must stay; again, it changes nothing."""
    _lock_tickets(session, contact_id)
    kept = list_kept_tickets(session, contact_id=contact_id, now=now)
    moved_up = _give_seats_back(session, contact_id, now=now)
    _blank_tickets(session, contact_id, kept={ticket.id for ticket in kept}, now=now)
    session.flush()  # the statements below pass by what the session still holds back
    # The record of a counselling is its words.
    at_work = {ticket.id for ticket in kept if ticket.because is not KeptBecause.COUNSELLING}
    erase_media(session, contact_id=contact_id, but=at_work)
    _forget_in_drafts(session, contact_id)
    connection = session.connection()
    for model in (Enrolment, UnansweredQuestion, OutboxMessage, TicketRating, JobSeeker):
        connection.execute(delete(model).where(col(model.contact_id) == contact_id))
    connection.execute(
        update(InboxEntry)
        .where(col(InboxEntry.contact_id) == contact_id)
        # Without its words a reply must not go out a second time: a repeated delivery gets silence.
        .values(text="", details="", reply_text="", reply_kind=ReplyKind.SILENT)
    )
    openid = select(Contact.openid).where(Contact.id == contact_id).scalar_subquery()
    connection.execute(
        delete(PendingMessage)
        .where(col(PendingMessage.openid) == openid)
        # What somebody is at may be the very wish to be erased: it wants its answer.
        .where(col(PendingMessage.claimed_until) <= now)
    )
    connection.execute(
        update(StoredConversation)
        .where(col(StoredConversation.contact_id) == contact_id)
        .values(state=Conversation().model_dump_json())
    )
    connection.execute(update(Contact).where(col(Contact.id) == contact_id).values(scene=None))
    return Erased(kept, moved_up)


def _forget_in_drafts(session: Session, contact_id: int) -> None:
    mine = UnansweredQuestion.contact_id == contact_id
    asked = session.exec(select(UnansweredQuestion.text).where(mine)).all()
    if asked:
        forget_wordings(session, {as_wording(text) for text in asked})
        session.flush()  # the statements that follow pass by what the session holds back


def _give_seats_back(session: Session, contact_id: int, *, now: datetime) -> tuple[Enrolment, ...]:
    places = session.exec(
        select(Enrolment)
        .join(OpenClass, col(OpenClass.id) == col(Enrolment.class_id))
        .where(Enrolment.contact_id == contact_id, col(OpenClass.ends_at) > now)
        .where(col(Enrolment.state) != EnrolmentState.CANCELLED)
        .order_by(col(Enrolment.class_id))  # classes are locked one by one: in one order
    ).all()
    moved = [cancel_enrolment(session, place) for place in places]
    return tuple(enrolment for enrolment in moved if enrolment is not None)


def _blank_tickets(session: Session, contact_id: int, *, kept: set[int], now: datetime) -> None:
    for ticket in _tickets(session, contact_id):
        if (ticket.id or 0) in kept:
            continue
        for event in session.exec(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)):
            event.body = "" if event.body != CLOSED_BY_ERASURE else event.body
        _blank_what_people_added(session, ticket)
        ticket.summary = ticket.draft = ""
        if _is_open(ticket):
            _close(session, ticket, now=now)
        session.add(ticket)


def _blank_what_people_added(session: Session, ticket: Ticket) -> None:
    connection = session.connection()
    connection.execute(delete(TicketNote).where(col(TicketNote.ticket_id) == ticket.id))
    connection.execute(
        update(TicketTransfer).where(col(TicketTransfer.ticket_id) == ticket.id).values(reason="")
    )


def _close(session: Session, ticket: Ticket, *, now: datetime) -> None:
    ticket.state = TicketState.CLOSED
    ticket.outcome = Outcome.ERASED
    ticket.updated_at = ticket.closed_at = now
    ticket.version += 1
    session.add(
        TicketEvent(
            ticket_id=ticket.id or 0, kind=TicketEventKind.CLOSED, body=CLOSED_BY_ERASURE, at=now
        )
    )


def _why_kept(ticket: Ticket, *, now: datetime) -> KeptBecause | None:
    if ticket.state in IN_HANDS:
        return KeptBecause.IN_HANDS
    if _is_open(ticket):
        return KeptBecause.ALARM if ticket.risk >= DANGER else None
    is_record = ticket.kind is TicketKind.COUNSELOR and ticket.summary != ""
    is_young = now - ticket.updated_at < RECORD_TIME
    return KeptBecause.COUNSELLING if is_record and is_young else None


def _is_open(ticket: Ticket) -> bool:
    return ticket.state is not TicketState.CLOSED


def _lock_tickets(session: Session, contact_id: int) -> None:
    # A volunteer who takes a ticket in this moment comes before it is judged, or after.
    session.exec(
        select(Contact.id).where(Contact.id == contact_id).with_for_update(key_share=True)
    ).all()
    session.exec(
        select(Ticket)
        .where(Ticket.contact_id == contact_id)
        .order_by(col(Ticket.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _tickets(session: Session, contact_id: int) -> list[Ticket]:
    return list(
        session.exec(select(Ticket).where(Ticket.contact_id == contact_id).order_by(col(Ticket.id)))
    )


def _count(session: Session, *conditions: object) -> int:
    return session.exec(select(func.count()).where(*conditions)).one()  # type: ignore[arg-type]


def _count_enrolments(session: Session, contact_id: int, when: object) -> int:
    return session.exec(
        select(func.count())
        .select_from(Enrolment)
        .join(OpenClass, col(OpenClass.id) == col(Enrolment.class_id))
        .where(Enrolment.contact_id == contact_id, when)  # type: ignore[arg-type]
        .where(col(Enrolment.state) != EnrolmentState.CANCELLED)
    ).one()
