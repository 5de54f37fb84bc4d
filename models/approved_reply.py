"""Replies that volunteers can use as they are: written, reviewed by another, published."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import or_
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime, enum_column
from models.review import (
    OPEN,
    Reviewed,
    Road,
    VersionMovedError,
    VersionState,
    rules,
)
from models.volunteer import Skill

LONGEST_TITLE = 60
LONGEST_BODY = 500

_REVIEWED_SQL = "'reviewed', 'published', 'replaced', 'withdrawn'"


class ApprovedReply(SQLModel, table=True):
    """One reply of one kind of help, whatever its versions say; `seed_key` is of the product's."""

    __tablename__ = "approved_reply"

    id: int | None = Field(default=None, primary_key=True)
    skill: Skill = Field(sa_column=enum_column(Skill))
    seed_key: str | None = Field(default=None, max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ApprovedReplyVersion(Reviewed, table=True):
    """What a reply said at one time, who wrote and who reviewed it; `source` is what it stands on.

    It is not offered after `valid_until`.
    """

    __tablename__ = "approved_reply_version"
    __table_args__ = rules(
        "approved_reply_version",
        "reply_id",
        reviewed=f"state NOT IN ({_REVIEWED_SQL}) OR reviewed_by IS NOT NULL",
    )

    id: int | None = Field(default=None, primary_key=True)
    reply_id: int = Field(foreign_key="approved_reply.id")
    state: VersionState = Field(default=VersionState.DRAFT, sa_column=enum_column(VersionState))
    title: str = Field(max_length=LONGEST_TITLE)
    body: str = Field(max_length=LONGEST_BODY)
    source: str = Field(default="", max_length=200)
    written_by: int = Field(foreign_key="volunteer.id")


_ROAD: Final = Road(ApprovedReplyVersion, subject="reply_id", noun="reply")


class Words(SQLModel):
    """What somebody writes for a version."""

    title: str
    body: str
    source: str = ""
    valid_until: date | None = None


def write_reply(
    session: Session, words: Words, *, skill: Skill, author_id: int, now: datetime
) -> ApprovedReplyVersion:
    """Write the first draft of a new reply."""
    reply = ApprovedReply(skill=skill, created_at=now)
    session.add(reply)
    session.flush()  # the version refers to its id
    return write_version(session, words, reply_id=reply.id or 0, author_id=author_id, now=now)


def write_version(
    session: Session, words: Words, *, reply_id: int, author_id: int, now: datetime
) -> ApprovedReplyVersion:
    """Write the next draft of a reply; what is published stays until it is published too."""
    _lock(session, reply_id)
    version = ApprovedReplyVersion(
        reply_id=reply_id,
        number=_ROAD.next_number(session, reply_id),
        written_by=author_id,
        written_at=now,
        **words.model_dump(),
    )
    session.add(version)
    session.flush()  # who reviews it names its id
    return version


def review(session: Session, *, version_id: int, reviewer_id: int, now: datetime) -> None:
    """Note that another has read it and finds it right. Raises OwnDraftError, VersionMovedError."""
    _ROAD.review(session, version_id=version_id, reviewer_id=reviewer_id, now=now)


def publish(session: Session, *, version_id: int, publisher_id: int, now: datetime) -> None:
    """Offer a reviewed version instead of the one before. Raises VersionMovedError."""
    reply_id = _ROAD.subject_of(session, version_id)
    if reply_id is None:
        raise VersionMovedError
    _lock(session, int(reply_id))
    _ROAD.publish(session, version_id=version_id, publisher_id=publisher_id, now=now)


def reject(session: Session, *, version_id: int, by: int, reason: str, now: datetime) -> None:
    """Say that a version is not to be published, and why. Raises VersionMovedError."""
    _ROAD.reject(session, version_id=version_id, by=by, reason=reason, now=now)


def withdraw_reply(session: Session, *, reply_id: int, by: int, reason: str, now: datetime) -> None:
    """Offer a reply no longer; its versions stay. Raises VersionMovedError."""
    _lock(session, reply_id)
    _ROAD.withdraw(session, reply_id, by=by, reason=reason, now=now)


def list_published(
    session: Session, *, skills: Iterable[Skill], today: date
) -> Sequence[tuple[ApprovedReply, ApprovedReplyVersion]]:
    """Return what can be used for these kinds of help, in the order of their titles."""
    until = col(ApprovedReplyVersion.valid_until)
    return session.exec(
        select(ApprovedReply, ApprovedReplyVersion)
        .join(ApprovedReplyVersion, col(ApprovedReplyVersion.reply_id) == col(ApprovedReply.id))
        .where(ApprovedReplyVersion.state == VersionState.PUBLISHED)
        .where(col(ApprovedReply.skill).in_(list(skills)), or_(until.is_(None), until >= today))
        .order_by(col(ApprovedReply.skill), col(ApprovedReply.id))
    ).all()


def list_open_versions(
    session: Session, *, skills: Iterable[Skill]
) -> Sequence[tuple[ApprovedReply, ApprovedReplyVersion]]:
    """Return what waits to be reviewed or published, oldest first."""
    return session.exec(
        select(ApprovedReply, ApprovedReplyVersion)
        .join(ApprovedReplyVersion, col(ApprovedReplyVersion.reply_id) == col(ApprovedReply.id))
        .where(col(ApprovedReplyVersion.state).in_(OPEN))
        .where(col(ApprovedReply.skill).in_(list(skills)))
        .order_by(col(ApprovedReplyVersion.id))
    ).all()


def list_versions(session: Session, *, reply_id: int) -> Sequence[ApprovedReplyVersion]:
    """Return all versions of a reply, newest first."""
    return _ROAD.list_versions(session, reply_id)


def _lock(session: Session, reply_id: int) -> None:
    session.exec(
        select(ApprovedReply.id).where(ApprovedReply.id == reply_id).with_for_update()
    ).one()
