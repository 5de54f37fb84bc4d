"""All tables in one import, for migrations and tests."""

from sqlalchemy import Table
from sqlmodel import SQLModel

from models.contact import Contact
from models.conversation import StoredConversation
from models.faq import ContentVersion, FaqEntry, UnansweredQuestion
from models.helpfulness import AnswerFeedback
from models.inbox import InboxEntry
from models.job import JobPosting, JobSeeker
from models.load_run import LoadChange, LoadRun
from models.open_class import Enrolment, OpenClass
from models.outbox import OutboxMessage
from models.station import Station
from models.ticket import Ticket, TicketEvent
from models.volunteer import Duty, Volunteer, VolunteerSkill

metadata = SQLModel.metadata


def table_of(model: type[SQLModel]) -> Table:
    """Return the table behind a model, for the statements of the hot path."""
    return metadata.tables[str(model.__tablename__)]


__all__ = [
    "AnswerFeedback",
    "Contact",
    "ContentVersion",
    "Duty",
    "Enrolment",
    "FaqEntry",
    "InboxEntry",
    "JobPosting",
    "JobSeeker",
    "LoadChange",
    "LoadRun",
    "OpenClass",
    "OutboxMessage",
    "Station",
    "StoredConversation",
    "Ticket",
    "TicketEvent",
    "UnansweredQuestion",
    "Volunteer",
    "VolunteerSkill",
    "metadata",
    "table_of",
]
