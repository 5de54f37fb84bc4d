import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.rendering import MORE, SMALLEST_PAGE, paginate, render, sanitise_label
from models.messages import Choice, Reply

TEXTS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("。，\n<>&矿😀\u200d\ufe0f")))
LABELS = st.builds(Choice, label=TEXTS, topic=st.just("jobs"), value=st.just(""))
REPLIES = st.builds(
    Reply,
    text=st.one_of(TEXTS, TEXTS.map(lambda text: text * 40)),
    choices=st.lists(LABELS, max_size=20),
    closing=TEXTS,
)
OUR_LINK = re.compile(
    r'<a href="weixin://bizmsgmenu\?msgmenucontent=[^<>"&]*&msgmenuid=[0-9]+">[^<>]*</a>'
)


def choice(label: str) -> Choice:
    return Choice(label, topic="jobs", value="")


def size(text: str) -> int:
    return len(text.encode())


def test_choices_are_numbered_links_between_text_and_closing() -> None:
    reply = Reply("您想办什么？", [choice("找工作"), choice("问法律")], "回复「0」找真人。")

    assert render(reply) == (
        "您想办什么？\n"
        '1. <a href="weixin://bizmsgmenu?msgmenucontent=找工作&msgmenuid=1">找工作</a>\n'
        '2. <a href="weixin://bizmsgmenu?msgmenucontent=问法律&msgmenuid=2">问法律</a>\n'
        "回复「0」找真人。"
    )


def test_text_alone_is_text_alone() -> None:
    assert render(Reply("收到。")) == "收到。"


@pytest.mark.parametrize("written", ["<a href='http://evil'>点我</a>", "</a>", "1<2", "<"])
def test_what_a_person_wrote_is_never_a_tag(written: str) -> None:
    text = render(Reply(f"您说：{written}", [choice(written)], closing=written))

    assert re.sub(OUR_LINK, "", text).count("<") == 0


def test_angle_brackets_are_shown_full_width() -> None:
    assert render(Reply("工资<2000>")) == "工资＜2000＞"


@pytest.mark.parametrize("label", ['">x', "a&b=c", "50%", "六千+", "#1", "a\nb", "'", "<b>"])
def test_label_cannot_break_out_of_its_link(label: str) -> None:
    text = render(Reply("选", [choice(label)]))

    assert OUR_LINK.search(text)
    assert text.count("<") == 2


@pytest.mark.parametrize("label", ['"保安"', "6000+", "A&B", "50%", "<电工>", "《案例》"])
def test_label_that_a_tap_sends_is_the_same_in_nfkc(label: str) -> None:
    sent = sanitise_label(label)

    assert unicodedata.normalize("NFKC", sent) == unicodedata.normalize("NFKC", label)


def test_short_reply_is_one_page() -> None:
    reply = Reply("您好。", [choice("找工作")], "再见。")

    page = paginate(reply)

    assert (page.text, page.rest) == (render(reply), "")


def test_long_text_is_cut_after_a_sentence_and_says_so() -> None:
    page = paginate(Reply("欠薪可以找劳动监察。" * 100))

    assert page.text.endswith(f"监察。\n{MORE}")
    assert page.rest.startswith("欠薪")
    assert size(page.text) <= 1800


def test_choices_and_closing_stay_on_the_first_page() -> None:
    reply = Reply("先看这些。" * 200, [choice("找工作"), choice("问法律")], "回复「0」找真人。")

    page = paginate(reply)

    assert len(OUR_LINK.findall(page.text)) == 2
    assert page.text.endswith(f"回复「0」找真人。\n{MORE}")
    assert "找工作" not in page.rest


def test_a_closing_quote_stays_with_its_sentence() -> None:
    page = paginate(Reply("他说：「明天就给。」" * 100))

    assert page.text.removesuffix(f"\n{MORE}").endswith("。」")


@pytest.mark.parametrize("text", ["长" * 2000, "a" * 4000, "😀" * 1000])
def test_text_without_an_end_is_cut_between_characters(text: str) -> None:
    page = paginate(Reply(text))

    assert page.text.removesuffix(f"\n{MORE}") + page.rest == text
    assert size(page.text) > 1700


def test_accents_without_end_are_cut_all_the_same() -> None:
    page = paginate(Reply("e" + "\u0301" * 3000))

    assert 0 < size(page.text) <= 1800
    assert page.rest


@pytest.mark.parametrize("drawn", ["👨‍👩‍👧", "👍🏿", "☎️", "e\u0301"])
def test_a_drawn_character_is_not_broken(drawn: str) -> None:
    page = paginate(Reply(drawn * 1000))

    head = page.text.removesuffix(f"\n{MORE}")
    assert len(head) % len(drawn) == 0
    assert head + page.rest == drawn * 1000


def test_an_address_is_not_taken_for_the_end_of_a_sentence() -> None:
    page = paginate(Reply("字" * 300 + " https://example.org/?a=1!b" + "字" * 400))

    assert page.rest.startswith("https://example.org/?a=1!b字")


def test_many_choices_lose_their_links_before_their_words() -> None:
    choices = [choice(f"岗位{number:02d}，泰安市区") for number in range(1, 21)]

    page = paginate(Reply("找到这些岗位。", choices, "回复编号看详情。"))

    assert "<a" not in page.text
    assert "20. 岗位20，泰安市区" in page.text
    assert page.rest == ""


def test_endless_labels_are_shortened_and_all_numbers_remain() -> None:
    choices = [choice(f"{number}号" + "很长的名字" * 40) for number in range(1, 9)]

    page = paginate(Reply("选一个。" * 200, choices, "回复编号。"))

    assert [line[:2] for line in page.text.splitlines() if line[1:3] == ". "] == [
        f"{number}." for number in range(1, 9)
    ]
    assert size(page.text) <= 1800
    assert page.rest


def test_following_the_pages_shows_the_whole_text() -> None:
    text = "".join(f"第{number}条，要点说明。" for number in range(300))
    seen, rest = "", text
    while rest:
        page = paginate(Reply(rest))
        seen += page.text.removesuffix(f"\n{MORE}")
        rest = page.rest

    assert seen == text


def test_a_limit_too_small_for_any_page_is_refused() -> None:
    with pytest.raises(ValueError, match="120"):
        paginate(Reply("x"), limit=SMALLEST_PAGE - 1)


@given(reply=REPLIES, limit=st.integers(SMALLEST_PAGE, 2000))
def test_no_page_is_longer_than_the_limit(reply: Reply, limit: int) -> None:
    page = paginate(reply, limit=limit)

    assert size(page.text) <= limit


@given(reply=REPLIES)
def test_only_our_own_links_hold_angle_brackets(reply: Reply) -> None:
    text = paginate(reply).text

    assert not re.search("[<>]", re.sub(OUR_LINK, "", text))


@given(reply=REPLIES, limit=st.integers(SMALLEST_PAGE, 2000))
def test_each_page_leaves_less_to_say(reply: Reply, limit: int) -> None:
    page = paginate(reply, limit=limit)
    again = paginate(Reply(page.rest, reply.choices, reply.closing), limit=limit)

    assert not page.rest or len(again.rest) < len(page.rest)
