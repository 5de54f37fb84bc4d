"""All tables in one import, for migrations and tests."""

from sqlalchemy import Table
from sqlmodel import SQLModel

from models.account_state import AccountState
from models.alarm import TicketAlarm, TicketPage
from models.approved_reply import ApprovedReply, ApprovedReplyVersion
from models.audit import AuditEntry
from models.binding import BindingCode
from models.block import ContactBlock, SkippedKind, VolunteerBlock
from models.contact import Contact
from models.conversation import StoredConversation
from models.duty import Duty, DutyOffer, WeeklyDuty
from models.faq import ContentVersion, FaqEntry, UnansweredQuestion
from models.faq_version import FaqVersion
from models.helpfulness import AnswerFeedback
from models.holiday import Holiday
from models.inbox import InboxEntry
from models.job import JobPosting, JobSeeker
from models.load_run import LoadChange, LoadRun
from models.local_figure import LocalFigure
from models.media import Media
from models.note import TicketNote
from models.open_class import Enrolment, OpenClass
from models.outbox import OutboxMessage
from models.pending import PendingMessage
from models.promise import BrokenPromise, DutyPromise
from models.rating import TicketRating
from models.reply_window import ReplyWindow
from models.station import Station
from models.statute import StatuteArticle
from models.ticket import Ticket, TicketEvent
from models.transfer import TicketTransfer
from models.volunteer import Volunteer, VolunteerSkill
from models.volunteer_session import VolunteerSession
from models.worker_lease import WorkerLease

metadata = SQLModel.metadata


def table_of(model: type[SQLModel]) -> Table:
    """Return the table behind a model, for the statements of the hot path."""
    return metadata.tables[str(model.__tablename__)]


__all__ = [
    "AccountState",
    "AnswerFeedback",
    "ApprovedReply",
    "ApprovedReplyVersion",
    "AuditEntry",
    "BindingCode",
    "BrokenPromise",
    "Contact",
    "ContactBlock",
    "ContentVersion",
    "Duty",
    "DutyOffer",
    "DutyPromise",
    "Enrolment",
    "FaqEntry",
    "FaqVersion",
    "Holiday",
    "InboxEntry",
    "JobPosting",
    "JobSeeker",
    "LoadChange",
    "LoadRun",
    "LocalFigure",
    "Media",
    "OpenClass",
    "OutboxMessage",
    "PendingMessage",
    "ReplyWindow",
    "SkippedKind",
    "Station",
    "StatuteArticle",
    "StoredConversation",
    "Ticket",
    "TicketAlarm",
    "TicketEvent",
    "TicketNote",
    "TicketPage",
    "TicketRating",
    "TicketTransfer",
    "UnansweredQuestion",
    "Volunteer",
    "VolunteerBlock",
    "VolunteerSession",
    "VolunteerSkill",
    "WeeklyDuty",
    "WorkerLease",
    "metadata",
    "table_of",
]
