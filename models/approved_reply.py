"""Replies that volunteers can use as they are: written, reviewed by another, published.

No version is ever changed: who wants other words writes the next one. At most one version of a
reply is published (the partial unique index), and nobody reviews their own (the check).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    UniqueConstraint,
    func,
    or_,
    text,
    update,
)
from sqlmodel import Field, Session, SQLModel, col, select

from models.audit import record_audit
from models.columns import UtcDateTime, enum_column
from models.volunteer import Skill

LONGEST_TITLE = 60
LONGEST_BODY = 500

_PUBLISHED = text("state = 'published'")
_REVIEWED_SQL = "'reviewed', 'published', 'replaced', 'withdrawn'"


class VersionState(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


OPEN = (VersionState.DRAFT, VersionState.REVIEWED)
"""States that wait for somebody."""


class ApprovedReply(SQLModel, table=True):
    """One reply of one kind of help, whatever its versions say; `seed_key` is of the product's."""

    __tablename__ = "approved_reply"

    id: int | None = Field(default=None, primary_key=True)
    skill: Skill = Field(sa_column=enum_column(Skill))
    seed_key: str | None = Field(default=None, max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ApprovedReplyVersion(SQLModel, table=True):
    """What a reply said at one time, who wrote and who reviewed it; `source` is what it stands on.

    It is not offered after `valid_until`. `ended_by` replaced, withdrew or rejected it, `reason`
    says why.
    """

    __tablename__ = "approved_reply_version"
    __table_args__ = (
        UniqueConstraint("reply_id", "number", name="uq_approved_reply_version_reply_id"),
        Index(
            "ux_approved_reply_version_published",
            "reply_id",
            unique=True,
            sqlite_where=_PUBLISHED,
            postgresql_where=_PUBLISHED,
        ),
        CheckConstraint("reviewed_by IS NULL OR reviewed_by <> written_by", name="another_reviews"),
        CheckConstraint(
            f"state NOT IN ({_REVIEWED_SQL}) OR reviewed_by IS NOT NULL", name="is_reviewed"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    reply_id: int = Field(foreign_key="approved_reply.id")
    number: int
    state: VersionState = Field(default=VersionState.DRAFT, sa_column=enum_column(VersionState))
    title: str = Field(max_length=LONGEST_TITLE)
    body: str = Field(max_length=LONGEST_BODY)
    source: str = Field(default="", max_length=200)
    valid_until: date | None = None
    written_by: int = Field(foreign_key="volunteer.id")
    written_at: datetime = Field(sa_type=UtcDateTime)
    reviewed_by: int | None = Field(default=None, foreign_key="volunteer.id")
    reviewed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: int | None = Field(default=None, foreign_key="volunteer.id")
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: int | None = Field(default=None, foreign_key="volunteer.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = Field(default="", max_length=200)


class OwnDraftError(Exception):
    """Nobody reviews what they wrote themselves."""


class VersionMovedError(Exception):
    """The version is not, or no longer, where this step begins."""


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
    last = session.exec(
        select(func.max(ApprovedReplyVersion.number)).where(
            ApprovedReplyVersion.reply_id == reply_id
        )
    ).one()
    version = ApprovedReplyVersion(
        reply_id=reply_id,
        number=(last or 0) + 1,
        written_by=author_id,
        written_at=now,
        **words.model_dump(),
    )
    session.add(version)
    session.flush()  # who reviews it names its id
    return version


def review(session: Session, *, version_id: int, reviewer_id: int, now: datetime) -> None:
    """Note that another has read it and finds it right. Raises OwnDraftError, VersionMovedError."""
    written_by = col(ApprovedReplyVersion.written_by)
    values = {"state": VersionState.REVIEWED, "reviewed_by": reviewer_id, "reviewed_at": now}
    another = written_by != reviewer_id
    if not _step(session, version_id, (VersionState.DRAFT,), values, another):
        author = session.exec(select(written_by).where(_is(version_id))).first()
        raise OwnDraftError if author == reviewer_id else VersionMovedError
    _note(session, "review_reply", version_id, reviewer_id, now)


def publish(session: Session, *, version_id: int, publisher_id: int, now: datetime) -> None:
    """Offer a reviewed version instead of the one before. Raises VersionMovedError."""
    reply_id = session.exec(select(ApprovedReplyVersion.reply_id).where(_is(version_id))).first()
    if reply_id is None:
        raise VersionMovedError
    _lock(session, reply_id)
    _end_published(session, reply_id, VersionState.REPLACED, by=publisher_id, now=now)
    values = {
        "state": VersionState.PUBLISHED,
        "published_by": publisher_id,
        "published_at": now,
    }
    if not _step(session, version_id, (VersionState.REVIEWED,), values):
        raise VersionMovedError  # and what was ended above comes back with the transaction
    _note(session, "publish_reply", version_id, publisher_id, now)


def reject(session: Session, *, version_id: int, by: int, reason: str, now: datetime) -> None:
    """Say that a version is not to be published, and why. Raises VersionMovedError."""
    values = {
        "state": VersionState.REJECTED,
        "ended_by": by,
        "ended_at": now,
        "reason": reason[:200],
    }
    if not _step(session, version_id, OPEN, values):
        raise VersionMovedError
    _note(session, "reject_reply", version_id, by, now)


def withdraw_reply(session: Session, *, reply_id: int, by: int, reason: str, now: datetime) -> None:
    """Offer a reply no longer; its versions stay. Raises VersionMovedError."""
    _lock(session, reply_id)
    if not _end_published(
        session, reply_id, VersionState.WITHDRAWN, by=by, now=now, reason=reason[:200]
    ):
        raise VersionMovedError
    subject = f"reply:{reply_id}"
    record_audit(session, actor_id=by, action="withdraw_reply", subject=subject, now=now)


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
    return session.exec(
        select(ApprovedReplyVersion)
        .where(ApprovedReplyVersion.reply_id == reply_id)
        .order_by(col(ApprovedReplyVersion.number).desc())
        .execution_options(populate_existing=True)
    ).all()


def _lock(session: Session, reply_id: int) -> None:
    session.exec(
        select(ApprovedReply.id).where(ApprovedReply.id == reply_id).with_for_update()
    ).one()


def _is(version_id: int) -> ColumnElement[bool]:
    return col(ApprovedReplyVersion.id) == version_id


def _step(
    session: Session,
    version_id: int,
    states: Sequence[VersionState],
    values: Mapping[str, Any],
    *conditions: ColumnElement[bool],
) -> bool:
    """Take one version from one of these states on; tell whether it was there."""
    session.flush()  # the statement passes by what the session still holds back
    changed = session.connection().execute(
        update(ApprovedReplyVersion)
        .where(_is(version_id), col(ApprovedReplyVersion.state).in_(states), *conditions)
        .values(**values)
    )
    return changed.rowcount == 1


def _end_published(
    session: Session,
    reply_id: int,
    state: VersionState,
    *,
    by: int,
    now: datetime,
    reason: str = "",
) -> bool:
    session.flush()  # the statement passes by what the session still holds back
    ended = session.connection().execute(
        update(ApprovedReplyVersion)
        .where(col(ApprovedReplyVersion.reply_id) == reply_id)
        .where(col(ApprovedReplyVersion.state) == VersionState.PUBLISHED)
        .values(state=state, ended_by=by, ended_at=now, reason=reason)
    )
    return ended.rowcount == 1


def _note(session: Session, action: str, version_id: int, actor_id: int, now: datetime) -> None:
    reply_id = session.exec(select(ApprovedReplyVersion.reply_id).where(_is(version_id))).one()
    subject = f"reply:{reply_id}"
    record_audit(session, actor_id=actor_id, action=action, subject=subject, now=now)
