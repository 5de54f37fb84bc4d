from models.database import OpenSession
from tests.handlers import stored
from tests.support.chat import Chat


def test_a_new_follower_is_greeted_and_told_that_this_is_a_machine(chat: Chat) -> None:
    seen = chat.does("subscribe")

    assert "矿友互助" in seen
    assert "我是机器人" in seen
    assert "不收一分钱" in seen
    assert "5. 找人帮忙" in seen


def test_the_qr_code_is_remembered(chat: Chat, open_session: OpenSession) -> None:
    chat.does("subscribe", "qrscene_station_feicheng")

    assert stored.contact(open_session).scene == "station_feicheng"


def test_a_scan_by_a_follower_is_greeted_too(chat: Chat, open_session: OpenSession) -> None:
    chat.says("你好")

    assert "矿友互助" in chat.does("SCAN", "class_night")
    assert stored.contact(open_session).scene == "class_night"


def test_a_number_after_the_greeting_is_a_choice(chat: Chat) -> None:
    chat.does("subscribe")

    assert "怎么称呼您" in chat.says("2")


def test_help_gives_examples_in_peoples_words(chat: Chat) -> None:
    seen = chat.says("你能干啥")

    assert "老板欠我工资咋办" in seen
    assert "回复「0」或「人工」" in seen


def test_the_menu_leads_to_help_too(chat: Chat) -> None:
    assert "我能帮您" in chat.does("CLICK", "MENU_HELP")


def test_who_leaves_is_not_answered_and_the_dialogue_is_gone(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("登记求职")
    chat.says("刘建国")

    assert chat.does("unsubscribe") == ""
    assert stored.contact(open_session).followed is False
    assert "怎么称呼您" in (chat.does("subscribe") and chat.says("登记求职"))
