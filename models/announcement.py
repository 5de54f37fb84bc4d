"""An announcement: what is said to all who subscribed to its kind, and how far that has come.

It is written, looked at, and only then sent. Its recipients are added to the outbox little by
little (see `models.spreading`); what is stopped or out of date is not said any more, whatever is
still in the outbox.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Index, and_, or_, update
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime, enum_column
from models.contact import Contact

SLOWEST, FASTEST = 1, 1200
"""Per minute: one process sends no faster than that in all."""

LONGEST_LIFE = timedelta(days=30)


class NewsKind(StrEnum):
    """What people subscribe to."""

    CLASS = "class"
    JOB = "job"


class AnnouncementState(StrEnum):
    """How far an announcement is; `spread` says that every recipient is in the outbox."""

    DRAFT = "draft"
    RUNNING = "running"
    SPREAD = "spread"
    STOPPED = "stopped"


class Announcement(SQLModel, table=True):
    """What is announced; no word of a follower is in it.

    `cursor` is the last contact that was looked at. `paced_until` is up to when the rate is used
    up. `ended_at`: nothing of it is left to be said.
    """

    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_state", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: NewsKind = Field(sa_column=enum_column(NewsKind))
    body: str = Field(sa_type=sa.Text)
    per_minute: int
    state: AnnouncementState = Field(
        default=AnnouncementState.DRAFT, sa_column=enum_column(AnnouncementState)
    )
    created_by: int | None = Field(default=None, foreign_key="volunteer.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cursor: int = 0
    paced_until: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def is_said(self, now: datetime) -> bool:
        """Tell whether it may still be said to anybody."""
        is_under_way = self.state in (AnnouncementState.RUNNING, AnnouncementState.SPREAD)
        return is_under_way and self.expires_at > now


def list_announcements(session: Session, *, limit: int = 30) -> list[Announcement]:
    """Return the newest announcements."""
    newest = select(Announcement).order_by(col(Announcement.id).desc()).limit(limit)
    return list(session.exec(newest))


def find_announcement(session: Session, announcement_id: int) -> Announcement | None:
    """Return an announcement as it is stored at this moment."""
    return session.exec(
        select(Announcement)
        .where(Announcement.id == announcement_id)
        .execution_options(populate_existing=True)
    ).first()


def start(session: Session, *, announcement_id: int, now: datetime) -> bool:
    """Let a draft go out; tell whether it was one, and not out of date."""
    return _move(
        session,
        announcement_id,
        (AnnouncementState.DRAFT,),
        col(Announcement.expires_at) > now,
        state=AnnouncementState.RUNNING,
        started_at=now,
    )


def stop(session: Session, *, announcement_id: int, now: datetime) -> bool:
    """Let nothing more of it be said, from this commit on; tell whether it was under way."""
    return _move(
        session,
        announcement_id,
        (AnnouncementState.RUNNING, AnnouncementState.SPREAD),
        state=AnnouncementState.STOPPED,
        stopped_at=now,
    )


def is_for(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a contact wants this announcement, as the two are joined.

    Nobody in an alarm is bothered with news.
    """
    calm = or_(col(Contact.crisis_until).is_(None), col(Contact.crisis_until) <= now)
    return and_(
        col(Contact.followed).is_(True),
        calm,
        or_(
            and_(col(Announcement.kind) == NewsKind.CLASS, col(Contact.wants_class_news)),
            and_(col(Announcement.kind) == NewsKind.JOB, col(Contact.wants_job_news)),
        ),
    )


def wants(kind: NewsKind, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a contact wants announcements of a kind."""
    wish = Contact.wants_class_news if kind is NewsKind.CLASS else Contact.wants_job_news
    calm = or_(col(Contact.crisis_until).is_(None), col(Contact.crisis_until) <= now)
    return and_(col(Contact.followed).is_(True), col(wish).is_(True), calm)


def is_still_said(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an announcement was neither stopped nor is out of date."""
    under_way = (AnnouncementState.RUNNING, AnnouncementState.SPREAD)
    return and_(col(Announcement.state).in_(under_way), col(Announcement.expires_at) > now)


def _move(
    session: Session,
    announcement_id: int,
    states: tuple[AnnouncementState, ...],
    *conditions: ColumnElement[bool],
    **values: object,
) -> bool:
    # The state is in the statement: of two who press at once one moves it.
    moved = session.connection().execute(
        update(Announcement)
        .where(col(Announcement.id) == announcement_id, col(Announcement.state).in_(states))
        .where(*conditions)
        .values(**values)
    )
    return moved.rowcount > 0
