import pytest

from models.database import OpenSession
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat

PICTURE = (
    "<PicUrl><![CDATA[https://example.org/picture]]></PicUrl><MediaId><![CDATA[PICTURE]]></MediaId>"
)
LINK = (
    "<Title><![CDATA[日薪500]]></Title><Description><![CDATA[]]></Description>"
    "<Url><![CDATA[https://example.org/job]]></Url>"
)
PLACE = (
    "<Location_X>36.18</Location_X><Location_Y>116.77</Location_Y><Scale>15</Scale>"
    "<Label><![CDATA[某处]]></Label>"
)


def test_voice_that_was_not_recognised_is_asked_again(chat: Chat) -> None:
    seen = chat.speaks("")

    assert "没听清" in seen
    for choice in ("找工作", "问法律", "转给工作人员", "把这段语音转给志愿者听"):
        assert choice in seen


def test_voice_can_be_handed_to_somebody_who_listens(chat: Chat, open_session: OpenSession) -> None:
    chat.speaks("")
    assert "编号 1" in chat.taps("转给志愿者听")

    [ticket] = stored.tickets(open_session)
    assert ticket.kind is TicketKind.STAFF
    assert "[语音]" in ticket.summary
    assert [(one.ticket_id, one.media_id) for one in stored.media(open_session)] == [
        (ticket.id, "MEDIA")
    ]


def test_recognised_voice_is_a_text_like_any_other(chat: Chat) -> None:
    assert "按「保安、门卫」" in chat.speaks("嗯那个俺想找个看大门的活")


@pytest.mark.parametrize(
    ("choice", "kind"),
    [
        ("看招工信息真假", TicketKind.CAREER),
        ("给律师看合同", TicketKind.LAWYER),
        ("转给工作人员", TicketKind.STAFF),
    ],
)
@pytest.mark.parametrize(
    ("sent", "reference"),
    [(("image", PICTURE), "[图片]"), (("link", LINK), "[链接] https://example.org/job")],
    ids=["image", "link"],
)
def test_what_was_sent_goes_along_to_the_person_chosen(
    chat: Chat,
    open_session: OpenSession,
    choice: str,
    kind: TicketKind,
    sent: tuple[str, str],
    reference: str,
) -> None:
    chat.sends(*sent)
    assert "一句话说说" in chat.taps(choice)

    [ticket] = stored.tickets(open_session)
    assert ticket.kind is kind
    assert reference in ticket.summary


def test_all_pictures_sent_before_the_choice_go_along(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.sends("image", PICTURE)
    chat.sends("image", PICTURE.replace("PICTURE", "SECOND"))
    chat.taps("给律师看合同")

    [ticket] = stored.tickets(open_session)
    assert ticket.summary.count("[图片]") == 2
    assert [(one.ticket_id, one.media_id) for one in stored.media(open_session)] == [
        (ticket.id, "PICTURE"),
        (ticket.id, "SECOND"),
    ]


def test_what_was_understood_of_a_voice_is_enough(chat: Chat, open_session: OpenSession) -> None:
    chat.speaks("俺想找个看大门的活")

    assert stored.media(open_session) == []


def test_what_is_written_next_joins_the_picture(chat: Chat, open_session: OpenSession) -> None:
    chat.sends("image", PICTURE)
    chat.taps("看招工信息真假")
    assert "编号 1" in chat.says("网上看见的 说一天五百")

    assert "网上看见的 说一天五百" in stored.ticket_words(open_session)


def test_a_posting_in_doubt_comes_with_a_warning(chat: Chat) -> None:
    chat.sends("link", LINK)

    assert "先别交钱" in chat.taps("看招工信息真假")


def test_a_message_delivered_twice_is_one_picture(chat: Chat, open_session: OpenSession) -> None:
    chat.sends("image", PICTURE)
    chat.deliver(chat.sent[-1])

    assert len(stored.media(open_session)) == 1


def test_a_picture_joins_the_case_that_is_open(chat: Chat, open_session: OpenSession) -> None:
    chat.says("找律师")
    chat.says("合同让我签 我看不明白")
    seen = chat.sends("image", PICTURE)

    assert "记到您的求助" in seen
    assert stored.ticket_words(open_session)[-1] == "[图片]"
    [ticket] = stored.tickets(open_session)
    assert [one.ticket_id for one in stored.media(open_session)] == [ticket.id]


def test_a_place_is_answered_with_the_stations_near_it(
    chat: Chat, open_session: OpenSession
) -> None:
    seen = chat.sends("location", PLACE)
    assert "公里" in seen
    assert "在附近找活" in seen

    assert "地址：" in chat.says("1")
    assert not stored.tickets(open_session)


def test_in_an_alarm_a_place_is_for_those_who_help(chat: Chat, open_session: OpenSession) -> None:
    chat.says("不想活了 撑不下去了")
    chat.sends("location", PLACE)

    assert any("36.18 116.77 某处" in words for words in stored.ticket_words(open_session))


def test_a_kind_nobody_knows_is_not_a_dead_end(chat: Chat) -> None:
    seen = chat.sends("wobble", "")

    assert "打不开" in seen
    assert "转给工作人员" in seen


def test_a_picture_in_a_form_leaves_the_question_open(chat: Chat) -> None:
    chat.says("登记求职")
    chat.sends("image", PICTURE)

    assert "多大年纪" in chat.says("刘建国")


def test_the_sentence_that_was_asked_for_goes_along(chat: Chat, open_session: OpenSession) -> None:
    chat.speaks("")
    assert "什么事" in chat.taps("转给志愿者听")

    assert "已加到您的求助（编号 1）" in chat.says("就是老板不给钱")
    assert stored.ticket_words(open_session)[-1] == "就是老板不给钱"


def test_a_question_about_it_goes_along_and_is_answered(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.speaks("")
    chat.taps("转给志愿者听")

    assert "劳动监察" in chat.says("老板拖欠工资怎么办")
    assert stored.ticket_words(open_session)[-1] == "老板拖欠工资怎么办"


def test_another_wish_does_not_go_along(chat: Chat, open_session: OpenSession) -> None:
    chat.speaks("")
    chat.taps("转给志愿者听")

    assert "按「电工」" in chat.says("有电工的活吗")
    assert len(stored.ticket_words(open_session)) == 1


def test_a_picture_that_was_sent_first_goes_along_to_the_lawyer(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.sends("image", PICTURE)
    assert "您刚发的1张图片也一起转过去" in chat.says("找律师")
    assert "编号 1" in chat.says("合同里这条不对劲")

    [ticket] = stored.tickets(open_session)
    assert "[图片]" in ticket.summary
    assert [one.ticket_id for one in stored.media(open_session)] == [ticket.id]
