"""Reminders and changes of a class: once, in time, to those who come, and to nobody else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlmodel import select

from handlers.class_news import remind, tell_changes
from models.contact import Contact
from models.database import Database, OpenSession
from models.open_class import Enrolment, OpenClass, enrol
from models.outbox import OutboxKind, OutboxStatus
from models.ticket import TicketKind, open_ticket
from models.ticket_flow import claim, hand_back_to_bot
from models.volunteer import Skill
from tests.conftest import NOON
from tests.support.chat import Chat, FakeClock
from tests.support.people import add_volunteer
from tests.support.postman import ZONE, Postman

CLASS = "demo-class-dust"
STARTS = datetime(2026, 11, 26, 19, 30, tzinfo=ZONE)
EVENING = datetime(2026, 11, 25, 19, 0, tzinfo=ZONE)
SOON = STARTS - timedelta(minutes=30)

Change = Callable[..., None]


@pytest.fixture
def change(open_session: OpenSession) -> Change:
    """Change the class by hand, as an admin's page would."""

    def act(**values: object) -> None:
        with open_session() as session:
            each = session.get_one(OpenClass, CLASS)
            for name, value in values.items():
                setattr(each, name, value)
            session.add(each)

    return act


@pytest.fixture
def comer(chat: Chat, postman: Postman) -> Chat:
    """Somebody who has a seat."""
    assert "报上了" in chat.says("公开课给我报上")
    assert postman.deliver() == []
    return chat


# Reminders


def test_who_has_a_seat_is_reminded_the_evening_before_and_half_an_hour_before(
    comer: Chat, postman: Postman, clock: FakeClock
) -> None:
    clock.now = EVENING - timedelta(minutes=1)
    assert postman.deliver() == []

    clock.now = EVENING
    [evening] = postman.deliver()
    comer.says("知道了")
    clock.now = SOON
    [soon] = postman.deliver()

    assert "《尘肺病和离矿前的体检》11月26日（周四）19:30开课" in evening
    assert "别提醒" in evening
    assert soon.startswith("快开课了：《尘肺病和离矿前的体检》")
    assert "https://" in soon
    assert {openid for openid, _ in postman.sent} == {comer.openid}


def test_each_reminder_comes_once_however_often_the_work_is_done(
    comer: Chat, postman: Postman, database: Database, clock: FakeClock
) -> None:
    clock.now = NOON + timedelta(days=1)
    comer.says("你好")
    arrived = []
    for moment in (EVENING, EVENING + timedelta(minutes=5), SOON, SOON + timedelta(minutes=10)):
        clock.now = moment
        arrived += postman.deliver() + Postman(database, clock).deliver()

    assert len(arrived) == 2


@pytest.mark.usefixtures("comer")
def test_two_who_remind_at_the_same_moment_remind_once(
    database: Database, clock: FakeClock
) -> None:
    clock.now = EVENING
    barrier, counts = Barrier(4), list[int]()

    def work() -> None:
        barrier.wait()
        with database.transaction() as session:
            counts.append(remind(session, zone=ZONE, now=clock()))

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(counts) == [0, 0, 0, 1]


def test_who_signs_up_after_the_hour_of_a_reminder_does_not_get_it(
    chat: Chat, postman: Postman, clock: FakeClock
) -> None:
    clock.now = EVENING + timedelta(minutes=10)
    chat.says("公开课给我报上")

    assert postman.deliver() == []
    clock.now = SOON
    assert len(postman.deliver()) == 1


def test_who_waits_for_a_seat_is_not_reminded(
    comer: Chat, postman: Postman, clock: FakeClock, change: Change
) -> None:
    change(capacity=1)
    other = Chat(comer.client, clock, openid="oMINER0000000000000000000002")
    assert "排上队了" in other.says("公开课给我报上")

    clock.now = EVENING
    postman.deliver()

    assert [openid for openid, _ in postman.sent] == [comer.openid]


def test_a_seat_given_back_is_not_reminded_of_and_the_next_one_is_told(
    comer: Chat, postman: Postman, clock: FakeClock, change: Change
) -> None:
    change(capacity=1)
    other = Chat(comer.client, clock, openid="oMINER0000000000000000000002")
    other.says("公开课给我报上")
    comer.says("取消报名")

    assert ["有位子了" in text for text in postman.deliver()] == [True]
    clock.now = EVENING
    postman.deliver()

    assert [openid for openid, _ in postman.sent] == [other.openid] * 2


def test_a_reminder_not_yet_sent_goes_with_the_seat(
    comer: Chat, postman: Postman, clock: FakeClock
) -> None:
    clock.now = EVENING
    postman.keep_time()
    assert "报名取消了" in comer.says("取消报名")

    assert postman.deliver() == []
    assert [row.status for row in postman.rows()] == [OutboxStatus.FAILED]


