from models.database import OpenSession
from tests.handlers import stored
from tests.support.chat import Chat

PICTURE = (
    "<PicUrl><![CDATA[https://example.org/picture]]></PicUrl><MediaId><![CDATA[PICTURE]]></MediaId>"
)
PLACE = (
    "<Location_X>36.18</Location_X><Location_Y>116.77</Location_Y><Scale>15</Scale>"
    "<Label><![CDATA[某处]]></Label>"
)


def test_voice_that_was_not_recognised_is_asked_again(chat: Chat) -> None:
    seen = chat.speaks("")

    assert "没听清" in seen
    assert "转给工作人员" in seen


def test_recognised_voice_is_a_text_like_any_other(chat: Chat) -> None:
    assert "按「保安、门卫」" in chat.speaks("嗯那个俺想找个看大门的活")


def test_a_picture_may_be_a_contract_for_the_lawyer(chat: Chat) -> None:
    assert "看不懂图片" in chat.sends("image", PICTURE)

    assert "什么事" in chat.taps("给律师看合同")


def test_a_picture_joins_the_case_that_is_open(chat: Chat, open_session: OpenSession) -> None:
    chat.says("找律师")
    chat.says("合同让我签 我看不明白")
    seen = chat.sends("image", PICTURE)

    assert "记到您的求助" in seen
    assert stored.ticket_words(open_session)[-1] == "[图片] PICTURE"


def test_a_place_is_answered_with_a_question(chat: Chat) -> None:
    assert "附近找活" in chat.sends("location", PLACE)


def test_a_kind_nobody_knows_is_not_a_dead_end(chat: Chat) -> None:
    seen = chat.sends("wobble", "")

    assert "打不开" in seen
    assert "转给工作人员" in seen


def test_a_picture_in_a_form_leaves_the_question_open(chat: Chat) -> None:
    chat.says("登记求职")
    chat.sends("image", PICTURE)

    assert "多大年纪" in chat.says("刘建国")
