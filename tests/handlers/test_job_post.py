import pytest

from models.database import OpenSession
from models.job import JobPosting
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat

OPENING = "咋在咱平台发招工"
WORK = "缝纫工十个 五十以下 三到五千 王瓜店"


def fill_in(chat: Chat) -> str:
    """Write a whole posting; return what is shown before it is confirmed."""
    chat.says(OPENING)
    for answer in (WORK, "交社保", "泰安市好运制衣厂", "158 1234 5678"):
        chat.says(answer)
    return chat.says("一个月")


def test_several_fields_come_out_of_one_message(chat: Chat, open_session: OpenSession) -> None:
    assert "单位、工种、人数" in chat.says(OPENING)
    assert "交不交社保" in chat.says(WORK)

    answers = stored.conversation(open_session).forms[0].answers
    assert answers == {
        "trade": "缝纫工",
        "headcount": "10",
        "place": "王瓜店",
        "pay": "每月3000到5000元",
        "age": "50岁以下",
    }


def test_the_whole_posting_is_shown_and_then_goes_to_review(
    chat: Chat, open_session: OpenSession
) -> None:
    shown = fill_in(chat)
    for part in ("泰安市好运制衣厂", "人数：10", "每月3000到5000元", "社保：交", "15812345678"):
        assert part in shown
    assert "正规招聘不收任何费用" in shown
    assert not stored.tickets(open_session)
    before = len(stored.all_of(open_session, JobPosting))

    assert "还没登出来" in chat.says("发吧")

    [ticket] = stored.tickets(open_session)
    assert ticket.kind is TicketKind.POSTING
    assert "单位：泰安市好运制衣厂" in ticket.summary
    assert len(stored.all_of(open_session, JobPosting)) == before


@pytest.mark.parametrize(
    "said", ["社保没有", "不交", "保险先不给交", "没有", "试用期不交", "社保不交行不"]
)
def test_work_without_insurance_is_kindly_refused_and_can_be_mended(
    chat: Chat, open_session: OpenSession, said: str
) -> None:
    chat.says(OPENING)
    chat.says(WORK)
    seen = chat.says(said)
    assert "不交社保的招工我们不登" in seen
    assert "老矿工" in seen

    assert "单位叫什么" in chat.says("那给交 行了吧")
    assert stored.conversation(open_session).forms[0].answers["insurance"] == "交"


def test_a_tapped_no_to_insurance_is_refused_too(chat: Chat) -> None:
    chat.says(OPENING)
    chat.says(WORK)

    assert "不登" in chat.taps("不交")
    assert "单位叫什么" in chat.taps("那给交")


def test_insurance_cannot_be_skipped(chat: Chat) -> None:
    chat.says(OPENING)
    chat.says(WORK)

    assert "不能跳过" in chat.says("跳过")


def test_low_pay_is_asked_about_once(chat: Chat, open_session: OpenSession) -> None:
    seen = chat.says("俺饭店想招个服务员 一个月一千八 新城 两个人")
    assert "低于2200元" in seen

    assert "交不交社保" in chat.taps("数没写错")
    chat.says("交")
    for _ in range(4):
        chat.says("跳过")
    chat.says("发吧")
    assert "单位说没写错" in stored.tickets(open_session)[0].summary


def test_low_pay_by_the_hour_is_counted_by_the_month_and_corrected(chat: Chat) -> None:
    chat.says(OPENING)
    assert "2080元" in chat.says("保洁员三个 新城 一小时10块")

    assert "交不交社保" in chat.says("写错了 一小时20块")


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("只要男的", "能搬50斤"),
        ("本地户口的", "挑户口"),
        ("要未婚的", "婚育"),
        ("先交两百押金", "先掏钱"),
        ("外地人不要", "挑户口"),
    ],
)
def test_unfair_terms_must_go(chat: Chat, open_session: OpenSession, terms: str, said: str) -> None:
    chat.says(OPENING)
    seen = chat.says(f"搬运工两个 {terms}")

    assert said in seen
    assert "请去掉" in seen
    answers = stored.conversation(open_session).forms[0].answers
    assert answers == {"trade": "搬运工", "headcount": "2"}


def test_fair_terms_are_not_refused(chat: Chat) -> None:
    chat.says(OPENING)

    assert "请去掉" not in chat.says("搬运工两个 男女不限 不收押金")


def test_what_is_wrong_is_corrected_before_it_goes(chat: Chat, open_session: OpenSession) -> None:
    fill_in(chat)
    seen = chat.says("工资改成4000 招五个人")
    assert "每月4000元" in seen
    assert "人数：5" in seen
    chat.says("发吧")

    assert "每月4000元" in stored.tickets(open_session)[0].summary


def test_who_is_in_a_hurry_sees_what_is_missing(chat: Chat, open_session: OpenSession) -> None:
    chat.says(OPENING)
    chat.says(WORK)
    assert "要紧" in chat.says("发吧")
    chat.says("给交")
    seen = chat.says("发吧")
    assert "单位：没写" in seen
    assert "先审核" in seen

    assert "编号 1" in chat.says("发吧")
    assert len(stored.tickets(open_session)) == 1


def test_how_an_earlier_posting_stands(chat: Chat) -> None:
    assert "工作人员来办" in chat.says("催一下 我那个招聘还没上架")
    fill_in(chat)
    chat.says("发吧")

    assert "编号 1）还在审核" in chat.says("催一下 我那个招聘还没上架")


def test_another_wish_interrupts_and_the_posting_waits(chat: Chat) -> None:
    chat.says(OPENING)
    chat.says(WORK)

    assert "发招工给您留着" in chat.says("厂里欠俺仨月工资咋要")
    assert "交不交社保" in chat.says("继续")


def test_pay_to_be_agreed_is_no_pay(chat: Chat) -> None:
    chat.says(OPENING)
    chat.says("焊工三个 新城")

    assert "不能登" in chat.says("工资面议")
