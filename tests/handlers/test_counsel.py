from models.database import OpenSession
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat


def test_low_mood_is_heard_and_a_person_is_offered(chat: Chat, open_session: OpenSession) -> None:
    seen = chat.says("心里堵得慌 夜里睡不着")

    assert "您说的我听见了" in seen
    assert "12356" in seen
    assert "宋姐" in seen
    assert not stored.tickets(open_session)


def test_who_just_wants_to_talk_is_listened_to(chat: Chat) -> None:
    chat.says("心里堵得慌 夜里睡不着")

    assert "您想说什么就说" in chat.says("先不用")


def test_going_on_gets_a_short_answer_and_no_choice_of_jobs(chat: Chat) -> None:
    chat.says("心里堵得慌 夜里睡不着")
    seen = chat.says("就是老婆老跟我吵")

    assert "我还在这儿" in seen
    assert "找工作" not in seen


def test_a_yes_leads_to_the_counselor_with_what_was_said(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("心里堵得慌 夜里睡不着")
    assert "跟心理顾问说说" in chat.says("中 找个人说说吧")
    assert "心里堵得慌" in chat.says("1")
    chat.says("好")

    [ticket] = stored.tickets(open_session)
    assert ticket.kind is TicketKind.COUNSELOR
    assert "心里堵得慌" in ticket.summary


def test_the_mood_does_not_hide_another_wish(chat: Chat) -> None:
    chat.says("心里堵得慌 夜里睡不着")

    assert "按「电工」" in chat.says("有电工的活吗")
