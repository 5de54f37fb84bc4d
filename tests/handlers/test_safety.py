from sqlmodel import select

from models.contact import Contact
from models.database import OpenSession
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
    assert "您能来说，是在帮他" in chat.says("俺哥说不想活了 把药都攒着")


def test_violence_at_home_is_nobodys_own_fault(chat: Chat) -> None:
    assert "打人不是您的错" in chat.says("他又打我了 现在还在踹门")


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
