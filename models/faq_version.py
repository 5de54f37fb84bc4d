"""What an entry of the FAQ said at any time, who wrote it, who read it, who let it be told.

`FaqEntry` is what the bot tells now; the versions are how it came to that. What a sheet brings
was judged by whoever loads it: it counts as published without a second reader, and leaves a
version all the same.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import enum_column
from models.faq import FAQ_CONTENT, FaqEntry, bump_version
from models.review import OPEN, Reviewed, Road, VersionMovedError, VersionState, rules


class Origin(StrEnum):
    """Where a version comes from: a person, what people asked in vain, or a sheet."""

    WRITTEN = "written"
    ASKED = "asked"
    LOADED = "loaded"


class FaqVersion(Reviewed, table=True):
    """One version of an entry; `entry_id` names an entry that may not be there yet, or no longer.

    `people` is how many asked it in vain before it was drafted. `written_by` is None where no
    person wrote it (see `origin`).
    """

    __tablename__ = "faq_version"
    __table_args__ = rules(
        "faq_version",
        "entry_id",
        reviewed="(state NOT IN ('reviewed', 'published') AND published_at IS NULL)"
        " OR reviewed_by IS NOT NULL OR origin = 'loaded'",
    )

    id: int | None = Field(default=None, primary_key=True)
    entry_id: str = Field(max_length=64)
    state: VersionState = Field(default=VersionState.DRAFT, sa_column=enum_column(VersionState))
    origin: Origin = Field(default=Origin.WRITTEN, sa_column=enum_column(Origin))
    question: str = Field(max_length=200)
    answer: str = Field(default="", max_length=2000)
    similar: list[str] = Field(default_factory=list, sa_type=JSON)
    topic: str = Field(default="", max_length=40)
    citations: list[dict[str, object]] = Field(default_factory=list, sa_type=JSON)
    people: int = 0
    written_by: int | None = Field(default=None, foreign_key="volunteer.id")


_ROAD: Final = Road(FaqVersion, subject="entry_id", noun="faq")
WITHOUT_QUESTION: Final = "（原来的问法已按本人要求删除，请另写一句）"
"""Stands where the question was somebody's words, and somebody else has written an answer to it."""

_SAID: Final = ("question", "answer", "similar", "topic", "citations", "valid_until")


