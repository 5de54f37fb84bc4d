from decimal import Decimal

import pytest

from knowledge.numbers import LAST, find_amounts, parse_choice, parse_number, parse_range


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("四千五", "4500"),
        ("三千五", "3500"),
        ("一万二", "12000"),
        ("两百八", "280"),
        ("一百二", "120"),
        ("4k5", "4500"),
        ("4.5k", "4500"),
        ("6K", "6000"),
        ("1w2", "12000"),
        ("1.2万", "12000"),
        ("一万二千五", "12500"),
        ("两百零五", "205"),
        ("一千零五十", "1050"),
        ("10,500元", "10500"),
        ("5200块", "5200"),
        ("七年半", "7.5"),
        ("3个半小时", "3.5"),
        ("半年", "0.5"),
        ("一个半月", "1.5"),
        ("三点五", "3.5"),
        ("二十七", "27"),
        ("十五", "15"),
        ("一百一十五", "115"),
        ("俩", "2"),
        ("二零一九", "2019"),
        ("八千块钱左右", "8000"),
        ("干了28年", "28"),
    ],
)
def test_a_number_is_read_as_people_mean_it(said: str, value: str) -> None:
    assert parse_number(said) == Decimal(value)


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("四五千", "4000", "5000"),
        ("五六千块", "5000", "6000"),
        ("三五百", "300", "500"),
        ("一两万", "10000", "20000"),
        ("四千五六", "4500", "4600"),
        ("二十七八", "27", "28"),
        ("6千到8千", "6000", "8000"),
        ("4到5千", "4000", "5000"),
        ("4-5k", "4000", "5000"),
        ("3000~4000", "3000", "4000"),
        ("3500元至5900元", "3500", "5900"),
        ("300――800", "300", "800"),
        ("23到30岁", "23", "30"),
        ("1-1.5万", "10000", "15000"),
    ],
)
def test_a_range_keeps_both_ends(said: str, low: str, high: str) -> None:
    assert parse_range(said) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize("said", ["", "没有", "多少钱", "²", "点"])
def test_a_text_without_a_number_gives_none(said: str) -> None:
    assert parse_number(said) is None


def test_several_numbers_keep_their_places() -> None:
    said = "52岁 想要4500"

    found = find_amounts(said)

    assert [said[amount.start : amount.end] for amount in found] == ["52", "4500"]


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("2", 2),
        ("第二个", 2),
        ("二", 2),
        ("就第一个吧", 1),
        ("2.", 2),
        ("2、", 2),
        ("②", 2),
        ("⑴", 1),
        ("２", 2),
        ("(3)", 3),
        ("要第三个", 3),
        ("选三", 3),
        ("选 1", 1),
        ("我要2", 2),
        ("3号", 3),
        ("一吧", 1),
        ("第3条", 3),
        ("那就第2个吧，谢谢", 2),
        ("第一个怎么报名", 1),
        ("第二个 电话多少", 2),
        ("头一个", 1),
        ("中间那个", 2),
        ("倒数第二个", 2),
        ("俺要第三家", 3),
        ("回复1", 1),
    ],
)
def test_a_choice_is_understood(said: str, choice: int) -> None:
    assert parse_choice(said, 3) == choice


@pytest.mark.parametrize(
    "said", ["最后一个", "就最后那个吧", "最下面那个", "倒数第一个", "最后一条"]
)
def test_the_last_one_is_a_choice_of_its_own(said: str) -> None:
    assert parse_choice(said, 3) is LAST


@pytest.mark.parametrize(
    "said",
    [
        "52",
        "2个月",
        "二十年",
        "两个孩子",
        "2个孩子",
        "第二个月工资没发",
        "第一个孩子上学了",
        "1和3",
        "1,3",
        "4",
        "0",
        "第五个",
        "²",
        "十",
        "两",
        "",
        "。",
        "1500",
        "一个月没发工资",
        "二手叉车",
        "三班倒",
        "我52了",
        "2天",
        "最后一个月工资没给",
        "12333",
    ],
)
def test_what_only_holds_a_number_is_no_choice(said: str) -> None:
    assert parse_choice(said, 3) is None


def test_the_number_of_choices_sets_the_limit() -> None:
    assert parse_choice("十二", 12) == 12
    assert parse_choice("十二", 11) is None
