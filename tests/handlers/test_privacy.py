import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from models.contact import Contact
from models.database import OpenSession
from models.inbox import InboxEntry
from models.open_class import OpenClass
from models.outbox import OutboxMessage, OutboxStatus
from models.ticket import TicketEvent, TicketEventKind, TicketState
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock
from tests.support.postman import Postman


@pytest.fixture
def other(client: TestClient, clock: FakeClock) -> Chat:
    return Chat(client, clock, openid="oMINER0000000000000000000002")


def register(chat: Chat, name: str = "程大山") -> None:
    """Register as a job seeker."""
    chat.says("登记个电工 48岁 肥城 5000")
    chat.says(name)


def news(open_session: OpenSession) -> tuple[bool, bool]:
    """Return whether the follower wants news of classes and of jobs."""
    contact = stored.contact(open_session)
    return contact.wants_class_news, contact.wants_job_news


def test_what_is_kept_of_a_person_is_told_by_kind(chat: Chat) -> None:
    register(chat)
    chat.says("找律师")
    chat.says("工钱要不来")

    seen = chat.says("你们存了我啥")

    assert "程大山" in seen
    assert "聊天：4条" in seen
    assert "编号1（律师，没办完）" in seen
    assert "课程想收，岗位想收" in seen


def test_nobody_is_told_what_is_kept_of_another(chat: Chat, other: Chat) -> None:
    register(other, name="钱小满")

    seen = chat.says("你们存了我啥")

    assert "钱小满" not in seen
    assert "求职登记：没有" in seen


@pytest.mark.parametrize("yes", ["1", "确定", "中 删吧", "确定删除", "好", "都删了"])
def test_after_one_confirmation_everything_is_gone(
    chat: Chat, open_session: OpenSession, yes: str
) -> None:
    register(chat)
    chat.says("给俺报上公开课")
    assert "找不回来" in chat.says("把我的信息都删了吧")
    assert stored.seekers(open_session)

    assert "删好了" in chat.says(yes)

    assert not stored.seekers(open_session)
    assert not stored.seats(open_session)
    words = [row.text + row.reply_text for row in stored.all_of(open_session, InboxEntry)]
    assert not any("程大山" in word for word in words)


def test_the_account_still_answers_who_was_forgotten(chat: Chat) -> None:
    chat.says("删除我的信息")
    chat.says("1")

    assert "按「电工」" in chat.says("有电工的活吗")
    assert "元" in chat.says("1")


@pytest.mark.parametrize("no", ["2", "先不删", "算了", "不删了"])
def test_who_thinks_again_loses_nothing(chat: Chat, open_session: OpenSession, no: str) -> None:
    register(chat)
    chat.says("删除我的信息")

    chat.says(no)

    assert stored.seekers(open_session)


def test_a_yes_to_something_else_deletes_nothing(chat: Chat, open_session: OpenSession) -> None:
    register(chat)
    chat.says("删除我的信息")
    chat.says("谢谢")
    chat.says("好")

    assert stored.seekers(open_session)


def test_during_an_alarm_a_bare_number_deletes_nothing(
    chat: Chat, open_session: OpenSession
) -> None:
    register(chat)
    chat.says("活着没意思 不想活了")
    chat.says("删除我的信息")

    chat.says("1")

    assert stored.seekers(open_session)


def test_an_alarm_stays_and_this_is_said(chat: Chat, open_session: OpenSession) -> None:
    chat.says("活着没意思 不想活了")
    chat.says("在吗")
    assert "编号1的求助先留着" in chat.says("删除我的信息")

    assert "编号1的求助先留着" in chat.says("确定删除")

    [ticket] = stored.tickets(open_session)
    assert (ticket.state, ticket.summary) == (TicketState.QUEUED, "活着没意思 不想活了")
    assert stored.contact(open_session).crisis_until is not None


