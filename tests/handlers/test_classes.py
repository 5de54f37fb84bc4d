from models.database import OpenSession
from models.open_class import Enrolment, OpenClass
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock
from tests.support.postman import Postman


def test_this_weeks_class_is_told_with_day_speaker_and_seats(chat: Chat) -> None:
    seen = chat.says("这星期公开课讲的啥")

    assert "尘肺病和离矿前的体检" in seen
    assert "周四（11月26日）19:30" in seen
    assert "柳宜春" in seen
    assert "还有100个名额" in seen


def test_one_word_signs_up_and_takes_a_seat(chat: Chat, open_session: OpenSession) -> None:
    chat.says("这星期公开课讲的啥")
    seen = chat.says("给我报上")

    assert "报上了：《尘肺病和离矿前的体检》" in seen
    assert stored.seats(open_session) == ["demo-class-dust"]


def test_signing_up_twice_takes_one_seat(chat: Chat, open_session: OpenSession) -> None:
    chat.says("公开课给我报上")
    chat.says("公开课给我报上")

    taken = {row.id: row.seats_taken for row in stored.all_of(open_session, OpenClass)}
    assert taken["demo-class-dust"] == 1


def test_a_reminder_and_the_seat_are_cancelled_together(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("这星期公开课讲的啥")
    assert "19:30" in chat.says("开课前提醒俺一声")
    seen = chat.says("老伴要住院 提醒取消吧 课上不了了 不上了")

    assert "报名取消了" in seen
    assert "提醒也一起取消了" in seen
    [place] = stored.all_of(open_session, Enrolment)
    assert place.wants_reminder is False
    assert stored.seats(open_session) == []


def test_a_long_letter_changes_nothing(chat: Chat, open_session: OpenSession) -> None:
    chat.says(
        "听说周四有公开课讲体检，我在井下干了二十来年，家里老伴也咳嗽，想问问能不能代为报名，是不是两个人都要报，几点开始，要不要带片子"
    )

    assert stored.seats(open_session) == []


def test_a_class_of_the_list_is_chosen_by_its_number(chat: Chat) -> None:
    chat.says("有啥课听听")
    chat.says("后面还有啥课")

    assert "公开课《夜里睡不着，心里堵得慌》" in chat.says("就第二个吧")


def test_who_is_not_signed_up_is_told_so(chat: Chat) -> None:
    assert "没有报着名的课" in chat.says("我报了哪个课")


def test_replays_are_those_that_exist(chat: Chat) -> None:
    seen = chat.says("以前的课有回放没")

    assert "https://example.org/replay/electrician" in seen
    assert "interview" not in seen


def test_a_full_class_queues_and_who_waits_moves_up(
    chat: Chat, open_session: OpenSession, clock: FakeClock, postman: Postman
) -> None:
    with open_session() as session:
        shown = session.get_one(OpenClass, "demo-class-dust")
        shown.capacity = 1
        session.add(shown)
    chat.says("公开课给我报上")
    other = Chat(chat.client, clock, openid="oMINER0000000000000000000002")
    assert "排上队了" in other.says("公开课给我报上")

    chat.says("取消报名")

    [told] = postman.deliver()
    assert "有位子了" in told
    assert [openid for openid, _ in postman.sent] == [other.openid]


def test_where_nothing_can_be_sent_who_moved_up_hears_it_with_their_next_message(
    chat: Chat, open_session: OpenSession, clock: FakeClock, postman: Postman
) -> None:
    postman.lose_the_right_to_send()
    with open_session() as session:
        session.get_one(OpenClass, "demo-class-dust").capacity = 1
    chat.says("公开课给我报上")
    other = Chat(chat.client, clock, openid="oMINER0000000000000000000002")
    assert "下次您来说话时我告诉您" in other.says("公开课给我报上")
    chat.says("取消报名")
    assert postman.deliver() == []

    assert other.says("你好").startswith("您排队的公开课《尘肺病和离矿前的体检》有位子了")


def test_without_a_class_the_replays_are_offered(chat: Chat, clock: FakeClock) -> None:
    clock.advance(days=120)

    seen = chat.says("这周有公开课吗")

    assert "没有排好的公开课" in seen
    assert "看回放" in seen