class EntryWords(SQLModel):
    """What a version says: the columns that an entry has too."""

    question: str
    answer: str = ""
    similar: list[str] = Field(default_factory=list)
    topic: str = ""
    citations: list[dict[str, object]] = Field(default_factory=list)
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What people asked in vain, as a draft begins: its words and how many they were."""

    words: EntryWords
    people: int


def words_of(row: FaqVersion | FaqEntry) -> EntryWords:
    """Return what a version or an entry says."""
    return EntryWords(**row.model_dump(include=set(_SAID)))


def write_faq(
    session: Session, words: EntryWords, *, entry_id: str, author_id: int, now: datetime
) -> FaqVersion:
    """Write the next draft of an entry, in the place of a draft that waits.

    What is told now is told until the new version is published.
    """
    _lock(session, entry_id)
    record_told(session, [entry_id], now=now)
    waiting = find_open(session, entry_id)
    _ROAD.end_open(session, entry_id, by=author_id, now=now)
    people = waiting.people if waiting else 0
    version = FaqVersion(
        entry_id=entry_id,
        number=_ROAD.next_number(session, entry_id),
        people=people,
        written_by=author_id,
        written_at=now,
        **words.model_dump(),
    )
    session.add(version)
    session.flush()  # who reviews it names its id
    return version


def draft_asked(
    session: Session, asked: Asked, *, entry_id: str, now: datetime
) -> FaqVersion | None:
    """Write the draft of what was asked in vain; None where one waits under this id already."""
    _lock(session, entry_id)
    if find_open(session, entry_id) is not None:
        return None
    version = FaqVersion(
        entry_id=entry_id,
        number=_ROAD.next_number(session, entry_id),
        origin=Origin.ASKED,
        people=asked.people,
        written_at=now,
        **asked.words.model_dump(),
    )
    session.add(version)
    session.flush()  # its id is what the caller tells
    return version


def review_faq(session: Session, *, version_id: int, reviewer_id: int, now: datetime) -> None:
    """Note that another has read it and finds it right. Raises OwnDraftError, VersionMovedError."""
    _ROAD.review(session, version_id=version_id, reviewer_id=reviewer_id, now=now)


def publish_faq(session: Session, *, version_id: int, publisher_id: int, now: datetime) -> None:
    """Let the bot tell a reviewed version from its next message on. Raises VersionMovedError."""
    entry_id = _entry_of(session, version_id)
    _lock(session, entry_id)
    record_told(session, [entry_id], now=now)
    _ROAD.publish(session, version_id=version_id, publisher_id=publisher_id, now=now)
    version = session.get_one(FaqVersion, version_id)
    session.refresh(version)
    said = words_of(version).model_dump()
    session.merge(FaqEntry(id=entry_id, is_demo=False, updated_at=now, **said))
    bump_version(session, FAQ_CONTENT)


def reject_faq(session: Session, *, version_id: int, by: int, reason: str, now: datetime) -> None:
    """Say that a version is not to be told, and why. Raises VersionMovedError."""
    _ROAD.reject(session, version_id=version_id, by=by, reason=reason, now=now)


def withdraw_faq(session: Session, *, entry_id: str, by: int, reason: str, now: datetime) -> None:
    """Let the bot tell an entry no longer; its versions stay. Raises VersionMovedError."""
    _lock(session, entry_id)
    record_told(session, [entry_id], now=now)
    _ROAD.withdraw(session, entry_id, by=by, reason=reason, now=now)
    session.delete(session.get_one(FaqEntry, entry_id))
    bump_version(session, FAQ_CONTENT)


def record_told(session: Session, entry_ids: Iterable[str], *, now: datetime) -> None:
    """Leave a version of each entry that is told otherwise than its versions say.

    That is so after a sheet or an administrator changed it: nobody reviewed it here.
    """
    session.flush()  # so that what was changed just before is read below
    ids = list(dict.fromkeys(entry_ids))
    entries = _entries(session, ids)
    published = _published(session, ids)
    told = {entry_id: words_of(entry) for entry_id, entry in entries.items()}
    known = {entry_id: words_of(version) for entry_id, version in published.items()}
    changed = [entry_id for entry_id in ids if told.get(entry_id) != known.get(entry_id)]
    _record(session, {entry_id: told.get(entry_id) for entry_id in changed}, now=now)


def forget_wordings(session: Session, wordings: Set[str]) -> None:
    """Take a person's wordings out of what nobody has reviewed, also where others said the same.

    It is the one change that a version ever sees. Of a draft that was nothing but these words
    nothing stays.
    """
    unread = (col(FaqVersion.reviewed_at).is_(None), col(FaqVersion.published_at).is_(None))
    for version in session.exec(select(FaqVersion).where(*unread).with_for_update()):
        if wordings.isdisjoint((version.question, *version.similar)):
            continue
        version.similar = [words for words in version.similar if words not in wordings]
        if version.question in wordings:
            version.question = next(iter(version.similar), WITHOUT_QUESTION)
        if version.question == WITHOUT_QUESTION and not version.answer:
            session.delete(version)


def find_open(session: Session, entry_id: str) -> FaqVersion | None:
    """Return the version of an entry that waits for somebody."""
    return session.exec(
        select(FaqVersion)
        .where(FaqVersion.entry_id == entry_id, col(FaqVersion.state).in_(OPEN))
        .order_by(col(FaqVersion.number).desc())
    ).first()


def list_waiting(session: Session) -> Sequence[FaqVersion]:
    """Return what waits to be written on, reviewed or published, oldest first."""
    return session.exec(
        select(FaqVersion).where(col(FaqVersion.state).in_(OPEN)).order_by(col(FaqVersion.id))
    ).all()


def list_faq_versions(session: Session, *, entry_id: str) -> Sequence[FaqVersion]:
    """Return all versions of an entry, newest first."""
    return _ROAD.list_versions(session, entry_id)


def _record(session: Session, told: Mapping[str, EntryWords | None], *, now: datetime) -> None:
    """Write a version of each; None: it is told no longer. A sheet may bring thousands at once."""
    new = {entry_id: words for entry_id, words in told.items() if words is not None}
    gone = [entry_id for entry_id in told if entry_id not in new]
    _ROAD.end_all_published(session, list(new), VersionState.REPLACED, now=now)
    _ROAD.end_all_published(session, gone, VersionState.WITHDRAWN, now=now)
    last = _ROAD.last_numbers(session, list(new))
    session.add_all(
        FaqVersion(
            entry_id=entry_id,
            number=last.get(entry_id, 0) + 1,
            state=VersionState.PUBLISHED,
            origin=Origin.LOADED,
            written_at=now,
            published_at=now,
            **words.model_dump(),
        )
        for entry_id, words in new.items()
    )
    session.flush()  # the next step counts them


def _entry_of(session: Session, version_id: int) -> str:
    entry_id = _ROAD.subject_of(session, version_id)
    if entry_id is None:
        raise VersionMovedError
    return str(entry_id)


def _entries(session: Session, ids: Sequence[str]) -> Mapping[str, FaqEntry]:
    rows = session.exec(
        select(FaqEntry).where(col(FaqEntry.id).in_(ids)).execution_options(populate_existing=True)
    ).all()
    return {row.id: row for row in rows}


def _published(session: Session, ids: Sequence[str]) -> Mapping[str, FaqVersion]:
    rows = session.exec(
        select(FaqVersion)
        .where(col(FaqVersion.entry_id).in_(ids), FaqVersion.state == VersionState.PUBLISHED)
        .execution_options(populate_existing=True)
    ).all()
    return {row.entry_id: row for row in rows}


def _lock(session: Session, entry_id: str) -> None:
    """Hold the entry, then its versions: in the order in which a load takes them."""
    session.exec(select(FaqEntry.id).where(FaqEntry.id == entry_id).with_for_update()).all()
    session.exec(
        select(FaqVersion.id).where(FaqVersion.entry_id == entry_id).with_for_update()
    ).all()