def test_outside_the_window_it_comes_with_the_next_message_before_the_class(
    comer: Chat, postman: Postman, clock: FakeClock
) -> None:
    clock.now = NOON + timedelta(hours=50)  # two days and two hours after they wrote
    assert clock.now < SOON
    assert postman.deliver() == []

    shown = comer.says("你好")

    assert shown.startswith("提醒您：您报的公开课《尘肺病和离矿前的体检》")
    assert "您好" in shown
    assert "提醒您" not in comer.says("你好")
    assert [row.status for row in postman.rows()] == [OutboxStatus.SENT]


def test_after_the_class_has_begun_nothing_is_heard_of_it(
    comer: Chat, postman: Postman, clock: FakeClock
) -> None:
    clock.now = NOON + timedelta(hours=50)
    postman.deliver()
    clock.now = STARTS + timedelta(minutes=1)
    postman.deliver()

    assert "提醒" not in comer.says("你好")


def test_the_second_reminder_takes_the_place_of_one_that_was_not_read(
    comer: Chat, postman: Postman, clock: FakeClock
) -> None:
    for moment in (NOON + timedelta(hours=50), SOON):
        clock.now = moment
        postman.deliver()

    shown = comer.says("你好")

    assert shown.startswith("快开课了")
    assert "提醒您" not in shown


@pytest.mark.usefixtures("comer")
def test_nobody_is_woken_by_a_reminder_that_is_late(postman: Postman, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 26, 3, 0, tzinfo=ZONE)
    assert postman.deliver() == []

    clock.now = datetime(2026, 11, 26, 8, 0, tzinfo=ZONE)
    assert len(postman.deliver()) == 1


@pytest.mark.parametrize("said", ["别提醒", "不用提醒了", "取消提醒"])
def test_who_wants_no_reminder_keeps_the_seat_and_hears_nothing(
    comer: Chat, postman: Postman, clock: FakeClock, open_session: OpenSession, said: str
) -> None:
    clock.now = EVENING
    postman.keep_time()

    seen = comer.says(said)

    assert "不提醒您了" in seen
    assert "位子还给您留着" in seen
    clock.now = SOON
    assert postman.deliver() == []
    with open_session() as session:
        assert session.get_one(OpenClass, CLASS).seats_taken == 1


def test_a_reminder_can_be_wanted_again(comer: Chat, postman: Postman, clock: FakeClock) -> None:
    comer.says("别提醒")
    comer.taps("还是提醒我吧")

    clock.now = EVENING
    assert len(postman.deliver()) == 1


def test_who_wants_no_news_is_reminded_of_the_class_they_signed_up_for(
    comer: Chat, postman: Postman, clock: FakeClock
) -> None:
    comer.says("退订")
    assert "您自己报的课，开课前照样提醒您" in comer.taps("都不要了")

    clock.now = EVENING
    assert len(postman.deliver()) == 1


def test_while_a_volunteer_speaks_the_reminder_waits(
    comer: Chat, postman: Postman, clock: FakeClock, open_session: OpenSession
) -> None:
    clock.now = EVENING
    with open_session() as session:
        contact = session.exec(select(Contact)).one()
        ticket = open_ticket(
            session, contact_id=contact.id or 0, kind=TicketKind.LAWYER, summary="x", now=clock()
        )
        lawyer = add_volunteer(session, "zhao", Skill.LAWYER, now=clock())
        claim(session, ticket_id=ticket.id or 0, volunteer_id=lawyer, now=clock())
        number = ticket.id or 0

    assert postman.deliver() == []
    assert comer.says("在吗") == ""
    with open_session() as session:
        hand_back_to_bot(session, ticket_id=number, volunteer_id=lawyer, now=clock())

    assert ["提醒您" in text for text in postman.deliver()] == [True]


# Changes


@pytest.mark.usefixtures("comer")
def test_a_class_that_is_moved_is_told_with_the_old_time_and_the_new(
    postman: Postman, change: Change
) -> None:
    change(starts_at=STARTS + timedelta(days=1), ends_at=STARTS + timedelta(days=1, hours=1))

    [told] = postman.deliver()

    assert "《尘肺病和离矿前的体检》时间有变动" in told
    assert "11月27日（周五）19:30（原来是11月26日（周四）19:30）" in told
    assert postman.deliver() == []


