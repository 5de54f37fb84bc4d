"""Dialogues that ask step by step: every way out of a question, and back into it."""

import pytest
from fastapi.testclient import TestClient

from bot.app import create_app
from bot.settings import Settings
from knowledge.engine import Engine
from models.database import OpenSession
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock

ANSWERS = ("刘满仓", "53", "保安", "肥城", "3500")
ASKED = ("怎么称呼您", "多大年纪", "什么活", "在哪儿干", "多少工资")
STEPS = range(len(ASKED))


def fill_in(chat: Chat, count: int) -> str:
    """Start a registration and answer the first `count` questions; return what is asked then."""
    seen = chat.says("登记求职")
    for answer in ANSWERS[:count]:
        seen = chat.says(answer)
    return seen


@pytest.mark.parametrize("step", STEPS)
def test_each_step_can_be_cancelled(chat: Chat, open_session: OpenSession, step: int) -> None:
    assert ASKED[step] in fill_in(chat, step)

    assert "没有保存" in chat.says("取消")

    assert not stored.conversation(open_session).forms
    assert not stored.seekers(open_session)


@pytest.mark.parametrize("step", STEPS)
def test_each_step_can_be_skipped(chat: Chat, open_session: OpenSession, step: int) -> None:
    fill_in(chat, step)
    chat.says("跳过")
    for answer in ANSWERS[step + 1 :]:
        chat.says(answer)

    [seeker] = stored.seekers(open_session)
    given = [seeker.name, seeker.age, seeker.trade, seeker.place, seeker.pay]
    assert [field == "" for field in given] == [number == step for number in STEPS]


@pytest.mark.parametrize("step", STEPS)
def test_each_step_can_go_back(chat: Chat, step: int) -> None:
    fill_in(chat, step)

    assert ASKED[max(step - 1, 0)] in chat.says("返回")


@pytest.mark.parametrize("word", ["0", "人工"])
@pytest.mark.parametrize("step", STEPS)
def test_each_step_lets_a_person_be_asked_for(chat: Chat, step: int, word: str) -> None:
    fill_in(chat, step)

    assert "您想找哪一位" in chat.says(word)


@pytest.mark.parametrize("word", ["取消", "退出", "不填了", "算了", "不登记了"])
def test_cancelling_has_many_words(chat: Chat, word: str) -> None:
    fill_in(chat, 1)

    assert "登记先不办了" in chat.says(word)


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_another_wish_leaves_the_form_and_a_word_brings_it_back(chat: Chat, step: int) -> None:
    fill_in(chat, step)
    seen = chat.says("这周四的公开课讲啥呀")
    assert "公开课《" in seen
    assert "登记给您留着" in seen

    assert ASKED[step] in chat.says("继续登记")


def test_a_form_that_was_left_takes_its_answer_directly(
    chat: Chat, open_session: OpenSession
) -> None:
    fill_in(chat, 1)
    chat.says("这周四的公开课讲啥呀")

    assert "什么活" in chat.says("52")
    assert stored.conversation(open_session).forms[0].answers["age"] == "52"


@pytest.mark.parametrize("said", ["2", "第二个", "二", "我选2", "2。"])
def test_an_option_is_chosen_in_many_ways(chat: Chat, open_session: OpenSession, said: str) -> None:
    chat.says("0")
    chat.says(said)
    chat.says("夜里睡不好觉")

    assert stored.tickets(open_session)[0].kind.value == "counselor"


@pytest.mark.parametrize("said", ["就第一个吧", "律师", "最上面那个"])
def test_the_first_option_is_chosen_in_many_ways(
    chat: Chat, open_session: OpenSession, said: str
) -> None:
    chat.says("0")
    chat.says(said)
    chat.says("工钱要不来")

    assert stored.tickets(open_session)[0].kind.value == "lawyer"


def test_an_option_can_be_tapped(chat: Chat, open_session: OpenSession) -> None:
    chat.says("0")
    chat.taps("职业顾问")
    chat.says("想打听打听干点啥")

    assert stored.tickets(open_session)[0].kind.value == "career"


def test_a_number_that_answers_a_question_is_no_menu_choice(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("肥城的保洁")
    fill_in(chat, 1)

    assert "什么活" in chat.says("52")
    assert "【" not in chat.says("2")
    assert stored.conversation(open_session).forms[0].answers["age"] == "52"


def test_a_form_survives_a_restart(
    chat: Chat, settings: Settings, clock: FakeClock, engine: Engine
) -> None:
    fill_in(chat, 2)
    with TestClient(create_app(settings, clock=clock, engine=engine)) as restarted:
        after = Chat(restarted, clock, openid=chat.openid)

        assert "在哪儿干" in after.says("保安")


def test_after_half_an_hour_of_silence_the_form_is_over(
    chat: Chat, clock: FakeClock, open_session: OpenSession
) -> None:
    fill_in(chat, 2)
    clock.advance(minutes=31)

    assert "没有说到一半的事" in chat.says("继续")
    assert not stored.conversation(open_session).forms


def test_within_half_an_hour_the_form_waits(chat: Chat, clock: FakeClock) -> None:
    fill_in(chat, 2)
    clock.advance(minutes=29)

    assert "在哪儿干" in chat.says("保安")


def test_a_wrong_age_is_asked_again(chat: Chat) -> None:
    fill_in(chat, 1)

    assert "请回复一个岁数" in chat.says("二百五")


def test_asking_for_the_form_again_goes_on_where_it_was(chat: Chat) -> None:
    fill_in(chat, 2)
    chat.says("这周四的公开课讲啥呀")

    assert "什么活" in chat.says("登记求职")
