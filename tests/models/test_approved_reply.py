"""A reply goes from draft to reviewed to published, and nobody reviews their own."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from models import approved_reply as replies
from models.approved_reply import ApprovedReplyVersion, Words
from models.audit import AuditEntry
from models.database import Database
from models.review import OwnDraftError, VersionMovedError, VersionState
from models.volunteer import Skill
from tests.conftest import NOON
from tests.support.people import add_volunteer

TODAY = NOON.date()
FIRST = Words(title="问合同", body="签过合同没有？")
SECOND = Words(title="问合同", body="签过劳动合同没有？拍给我看看。")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


@pytest.fixture
def author(session: Session) -> int:
    return add_volunteer(session, "写", Skill.LAWYER, now=NOON)


@pytest.fixture
def reader(session: Session) -> int:
    return add_volunteer(session, "审", Skill.LAWYER, now=NOON)


def draft(session: Session, author: int, words: Words = FIRST) -> ApprovedReplyVersion:
    return replies.write_reply(session, words, skill=Skill.LAWYER, author_id=author, now=NOON)


def bring_out(session: Session, version: ApprovedReplyVersion, reader: int) -> None:
    number = version.id or 0
    replies.review(session, version_id=number, reviewer_id=reader, now=NOON)
    replies.publish(session, version_id=number, publisher_id=reader, now=NOON)


def usable(session: Session) -> list[str]:
    rows = replies.list_published(session, skills=[Skill.LAWYER], today=TODAY)
    shipped = {reply.id for reply, _ in rows if reply.seed_key}
    return [version.body for reply, version in rows if reply.id not in shipped]


def states(session: Session, reply_id: int) -> list[VersionState]:
    return [one.state for one in replies.list_versions(session, reply_id=reply_id)]


def test_only_what_is_published_can_be_used(session: Session, author: int, reader: int) -> None:
    version = draft(session, author)
    assert usable(session) == []

    replies.review(session, version_id=version.id or 0, reviewer_id=reader, now=NOON)
    assert usable(session) == []
    replies.publish(session, version_id=version.id or 0, publisher_id=reader, now=NOON)

    assert usable(session) == [FIRST.body]


def test_nobody_reviews_their_own(session: Session, author: int) -> None:
    version = draft(session, author)

    with pytest.raises(OwnDraftError):
        replies.review(session, version_id=version.id or 0, reviewer_id=author, now=NOON)

    assert states(session, version.reply_id) == [VersionState.DRAFT]


def test_the_database_itself_refuses_a_reviewer_who_is_the_author(
    session: Session, author: int
) -> None:
    version = draft(session, author)
    version.reviewed_by = author

    with pytest.raises(IntegrityError), session.begin_nested():
        session.flush()


def test_a_draft_cannot_be_published(session: Session, author: int, reader: int) -> None:
    version = draft(session, author)

    with pytest.raises(VersionMovedError):
        replies.publish(session, version_id=version.id or 0, publisher_id=reader, now=NOON)


def test_a_new_version_takes_the_place_of_the_old_which_is_kept(
    session: Session, author: int, reader: int
) -> None:
    first = draft(session, author)
    bring_out(session, first, reader)
    second = replies.write_version(
        session, SECOND, reply_id=first.reply_id, author_id=reader, now=NOON
    )
    assert usable(session) == [FIRST.body]

    bring_out(session, second, author)

    assert usable(session) == [SECOND.body]
    assert states(session, first.reply_id) == [VersionState.PUBLISHED, VersionState.REPLACED]
    assert [v.body for v in replies.list_versions(session, reply_id=first.reply_id)] == [
        SECOND.body,
        FIRST.body,
    ]


def test_a_refused_publication_leaves_the_old_one_in_use(
    session: Session, author: int, reader: int
) -> None:
    first = draft(session, author)
    bring_out(session, first, reader)
    second = replies.write_version(
        session, SECOND, reply_id=first.reply_id, author_id=author, now=NOON
    )

    with pytest.raises(VersionMovedError), session.begin_nested():
        replies.publish(session, version_id=second.id or 0, publisher_id=reader, now=NOON)

    session.expire_all()
    assert usable(session) == [FIRST.body]


def test_what_is_rejected_can_be_neither_reviewed_nor_published(
    session: Session, author: int, reader: int
) -> None:
    version = draft(session, author)
    number = version.id or 0
    replies.reject(session, version_id=number, by=reader, reason="太硬", now=NOON)

    with pytest.raises(VersionMovedError):
        replies.review(session, version_id=number, reviewer_id=reader, now=NOON)
    assert states(session, version.reply_id) == [VersionState.REJECTED]


def test_what_is_withdrawn_is_offered_no_more(session: Session, author: int, reader: int) -> None:
    version = draft(session, author)
    bring_out(session, version, reader)

    replies.withdraw_reply(session, reply_id=version.reply_id, by=reader, reason="过时了", now=NOON)

    assert usable(session) == []
    assert states(session, version.reply_id) == [VersionState.WITHDRAWN]


def test_after_its_last_day_it_is_offered_no_more(
    session: Session, author: int, reader: int
) -> None:
    words = FIRST.model_copy(update={"valid_until": TODAY})
    bring_out(session, draft(session, author, words), reader)

    assert usable(session) == [FIRST.body]
    tomorrow = TODAY + timedelta(days=1)
    later = replies.list_published(session, skills=[Skill.LAWYER], today=tomorrow)
    assert FIRST.body not in [version.body for _, version in later]


def test_every_step_is_written_down(session: Session, author: int, reader: int) -> None:
    version = draft(session, author)
    bring_out(session, version, reader)
    session.flush()

    subject = f"reply:{version.reply_id}"
    acts = session.exec(select(AuditEntry).where(AuditEntry.subject == subject)).all()
    assert [(act.action, act.actor_id) for act in acts] == [
        ("review_reply", reader),
        ("publish_reply", reader),
    ]