def test_a_moved_class_is_reminded_of_at_its_new_time_alone(
    comer: Chat, postman: Postman, clock: FakeClock, change: Change
) -> None:
    clock.now = EVENING
    postman.keep_time()  # the reminder is in the outbox, not yet sent
    change(starts_at=STARTS + timedelta(days=1), ends_at=STARTS + timedelta(days=1, hours=1))

    assert ["有变动" in text for text in postman.deliver()] == [True]
    comer.says("你好")
    clock.now = EVENING + timedelta(days=1)  # the hour of the other reminder, had it not moved
    assert ["11月27日" in text for text in postman.deliver()] == [True]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"join_url": "https://example.org/new"}, ("链接有变动", "https://example.org/new")),
        ({"place": "矿工文化宫二楼"}, ("地点有变动", "地点：矿工文化宫二楼")),
        ({"is_cancelled": True}, ("取消了，您不用等了",)),
    ],
)
@pytest.mark.usefixtures("comer")
def test_a_new_link_a_new_place_and_a_cancellation_are_told(
    postman: Postman, change: Change, values: dict[str, object], words: tuple[str, ...]
) -> None:
    change(**values)

    [told] = postman.deliver()

    assert all(word in told for word in words)


@pytest.mark.usefixtures("comer")
def test_a_new_title_is_nobodys_alarm(postman: Postman, change: Change) -> None:
    change(title="体检那些事", capacity=50)

    assert postman.deliver() == []


def test_a_cancelled_class_is_neither_offered_nor_reminded_of(
    comer: Chat, postman: Postman, clock: FakeClock, change: Change
) -> None:
    change(is_cancelled=True)
    postman.deliver()

    assert "尘肺病" not in comer.says("有啥课听听")
    assert "已取消" in comer.says("我报了哪个课")
    clock.now = EVENING
    assert postman.deliver() == []


def test_who_waits_for_a_seat_hears_of_a_change_too(
    comer: Chat, postman: Postman, clock: FakeClock, change: Change
) -> None:
    change(capacity=1)
    other = Chat(comer.client, clock, openid="oMINER0000000000000000000002")
    other.says("公开课给我报上")

    change(starts_at=STARTS + timedelta(hours=1), ends_at=STARTS + timedelta(hours=2))

    assert sorted("还在排队" in text for text in postman.deliver()) == [False, True]


@pytest.mark.usefixtures("comer")
def test_nobody_hears_of_a_change_after_the_class(
    postman: Postman, clock: FakeClock, change: Change
) -> None:
    clock.now = STARTS + timedelta(days=1)
    change(join_url="https://example.org/new")

    assert postman.deliver() == []


def test_a_change_waits_for_the_next_message_and_stands_before_the_answer(
    comer: Chat, postman: Postman, change: Change
) -> None:
    postman.lose_the_right_to_send()
    change(is_cancelled=True)
    assert postman.deliver() == []

    assert comer.says("你好").startswith("跟您说一声：公开课《尘肺病和离矿前的体检》")


def test_of_a_hundred_who_come_each_is_told_once(
    postman: Postman, database: Database, clock: FakeClock, change: Change
) -> None:
    contacts = [postman.hears_from(f"o{number}") for number in range(100)]
    with database.transaction() as session:
        for contact_id in contacts:
            enrol(session, class_id=CLASS, contact_id=contact_id, now=clock())
    change(join_url="https://example.org/new")
    with database.transaction() as session:
        assert tell_changes(session, zone=ZONE, now=clock()) == 100

    assert len(postman.deliver()) == 100
    assert {row.kind for row in postman.rows()} == {OutboxKind.NOTICE}


# What is promised


def test_an_account_that_may_send_promises_a_reminder_and_no_more_than_wechat_allows(
    chat: Chat, clock: FakeClock
) -> None:
    clock.now = NOON - timedelta(days=1)
    assert "微信就不让我先开口" in chat.says("公开课给我报上")

    clock.now = NOON + timedelta(days=1)
    assert "开课前我提醒您。" in chat.says("开课前提醒俺一声")


def test_an_account_that_may_not_send_says_so(chat: Chat, postman: Postman) -> None:
    postman.lose_the_right_to_send()

    assert "提醒" not in chat.says("公开课给我报上")
    assert "不能主动给您发消息" in chat.says("开课前提醒俺一声")


def test_erasure_takes_seat_reminders_and_notices(
    comer: Chat, postman: Postman, clock: FakeClock, open_session: OpenSession, change: Change
) -> None:
    clock.now = EVENING
    postman.keep_time()
    comer.says("删除我的信息")
    comer.says("确定")
    change(is_cancelled=True)

    assert postman.deliver() == []
    assert postman.rows() == []
    with open_session() as session:
        assert session.exec(select(Enrolment)).all() == []
