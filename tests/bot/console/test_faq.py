"""The pages of FAQ entries: from what was asked in vain to what the bot answers."""

import re

import pytest
import typer
from fastapi.testclient import TestClient
from sqlmodel import col, select
from typer.testing import CliRunner

from models.database import OpenSession
from models.faq import FaqEntry, UnansweredQuestion
from models.faq_version import FaqVersion
from models.review import VersionState
from models.statute import StatuteArticle
from models.volunteer import Volunteer
from scripts import unanswered
from tests.bot.console.conftest import OpenConsole
from tests.conftest import KEY
from tests.support.chat import TOKEN, Chat, FakeClock
from tests.support.console import Console

ASKED = "下岗了党组织关系转到哪"
FILLED = {
    "question": "下岗以后党组织关系转到哪里？",
    "similar": f"{ASKED}\n党员关系咋转到社区\n矿关了我的党员关系放哪儿",
    "answer": "转到您住的社区党组织。\n下一步：带身份证去社区党群服务中心。",
}
LEGAL = {"question": "没签合同咋办？", "answer": "可以要双倍工资。", "topic": "contract"}


def version_on(page: Console) -> int:
    found = re.search(r'<button class="\w+" name="version" value="(\d+)"', page.page)
    assert found is not None, page.text
    return int(found[1])


def write(console: OpenConsole, username: str = "li", **words: str) -> tuple[Console, str]:
    """Write a draft; return the author's console and the address of the entry."""
    author = console(username)
    author.opens("/faq")
    author.presses("/faq", **(FILLED | words))
    assert author.place.startswith("/faq/console-"), author.text
    return author, author.place


def judge(page: Console, place: str, step: str, **fields: str) -> str:
    """Open an entry and press one of its buttons."""
    page.opens(place)
    return page.presses(f"{place}/{step}", version=version_on(page), **fields)


@pytest.fixture
def drafted(
    client: TestClient, clock: FakeClock, database_url: str, open_session: OpenSession
) -> str:
    """A question that nobody could answer, drafted by the command; the entry's address."""
    Chat(client, clock).says(ASKED)
    with open_session() as session:
        number = session.exec(select(UnansweredQuestion.id)).one()
    app = typer.Typer()
    app.command()(unanswered.main)
    environment = {
        "DATABASE_URL": database_url,
        "DATA_ENCRYPTION_KEY": KEY,
        "WECHAT_TOKEN": TOKEN,
        "WECHAT_APP_ID": "wx0000000000000001",
        "ENVIRONMENT": "demo",
    }
    wish = ["--since", "3650", "--to-console", str(number)]
    done, again = (CliRunner().invoke(app, wish, env=environment) for _ in range(2))
    assert (done.exit_code, again.exit_code) == (0, 1), done.output
    return f"/faq/asked-{number}"


def test_from_the_question_in_vain_to_the_answer_in_the_chat(
    drafted: str, console: OpenConsole, client: TestClient, clock: FakeClock
) -> None:
    wang, qin = console("wang"), console("qin")
    said = wang.opens("/faq")
    assert ASKED in said
    assert "1 人问过" in said
    assert "回答还没写" in wang.opens(drafted)

    assert "等别人审" in wang.presses(f"{drafted}/versions", **FILLED)
    assert "审好了" in judge(qin, drafted, "review")
    said = judge(qin, drafted, "publication")
    clock.advance(seconds=10)

    assert "第 2 版 · 正在用" in said
    for act in ("王律师写", "秦老师审", "秦老师发布", "自动起的草稿"):
        assert act in said
    newcomer = Chat(client, clock, openid="oMINER0000000000000000000009")
    assert "社区党群服务中心" in newcomer.says("党员关系咋转到社区")


def test_drafts_stand_oldest_first(console: OpenConsole, clock: FakeClock) -> None:
    write(console, question="先写的那一条？")
    clock.advance(minutes=5)
    write(console, question="后写的那一条？")

    said = console("qin").opens("/faq")

    assert 0 < said.index("先写的那一条？") < said.index("后写的那一条？")


def test_nobody_reviews_their_own(console: OpenConsole, open_session: OpenSession) -> None:
    qin, place = write(console, "qin")
    assert "我审过了" not in qin.text
    with open_session() as session:
        number = session.exec(select(FaqVersion.id).order_by(col(FaqVersion.id).desc())).first()

    said = qin.presses(f"{place}/review", version=number)

    assert "自己写的要请别人审" in said


def test_a_newcomer_writes_drafts_and_no_more(
    console: OpenConsole, open_session: OpenSession
) -> None:
    with open_session() as session:
        session.exec(select(Volunteer).where(Volunteer.username == "wang")).one().released = False
    _, place = write(console, "li")
    wang = console("wang")
    assert "我审过了" not in wang.opens(place)
    number = wang.value("base")

    assert "已放行" in wang.presses(f"{place}/review", version=number)
    assert "等别人审" in wang.presses(f"{place}/versions", **FILLED)
    wang.presses(f"{place}/publication", version=number)
    assert wang.status == 404


@pytest.mark.parametrize(
    ("cited", "why"),
    [
        ("", "讲法律的回答要写依据"),
        ("不存在法3", "没有《不存在法》这部法"),
        ("劳动合同法999", "《劳动合同法》第999条核不了"),
    ],
)
def test_a_legal_entry_without_a_law_that_is_known_is_not_reviewed(
    console: OpenConsole, open_session: OpenSession, cited: str, why: str
) -> None:
    _, place = write(console, **(LEGAL | {"citations": cited}))
    qin = console("qin")

    assert why in qin.opens(place)
    assert "我审过了" not in qin.text
    said = qin.presses(f"{place}/review", version=qin.value("base"))

    assert why in said
    with open_session() as session:
        newest = session.exec(select(FaqVersion).order_by(col(FaqVersion.id).desc())).first()
        assert newest is not None
        assert newest.state is VersionState.DRAFT


