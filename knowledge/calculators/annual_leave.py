"""Paid annual leave: the days, a broken year, and what unused days are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Final

from knowledge.calculators.base import MONTHLY_DAYS, Calculator, Result, articles, say, yuan
from knowledge.calculators.dates import spoken
from knowledge.calculators.inputs import Inputs

LABELS: Final = {
    "mode": "算什么",
    "cumulative_years": "累计工作年数",
    "sick_leave_months": "今年请病假的月数",
    "join_date": "进单位的日期",
    "left_date": "离职日期",
    "taken_days": "今年已经休的年假天数",
    "avg_monthly_wage_excl_ot": "前12个月不算加班费的月平均工资",
}
DAYS_A_YEAR: Final = 365
_LADDER: Final = ((20, 15, 4), (10, 10, 3), (1, 5, 2))
"""From so many years on: so many days, none after so many months of sick leave."""

_ARTICLES: Final = (
    *articles("职工带薪年休假条例", 3, 4, 5),
    *articles("企业职工带薪年休假实施办法", 5, 10, 11, 12),
)
_LEFT_OUT: Final = ("合同或单位规定比这更高的按高的算；福利假、探亲假不在里面",)


class Mode(StrEnum):
    """What is asked: the days of a whole year, of the year of leaving, or of joining."""

    DAYS = "days"
    EXIT = "exit"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class Leave:
    """The inputs."""

    mode: Mode
    years: Decimal
    sick_months: Decimal = Decimal(0)
    joined: date | None = None
    left: date | None = None
    taken: Decimal = Decimal(0)
    wage: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveResult(Result):
    """The days; on leaving what is unused and what it is worth on top of the usual pay."""

    days: Decimal | None = None
    entitled: int | None = None
    unpaid_days: Decimal | None = None
    extra_pay_200pct: Decimal | None = None
    clawback: Decimal | None = None


def days_a_year(years: Decimal, sick_months: Decimal = Decimal(0)) -> int:
    """Return the days of leave of a whole year."""
    for least, days, too_sick in _LADDER:
        if years >= least:
            return 0 if sick_months >= too_sick else days
    return 0


def annual_leave(case: Leave) -> LeaveResult:
    """Return what is asked; days short of a whole one are dropped."""
    entitled = days_a_year(case.years, case.sick_months)
    told = [_say_year(case, entitled)]
    if case.mode is Mode.EXIT and case.left is not None:
        return _exit(case, case.left, entitled, told)
    days = Decimal(entitled)
    if case.mode is Mode.JOIN and case.joined is not None:
        left = (date(case.joined.year, 12, 31) - case.joined).days + 1
        days = _floor(Decimal(left * entitled) / DAYS_A_YEAR)
        told.append(
            f"从{spoken(case.joined)}到年底还有{left}天：{left} ÷ 365 × {entitled}天，"
            f"去掉零头是{say(days)}天"
        )
    return LeaveResult(
        days=days,
        articles=_ARTICLES,
        steps=tuple(told),
        left_out=_LEFT_OUT,
        warnings=("在一个单位或几个单位连着干满12个月才有年假",),
    )


def _exit(case: Leave, left: date, entitled: int, told: list[str]) -> LeaveResult:
    began = date(left.year, 1, 1)
    if case.joined is not None and case.joined > began:
        began = case.joined
    passed = (left - began).days + 1
    share = Decimal(passed * entitled) / DAYS_A_YEAR - case.taken
    unpaid = max(_floor(share), Decimal(0))
    extra = None if case.wage is None else yuan(case.wage * 2 * unpaid / MONTHLY_DAYS)
    told += [
        f"今年在单位{passed}天：{passed} ÷ 365 × {entitled}天 − 已休{say(case.taken)}天，"
        f"去掉零头是{say(unpaid)}天",
        *_say_pay(case.wage, unpaid, extra),
    ]
    return LeaveResult(
        entitled=entitled,
        unpaid_days=unpaid,
        extra_pay_200pct=extra,
        clawback=Decimal(0),
        articles=_ARTICLES,
        steps=tuple(told),
        left_out=("这是正常工资以外再加的两倍，正常那一份本来就该发", *_LEFT_OUT),
        warnings=("休多了的，单位不能扣回去",) if share < 0 else (),
    )


def _say_year(case: Leave, entitled: int) -> str:
    years = say(case.years)
    if entitled:
        return f"累计工作{years}年，一年{entitled}天年假"
    if case.years < 1:
        return f"累计工作{years}年，不满1年，没有年假"
    return f"累计工作{years}年，病假{say(case.sick_months)}个月太长，今年没有年假"


def _say_pay(wage: Decimal | None, unpaid: Decimal, extra: Decimal | None) -> list[str]:
    if wage is None or extra is None or not unpaid:
        return []
    return [f"{say(wage)}元 ÷ {MONTHLY_DAYS} × 200% × {say(unpaid)}天 = {say(extra)}元"]


def _floor(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_FLOOR)


def run(raw: Mapping[str, object]) -> LeaveResult:
    """Read the inputs by name and work it out."""
    inputs = Inputs(raw, LABELS)
    mode = inputs.get_choice("mode", Mode)
    case = Leave(
        mode=mode,
        years=inputs.get_number("cumulative_years", most=80),
        sick_months=inputs.find_number("sick_leave_months", most=12) or Decimal(0),
        joined=inputs.get_day("join_date") if mode is Mode.JOIN else inputs.find_day("join_date"),
        left=inputs.get_day("left_date") if mode is Mode.EXIT else inputs.find_day("left_date"),
        taken=inputs.find_number("taken_days", most=366) or Decimal(0),
        wage=inputs.find_money("avg_monthly_wage_excl_ot"),
    )
    if case.joined is not None and case.left is not None and case.left < case.joined:
        inputs.refuse("left_date", "早于进单位的日期，请核对")
    return annual_leave(case)


CALCULATOR: Final = Calculator("annual_leave", "带薪年假", LABELS, run)
