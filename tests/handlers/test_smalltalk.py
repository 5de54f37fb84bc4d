import pytest

from tests.support.chat import Chat


def test_a_greeting_gets_a_greeting_and_three_ways_on(chat: Chat) -> None:
    seen = chat.says("你好")

    assert "您好" in seen
    assert "1. 找工作" in seen


@pytest.mark.parametrize(
    ("said", "answer"),
    [("谢谢恁", "不客气"), ("再见", "您忙"), ("嗯嗯", "好嘞"), ("哦", "好嘞")],
)
def test_politeness_gets_no_menu(chat: Chat, said: str, answer: str) -> None:
    seen = chat.says(said)

    assert answer in seen
    assert "1." not in seen


def test_the_machine_says_that_it_is_one(chat: Chat) -> None:
    seen = chat.says("你是真人吗")

    assert "机器人，不是真人" in seen
    assert "回复「人工」" in seen


def test_thanks_do_not_end_the_subject(chat: Chat) -> None:
    chat.says("肥城的保洁")
    chat.says("谢谢")

    assert "【小区楼道保洁】" in chat.says("第一个")
