import pytest
from sqlmodel import select

from models.database import OpenSession
from models.faq import FAQ_CONTENT, FaqEntry, UnansweredQuestion, bump_version
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock

QUESTIONS = (
    ("老板拖欠我仨月工资咋要", "劳动监察"),
    ("干了八年让我走人 能给多少补偿", "补偿|满一年"),
    ("单位不报 工伤认定我自己咋申请", "1年内|工伤认定"),
    ("尘肺病咋鉴定", "尘肺"),
    ("失业金咋领 去哪办", "失业"),
)


@pytest.mark.parametrize(("asked", "said"), QUESTIONS, ids=[asked for asked, _ in QUESTIONS])
def test_common_questions_are_answered_or_offered_never_unknown(
    chat: Chat, asked: str, said: str
) -> None:
    seen = chat.says(asked)

    assert any(word in seen for word in said.split("|"))
    assert "没有核实过的答案" not in seen


def test_an_answer_cites_the_law_and_says_what_to_do_next(chat: Chat) -> None:
    seen = chat.says("1年|工伤认定要在多久之内申请|12333")

    assert "依据：《" in seen
    assert "条" in seen
    assert "下一步" in seen
    assert "一般信息" in seen


def test_an_answer_leads_to_the_lawyer(chat: Chat, open_session: OpenSession) -> None:
    chat.says("1年|工伤认定要在多久之内申请|12333")
    assert "工伤认定" in chat.taps("找律师问问")
    chat.says("好")

    [ticket] = stored.tickets(open_session)
    assert ticket.kind is TicketKind.LAWYER
    assert "工伤认定" in ticket.summary


def test_what_nobody_checked_is_not_answered(chat: Chat, open_session: OpenSession) -> None:
    seen = chat.says("别人冒用我的商标 法院能管不")

    assert "依据" not in seen
    assert "律师" in seen
    questions = [row.text for row in stored.all_of(open_session, UnansweredQuestion)]
    assert questions == ["别人冒用我的商标 法院能管不"]


def test_figures_past_their_date_are_not_told(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    with open_session() as session:
        for entry in session.exec(select(FaqEntry)):
            entry.valid_until = clock().date().replace(year=2025)
            session.add(entry)
        bump_version(session, FAQ_CONTENT)

    seen = chat.says("1年|工伤认定要在多久之内申请|12333")

    assert "12333" in seen
    assert "下一步" not in seen


def test_the_menu_shows_what_is_often_asked(chat: Chat) -> None:
    seen = chat.does("CLICK", "MENU_LEGAL")

    assert "拖欠工资" in seen
    assert "什么事" in chat.taps("找律师问问")


def test_who_is_harassed_is_answered_from_law_and_not_about_messages(chat: Chat) -> None:
    assert "依据：" in chat.says("同事对我性骚扰怎么办")
