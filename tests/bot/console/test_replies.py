"""The pages of approved replies: who writes, who reviews, who publishes, what was said before."""

import re

import pytest
from sqlmodel import select

from models.approved_reply import ApprovedReplyVersion
from models.database import OpenSession
from models.review import VersionState
from models.volunteer import Volunteer
from tests.bot.console.conftest import OpenConsole
from tests.handlers import stored
from tests.support.console import Console

WORDS = {"skill": "lawyer", "title": "问证人", "body": "有没有工友能给您作证？"}


def write(console: OpenConsole, username: str = "li", **words: str) -> tuple[Console, int, int]:
    """Write a draft; return the author's console, the reply and its version."""
    author = console(username)
    author.opens("/replies")
    author.presses("/replies", **(WORDS | words))
    found = re.fullmatch(r"/replies/(\d+)", author.place)
    assert found is not None, author.text
    return author, int(found[1]), version_on(author)


def version_on(page: Console) -> int:
    found = re.search(r'name="version" value="(\d+)"', page.page)
    assert found is not None, page.text
    return int(found[1])


def newest(open_session: OpenSession) -> ApprovedReplyVersion:
    rows = stored.all_of(open_session, ApprovedReplyVersion)
    return max(rows, key=lambda row: row.id or 0)


def test_the_list_is_of_ones_own_kind_of_help(console: OpenConsole) -> None:
    li, guo = console("li"), console("guo")

    assert "开场：我在，您慢慢说" not in li.opens("/replies")
    assert "先别签字" in li.text
    assert "开场：我在，您慢慢说" in guo.opens("/replies")


def test_it_is_searched_by_words_and_initials(console: OpenConsole) -> None:
    said = console("li").opens("/replies?find=gzt")

    assert "要凭据：工资条" in said
    assert "先别签字" not in said


def test_the_road_of_a_reply_with_who_did_what(console: OpenConsole) -> None:
    _, reply, version = write(console)
    wang, qin = console("wang"), console("qin")
    assert "问证人" in wang.opens("/replies")

    wang.opens(f"/replies/{reply}")
    assert "审好了" in wang.presses(f"/replies/{reply}/review", version=version)
    qin.opens(f"/replies/{reply}")
    said = qin.presses(f"/replies/{reply}/publication", version=version)

    assert "第 1 版 · 正在用" in said
    for act in ("李律师写", "王律师审", "秦老师发布"):
        assert act in said
    assert "问证人" in console("li").opens("/replies?find=wzr")


def test_nobody_reviews_their_own(console: OpenConsole, open_session: OpenSession) -> None:
    li, reply, version = write(console)
    assert "我审过了" not in li.text

    said = li.presses(f"/replies/{reply}/review", version=version)

    assert "自己写的要请别人审" in said
    assert newest(open_session).state is VersionState.DRAFT


def test_a_volunteer_cannot_publish(console: OpenConsole, open_session: OpenSession) -> None:
    _, reply, version = write(console)
    wang = console("wang")
    wang.opens(f"/replies/{reply}")
    wang.presses(f"/replies/{reply}/review", version=version)

    wang.presses(f"/replies/{reply}/publication", version=version)

    assert wang.status == 404
    assert newest(open_session).state is VersionState.REVIEWED


def test_a_newcomer_does_not_review(console: OpenConsole, open_session: OpenSession) -> None:
    _, reply, version = write(console)
    with open_session() as session:
        session.exec(select(Volunteer).where(Volunteer.username == "wang")).one().released = False
    wang = console("wang")
    assert "我审过了" not in wang.opens(f"/replies/{reply}")

    assert "已放行" in wang.presses(f"/replies/{reply}/review", version=version)
    assert newest(open_session).state is VersionState.DRAFT


def test_what_is_not_reviewed_is_not_published(
    console: OpenConsole, open_session: OpenSession
) -> None:
    _, reply, version = write(console)
    qin = console("qin")
    qin.opens(f"/replies/{reply}")

    said = qin.presses(f"/replies/{reply}/publication", version=version)

    assert "这一版刚有变化" in said
    assert newest(open_session).state is VersionState.DRAFT


def test_a_figure_of_law_without_a_source_is_not_reviewed(
    console: OpenConsole, open_session: OpenSession
) -> None:
    _, reply, version = write(console, body="仲裁时效是一年，抓紧。")
    wang = console("wang")
    wang.opens(f"/replies/{reply}")

    said = wang.presses(f"/replies/{reply}/review", version=version)

    assert "要写明依据" in said
    assert newest(open_session).state is VersionState.DRAFT


def test_the_next_version_is_a_draft_and_the_old_one_stays_in_use(console: OpenConsole) -> None:
    li = console("li")
    li.opens("/replies?find=gzt")
    found = re.search(r'href="/console(/replies/\d+)"', li.page)
    assert found is not None
    li.opens(found[1])

    said = li.presses(f"{found[1]}/versions", title="要凭据", body="工资条有吗？", source="")

    assert "第 2 版 · 等人审" in said
    assert "第 1 版 · 正在用" in said


def test_a_rejected_draft_says_why(console: OpenConsole) -> None:
    li, reply, version = write(console)
    wang = console("wang")
    wang.opens(f"/replies/{reply}")
    assert "哪里不行" in wang.presses(f"/replies/{reply}/rejection", version=version, reason="")

    wang.presses(f"/replies/{reply}/rejection", version=version, reason="口气太硬")

    assert "没通过 · 王律师" in li.opens(f"/replies/{reply}")
    assert "口气太硬" in li.text


def test_what_is_withdrawn_is_offered_no_more(console: OpenConsole) -> None:
    qin = console("qin")
    qin.opens("/replies?find=gzt")
    found = re.search(r'href="/console(/replies/\d+)"', qin.page)
    assert found is not None
    qin.opens(found[1])

    said = qin.presses(f"{found[1]}/withdrawal", reason="换说法")

    assert "撤下了" in said
    assert "要凭据" not in console("li").opens("/replies")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"title": ""}, "标题和内容都要写"),
        ({"body": "{工龄}年"}, "「工龄」填不出来"),
        ({"body": "很" * 501}, "太长了"),
        ({"valid_until": "明年"}, "有效期请写成"),
        ({"skill": "counselor"}, "请选是哪一行用的"),
    ],
)
def test_a_draft_that_cannot_be_is_given_back_with_its_words(
    console: OpenConsole, words: dict[str, str], why: str
) -> None:
    li = console("li")
    li.opens("/replies")

    said = li.presses("/replies", **(WORDS | words))

    assert why in said
    assert (WORDS | words)["body"][:500] in li.page


def test_another_profession_does_not_see_it(console: OpenConsole) -> None:
    _, reply, version = write(console)
    song = console("song")
    song.opens("/account")

    song.presses(f"/replies/{reply}/review", version=version)
    assert song.status == 404
    song.opens(f"/replies/{reply}")
    assert song.status == 404


def test_a_version_is_judged_under_its_own_reply_only(console: OpenConsole) -> None:
    _, _, version = write(console)
    wang = console("wang")
    wang.opens("/replies")

    wang.presses("/replies/1/review", version=version)

    assert wang.status == 404
