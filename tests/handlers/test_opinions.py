import pytest

from handlers.topics.opinions import ANONYMOUS, OPEN, read_wish_to_hide
from models.database import OpenSession
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat


def test_an_opinion_goes_to_the_staff_as_it_was_said(chat: Chat, open_session: OpenSession) -> None:
    assert "要匿名吗" in chat.says("你们这机器人真笨 答非所问")
    seen = chat.taps("不匿名")

    [ticket] = stored.tickets(open_session)
    assert (ticket.kind, ticket.summary) == (TicketKind.FEEDBACK, "你们这机器人真笨 答非所问")
    assert "谢谢" in seen
    assert "14:00" in seen


@pytest.mark.parametrize("said", ["匿名", "跳过", "要匿名", "别写我名字"])
def test_who_does_not_say_who_they_are_stays_unnamed(
    chat: Chat, open_session: OpenSession, said: str
) -> None:
    chat.says("你们这机器人真笨 答非所问")
    chat.says(said)

    assert stored.tickets(open_session)[0].summary.startswith("（匿名）")


def test_anonymity_asked_for_at_once_is_not_asked_about(
    chat: Chat, open_session: OpenSession
) -> None:
    assert "编号 1" in chat.says("反映矿上没给体检 匿名")

    assert "（匿名）反映矿上没给体检" in stored.tickets(open_session)[0].summary


def test_who_only_wants_to_say_something_is_asked_what(
    chat: Chat, open_session: OpenSession
) -> None:
    assert "一句话就行" in chat.says("我要提意见")
    assert "要匿名吗" in chat.says("排了半天没人理")
    chat.says("不用")

    assert stored.tickets(open_session)[0].summary == "排了半天没人理"


def test_nothing_is_promised_and_a_person_is_near(chat: Chat) -> None:
    seen = chat.says("反映矿上没给体检 匿名")

    assert "作不了主" in seen
    assert "什么事" in chat.taps("想找人办")


def test_an_answer_that_is_neither_is_asked_again(chat: Chat) -> None:
    chat.says("你们这机器人真笨 答非所问")

    assert "没分清" in chat.says("哼")


def test_ways_to_say_yes_and_no_are_told_apart() -> None:
    assert read_wish_to_hide("不匿名") == OPEN
    assert read_wish_to_hide("可以回我") == OPEN
    assert read_wish_to_hide("要") == ANONYMOUS
    assert read_wish_to_hide("别提我名") == ANONYMOUS


def test_scorn_is_calmed_and_not_written_down(chat: Chat, open_session: OpenSession) -> None:
    assert "您有火气" in chat.says("你们什么破玩意，一点用没有，骗子")
    assert not stored.tickets(open_session)
