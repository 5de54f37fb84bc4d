"""What the phone shows of an answer, and what can be tapped in it."""

import pytest

from bot.simulator.phone import FAILURE_LINE, ShownKind, Tap, list_taps, numbered_text, show

OPENID = "oFOLLOWER"
LINK = '<a href="weixin://bizmsgmenu?msgmenucontent={0}&msgmenuid={1}">{0}</a>'


def answer(inner: str, *, to: str = OPENID) -> str:
    """Return an answer with the usual head."""
    return (
        f"<xml><ToUserName>{to}</ToUserName><FromUserName>gh_1</FromUserName>"
        f"<CreateTime>1</CreateTime>{inner}</xml>"
    )


def text(content: str) -> str:
    return answer(f"<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content>")


def test_a_text_is_shown_with_its_spaces() -> None:
    assert show(text(" 一\n 二 "), openid=OPENID).text == " 一\n 二 "


def test_news_is_shown_as_cards() -> None:
    item = "<item><Title>讲座</Title><Description>周四</Description><Url>https://e.org</Url></item>"
    one = answer(f"<MsgType>news</MsgType><Articles>{item}</Articles>")
    two = answer(f"<MsgType>news</MsgType><Articles>{item}{item}</Articles>")

    assert [card.title for card in show(one, openid=OPENID).articles] == ["讲座"]
    assert len(show(two, openid=OPENID).articles) == 2


def test_a_picture_is_named() -> None:
    assert show(answer("<MsgType>image</MsgType>"), openid=OPENID).text == "[图片]"


def test_a_handover_shows_nothing() -> None:
    handover = answer("<MsgType>transfer_customer_service</MsgType>")

    assert show(handover, openid=OPENID).kind is ShownKind.NOTHING


@pytest.mark.parametrize(
    "body",
    [
        answer("<MsgType>text</MsgType><Content>x</Content>", to="oSOMEBODY"),
        answer("<MsgType>text</MsgType>"),
        answer("<MsgType>text</MsgType><Content>a</Content><Content>b</Content>"),
        answer("<MsgType>news</MsgType><Articles></Articles>"),
        answer("<MsgType>dance</MsgType>"),
        text("矿" * 683),
        "<xml><ToUserName>oFOLLOWER</ToUserName></xml>",
    ],
)
def test_an_answer_against_the_rules_becomes_the_failure_line(body: str) -> None:
    shown = show(body, openid=OPENID)

    assert (shown.kind, shown.text) == (ShownKind.FAILURE, FAILURE_LINE)
    assert shown.reason


def test_the_longest_text_is_still_shown() -> None:
    assert show(text("矿" * 682), openid=OPENID).kind is ShownKind.TEXT


def test_choices_can_be_found_and_other_links_are_none() -> None:
    content = LINK.format("满意", "101") + '<a href="https://e.org">看</a>'

    assert list_taps(content) == [Tap("满意", "满意", "101")]


def test_an_escaped_address_is_read_too() -> None:
    content = LINK.replace("&", "&amp;").format("满意", "101")

    assert list_taps(content)[0].menu_id == "101"


def test_choices_keep_their_own_numbers_or_get_one() -> None:
    first, second = LINK.format("好", "1"), LINK.format("不好", "2")

    assert numbered_text(f"1. {first}\n2. {second}") == "1. 好\n2. 不好"
    assert numbered_text(f"选 {first} 或 {second}") == "选 好 [1] 或 不好 [2]"
    assert numbered_text('<a href="https://e.org">看</a>') == "看"
