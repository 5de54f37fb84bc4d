import pytest

from models.database import OpenSession
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat

WISHES = (
    ("家里揭不开锅了 有补助没", TicketKind.AID),
    ("你们这机器人真笨 答非所问", TicketKind.FEEDBACK),
    ("谁家有闲置的自行车", TicketKind.MUTUAL_HELP),
    ("把我的信息删了吧", TicketKind.PRIVACY),
    ("俺饭店想招个服务员 一个月三千", TicketKind.POSTING),
    ("驿站在哪 热死了", TicketKind.STAFF),
)


@pytest.mark.parametrize(("said", "kind"), WISHES, ids=[kind.value for _, kind in WISHES])
def test_a_yes_hands_the_wish_to_people(
    chat: Chat, open_session: OpenSession, said: str, kind: TicketKind
) -> None:
    assert "要转过去吗" in chat.says(said)
    assert not stored.tickets(open_session)

    assert "编号" in chat.says("中")

    [ticket] = stored.tickets(open_session)
    assert (ticket.kind, ticket.summary) == (kind, said)


@pytest.mark.parametrize("yes", ["好", "转过去吧", "行 转吧", "帮我转", "1", "要"])
def test_a_yes_has_many_forms(chat: Chat, open_session: OpenSession, yes: str) -> None:
    chat.says("家里揭不开锅了 有补助没")
    chat.says(yes)

    assert len(stored.tickets(open_session)) == 1


def test_no_aid_is_promised(chat: Chat) -> None:
    assert "不敢打包票" in chat.says("家里揭不开锅了 有补助没")


def test_details_told_before_the_yes_go_along(chat: Chat, open_session: OpenSession) -> None:
    chat.says("俺厂里要招人 在这发咋弄")
    chat.says("要六个包装工 四十五往下 三千八 石横")
    assert "不交社保的不能发" in chat.says("保险先不给交")
    chat.says("转过去吧")

    summary = stored.tickets(open_session)[0].summary
    assert "要六个包装工" in summary
    assert "保险先不给交" in summary


def test_another_wish_is_not_swallowed(chat: Chat, open_session: OpenSession) -> None:
    chat.says("家里揭不开锅了 有补助没")

    assert "按「电工」" in chat.says("有电工的活吗")
    assert not stored.tickets(open_session)


def test_from_the_menu_the_story_is_asked_for_after_the_hand_over(
    chat: Chat, open_session: OpenSession
) -> None:
    assert "困难帮扶" in chat.does("CLICK", "MENU_AID")
    assert "具体是什么情况" in chat.taps("转给工作人员")
    chat.says("老伴住院 娃还上着学")

    assert stored.ticket_words(open_session)[-1] == "老伴住院 娃还上着学"
