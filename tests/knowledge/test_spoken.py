"""Figures and dates as people say them about their work."""

from datetime import date
from decimal import Decimal

import pytest

from knowledge.normalise import normalise
from knowledge.spoken import (
    Service,
    find_days_lent,
    find_grade,
    find_hours,
    find_rate,
    find_service,
    find_sum,
    find_wage,
    read_service,
    read_yes,
)
from knowledge.spoken_dates import find_day, find_month

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("said", "wage"),
    [
        ("我干了7年半一个月5200被辞退赔多少", 5200),
        ("一月六千五", 6500),
        ("月薪1.5万", 15000),
        ("1.5万一个月", 15000),
        ("前12个月平均四千八", 4800),
        ("工资2015块", 2015),
        ("2015年进的矿", None),
        ("工资五六千", None),
        ("一天两百", None),
        ("干了8年", None),
    ],
)
def test_the_pay_of_a_month(said: str, wage: int | None) -> None:
    assert find_wage(normalise(said)) == wage


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ("我干了7年半一个月5200", Service(90)),
        ("八年零两个月", Service(98)),
        ("三年多", Service(36, more=True)),
        ("干了10个月", Service(10)),
        ("工龄25年 月薪5500", Service(300)),
        ("干了二十年", Service(240)),
        ("15年3月进的", None),
        ("15年进的矿", None),
        ("2015年进矿", None),
        ("两年前走的", None),
        ("工龄补偿一年给几个月", None),
        ("干了一年", Service(12)),
        ("一个月5200", None),
    ],
)
def test_the_time_of_work(said: str, service: Service | None) -> None:
    assert find_service(normalise(said)) == service


@pytest.mark.parametrize(
    ("said", "months"),
    [("8", 96), ("大概8年吧", 96), ("七年半", 90), ("5200", None), ("8小时", None)],
)
def test_a_bare_number_is_years(said: str, months: int | None) -> None:
    service = read_service(normalise(said))

    assert (service.months if service else None) == months


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("平时20个小时，休息日8小时，国庆24小时", {"ext": 20, "restday": 8, "holiday": 24}),
        ("国庆加了3天班", {"holiday": 24}),
        ("加班40小时", {"any": 40}),
        ("周末加班8小时 平时加班20小时", {"restday": 8, "ext": 20}),
        ("干了30天", {}),
    ],
)
def test_hours_by_kind(said: str, hours: dict[str, int]) -> None:
    assert find_hours(normalise(said)) == hours


@pytest.mark.parametrize(
    ("said", "rate"),
    [
        ("月息2分", "0.24"),
        ("两分利", "0.24"),
        ("一分五的利", "0.18"),
        ("年息1分", "0.1"),
        ("年利率12%", "0.12"),
        ("月利率1%", "0.12"),
        ("百分之二十四", "0.24"),
        ("没约定利息", "0"),
        ("考了98分", None),
    ],
)
def test_the_interest_of_a_year(said: str, rate: str | None) -> None:
    assert find_rate(normalise(said)) == (None if rate is None else Decimal(rate))


@pytest.mark.parametrize(
    ("said", "days"),
    [("借了一年", 365), ("3个月", 91), ("73天", 73), ("半年", 182), ("借了10万", None)],
)
def test_how_long_money_was_lent(said: str, days: int | None) -> None:
    assert find_days_lent(normalise(said)) == days


def test_a_sum_is_no_year_and_no_rate() -> None:
    assert find_sum(normalise("2024年借了10万 月息2分")) == 100_000
    assert find_sum(normalise("借他2万一年没还")) == 20_000


@pytest.mark.parametrize(
    ("said", "grade"), [("十级", 10), ("评了7级", 7), ("二级伤残", 2), ("上级", None)]
)
def test_the_grade_of_a_disability(said: str, grade: int | None) -> None:
    assert find_grade(normalise(said)) == grade


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2024年3月1号", date(2024, 3, 1)),
        ("二零二四年三月五号", date(2024, 3, 5)),
        ("24年12月31日", date(2024, 12, 31)),
        ("2024-03-01", date(2024, 3, 1)),
        ("去年5月6日", date(2025, 5, 6)),
        ("3月5号", date(2026, 3, 5)),
        ("12月1号", date(2025, 12, 1)),
        ("上个月5号", date(2026, 10, 5)),
        ("昨天收到的", date(2026, 11, 23)),
        ("大前天", date(2026, 11, 21)),
        ("2024年2月30号", None),
        ("2024年3月", None),
        ("干了3年", None),
    ],
)
def test_days(said: str, day: date | None) -> None:
    assert find_day(normalise(said), TODAY) == day


@pytest.mark.parametrize(
    ("said", "month"),
    [
        ("我68年5月生的", (1968, 5)),
        ("六八年五月", (1968, 5)),
        ("1968.5", (1968, 5)),
        ("196805", (1968, 5)),
        ("25年3月", (2025, 3)),
        ("1968年13月", None),
        ("68年的", None),
    ],
)
def test_months(said: str, month: tuple[int, int] | None) -> None:
    assert find_month(normalise(said), TODAY) == month


@pytest.mark.parametrize(
    ("said", "yes"),
    [
        ("是的", True),
        ("下过井", True),
        ("没有", False),
        ("不是", False),
        ("没下过井", False),
        ("不清楚", None),
        ("5200", None),
    ],
)
def test_yes_and_no(said: str, yes: bool | None) -> None:
    assert read_yes(said) is yes
