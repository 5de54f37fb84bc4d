"""From the question that found no answer, over the draft, to the answer in the chat."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from sqlmodel import col, delete, select

from bot.asking.draft import draft, write_draft
from bot.asking.gather import Gathered, Gatherer, find_still_asked
from bot.loading.faq import KIND as FAQ
from knowledge.clusters import Grouper
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine
from knowledge.live import LiveKnowledge
from models.contact import Contact
from models.database import Database, OpenSession
from models.encryption import Cipher
from models.erasure import erase_person
from models.faq import FaqEntry, UnansweredQuestion
from scripts import unanswered
from tests.conftest import NOON
from tests.loaders.conftest import Command, Load, cli, environment, load, take_back
from tests.loaders.sheets import ANSWER, write_csv
from tests.support.chat import Chat, FakeClock

__all__ = ["cli", "environment", "load", "take_back"]

MEMBERSHIP = ("下岗了党组织关系转到哪", "矿关了我的党员关系放哪儿", "党员关系咋转到社区")
STEW = "红烧肉咋做才好吃"
FILLED = "党组织关系转到您住的社区党组织。下一步：带身份证去社区党群服务中心。"

TOPIC = "contract"
"""Its entries are enough to answer some questions and to be near others."""

Ask = Callable[..., int]
Gather = Callable[[], Gathered]


@pytest.fixture(scope="module")
def grouper() -> Grouper:
    return Grouper.load(CONTENT)


@pytest.fixture
def database_url(database_url: str, cipher: Cipher) -> str:
    """The database with a small FAQ: each test compiles it anew, some several times."""
    database = Database(database_url, cipher=cipher)
    with database.transaction() as session:
        session.connection().execute(delete(FaqEntry).where(col(FaqEntry.topic) != TOPIC))
    database.close()
    return database_url


@pytest.fixture
def ask(open_session: OpenSession) -> Ask:
    """Store a question that found no answer; return its number."""

    def store(text: str, *, person: str = "1", at: datetime = NOON) -> int:
        with open_session() as session:
            who = select(Contact).where(Contact.openid == f"oASKS{person}")
            contact = session.exec(who).first() or Contact(
                openid=f"oASKS{person}", first_seen_at=at, last_message_at=at
            )
            session.add(contact)
            session.flush()  # for its id
            row = UnansweredQuestion(contact_id=contact.id or 0, text=text, asked_at=at)
            session.add(row)
            session.flush()
            return row.id or 0

    return store


@pytest.fixture
def gather(database: Database, engine: Engine, grouper: Grouper) -> Gather:
    """Gather with the FAQ as it is now."""

    def run() -> Gathered:
        live = LiveKnowledge(engine=engine, database=database).engine(NOON)
        gatherer = Gatherer(database, engine=live, grouper=grouper)
        return gatherer.gather(since=NOON - timedelta(days=30))

    return run


def fill(path: Path, answer: str = FILLED) -> Path:
    """Write the answer where the draft leaves room for it."""
    path.write_text(f"{path.read_text(encoding='utf-8')}    {answer}\n", encoding="utf-8")
    return path


def test_the_whole_loop_from_the_question_to_the_answer(
    client: TestClient, clock: FakeClock, gather: Gather, load: Load, tmp_path: Path
) -> None:
    people = [Chat(client, clock, openid=f"oMINER{n:022d}") for n in range(3)]
    for chat, words in zip(people, MEMBERSHIP, strict=True):
        assert "社区党群服务中心" not in chat.says(words)
    [group] = [g for g in gather().groups if set(g.wordings) & set(MEMBERSHIP)]
    assert (group.people, set(group.wordings)) == (3, set(MEMBERSHIP))

    write_draft(group, tmp_path / "draft.yaml")
    done = load(FAQ, fill(tmp_path / "draft.yaml"))
    clock.advance(seconds=10)

    assert (done.added, done.status) == (1, 0)
    newcomer = Chat(client, clock, openid="oMINER0000000000000000000009")
    assert all("社区党群服务中心" in newcomer.says(words) for words in MEMBERSHIP)
    assert not [g for g in gather().groups if set(g.wordings) & set(MEMBERSHIP)]


def test_more_people_come_before_more_questions_of_one(ask: Ask, gather: Gather) -> None:
    for _ in range(4):
        ask(STEW, person="9")
    for person, words in enumerate(MEMBERSHIP[:2]):
        ask(words, person=str(person))

    groups = gather().groups

    assert [(g.people, len(g.asked)) for g in groups] == [(2, 2), (1, 4)]


def test_the_most_asked_wording_stands_first(ask: Ask, gather: Gather) -> None:
    for words in (MEMBERSHIP[0], MEMBERSHIP[1], MEMBERSHIP[1]):
        ask(words)

    assert gather().groups[0].wordings == (MEMBERSHIP[1], MEMBERSHIP[0])


def test_what_was_asked_too_long_ago_is_left_out(ask: Ask, gather: Gather) -> None:
    ask(STEW, at=NOON - timedelta(days=31))

    assert gather().groups == ()


def test_what_the_faq_surely_answers_by_now_is_left_out(ask: Ask, gather: Gather) -> None:
    ask("没签劳动合同能要双倍工资吗")
    ask(STEW)

    assert [g.wordings for g in gather().groups] == [(STEW,)]


def test_a_wording_put_into_an_entry_comes_back_only_when_asked_again_in_vain(
    ask: Ask, gather: Gather, load: Load, clock: FakeClock, tmp_path: Path
) -> None:
    ask("煤呢", at=NOON - timedelta(hours=1))  # too short for the search to be sure of it
    load(FAQ, write_csv(tmp_path / "f.csv", ANSWER | {"similar": "煤呢"}))
    assert gather().groups == ()

    ask("煤呢", at=clock() + timedelta(hours=1))

    assert [len(g.asked) for g in gather().groups] == [1]


def test_taking_the_answer_back_lists_the_question_again(
    ask: Ask, gather: Gather, load: Load, take_back: Load, tmp_path: Path
) -> None:
    ask(MEMBERSHIP[0])
    (tmp_path / "d.yaml").write_text(draft(gather().groups[0]), encoding="utf-8")
    done = load(FAQ, fill(tmp_path / "d.yaml"))
    assert gather().groups == ()

    take_back(FAQ, done.run)

    assert [g.wordings for g in gather().groups] == [(MEMBERSHIP[0],)]


def test_a_draft_without_its_answer_is_refused_by_name(
    ask: Ask, gather: Gather, load: Load, tmp_path: Path
) -> None:
    ask(STEW)
    write_draft(gather().groups[0], tmp_path / "draft.yaml")

    report = load(FAQ, tmp_path / "draft.yaml")

    assert (report.added, [bad.field for bad in report.rejected]) == (0, ["answer"])


def test_a_draft_holds_the_wordings_without_numbers_and_without_persons(
    ask: Ask, gather: Gather
) -> None:
    ask(f"{STEW}: 快打13805380001", person="SECRET")
    ask("长" * 201, person="SECRET")

    for group in gather().groups:
        text = draft(group)
        [entry] = yaml.safe_load(text)
        assert (entry["answer"], entry["id"]) == ("", f"asked-{group.id}")
        assert max(map(len, entry["similar"])) <= 200
        assert [told for told in ("1380", "SECRET", "号码") if told in text] == []


def test_who_had_their_data_deleted_meanwhile_is_in_no_draft(
    ask: Ask, gather: Gather, open_session: OpenSession
) -> None:
    for person, words in enumerate(MEMBERSHIP[:2]):
        ask(words, person=str(person))
    [group] = gather().groups

    with open_session() as session:
        first, other = session.exec(select(UnansweredQuestion.contact_id)).all()
        erase_person(session, contact_id=first, now=NOON)
        left = find_still_asked(session, group)
        erase_person(session, contact_id=other, now=NOON)
        nothing = find_still_asked(session, group)

    assert left is not None
    assert (left.people, left.wordings) == (1, MEMBERSHIP[1:2])
    assert nothing is None


def test_yaml_signs_in_a_question_stay_words(
    ask: Ask, gather: Gather, load: Load, tmp_path: Path
) -> None:
    ask("- 红烧肉: {咋做} | #好吃 &不 *\n'\"😀")
    write_draft(gather().groups[0], tmp_path / "draft.yaml")

    assert load(FAQ, fill(tmp_path / "draft.yaml")).added == 1
    assert gather().groups == ()


def test_answers_that_did_not_help_come_with_what_was_missing(chat: Chat, gather: Gather) -> None:
    chat.says("没签劳动合同能要双倍工资吗")
    chat.taps("这个回答没帮上忙")
    chat.taps("说说还缺啥")
    chat.says("没说仲裁申请书咋写")

    gathered = gather()

    [missing] = gathered.missing
    assert (missing.answer.unhelpful, missing.notes) == (1, ("没说仲裁申请书咋写",))
    assert gathered.groups == ()


class TestCommand:
    """The command line on the test's database."""

    @pytest.fixture(autouse=True)
    def loaded(self, engine: Engine, grouper: Grouper, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the command find its knowledge loaded."""
        monkeypatch.setattr(Engine, "load", lambda _: engine)
        monkeypatch.setattr(Grouper, "load", lambda _: grouper)

    @pytest.fixture
    def run(self, cli: Command) -> Command:
        def call(*arguments: object) -> Any:  # noqa: ANN401
            return cli("--since", 3650, *arguments, main=unanswered.main)

        return call

    def test_it_names_the_rows_the_nearest_entries_and_never_who_asked(
        self, run: Command, ask: Ask
    ) -> None:
        number = ask(f"{STEW} 打13805380001", person="SECRET")

        told = json.loads(run("--json").stdout)

        [row] = told["unanswered"]
        assert (row["id"], row["count"], row["people"]) == (number, 1, 1)
        assert row["examples"] == [f"{STEW} 打[号码]"]
        assert row["last_asked"] == NOON.isoformat()
        assert all({"id", "score", "title"} == set(near) for near in row["nearest"])
        assert "SECRET" not in json.dumps(told)
        assert told["unhelpful"] == []

    def test_people_read_sentences_and_the_rest_is_counted(self, run: Command, ask: Ask) -> None:
        ask(STEW)
        ask(MEMBERSHIP[0], at=NOON + timedelta(minutes=5))

        told = run("--limit", 1).stdout

        assert "2 样，共问了 2 次" in told
        assert f"· {MEMBERSHIP[0]}" in told
        assert "2026-11-24 12:05" in told
        assert "还有 1 样" in told
        assert "没帮上忙的回答：0 条" in told

    def test_a_draft_is_written_once(self, run: Command, ask: Ask, tmp_path: Path) -> None:
        number = ask(STEW)
        path = tmp_path / "draft.yaml"

        first, second = run("--draft", number, path), run("--draft", number, path)

        assert (first.exit_code, second.exit_code) == (0, 2)
        assert [e["question"] for e in yaml.safe_load(path.read_text("utf-8"))] == [STEW]

    def test_a_number_that_is_not_there_ends_with_one(self, run: Command, tmp_path: Path) -> None:
        result = run("--draft", 99, tmp_path / "draft.yaml")

        assert (result.exit_code, "没有编号 99" in result.stderr) == (1, True)
        assert not (tmp_path / "draft.yaml").exists()
