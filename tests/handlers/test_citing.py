import pytest

from handlers.citing import cite, cite_each
from models.database import OpenSession
from models.faq import FaqEntry
from tests.conftest import NOON

STATUTE = "劳动合同法"


def entry(name: str, *articles: int) -> FaqEntry:
    """Return an entry that stands on these articles, the decisive one first."""
    cited = [{"statute": STATUTE, "article": a, "version": "2012", "quote": "略"} for a in articles]
    return FaqEntry(
        id=name, topic="t", question=name, answer="略", citations=cited, updated_at=NOON
    )


@pytest.fixture
def entries(open_session: OpenSession) -> OpenSession:
    with open_session() as session:
        session.add_all([entry("own", 1, 2, 3), entry("near", 4, 5), entry("far", 6)])
        session.add(entry("bare"))
    return open_session


def cited(entries: OpenSession, *names: str) -> list[int]:
    with entries() as session:
        return [one.article for one in cite(session, names)]


def test_an_answer_cites_what_it_stands_on(entries: OpenSession) -> None:
    assert cited(entries, "own") == [1, 2, 3]


def test_a_guess_cites_also_what_decides_the_nearest_other_question(entries: OpenSession) -> None:
    assert cited(entries, "own", "near", "far") == [1, 2, 4]
    assert cited(entries, "far", "near", "own") == [6, 4, 1]


def test_an_article_is_cited_once(entries: OpenSession) -> None:
    assert cited(entries, "near", "near", "own") == [4, 5, 1]


def test_an_entry_without_articles_or_that_is_gone_cites_nothing(entries: OpenSession) -> None:
    assert cited(entries, "bare") == []
    assert cited(entries, "gone") == []


def test_a_choice_cites_what_decides_each(entries: OpenSession) -> None:
    with entries() as session:
        assert [one.article for one in cite_each(session, ["near", "own", "far"])] == [4, 1, 6]
