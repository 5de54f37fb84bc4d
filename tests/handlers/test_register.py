import pytest

from handlers.topics.register import read_age, read_name, read_pay, read_place, read_trade
from models.database import OpenSession
from tests.handlers import stored
from tests.support.chat import Chat


def test_five_answers_make_a_registration(chat: Chat, open_session: OpenSession) -> None:
    assert "怎么称呼您" in chat.says("俺要登记找活")
    assert "多大年纪" in chat.says("刘满仓")
    assert "什么活" in chat.says("五十三")
    assert "在哪儿干" in chat.says("看大门的")
    assert "多少工资" in chat.says("肥城")
    assert "登记好了" in chat.says("三千五")

    [seeker] = stored.seekers(open_session)
    assert (seeker.name, seeker.age, seeker.place) == ("刘满仓", "53", "肥城")
    assert "3500" in seeker.pay


def test_one_sentence_answers_several_questions(chat: Chat, open_session: OpenSession) -> None:
    chat.says("登记个电工 48岁 肥城 5000")
    chat.says("张大山")

    [seeker] = stored.seekers(open_session)
    assert (seeker.age, seeker.trade, seeker.place) == ("48", "电工", "肥城")


def test_a_second_registration_replaces_the_first(chat: Chat, open_session: OpenSession) -> None:
    for name in ("张大山", "张小山"):
        chat.says("登记个电工 48岁 肥城 5000")
        chat.says(name)

    assert [seeker.name for seeker in stored.seekers(open_session)] == ["张小山"]


def test_a_complaint_is_not_written_down_as_a_trade(chat: Chat, open_session: OpenSession) -> None:
    chat.says("登记求职")
    chat.says("刘满仓")
    chat.says("53")
    chat.says("欠我仨月工资咋要")

    assert "trade" not in stored.conversation(open_session).forms[0].answers


def test_nobody_has_to_give_a_phone_number(chat: Chat) -> None:
    chat.says("登记求职")
    chat.says("刘满仓")
    seen = chat.says("得留手机号不")

    assert "不用留手机号" in seen
    assert "多大年纪" in seen


def test_after_registering_the_postings_are_one_tap_away(chat: Chat) -> None:
    chat.says("登记个电工 48岁 肥城 5000")
    chat.says("张大山")

    assert "电工" in chat.taps("看看有什么岗位")


def test_the_menu_starts_the_registration(chat: Chat) -> None:
    assert "五个小问题" in chat.does("CLICK", "MENU_REGISTER")


@pytest.mark.parametrize("said", ["我叫刘建国", "俺叫刘建国", "姓名：刘建国", "刘建国"])
def test_a_name_is_found_in_the_ways_people_give_it(said: str) -> None:
    assert read_name(said) == "刘建国"


@pytest.mark.parametrize("said", ["我叫啥你别管", "怎么登记", "9", "找工作"])
def test_what_is_no_name_is_refused(said: str) -> None:
    assert read_name(said) is None


def test_answers_are_read_as_people_say_them() -> None:
    assert read_age("五十二了") == "52"
    assert read_age("2") is None
    assert read_trade("啥都行") == "都行"
    assert read_place("看门的") is None
    assert read_pay("面谈") == "面议"
    assert read_pay("四千左右") == "每月4000元以上"


def test_a_whole_registration_in_one_line_is_taken(chat: Chat, open_session: OpenSession) -> None:
    chat.says("登记求职")
    seen = chat.says("张建国 52 电工 肥城 5000")

    assert "登记好了" in seen
    [seeker] = stored.seekers(open_session)
    assert (seeker.name, seeker.age, seeker.trade, seeker.place) == (
        "张建国",
        "52",
        "电工",
        "肥城",
    )


def test_two_answers_at_once_are_kept_and_the_open_one_is_asked_again(chat: Chat) -> None:
    chat.says("登记求职")

    assert "怎么称呼" in chat.says("38 电工")
    assert "在哪儿" in chat.says("刘建国")


def test_a_search_in_the_middle_is_still_a_search(chat: Chat) -> None:
    chat.says("登记求职")

    assert "元/月" in chat.says("肥城有保安的活吗")
