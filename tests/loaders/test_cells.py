"""What people and spreadsheets write in a cell, and what becomes of it."""

from datetime import UTC, date, datetime, time

import pytest

from bot.loading.cell_contacts import https, phone
from bot.loading.cell_times import day, moment
from bot.loading.cells import (
    BadCellError,
    Cell,
    Parse,
    decimal,
    key,
    listed,
    text,
    whole_number,
)

EVENING = datetime(2026, 11, 26, 11, 30, tzinfo=UTC)
pay = whole_number(1, 100_000, unit=" 元")
LATITUDE = decimal(-90, 90, example="36.2")


@pytest.mark.parametrize(
    "said",
    [
        "2026/11/26",
        "2026-11-26",
        "2026.11.26",
        "2026年11月26日",
        "２０２６年１１月２６日",
        "20261126",
        46352.0,
        "46352",
        date(2026, 11, 26),
        datetime(2026, 11, 26),  # noqa: DTZ001 - as Excel gives it
        "2026-11-26 00:00:00",
    ],
)
def test_a_date_is_understood_in_every_usual_form(said: Cell) -> None:
    assert day(said) == date(2026, 11, 26)


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-26 19:30",
        "2026/11/26 19：30",
        "2026年11月26日 19点30分",
        "2026年11月26日19:30",
        "2026-11-26T19:30:00+08:00",
        "2026-11-26T11:30:00Z",
        46352.8125,
        datetime(2026, 11, 26, 19, 29, 59, 999_800),  # noqa: DTZ001 - a fraction of Excel's
    ],
)
def test_a_moment_is_in_shanghai_unless_it_says_otherwise(said: Cell) -> None:
    assert moment(said) == EVENING


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("3500", 3500),
        ("３５００", 3500),
        ("3,500", 3500),
        ("3500元", 3500),
        ("3.5千", 3500),
        ("1.2万", 12_000),
        (3500.0, 3500),
        ("面议", None),
        (" ", None),
        (None, None),
    ],
)
def test_a_number_is_understood_as_people_write_it(said: Cell, number: int | None) -> None:
    assert pay(said) == number


@pytest.mark.parametrize(
    ("parse", "said", "advice"),
    [
        (pay, "=A1+B1", "公式"),
        (pay, "+3500", "只写数字"),
        (pay, "-3500", "只写数字"),
        (pay, "@SUM(A1)", "公式"),
        (pay, "三千五", "阿拉伯数字"),
        (pay, "3000-4000", "分两列"),
        (pay, "18.5", "请填整数"),
        (pay, "1.38E+10", "科学计数法"),
        (pay, "#REF!", "公式出错"),
        (pay, "0", "1 到 100000 元"),
        (pay, datetime(2026, 3, 4), "日期"),  # noqa: DTZ001
        (day, "2026-02-30", "没有这一天"),
        (day, "下周四", "写成 2026-11-26"),
        (moment, "2026-11-26", "写成 2026-11-26 19:30"),
        (moment, "2026-11-26 25:00", "没有这个钟点"),
        (phone(40), "1234567", "0538-1234567"),
        (phone(40), "1.38000E+10", "科学计数法"),
        (phone(40), "一三八", "手机号"),
        (https(400), "http://example.org", "https://"),
        (https(400), "javascript:alert(1)", "https://"),
        (https(400), "https://user name@example.org", "https://"),
        (key(64), "a b", "空格"),
        (key(64), 370_921_199_001_011_234, "15位"),
        (text(5), "一二三四五六", "最多 5 个"),
        (text(5), "\ud800", "无法保存"),
        (text(5), {"a": 1}, "只能填文字"),
        (listed(5, 2), "甲|乙|丙", "最多 2 项"),
        (LATITUDE, "91", "例如 36.2"),
        (LATITUDE, "9" * 30, "太大或太小"),
        (LATITUDE, "nan", "例如 36.2"),
        (LATITUDE, "北边", "阿拉伯数字，如 36.2"),
    ],
)
def test_a_refusal_says_what_to_write_instead(parse: Parse, said: Cell, advice: str) -> None:
    with pytest.raises(BadCellError, match=advice):
        parse(said)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("138 0000 0000", "13800000000"),
        ("138-0000-0000", "13800000000"),
        ("+86 13800000000", "13800000000"),
        ("（0538）0000001", "05380000001"),
        ("0538－0000001", "0538-0000001"),
        (13800000000, "13800000000"),
        ("0538-0000001/13800000000", "0538-0000001 / 13800000000"),
        ("400-000-0000", "400-000-0000"),
        ("12333", "12333"),
        ("无", ""),
    ],
)
def test_a_telephone_number_is_tidied(said: Cell, number: str) -> None:
    assert phone(40)(said) == number


def test_text_stays_as_written_and_loses_only_what_nobody_sees() -> None:
    assert text(40)("\ufeff=看大门，\u200b夜里转两圈\x00 ") == "=看大门，夜里转两圈"
    assert text(40)("一行\r\n二行") == "一行\n二行"


def test_a_key_stored_as_a_number_is_the_same_key() -> None:
    assert key(64)(1001.0) == key(64)("１００１") == key(64)(1001) == "1001"


def test_a_clock_in_a_text_column_reads_as_a_clock() -> None:
    assert text(40)(time(8, 30)) == "08:30"


def test_a_list_comes_from_one_cell_or_from_a_list() -> None:
    assert (
        listed(9, 9)("咋办| 咋办｜找谁") == listed(9, 9)(["咋办", "找谁", ""]) == ["咋办", "找谁"]
    )
