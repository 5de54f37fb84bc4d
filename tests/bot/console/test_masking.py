"""What is hidden, what the card finds, and how times are said."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.console import words
from bot.console.conversation import say_source
from bot.console.facts import list_facts
from bot.console.masking import find_numbers, has_numbers, mask
from models.database import OpenSession
from models.volunteer import Skill

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    "number",
    [
        *("13912345678", "139 1234 5678", "139-1234-5678", "+8613912345678", "0537-2345678"),
        *("370883196805123417", "37088319680512341X", "6222021234567890", "6222021234567890123"),
    ],
)
def test_a_number_by_which_somebody_is_found_is_hidden(number: str) -> None:
    text = f"打{number}找我"

    assert number not in mask(text)
    assert has_numbers(text)
    assert find_numbers([text, text]) == [number]


@pytest.mark.parametrize(
    "text", ["欠我12000块", "2026年11月24日", "打12348", "编号 1024", "3.14159265358"]
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


def test_the_card_quotes_the_persons_own_words_and_names_what_is_missing() -> None:
    facts = list_facts(Skill.LAWYER, ["在兴旺煤业干了八年，没签合同", "欠我三个月"], None)

    known = {fact.name: fact.found for fact in facts if fact.found}
    assert known["在哪儿干活"] == "在兴旺煤业干了八年"
    assert known["有没有合同"] == "没签合同"
    assert known["拖了多久"] == "欠我三个月"
    assert [fact.name for fact in facts if not fact.found] == ["多少钱", "有什么凭据"]


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=20), "刚刚"),
        (timedelta(minutes=3), "3 分钟前"),
        (timedelta(hours=2), "今天 19:00"),
        (timedelta(days=1), "昨天 21:00"),
        (timedelta(days=5), "11月19日 21:00"),
        (timedelta(days=-1), "明天 21:00"),
    ],
)
def test_times_are_said_as_people_say_them(ago: timedelta, said: str) -> None:
    assert words.say_past(NOW - ago, now=NOW, zone=SHANGHAI) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=5), "1 分钟不到"),
        (timedelta(minutes=59), "59 分钟"),
        (timedelta(hours=2, minutes=5), "2 小时 5 分钟"),
        (timedelta(hours=26), "1 天 2 小时"),
    ],
)
def test_a_wait_is_said_in_two_units(length: timedelta, said: str) -> None:
    assert words.say_length(length) == said


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        (words.KINDS, "TicketKind"),
        (words.OUTCOMES, "Outcome"),
        (words.STATES, "TicketState"),
        (words.REFUSALS, "Refusal"),
        (words.ROLES, "Role"),
        (words.SKILLS, "Skill"),
        (words.OFFERS, "TransferState"),
    ],
)
def test_there_is_a_word_for_everything(table: dict[object, str], kinds: str) -> None:
    one = next(iter(table))

    assert type(one).__name__ == kinds
    assert set(table) == set(type(one))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("calculator:severance", "按法条算出来的"),
        ("law:劳动合同法#47,劳动合同法#87", "出自《劳动合同法》第47条、《劳动合同法》第87条"),
        ("offer:wage-1,wage-2", ""),
        ("", ""),
    ],
)
def test_a_source_is_told_in_words(open_session: OpenSession, source: str, said: str) -> None:
    with open_session() as session:
        assert say_source(session, source) == said


def test_facts_are_found_in_the_way_miners_say_them() -> None:
    said = ["就是矿上关了", "厂里欠俺仨月工资，一个月3800", "俺干了7年半"]
    known = {fact.name: fact.found for fact in list_facts(Skill.LAWYER, said, None)}

    assert known["在哪儿干活"] == ""
    assert "欠俺仨月工资" in known["拖了多久"]
    assert "一个月3800" in known["多少钱"]
    assert known["干了多久"] == "俺干了7年半"


@pytest.mark.parametrize("said", ["俺在新庄矿上干", "给兴旺劳务干的", "新庄煤业不认账"])
def test_a_place_of_work_that_is_named_is_found(said: str) -> None:
    [found] = [f.found for f in list_facts(Skill.LAWYER, [said], None) if f.name == "在哪儿干活"]

    assert found == said
