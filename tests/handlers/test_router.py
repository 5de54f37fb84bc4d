"""The fixed order: safety, the volunteer who holds the conversation, the words that always work."""

import pytest

from models.database import OpenSession
from models.ticket import TicketKind, TicketState
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock

STATES = {
    "fresh": (),
    "a list on screen": ("肥城的保洁",),
    "a posting on screen": ("肥城的保洁", "1"),
    "a form": ("登记求职", "刘满仓"),
    "a class on screen": ("这星期公开课讲的啥",),
    "an offer": ("家里揭不开锅了 有补助没",),
    "not understood": ("红烧肉咋做才好吃",),
    "low mood": ("心里堵得慌 夜里睡不着",),
    "an alarm": ("不想活了 撑不下去了", "没事了"),
    "asked for a person": ("0",),
}


@pytest.mark.parametrize("word", ["0", "人工"])
@pytest.mark.parametrize("state", STATES)
def test_a_person_can_be_asked_for_in_every_state(chat: Chat, state: str, word: str) -> None:
    for said in STATES[state]:
        chat.says(said)

    assert "您想找哪一位" in chat.says(word)


@pytest.mark.parametrize("state", STATES)
def test_danger_is_heard_in_every_state(chat: Chat, open_session: OpenSession, state: str) -> None:
    for said in STATES[state]:
        chat.says(said)

    assert "12356" in chat.says("我就是想死 药都备好了")
    assert [ticket.kind for ticket in stored.tickets(open_session)] == [TicketKind.CRISIS]


def in_hands(chat: Chat, open_session: OpenSession, state: TicketState) -> None:
    """Bring the follower into the hands of a volunteer."""
    chat.says("找律师")
    chat.says("工钱要不来")
    stored.hold(open_session, state=state)


@pytest.mark.parametrize(
    "state", [TicketState.HUMAN, TicketState.WAITING_CONTACT, TicketState.WRAP_UP]
)
def test_while_a_volunteer_speaks_the_machine_is_silent_and_stores(
    chat: Chat, open_session: OpenSession, state: TicketState
) -> None:
    in_hands(chat, open_session, state)

    assert chat.says("欠条在我手里") == ""
    assert chat.says("0") == ""
    assert chat.speaks("电工的活有吗") == ""
    assert stored.ticket_words(open_session)[-3:] == ["欠条在我手里", "0", "电工的活有吗"]


def test_danger_is_answered_also_while_a_volunteer_speaks(
    chat: Chat, open_session: OpenSession
) -> None:
    in_hands(chat, open_session, TicketState.HUMAN)

    assert "12356" in chat.says("不想活了 撑不下去了")
    assert TicketKind.CRISIS in [ticket.kind for ticket in stored.tickets(open_session)]


def test_after_the_case_is_closed_the_machine_answers_again(
    chat: Chat, open_session: OpenSession
) -> None:
    in_hands(chat, open_session, TicketState.CLOSED)

    assert "按「电工」" in chat.says("电工的活有吗")


def test_a_menu_tap_leaves_the_form_and_keeps_it(chat: Chat) -> None:
    chat.says("登记求职")
    assert "登记给您留着" in chat.does("CLICK", "MENU_JOBS")

    assert "怎么称呼您" in chat.says("继续")


def test_choosing_from_a_list_leaves_the_form_and_keeps_it(chat: Chat) -> None:
    chat.says("登记求职")
    chat.does("CLICK", "MENU_JOBS")
    seen = chat.says("2")

    assert "按「保洁」" in seen
    assert "登记给您留着" in seen


def test_a_short_form_of_a_choice_is_enough(chat: Chat) -> None:
    chat.says("心里堵得慌 夜里睡不着")

    assert "您想说什么就说" in chat.says("先不用")


def test_old_choices_do_not_come_back(chat: Chat, clock: FakeClock) -> None:
    chat.says("你好")
    clock.advance(minutes=31)

    assert "想找什么活" not in chat.says("1")


def test_events_that_need_no_answer_get_none(chat: Chat) -> None:
    assert chat.does("VIEW", "https://example.org") == ""
    assert chat.does("LOCATION") == ""


def test_two_followers_do_not_share_a_dialogue(chat: Chat, clock: FakeClock) -> None:
    chat.says("登记求职")
    other = Chat(chat.client, clock, openid="oMINER0000000000000000000002")

    assert "多大年纪" not in other.says("刘满仓")
    assert "多大年纪" in chat.says("刘满仓")


def test_a_message_delivered_twice_gets_the_same_answer_and_one_effect(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("找律师")
    first = chat.says("工钱要不来")

    assert chat.deliver(chat.sent[-1]) == first
    assert len(stored.ticket_words(open_session)) == 1


def test_of_two_wishes_the_second_can_be_tapped(chat: Chat) -> None:
    seen = chat.says("老板不给工资，我想找个保安的活")

    assert "保安" in seen
    assert "劳动监察" in chat.taps("拖欠工资")


LETTER = (
    "我今年五十三，在矿上干了二十六年，上个月矿上说关井把我们都裁了，到现在工资还欠着三个月没给，"
    "我找他们要他们说没钱。家里老婆有病，孩子上大学学费还没着落，想问问有没有什么困难补助可以申请。"
    "另外我想找个看大门的活，工资三千左右就行。还想知道这周公开课讲啥。"
)


def test_all_the_matters_of_a_long_letter_can_be_tapped(chat: Chat) -> None:
    seen = chat.says(LETTER)

    assert "保安" in seen
    assert "您说了好几件事" in seen
    offered = ["看公开课", "问法律", "困难帮扶"]
    assert [name for name in offered if f". {name}" in seen] == offered
    assert "什么难处" in chat.taps("困难帮扶")


def test_a_form_only_names_the_other_matters_since_a_number_answers_its_question(
    chat: Chat,
) -> None:
    seen = chat.says(
        "想申请困难帮扶，困难补助怎么申请，家里揭不开锅了，老伴有病孩子上学，想申请救助。"
        "再问一下这周的公开课讲啥"
    )

    assert "不敢打包票" in seen
    assert "您还说到：看公开课。" in seen
    assert ". 看公开课" not in seen
