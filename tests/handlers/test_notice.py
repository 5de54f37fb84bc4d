"""What happens with people's words is said before the first answer to something private, once."""

from pathlib import Path

import pytest

from handlers.registry import create_router
from knowledge.content_dir import CONTENT
from knowledge.notice import Notice
from models.database import OpenSession
from tests.handlers import stored
from tests.support.chat import Chat

NOTICE = Notice.load(CONTENT / "notice.yaml")
PRIVATE = ("夜里睡不着 心里堵得慌", "找律师", "登记求职", "老板拖欠我仨月工资咋要")


@pytest.mark.parametrize("said", PRIVATE)
def test_the_notice_comes_before_the_first_private_answer(
    chat: Chat, open_session: OpenSession, said: str
) -> None:
    assert chat.says(said).startswith(NOTICE.text)

    contact = stored.contact(open_session)
    assert contact.notice_version == NOTICE.version
    assert contact.notice_at is not None


def test_the_notice_is_said_once(chat: Chat) -> None:
    chat.says("登记求职")
    chat.says("取消")

    assert not [said for said in PRIVATE if NOTICE.text in chat.says(said)]


@pytest.mark.parametrize("said", ["你好", "有电工的活吗", "这周公开课讲啥"])
def test_nobody_is_given_the_notice_for_a_public_answer(
    chat: Chat, open_session: OpenSession, said: str
) -> None:
    assert NOTICE.text not in chat.says(said)
    assert stored.contact(open_session).notice_version == 0


def test_nothing_comes_before_words_of_safety(chat: Chat, open_session: OpenSession) -> None:
    assert NOTICE.text not in chat.says("活着没意思 不想活了")
    assert NOTICE.text not in chat.says("登记求职")
    assert NOTICE.text not in chat.says("找律师")
    assert stored.contact(open_session).notice_version == 0


def test_nothing_comes_before_an_alarm_that_an_answer_raises(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("夜里睡不着 心里堵得慌")
    contact = stored.contact(open_session)
    with open_session() as session:
        contact.notice_version = 0
        session.merge(contact)

    seen = chat.says("想过")

    assert "12356" in seen
    assert stored.tickets(open_session)[0].kind.value == "crisis"
    assert NOTICE.text not in seen


def test_a_new_version_is_said_again(chat: Chat, open_session: OpenSession) -> None:
    chat.says("登记求职")
    contact = stored.contact(open_session)
    with open_session() as session:
        contact.notice_version = NOTICE.version - 1
        session.merge(contact)

    assert NOTICE.text in chat.says("找律师")


def test_the_private_topics_say_so() -> None:
    private = {handler.name for handler in create_router()._topics if handler.is_sensitive}

    assert {"counsel", "human", "register", "legal"} <= private


def test_the_notice_is_one_short_sentence_that_names_the_way_out() -> None:
    assert len(NOTICE.text) <= 60
    assert "删除我的信息" in NOTICE.text


@pytest.mark.parametrize("content", ["", "version: 0\ntext: 有\n", "version: 1\ntext: ''\n"])
def test_an_incomplete_notice_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "notice.yaml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ValueError, match="version"):
        Notice.load(path)
