"""An approved reply is filled, found and recognised."""

import pytest
import yaml

from knowledge.approved import (
    fill,
    find,
    is_filled_from,
    key_of,
    known_places,
    list_gaps,
    list_places,
    needs_source,
)
from knowledge.content_dir import CONTENT
from models.approved_reply import LONGEST_BODY, LONGEST_TITLE
from models.outbox import MAX_BYTES
from models.volunteer import Skill

BODY = "{称呼}您好，您说「{拖了多久}」，编号 {编号}。"
SHIPPED = yaml.safe_load((CONTENT / "replies.yaml").read_text(encoding="utf-8"))["replies"]


def test_what_is_known_is_put_in_and_the_rest_is_a_gap() -> None:
    text = fill(BODY, {"编号": "7", "称呼": ""})

    assert text == "【称呼？】您好，您说「【拖了多久？】」，编号 7。"
    assert list_gaps(text) == ["称呼", "拖了多久"]


def test_words_of_the_person_can_make_neither_a_gap_nor_a_place() -> None:
    text = fill("您说{拖了多久}", {"拖了多久": "【编号？】{称呼}\n三个月"})

    assert text == "您说「编号？」「称呼」 三个月"
    assert list_gaps(text) == []


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("程师傅您好，您说「三个月没发」，编号 7。", True),
        ("老程您好，您说「仨月」，编号 7。", True),
        ("程师傅您好，您说「三个月没发」，编号 8。", True),  # a gap may be put right
        ("程师傅您好，您说「三个月没发」，编号 7。我保证给您要回来", False),
        ("程师傅，我电话13912345678您好，您说「三个月没发」，编号 7。", False),
        ("13912345678您好，您说「三个月没发」，编号 7。", False),
        ("【称呼？】您好，您说「三个月没发」，编号 7。", False),
        ("您好，您说「三个月没发」，编号 7。", False),
    ],
)
def test_a_text_is_a_reply_when_only_its_gaps_differ(text: str, fits: bool) -> None:
    assert is_filled_from(text, BODY, {"编号": "7", "拖了多久": "三个月没发"}) is fits


@pytest.mark.parametrize("query", ["gzt", "工资条", "GZT", "gongzitiao", "工资 流水", "ls kq"])
def test_a_reply_is_found_by_words_by_initials_and_by_pinyin(query: str) -> None:
    keys = [key_of(one["title"], one["body"]) for one in SHIPPED]

    found = [SHIPPED[place]["key"] for place in find(keys, query)]

    assert found[0] == "lawyer-pay-slip"


def test_what_nobody_wrote_is_not_found() -> None:
    assert find([key_of("工资条", "拍给我看")], "离婚") == []


def test_a_figure_or_an_article_wants_a_source() -> None:
    assert needs_source("时效是一年")
    assert needs_source("看第27条")
    assert not needs_source("您手里有工资条吗？")


def test_each_kind_of_help_has_replies_that_can_be_sent() -> None:
    for skill in Skill:
        assert len([one for one in SHIPPED if one["skill"] == skill]) >= 5
    for one in SHIPPED:
        assert len(one["title"]) <= LONGEST_TITLE
        assert len(one["body"]) <= LONGEST_BODY
        assert len(one["body"].encode()) < MAX_BYTES - 200
    assert len({one["key"] for one in SHIPPED}) == len(SHIPPED) >= 24


def test_a_lawyers_figures_stand_on_something() -> None:
    lawyers = [one for one in SHIPPED if one["skill"] == "lawyer"]

    assert [
        one["key"] for one in lawyers if needs_source(one["body"]) and "source" not in one
    ] == []


def test_places_are_named_once() -> None:
    assert list_places("{称呼}，{编号}，{称呼}") == ["称呼", "编号"]
    assert known_places(["多少钱"]) == {"称呼", "编号", "多少钱"}
