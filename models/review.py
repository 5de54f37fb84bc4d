"""The road of what is written, reviewed by another and published, whatever it is.

No version is ever changed: who wants other words writes the next one. At most one version of a
thing is published, and nobody reviews their own (the tables hold an index and a check for each).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar

from sqlalchemy import CheckConstraint, ColumnElement, Index, UniqueConstraint, func, text, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import Field, Session, SQLModel, col, select

from models.audit import record_audit
from models.columns import UtcDateTime

LONGEST_REASON: Final = 200


class VersionState(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


OPEN: Final = (VersionState.DRAFT, VersionState.REVIEWED)
"""States that wait for somebody."""


class OwnDraftError(Exception):
    """Nobody reviews what they wrote themselves."""


class VersionMovedError(Exception):
    """The version is not, or no longer, where this step begins."""


class Reviewed(SQLModel):
    """What every version remembers of its road.

    `ended_by` replaced, withdrew or rejected it, `reason` says why. After `valid_until` it is
    offered no more.
    """

    number: int
    valid_until: date | None = None
    written_at: datetime = Field(sa_type=UtcDateTime)
    reviewed_by: int | None = Field(default=None, foreign_key="volunteer.id")
    reviewed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: int | None = Field(default=None, foreign_key="volunteer.id")
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: int | None = Field(default=None, foreign_key="volunteer.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = Field(default="", max_length=LONGEST_REASON)


class _Version(Protocol):
    """What the road asks of a row, beside what it remembers."""

    id: Any
    state: Any
    written_by: Any
    number: int


V = TypeVar("V", bound=_Version)


def rules(table: str, subject: str, *, reviewed: str) -> tuple[Any, ...]:
    """Return what the database itself refuses: two published versions, a reviewer who wrote it.

    `reviewed` is the condition under which a version counts as read by another.
    """
    published = text("state = 'published'")
    return (
        UniqueConstraint(subject, "number", name=f"uq_{table}_{subject}"),
        Index(
            f"ux_{table}_published",
            subject,
            unique=True,
            sqlite_where=published,
            postgresql_where=published,
        ),
        CheckConstraint("reviewed_by IS NULL OR reviewed_by <> written_by", name="another_reviews"),
        CheckConstraint(reviewed, name="is_reviewed"),
    )


_PUBLISHED: Final = (VersionState.PUBLISHED,)


@dataclass(frozen=True)
class Road(Generic[V]):
    """The steps of one table's versions; `subject` names the column of what they are versions of.

    `noun` is the word for it in the audit.
    """

    table: type[V]
    subject: str
    noun: str

    def next_number(self, session: Session, subject: int | str) -> int:
        """Return the number of the version to be written."""
        return self.last_numbers(session, (subject,)).get(subject, 0) + 1

    def last_numbers(self, session: Session, subjects: Sequence[int | str]) -> Mapping[Any, int]:
        """Return the number of the newest version of each that has any."""
        number: InstrumentedAttribute[int] = getattr(self.table, "number")  # noqa: B009
        of = col(getattr(self.table, self.subject))
        rows = session.exec(select(of, func.max(number)).where(of.in_(subjects)).group_by(of))
        return dict(rows.all())

    def review(self, session: Session, *, version_id: int, reviewer_id: int, now: datetime) -> None:
        """Note that another has read it and finds it right.

        Raises OwnDraftError, VersionMovedError.
        """
        author = col(self.table.written_by)
        values = {"state": VersionState.REVIEWED, "reviewed_by": reviewer_id, "reviewed_at": now}
        another = author.is_(None) | (author != reviewer_id)
        if not self._step(session, version_id, (VersionState.DRAFT,), values, another):
            written_by = session.exec(select(author).where(self._is(version_id))).first()
            raise OwnDraftError if written_by == reviewer_id else VersionMovedError
        self._note(session, "review", version_id, reviewer_id, now)

    def publish(
        self, session: Session, *, version_id: int, publisher_id: int, now: datetime
    ) -> None:
        """Put a reviewed version in the place of the one before. Raises VersionMovedError.

        The caller holds the lock on what it is a version of.
        """
        subject = self.subject_of(session, version_id)
        if subject is None:
            raise VersionMovedError
        self.end_published(session, subject, VersionState.REPLACED, by=publisher_id, now=now)
        values = {
            "state": VersionState.PUBLISHED,
            "published_by": publisher_id,
            "published_at": now,
        }
        if not self._step(session, version_id, (VersionState.REVIEWED,), values):
            raise VersionMovedError  # and what was ended above comes back with the transaction
        self._note(session, "publish", version_id, publisher_id, now)

    def reject(
        self, session: Session, *, version_id: int, by: int, reason: str, now: datetime
    ) -> None:
        """Say that a version is not to be published, and why. Raises VersionMovedError."""
        values = _ended(VersionState.REJECTED, by=by, now=now, reason=reason)
        if not self._step(session, version_id, OPEN, values):
            raise VersionMovedError
        self._note(session, "reject", version_id, by, now)

    def withdraw(
        self, session: Session, subject: int | str, *, by: int, reason: str, now: datetime
    ) -> None:
        """Offer it no longer; its versions stay. Raises VersionMovedError."""
        state = VersionState.WITHDRAWN
        if not self.end_published(session, subject, state, by=by, now=now, reason=reason):
            raise VersionMovedError
        name = f"{self.noun}:{subject}"
        action = f"withdraw_{self.noun}"
        record_audit(session, actor_id=by, action=action, subject=name, now=now)

    def end_published(
        self,
        session: Session,
        subject: int | str,
        state: VersionState,
        *,
        by: int | None,
        now: datetime,
        reason: str = "",
    ) -> bool:
        """End the published version in this state; tell whether there was one."""
        values = _ended(state, by=by, now=now, reason=reason)
        return self._change(session, self._of(subject), _PUBLISHED, values) == 1

    def end_all_published(
        self, session: Session, subjects: Sequence[int | str], state: VersionState, *, now: datetime
    ) -> None:
        """End the published versions of all these in this state, by nobody's name."""
        if subjects:
            values = _ended(state, by=None, now=now)
            of = col(getattr(self.table, self.subject))
            self._change(session, of.in_(subjects), _PUBLISHED, values)

    def end_open(self, session: Session, subject: int | str, *, by: int, now: datetime) -> None:
        """End what still waits, because the next version is written."""
        values = _ended(VersionState.REPLACED, by=by, now=now)
        self._change(session, self._of(subject), OPEN, values)

    def list_versions(self, session: Session, subject: int | str) -> Sequence[V]:
        """Return all versions, newest first."""
        return session.exec(
            select(self.table)
            .where(self._of(subject))
            .order_by(col(self.table.number).desc())
            .execution_options(populate_existing=True)
        ).all()

    def subject_of(self, session: Session, version_id: int) -> int | str | None:
        """Return what this is a version of."""
        found: int | str | None = session.exec(
            select(getattr(self.table, self.subject)).where(self._is(version_id))
        ).first()
        return found

    def _of(self, subject: int | str) -> ColumnElement[bool]:
        return col(getattr(self.table, self.subject)) == subject

    def _is(self, version_id: int) -> ColumnElement[bool]:
        return col(self.table.id) == version_id

    def _step(
        self,
        session: Session,
        version_id: int,
        states: Sequence[VersionState],
        values: Mapping[str, Any],
        *conditions: ColumnElement[bool],
    ) -> bool:
        """Take one version from one of these states on; tell whether it was there."""
        return self._change(session, self._is(version_id), states, values, *conditions) == 1

    def _change(
        self,
        session: Session,
        which: ColumnElement[bool],
        states: Sequence[VersionState],
        values: Mapping[str, Any],
        *conditions: ColumnElement[bool],
    ) -> int:
        session.flush()  # the statement passes by what the session still holds back
        in_state = col(self.table.state).in_(states)
        changed = session.connection().execute(
            update(self.table).where(which, in_state, *conditions).values(**values)
        )
        return changed.rowcount

    def _note(
        self, session: Session, verb: str, version_id: int, actor_id: int, now: datetime
    ) -> None:
        subject = f"{self.noun}:{self.subject_of(session, version_id)}"
        action = f"{verb}_{self.noun}"
        record_audit(session, actor_id=actor_id, action=action, subject=subject, now=now)


def _ended(
    state: VersionState, *, by: int | None, now: datetime, reason: str = ""
) -> Mapping[str, Any]:
    return {"state": state, "ended_by": by, "ended_at": now, "reason": reason[:LONGEST_REASON]}
