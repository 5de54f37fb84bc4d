import pytest

from models.database import OpenSession
from models.ticket import TicketKind, TicketState
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock


@pytest.mark.parametrize("word", ["0", "人工", "转人工", "真人"])
def test_a_person_is_one_word_away(chat: Chat, word: str) -> None:
    seen = chat.says(word)

    assert "您想找哪一位" in seen
    assert "4. 工作人员" in seen


def test_the_need_is_handed_over_with_an_honest_time(chat: Chat, open_session: OpenSession) -> None:
    chat.says("找律师")
    seen = chat.says("干了五年 让我走人 一分钱不给")

    assert "现在没人值班" in seen
    assert "今晚 19:00到22:00，王律师" in seen
    [ticket] = stored.tickets(open_session)
    assert (ticket.kind, ticket.state) == (TicketKind.LAWYER, TicketState.QUEUED)
    assert ticket.summary == "干了五年 让我走人 一分钱不给"


def test_who_is_on_duty_is_named(chat: Chat) -> None:
    chat.says("0")
    chat.says("职业顾问")

    assert "郭站长正在值班（到13:30）" in chat.says("想打听打听干点啥")


def test_nobody_tells_their_story_twice(chat: Chat, open_session: OpenSession) -> None:
    chat.says("老板欠我们八个人工钱 拖了半年")
    seen = chat.says("给我找个律师")
    assert "老板欠我们八个人工钱" in seen

    chat.says("好")

    assert "拖了半年" in stored.tickets(open_session)[0].summary


def test_a_bare_number_says_nothing_about_the_need(chat: Chat, open_session: OpenSession) -> None:
    chat.says("找律师")

    assert "什么事" in chat.says("9")
    assert not stored.tickets(open_session)


def test_a_question_about_the_wait_sends_nothing_yet(chat: Chat, open_session: OpenSession) -> None:
    chat.says("找律师")
    seen = chat.says("要等多久")

    assert "王律师" in seen
    assert "什么事" in seen
    assert not stored.tickets(open_session)


def test_after_the_hand_over_the_wait_is_told_without_a_promise(chat: Chat) -> None:
    chat.says("找律师")
    chat.says("工钱要不来")

    assert "准确几分钟我说不准" in chat.says("多久有人回")


def test_what_comes_later_is_added_to_the_case(chat: Chat, open_session: OpenSession) -> None:
    chat.says("找律师")
    chat.says("工钱要不来")

    assert "已加到您的求助" in chat.says("我手里还有那张条子")
    assert stored.ticket_words(open_session)[-1] == "我手里还有那张条子"


def test_who_never_wanted_a_person_is_let_go(chat: Chat, open_session: OpenSession) -> None:
    chat.says("我要找律师")

    assert "想找什么活" in chat.says("不是找律师 我想找活")
    assert not stored.tickets(open_session)
    assert not stored.conversation(open_session).forms


def test_the_menu_leads_to_the_lawyer(chat: Chat, clock: FakeClock) -> None:
    assert "什么事" in chat.does("CLICK", "MENU_LAWYER")
    clock.advance(seconds=5)
    assert "律师" in chat.says("厂子不给交保险")


def test_when_the_allowance_comes_is_no_question_about_the_waiting(chat: Chat) -> None:
    chat.says("人工")
    chat.says("4")

    assert "转给工作人员了" in chat.says("想问问补助啥时候能下来")


def test_who_waits_for_staff_is_told_of_the_duties_of_staff(chat: Chat) -> None:
    for said in ("家里揭不开锅了，想申请困难补助", "没钱看病", "4", "肥城"):
        chat.says(said)

    # The careers adviser who is there now does not take it.
    assert "现在没人值班。下次值班：今天 14:00到17:30，郭站长。" in chat.says("还要等多久")


@pytest.mark.parametrize("said", ["还要等多久啊，我都等了半天了", "等了这么久咋回事"])
def test_who_waits_is_answered_whatever_was_spoken_of_last(chat: Chat, said: str) -> None:
    chat.says("找律师")
    chat.says("工钱要不来")
    chat.says("附近有驿站吗")

    assert "您的求助编号是 1" in chat.says(said)


def test_waiting_for_others_is_not_waiting_for_us(chat: Chat) -> None:
    chat.says("找律师")
    chat.says("工钱要不来")
    chat.says("附近有驿站吗")

    assert "求助编号是" not in chat.says("工伤认定等了半天没下来")


def test_what_was_confided_is_not_told_to_a_lawyer(chat: Chat, open_session: OpenSession) -> None:
    chat.says("老板三个月没发工资")
    chat.says("今晚心里难受睡不着")

    assert "难受" not in chat.says("找律师")
    chat.says("好")

    [ticket] = stored.tickets(open_session)
    assert ticket.summary.startswith("老板三个月没发工资")
    assert "难受" not in ticket.summary


def test_what_was_confided_is_told_to_a_counsellor(chat: Chat) -> None:
    chat.says("今晚心里难受睡不着")

    assert "「今晚心里难受睡不着」" in chat.says("找心理顾问")


def test_who_will_read_it_is_told_before_anything_is_sent(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("找律师")
    seen = chat.says("我说的谁能看到")

    assert "只有接手的志愿者看得到" in seen
    assert "什么事" in seen
    assert not stored.tickets(open_session)


def test_what_was_told_can_be_taken_out_before_it_is_handed_over(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("老板欠我们八个人工钱 拖了半年")
    chat.says("公司上个月把我辞退了 一分钱没赔")
    seen = chat.says("给我找个律师")
    assert "1. 好，转过去" in seen

    seen = chat.taps("别转「老板欠我们八个人工钱…」")
    assert "这个不转，志愿者看不到" in seen
    assert "「公司上个月把我辞退了" in seen
    assert "八个人" not in seen
    chat.taps("好，转过去")

    [ticket] = stored.tickets(open_session)
    assert "辞退" in ticket.summary
    assert "八个人" not in ticket.summary


@pytest.mark.parametrize("said", ["刚才说的别转", "都别转", "前面的话不要转"])
def test_all_that_was_told_can_be_taken_out(
    chat: Chat, open_session: OpenSession, said: str
) -> None:
    chat.says("老板欠我们八个人工钱 拖了半年")
    chat.says("给我找个律师")

    assert "用一句话说说" in chat.says(said)
    chat.says("有份合同想请人看看")

    assert stored.tickets(open_session)[0].summary == "有份合同想请人看看"


def test_a_longer_sentence_with_such_words_is_the_matter_itself(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("老板欠我们八个人工钱 拖了半年")
    chat.says("给我找个律师")
    chat.says("刚才说的都别告诉我媳妇 合同也没签")

    [ticket] = stored.tickets(open_session)
    assert "合同也没签" in ticket.summary
    assert "八个人" in ticket.summary