def test_a_waiting_request_is_withdrawn_with_an_event(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("找律师")
    chat.says("工钱要不来")
    chat.says("把我的信息都删了")
    chat.says("确定")

    [ticket] = stored.tickets(open_session)
    assert (ticket.state, ticket.summary) == (TicketState.CLOSED, "")
    events = stored.all_of(open_session, TicketEvent)
    assert [event.kind for event in events if event.body] == [TicketEventKind.CLOSED]


def test_a_seat_given_back_goes_to_who_waits(
    chat: Chat, other: Chat, open_session: OpenSession
) -> None:
    with open_session() as session:
        for each in session.exec(select(OpenClass)):
            each.capacity = each.seats_taken + 1
            session.add(each)
    chat.says("给俺报上公开课")
    other.says("给俺报上公开课")
    assert len(stored.seats(open_session)) == 1

    chat.says("删除我的信息")
    chat.says("1")

    assert len(stored.seats(open_session)) == 1
    [parked] = stored.all_of(open_session, OutboxMessage)
    assert "有位子了" in parked.body


def test_an_unread_message_is_named_before_it_goes(chat: Chat, open_session: OpenSession) -> None:
    chat.says("你好")
    with open_session() as session:
        contact = session.exec(select(Contact)).one()
        session.add(
            OutboxMessage(
                contact_id=contact.id or 0,
                status=OutboxStatus.PARKED,
                body="留言",
                created_at=contact.last_message_at,
            )
        )

    assert "没看的留言" in chat.says("删除我的信息")
    assert "您有新的留言" not in chat.says("1")
    assert not stored.all_of(open_session, OutboxMessage)


def test_a_registration_alone_can_be_deleted(chat: Chat, open_session: OpenSession) -> None:
    register(chat)
    chat.says("找到活了 登记撤了吧")

    assert "求职登记删了" in chat.taps("只删求职登记")

    assert not stored.seekers(open_session)


def test_a_wrong_name_is_put_right_by_one_answer(chat: Chat, open_session: OpenSession) -> None:
    register(chat)
    assert "程大山" in chat.says("改一下我姓陈不姓程")
    assert "登记好了" in chat.says("陈大山")

    [seeker] = stored.seekers(open_session)
    assert (seeker.name, seeker.age, seeker.trade) == ("陈大山", "48", "电工")


def test_who_is_not_registered_is_led_there(chat: Chat) -> None:
    chat.says("改一下我姓陈不姓程")

    assert "怎么称呼" in chat.taps("登记求职")


@pytest.mark.parametrize("asked", ["不想让爸妈知道", "谁能看到我说的", "会不会告诉矿上"])
def test_no_total_secrecy_is_promised(chat: Chat, asked: str) -> None:
    seen = chat.says(asked)

    assert "加密" in seen
    assert "性命" in seen


def test_about_the_family_the_phone_itself_is_named(chat: Chat) -> None:
    assert "谁拿您手机谁看得见" in chat.says("不想让爸妈知道")


@pytest.mark.parametrize("said", ["别发了", "天天响烦死了", "退订", "tuiding", "停止推送", "TD"])
def test_which_messages_to_stop_is_asked_once(
    chat: Chat, open_session: OpenSession, said: str
) -> None:
    seen = chat.says(said)
    assert "都不要了" in seen
    assert "只要岗位" in seen

    seen = chat.taps("只要课程")

    assert "课程想收，岗位不收" in seen
    assert "主动" not in seen
    assert news(open_session) == (True, False)


def test_an_account_that_may_not_send_says_that_nothing_comes_anyway(
    chat: Chat, postman: Postman
) -> None:
    postman.lose_the_right_to_send()
    chat.says("退订")

    assert "不能主动给您发消息" in chat.taps("都不要了")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("课的留着活儿的别发", (True, False)),
        ("活儿的留着 课别发了", (False, True)),
        ("别发活儿的了，课的留着", (True, False)),
        ("公开课通知还要，招工的就停了吧", (True, False)),
        ("课程消息不要了", (False, True)),
        ("别再给我发岗位了", (True, False)),
        ("都别发了", (False, False)),
    ],
)
def test_kinds_told_in_one_go_are_not_asked_again(
    chat: Chat, open_session: OpenSession, said: str, kept: tuple[bool, bool]
) -> None:
    assert "记下了" in chat.says(said)

    assert news(open_session) == kept


def test_the_question_can_be_answered_in_other_words(chat: Chat, open_session: OpenSession) -> None:
    chat.says("退订")
    chat.says("课的留着")

    assert news(open_session) == (True, False)


def test_who_stopped_can_be_sent_postings_again(chat: Chat, open_session: OpenSession) -> None:
    chat.says("都别发了")

    assert "岗位想收" in chat.says("再给我发岗位")

    assert news(open_session) == (False, True)


def test_stopping_works_in_the_middle_of_other_things(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("有电工的活吗")
    assert "都不要了" in chat.says("tuiding")
    chat.says("1")

    assert news(open_session) == (False, False)


def test_a_wish_is_handed_to_people_where_that_is_wanted(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("个人信息")
    chat.taps("转给工作人员")

    assert [ticket.kind.value for ticket in stored.tickets(open_session)] == ["privacy"]


@pytest.mark.parametrize("told", ["老板拖欠我仨月工资咋要", "夜里睡不着 心里堵得慌"])
def test_the_worry_who_will_know_is_answered_in_the_middle_of_a_story(
    chat: Chat, told: str
) -> None:
    chat.says(told)

    assert "不会去找您家里人" in chat.says("不想让爸妈知道")


def test_who_wants_postings_again_can_look_at_once(chat: Chat) -> None:
    chat.says("别再给我发岗位了")
    seen = chat.says("再给我发岗位")

    assert "再给我发课程" not in seen
    assert "想找什么活" in chat.taps("现在就看岗位")


def test_a_counselling_record_is_named_and_its_time(chat: Chat, open_session: OpenSession) -> None:
    chat.says("找心理顾问")
    chat.says("就想说说话")
    stored.hold(open_session, state=TicketState.CLOSED)

    assert "留三年" in chat.says("删除我的信息")
    assert "留三年" in chat.says("1")


@pytest.mark.parametrize("said", ["删了吧", "那就都删掉吧"])
def test_after_the_stock_a_short_word_leads_to_the_deletion(chat: Chat, said: str) -> None:
    chat.says("你们存了我哪些信息")
    assert "确定吗" in chat.says(said)

    assert "删好了" in chat.says("确定")


def test_what_is_never_asked_for_is_told_with_the_article(chat: Chat) -> None:
    seen = chat.says("机器人能收集我的身份证和病历吗")

    assert "我不收身份证、病历" in seen
    assert "依据：《个人信息保护法》第29条" in seen


def test_the_right_to_be_deleted_is_named_where_it_is_asked_for(chat: Chat) -> None:
    assert "依据：《个人信息保护法》第47条" in chat.says("删除我的信息")
