"""Leaving the queue, and coming back to it."""

import pytest

from models.database import OpenSession
from models.ticket import Outcome, TicketState
from models.ticket_flow import drop_left_media
from tests.handlers import stored
from tests.handlers.test_media import PICTURE
from tests.support.chat import Chat, FakeClock


@pytest.fixture
def waiting(chat: Chat) -> Chat:
    chat.says("老板三个月没发工资")
    chat.says("找律师")
    assert "编号 1" in chat.says("好")
    return chat


@pytest.mark.parametrize("said", ["取消排队", "不排了", "我不排队了", "不等了", "取消求助"])
def test_who_waits_leaves_the_queue_by_saying_so(
    waiting: Chat, open_session: OpenSession, said: str
) -> None:
    assert "编号 1 撤下来了" in waiting.says(said)

    [ticket] = stored.tickets(open_session)
    assert (ticket.state, ticket.outcome) == (TicketState.CLOSED, Outcome.CANCELLED)


def test_who_returns_within_ten_minutes_has_the_old_place_and_the_pictures(
    waiting: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    waiting.sends("image", PICTURE)
    [before] = stored.tickets(open_session)
    assert "您发的图片、语音都给您留着" in waiting.says("取消排队")
    clock.advance(minutes=9)

    assert "还是原来的位置" in waiting.taps("接着排队")

    [ticket] = stored.tickets(open_session)
    assert (ticket.state, ticket.queued_at) == (TicketState.QUEUED, before.queued_at)
    assert [one.ticket_id for one in stored.media(open_session)] == [1]


def test_who_asks_anew_within_ten_minutes_gets_the_same_ticket(
    waiting: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    waiting.says("取消排队")
    clock.advance(minutes=2)
    waiting.says("找律师")
    waiting.says("还是那个欠工资的事")

    [ticket] = stored.tickets(open_session)
    assert ticket.state is TicketState.QUEUED


def test_who_returns_later_is_told_that_place_and_pictures_are_gone(
    waiting: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    waiting.sends("image", PICTURE)
    waiting.says("取消排队")
    clock.advance(minutes=12)
    with open_session() as session:
        drop_left_media(session, now=clock())

    seen = waiting.says("接着排队")

    assert "原来的位置没留住" in seen
    assert "再发一遍" in seen


def test_nobody_leaves_a_queue_they_are_not_in(chat: Chat, open_session: OpenSession) -> None:
    assert "撤下来" not in chat.says("取消排队")
    assert stored.tickets(open_session) == []


def test_who_waits_is_told_how_many_are_before_them(
    waiting: Chat,
) -> None:
    other = Chat(waiting.client, waiting.clock, openid="oSECOND")
    other.says("找律师")

    assert "您前面还有1位" in other.says("厂里不给我开离职证明")


@pytest.mark.parametrize("said", ["前面还有几个人", "排到第几了", "还没轮到我吗", "多会儿轮到俺"])
def test_who_waits_asks_for_the_place_and_hears_it(waiting: Chat, said: str) -> None:
    other = Chat(waiting.client, waiting.clock, openid="oSECOND")
    other.says("找律师")
    other.says("厂里不给我开离职证明")

    assert "前面没有别人" in waiting.says(said)
    seen = other.says(said)
    assert "您的求助编号是 2" in seen
    assert "您前面还有1位" in seen


def test_the_place_is_told_in_the_middle_of_a_form(waiting: Chat) -> None:
    waiting.says("我要提意见，你们回得太慢")

    assert "前面没有别人" in waiting.says("前面还有几个人")


def test_others_in_a_line_are_no_question_to_us(waiting: Chat) -> None:
    assert "求助编号是" not in waiting.says("仲裁前面还有几个人")


@pytest.mark.parametrize("said", ["志愿者能看见啥", "那我说的这些谁能看到", "你们转过去的是啥"])
def test_who_waits_asks_what_will_be_seen_and_sees_it(
    waiting: Chat, open_session: OpenSession, said: str
) -> None:
    waiting.says("我手里还有那张条子")

    seen = waiting.says(said)

    assert "「老板三个月没发工资」" in seen
    assert "「我手里还有那张条子」" in seen
    assert "「取消排队」" in seen
    assert said not in stored.ticket_words(open_session)


def test_what_others_saw_is_part_of_the_story(waiting: Chat) -> None:
    assert "接手的人会看到" not in waiting.says("打架的事他们都看见了")


def test_who_thinks_better_of_it_leaves_the_queue(waiting: Chat) -> None:
    assert "编号 1 撤下来了" in waiting.says("让我想想，先不找律师了")
