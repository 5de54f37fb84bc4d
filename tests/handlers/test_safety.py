import pytest
from sqlmodel import select

from models.contact import Contact
from models.database import OpenSession
from models.faq import UnansweredQuestion
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock


def test_danger_is_answered_with_the_fixed_words_and_an_alarm(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    seen = chat.says("不想活了 撑不下去了")

    assert "您现在是不是想伤害自己" in seen
    assert "12356" in seen
    assert "现在没有人值班" in seen
    [ticket] = stored.tickets(open_session)
    assert ticket.kind is TicketKind.CRISIS
    assert ticket.risk >= 2
    until = stored.contact(open_session).crisis_until
    assert until is not None
    assert until > clock()


def test_the_words_fit_who_is_in_danger(chat: Chat) -> None:
    assert "您能来说，就是在帮人" in chat.says("俺哥说不想活了 把药都攒着")


def test_violence_at_home_is_nobodys_own_fault(chat: Chat) -> None:
    assert "这不是您的错" in chat.says("他又打我了 现在还在踹门")


def test_who_is_on_duty_is_named(chat: Chat, clock: FakeClock) -> None:
    clock.advance(hours=8)

    seen = chat.says("不想活了 撑不下去了")

    assert "宋姐在值班" in seen
    assert "现在没有人值班" not in seen


def test_i_am_fine_keeps_the_alarm_and_the_wish_waits(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("不想活了 撑不下去了")
    seen = chat.says("没事了 你给我看看电工的活吧")

    assert "您现在安全吗" in seen
    assert "元/月" not in seen
    assert stored.contact(open_session).crisis_until is not None
    assert "元/月" in chat.says("继续")


def test_later_answers_begin_with_the_ways_to_get_help(chat: Chat) -> None:
    chat.says("不想活了 撑不下去了")
    chat.says("没事了")
    seen = chat.says("有电工的活吗")

    assert seen.startswith("我还惦记着您")
    assert "12356" in seen
    assert "元/月" in seen


def test_an_alarm_ends_after_a_day(chat: Chat, clock: FakeClock) -> None:
    chat.says("不想活了 撑不下去了")
    clock.advance(hours=25)

    assert "我还惦记着您" not in chat.says("有电工的活吗")


def test_a_second_cry_joins_the_first_ticket_and_is_answered(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("不想活了 撑不下去了")
    seen = chat.says("我就是想死")

    assert "您现在安全吗" in seen
    assert len(stored.tickets(open_session)) == 1
    assert stored.ticket_words(open_session) == ["不想活了 撑不下去了", "我就是想死"]


def test_danger_in_a_form_is_heard_and_not_stored_as_an_answer(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("登记求职")
    seen = chat.says("不想活了 撑不下去了")

    assert "12356" in seen
    assert stored.conversation(open_session).forms[0].answers == {}


def test_a_lowered_alarm_is_silent(chat: Chat, open_session: OpenSession) -> None:
    chat.says("不想活了 撑不下去了")
    with open_session() as session:
        contact = session.exec(select(Contact)).one()
        contact.crisis_until = None
        session.add(contact)

    assert "我还惦记着您" not in chat.says("有电工的活吗")


@pytest.mark.parametrize(
    "said", ["我妈晕倒了叫不醒", "工友触电了", "井下冒顶了 埋了三个人", "我爹喝农药了"]
)
def test_who_calls_for_somebody_dying_hears_the_ambulance_first(chat: Chat, said: str) -> None:
    seen = chat.says(said)

    assert seen.startswith("先救人。请马上打120")
    assert "伤害自己" not in seen


def test_a_graver_sign_gets_the_full_words_again(chat: Chat) -> None:
    chat.says("我不想活了")

    assert "请马上打120" in chat.says("我吃了一瓶安眠药")
    assert "您现在是不是想伤害自己" in chat.says("我站在楼顶上了，往下看")


def test_the_same_sign_again_is_answered_by_staying(chat: Chat) -> None:
    chat.says("我不想活了")

    seen = chat.says("真的不想活了")

    assert "还在这儿" in seen
    assert len(seen) < 120


@pytest.mark.parametrize("word", ["0", "人工"])
def test_a_person_is_not_held_back_from_somebody_in_danger(chat: Chat, word: str) -> None:
    chat.says("我不想活了")
    seen = chat.says(word)

    assert "12356" in seen
    assert "您想找哪一位" in seen
    assert "律师" not in chat.says("2")


def test_a_number_means_what_is_on_the_screen(chat: Chat) -> None:
    chat.says("我不想活了")
    seen = chat.says("找工作")

    assert "1. 想找人说说话" in seen
    assert "转给心理顾问" in chat.says("1") + chat.says("就是难受")


def test_what_was_held_back_comes_with_its_own_numbers(chat: Chat) -> None:
    chat.says("我不想活了")
    chat.says("有电工的活吗")
    chat.says("继续")

    assert "【" in chat.says("1")


@pytest.mark.parametrize("yes", ["有", "想过", "有时候想", "想过好几次"])
def test_a_yes_to_the_question_raises_the_alarm(
    chat: Chat, open_session: OpenSession, yes: str
) -> None:
    chat.says("心里堵得慌 睡不着")
    seen = chat.says(yes)

    assert "12356" in seen
    [ticket] = stored.tickets(open_session)
    assert (ticket.kind, ticket.risk) == (TicketKind.CRISIS, 2)


def test_signs_that_come_one_by_one_are_heard_together(chat: Chat, clock: FakeClock) -> None:
    chat.says("存折和密码我都写好放桌上了")
    clock.advance(seconds=40)

    assert "12356" in chat.says("孩子以后就靠你们了，保重")


def test_the_threatened_is_not_taken_for_the_one_who_threatens(chat: Chat) -> None:
    seen = chat.says("老公说要跟我同归于尽")

    assert "这不是您的错" in seen
    assert "110" in seen


def test_what_is_not_understood_after_an_alarm_is_kept_for_people(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("我不想活了")
    seen = chat.says("隔壁的猫又爬到树上去了")

    assert "留给值班的人看" in seen
    assert list(stored.all_of(open_session, UnansweredQuestion)) == []
