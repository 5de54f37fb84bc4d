import pytest

from handlers.topics.aid import find_cause, read_cause, read_home, read_household
from models.database import OpenSession
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat


def test_a_hardship_reaches_the_staff_and_nothing_is_promised(
    chat: Chat, open_session: OpenSession
) -> None:
    opening = chat.says("家里揭不开锅了 有补助没")
    assert "不敢打包票" in opening
    assert "出了什么事" in opening
    assert "几口人" in chat.taps("有人生病")
    assert "哪个乡镇" in chat.says("四口")
    seen = chat.says("石横")

    [ticket] = stored.tickets(open_session)
    assert ticket.kind is TicketKind.AID
    assert f"编号 {ticket.id}" in seen
    for part in ("揭不开锅", "有人生病", "几口人：4", "住在：石横"):
        assert part in ticket.summary


def test_the_papers_fit_what_happened(chat: Chat) -> None:
    chat.does("CLICK", "MENU_AID")
    chat.says("孩子考上大学了 学费交不起 家里三口人")
    seen = chat.says("湖屯")

    assert "录取通知书" in seen
    assert "病历" not in seen
    assert "12351" in seen


def test_a_story_answers_several_questions_at_once(chat: Chat, open_session: OpenSession) -> None:
    chat.says("困难帮扶")
    assert "哪个乡镇" in chat.says("乳腺癌化疗 自己掏了六万 家里五口人")
    chat.says("跳过")

    [ticket] = stored.tickets(open_session)
    assert "几口人：5" in ticket.summary
    assert "住在：没说" in ticket.summary


def test_every_question_can_be_skipped(chat: Chat, open_session: OpenSession) -> None:
    chat.says("困难帮扶")
    for _ in range(3):
        chat.says("跳过")

    assert "编号 1" in chat.says("跳过")
    assert len(stored.tickets(open_session)) == 1


def test_how_much_there_is_nobody_can_say(chat: Chat, open_session: OpenSession) -> None:
    chat.says("家里揭不开锅了 有补助没")
    seen = chat.says("能补多少钱")

    assert "说不准" in seen
    assert "出了什么事" in seen
    assert not stored.tickets(open_session)


def test_what_is_told_later_joins_the_application(chat: Chat, open_session: OpenSession) -> None:
    chat.says("家里揭不开锅了 有补助没")
    for answer in ("没了工作", "4", "石横"):
        chat.says(answer)
    assert "编号 1" in chat.says("老伴住院交不起医药费")

    assert len(stored.tickets(open_session)) == 1
    assert "老伴住院交不起医药费" in stored.ticket_words(open_session)


def test_a_person_can_be_asked_for_instead(chat: Chat, open_session: OpenSession) -> None:
    chat.says("我想申请困难补助")

    assert "您想找哪一位" in chat.says("转给工作人员")
    assert "need" not in stored.conversation(open_session).forms[0].answers


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("老伴住院 娃还上着学", "有人生病、孩子上学"),
        ("骑手摔断腿 没保险", "受了伤"),
        ("下岗半年了", "没了工作"),
        ("房子漏雨", None),
    ],
)
def test_causes_are_heard_in_a_story(said: str, cause: str | None) -> None:
    assert find_cause(said) == cause


def test_answers_are_read_as_people_say_them() -> None:
    assert read_cause("房子漏雨") == "房子漏雨"
    assert read_cause("要啥材料吗") is None
    assert read_household("就我自己") == "1"
    assert read_household("俺家五口人") == "5"
    assert read_household("9个") == "9"
    assert read_household("20000") is None
    assert read_home("石横镇红旗村") == "石横"


def test_a_question_of_the_rules_is_answered_and_the_application_offered(
    chat: Chat, open_session: OpenSession
) -> None:
    seen = chat.says("煤矿枯竭地区失业有啥政策")

    assert "《就业促进法》第57条" in seen
    assert "不敢打包票" in chat.taps("替我申请困难帮扶")
    assert stored.tickets(open_session) == []