def test_an_article_that_the_loaded_text_lacks_is_named(
    console: OpenConsole, open_session: OpenSession
) -> None:
    with open_session() as session:
        session.add(
            StatuteArticle(statute="劳动合同法", article=82, version="v", text="第八十二条")
        )
    _, place = write(console, **(LEGAL | {"citations": "劳动合同法82\n劳动合同法 第147条"}))

    said = console("qin").opens(place)

    assert "《劳动合同法》没有第147条" in said
    assert "没有第82条" not in said


def test_a_known_article_brings_its_quote_and_hash_along(
    console: OpenConsole, open_session: OpenSession
) -> None:
    _, place = write(console, **(LEGAL | {"citations": "中华人民共和国劳动合同法82"}))
    qin = console("qin")
    judge(qin, place, "review")
    judge(qin, place, "publication")

    with open_session() as session:
        entry = session.get_one(FaqEntry, place.removeprefix("/faq/"))
        [cited] = entry.citations
        assert (cited["statute"], cited["article"]) == ("劳动合同法", 82)
        assert cited["quote"]
        assert len(str(cited["sha256"])) == 64


def test_a_figure_without_its_source_is_pointed_out(console: OpenConsole) -> None:
    words = LEGAL | {"answer": "可以要37倍工资。", "citations": "劳动合同法82"}
    _, place = write(console, **words)

    assert "「37倍」在依据里没找到" in console("qin").opens(place)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"question": ""}, "问题要写"),
        ({"answer": "很" * 301}, "回答有 301 个字"),
        ({"similar": "很" * 201}, "每条最多 200 个字"),
        ({"citations": "看劳动法"}, "看不出是哪部法第几条"),
        ({"valid_until": "明年"}, "有效期请写成"),
    ],
)
def test_a_draft_that_cannot_be_is_given_back_with_its_words(
    console: OpenConsole, words: dict[str, str], why: str
) -> None:
    li = console("li")
    li.opens("/faq")

    said = li.presses("/faq", **(FILLED | words))

    assert why in said
    assert "党员关系咋转到社区" in said or "similar" in words


def test_rejecting_takes_a_reason_that_the_author_reads(console: OpenConsole) -> None:
    li, place = write(console)
    qin = console("qin")
    assert "请写一句哪里不行" in judge(qin, place, "rejection", reason="")

    judge(qin, place, "rejection", reason="太绕")

    assert "没通过 · 秦老师" in li.opens(place)
    assert "太绕" in li.text


def test_who_wrote_meanwhile_is_not_written_over(console: OpenConsole) -> None:
    li, place = write(console)
    wang = console("wang")
    wang.opens(place)
    li.presses(f"{place}/versions", **FILLED)

    said = wang.presses(f"{place}/versions", **(FILLED | {"answer": "另一种说法。"}))

    assert "别人改过这一条" in said
    assert "另一种说法。" in said


def test_a_former_version_comes_back_as_a_new_one_that_another_reviews(
    console: OpenConsole, clock: FakeClock, chat: Chat
) -> None:
    qin = console("qin")
    li, place = write(console)
    for answer in ("", "去镇上的办事大厅转。"):
        if answer:
            li.opens(place)
            li.presses(f"{place}/versions", **(FILLED | {"answer": answer}))
        judge(qin, place, "review")
        judge(qin, place, "publication")
    first = re.search(r'value="(\d+)">用回第 1 版', qin.page)
    assert first is not None

    said = qin.presses(f"{place}/restoration", version=first[1])
    assert "第 3 版 · 等人审" in said
    wang = console("wang")
    judge(wang, place, "review")
    judge(qin, place, "publication")
    clock.advance(seconds=10)

    assert "社区党群服务中心" in chat.says(ASKED)


def test_what_is_withdrawn_is_answered_no_more(
    console: OpenConsole, clock: FakeClock, chat: Chat
) -> None:
    _, place = write(console)
    qin = console("qin")
    judge(qin, place, "review")
    judge(qin, place, "publication")
    clock.advance(seconds=10)
    assert "社区党群服务中心" in chat.says(ASKED)
    assert "请写一句为什么" in qin.presses(f"{place}/withdrawal", reason="")

    qin.presses(f"{place}/withdrawal", reason="规定变了")
    clock.advance(seconds=10)

    assert "社区党群服务中心" not in chat.says(ASKED)
    assert "规定变了" in qin.opens(place)


def test_entries_are_found_by_their_words(console: OpenConsole) -> None:
    qin = console("qin")

    assert "请不起律师，能申请免费法律援助吗？" in qin.opens("/faq?find=免费 援助")
    assert "没有这样的问答" in qin.opens("/faq?find=红烧肉")
    assert "第 1 版 · 正在用" in qin.opens("/faq/legal-aid-who")
    assert "表格或后台载入" in qin.text


def test_a_version_is_judged_under_its_own_entry_only(console: OpenConsole) -> None:
    _, place = write(console)
    qin = console("qin")
    qin.opens(place)

    qin.presses("/faq/legal-aid-who/review", version=qin.value("base"))

    assert qin.status == 404
