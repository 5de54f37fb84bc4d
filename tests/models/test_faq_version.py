"""An entry goes from draft to reviewed to told; whatever changes it leaves a version."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from bot.loading.faq import KIND as FAQ
from models.audit import AuditEntry
from models.contact import Contact
from models.database import Database, OpenSession
from models.erasure import erase_person
from models.faq import ContentVersion, FaqEntry, UnansweredQuestion
from models.faq_version import (
    WITHOUT_QUESTION,
    Asked,
    EntryWords,
    FaqVersion,
    Origin,
    draft_asked,
    find_open,
    list_faq_versions,
    publish_faq,
    record_told,
    reject_faq,
    review_faq,
    withdraw_faq,
    write_faq,
)
from models.review import OwnDraftError, VersionMovedError, VersionState
from models.volunteer import Skill
from tests.conftest import NOON
from tests.loaders.conftest import Load, load, take_back
from tests.loaders.sheets import ANSWER, write_csv
from tests.support.people import add_volunteer

__all__ = ["load", "take_back"]

WORDS = EntryWords(question="安全帽发几顶？", answer="一人一顶。下一步：找班长领。")
OTHER = EntryWords(question="安全帽发几顶？", answer="一人两顶。下一步：找班长领。")


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


def write(session: Session, author: int, words: EntryWords = WORDS) -> FaqVersion:
    return write_faq(session, words, entry_id="helmet", author_id=author, now=NOON)


def bring_out(session: Session, version: FaqVersion, reader: int) -> None:
    review_faq(session, version_id=version.id or 0, reviewer_id=reader, now=NOON)
    publish_faq(session, version_id=version.id or 0, publisher_id=reader, now=NOON)


def states(session: Session, entry_id: str = "helmet") -> list[VersionState]:
    return [one.state for one in list_faq_versions(session, entry_id=entry_id)]


def count(session: Session) -> int:
    session.expire_all()
    return session.get_one(ContentVersion, "faq").version


def test_only_what_is_published_is_told(session: Session, author: int, reader: int) -> None:
    version, before = write(session, author), count(session)
    review_faq(session, version_id=version.id or 0, reviewer_id=reader, now=NOON)
    assert session.get(FaqEntry, "helmet") is None

    publish_faq(session, version_id=version.id or 0, publisher_id=reader, now=NOON)

    assert session.get_one(FaqEntry, "helmet").answer == WORDS.answer
    assert count(session) == before + 1


def test_nobody_reviews_their_own(session: Session, author: int) -> None:
    version = write(session, author)

    with pytest.raises(OwnDraftError):
        review_faq(session, version_id=version.id or 0, reviewer_id=author, now=NOON)

    assert states(session) == [VersionState.DRAFT]


def test_the_database_itself_refuses_a_reviewer_who_is_the_author(
    session: Session, author: int
) -> None:
    version = write(session, author)
    version.reviewed_by = author

    with pytest.raises(IntegrityError), session.begin_nested():
        session.flush()


def test_the_database_itself_refuses_what_nobody_reviewed(session: Session, author: int) -> None:
    version = write(session, author)
    version.state = VersionState.PUBLISHED

    with pytest.raises(IntegrityError), session.begin_nested():
        session.flush()


def test_a_draft_cannot_be_published(session: Session, author: int, reader: int) -> None:
    version = write(session, author)

    with pytest.raises(VersionMovedError):
        publish_faq(session, version_id=version.id or 0, publisher_id=reader, now=NOON)


def test_other_words_take_the_place_of_a_draft_that_waits(
    session: Session, author: int, reader: int
) -> None:
    write(session, author)

    write(session, reader, OTHER)

    assert states(session) == [VersionState.DRAFT, VersionState.REPLACED]


def test_what_is_withdrawn_is_told_no_more_and_stays_in_the_history(
    session: Session, author: int, reader: int
) -> None:
    bring_out(session, write(session, author), reader)

    withdraw_faq(session, entry_id="helmet", by=reader, reason="说错了", now=NOON)

    assert session.get(FaqEntry, "helmet") is None
    assert states(session) == [VersionState.WITHDRAWN]


def test_every_step_is_written_down(session: Session, author: int, reader: int) -> None:
    bring_out(session, write(session, author), reader)
    session.flush()

    acts = session.exec(select(AuditEntry).where(AuditEntry.subject == "faq:helmet")).all()
    assert [(act.action, act.actor_id) for act in acts] == [
        ("review_faq", reader),
        ("publish_faq", reader),
    ]


def test_every_shipped_entry_begins_with_a_version(session: Session) -> None:
    entries = set(session.exec(select(FaqEntry.id)).all())
    told = select(FaqVersion.entry_id).where(FaqVersion.state == VersionState.PUBLISHED)

    assert set(session.exec(told).all()) == entries
    assert len(entries) > 300


def test_what_is_unchanged_leaves_no_version(session: Session) -> None:
    entries = session.exec(select(FaqEntry.id)).all()
    before = len(session.exec(select(FaqVersion.id)).all())

    record_told(session, entries, now=NOON)

    assert len(session.exec(select(FaqVersion.id)).all()) == before


def test_a_sheet_leaves_a_version_and_so_does_taking_it_back(
    load: Load,
    take_back: Load,
    open_session: OpenSession,
    tmp_path: Path,
) -> None:
    first = load(FAQ, write_csv(tmp_path / "a.csv", ANSWER))
    entry_id = str(ANSWER["id"])
    load(FAQ, write_csv(tmp_path / "b.csv", ANSWER | {"answer": "换了说法。"}))

    with open_session() as session:
        versions = list_faq_versions(session, entry_id=entry_id)
        assert [one.state for one in versions] == [VersionState.PUBLISHED, VersionState.REPLACED]
        assert {one.origin for one in versions} == {Origin.LOADED}
    take_back(FAQ, (first.run or 0) + 1)
    take_back(FAQ, first.run or 0)

    with open_session() as session:
        assert states(session, entry_id) == [
            VersionState.WITHDRAWN,
            VersionState.REPLACED,
            VersionState.REPLACED,
        ]


class TestForgetting:
    """What a person asked goes with their data, as long as nobody has read it as an answer."""

    MINE, OTHERS = "俺叫啥你别管，工伤咋报", "工伤怎么报"

    @pytest.fixture
    def contact(self, session: Session) -> int:
        """Somebody who asked in vain, with their number."""
        contact = Contact(openid="oASKS", first_seen_at=NOON, last_message_at=NOON)
        session.add(contact)
        session.flush()
        text = f"{self.MINE} 13805380001"
        session.add(UnansweredQuestion(contact_id=contact.id or 0, text=text, asked_at=NOON))
        return contact.id or 0

    def draft(self, session: Session, *wordings: str) -> None:
        words = EntryWords(question=wordings[0], similar=list(wordings))
        assert draft_asked(session, Asked(words, people=2), entry_id="asked-1", now=NOON)

    def left(self, session: Session, contact_id: int) -> list[tuple[str, list[str], str]]:
        """Erase; return what the versions say then, newest first."""
        erase_person(session, contact_id=contact_id, now=NOON)
        session.expire_all()
        versions = list_faq_versions(session, entry_id="asked-1")
        return [(one.question, one.similar, one.answer) for one in versions]

    def test_a_draft_keeps_what_others_asked(self, session: Session, contact: int) -> None:
        self.draft(session, self.MINE, self.OTHERS)

        assert self.left(session, contact) == [(self.OTHERS, [self.OTHERS], "")]

    def test_a_draft_of_nothing_else_is_gone(self, session: Session, contact: int) -> None:
        self.draft(session, self.MINE)

        assert self.left(session, contact) == []

    def test_a_draft_without_their_words_is_left_alone(
        self, session: Session, contact: int
    ) -> None:
        self.draft(session, self.OTHERS)

        assert self.left(session, contact) == [(self.OTHERS, [self.OTHERS], "")]

    def test_an_answer_that_somebody_wrote_stays_without_the_question(
        self, session: Session, contact: int, author: int
    ) -> None:
        self.draft(session, self.MINE)
        words = EntryWords(question=self.MINE, similar=[self.MINE], answer="去社保局报。")
        write_faq(session, words, entry_id="asked-1", author_id=author, now=NOON)

        assert self.left(session, contact) == [(WITHOUT_QUESTION, [], "去社保局报。")]

    def test_what_was_reviewed_stays_and_the_draft_before_it_goes(
        self, session: Session, contact: int, author: int, reader: int
    ) -> None:
        self.draft(session, self.MINE, self.OTHERS)
        words = EntryWords(question=self.OTHERS, similar=[self.MINE], answer="去社保局报。")
        version = write_faq(session, words, entry_id="asked-1", author_id=author, now=NOON)
        bring_out(session, version, reader)

        assert self.left(session, contact) == [
            (self.OTHERS, [self.MINE], "去社保局报。"),
            (self.OTHERS, [self.OTHERS], ""),
        ]
        assert session.get_one(FaqEntry, "asked-1").similar == [self.MINE]

    def test_a_rejected_draft_forgets_too(
        self, session: Session, contact: int, reader: int
    ) -> None:
        self.draft(session, self.MINE, self.OTHERS)
        waiting = find_open(session, "asked-1")
        assert waiting is not None
        reject_faq(session, version_id=waiting.id or 0, by=reader, reason="不是一回事", now=NOON)

        assert self.left(session, contact) == [(self.OTHERS, [self.OTHERS], "")]

    def test_a_long_question_goes_as_it_was_cut(self, session: Session, contact: int) -> None:
        long = "长" * 250
        session.add(UnansweredQuestion(contact_id=contact, text=long, asked_at=NOON))
        self.draft(session, long[:200], self.OTHERS)

        assert self.left(session, contact) == [(self.OTHERS, [self.OTHERS], "")]
