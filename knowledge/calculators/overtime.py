"""Overtime pay (劳动法 44)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from knowledge.calculators.base import (
    MONTHLY_DAYS,
    Article,
    Calculator,
    Result,
    articles,
    say,
    yuan,
)
from knowledge.calculators.inputs import Inputs

LABELS: Final = {
    "monthly_wage": "月工资",
    "ext_hours": "平时延长的加班小时",
    "restday_hours": "休息日加班小时",
    "restday_comp_leave": "休息日加班有没有补休",
    "holiday_hours": "法定节假日加班小时",
    "holiday_comp_leave": "节假日加班有没有补休",
}
HOURS_A_DAY: Final = 8
MOST_EXTENDED: Final = 36
_MOST_HOURS: Final = 744
_TIMES: Final = {"平时": Decimal("1.5"), "休息日": Decimal(2), "法定节假日": Decimal(3)}
_ARTICLES: Final = (
    *articles("劳动法", 44),
    *articles("工资支付暂行规定", 13),
    Article("人社部发〔2025〕2号（月计薪21.75天）"),
)
_LEFT_OUT: Final = (
    "计件、综合工时、不定时工时的算法不同，加班费基数各地和合同也有不同约定，这里没算",
)


@dataclass(frozen=True, slots=True)
class Overtime:
    """The inputs: a month's wage and the hours of three kinds."""

    wage: Decimal
    extended: Decimal = Decimal(0)
    restday: Decimal = Decimal(0)
    holiday: Decimal = Decimal(0)
    restday_made_up: bool = False
    holiday_made_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OvertimeResult(Result):
    """The pay, the wage of an hour, and whether more was ordered than the law allows."""

    amount: Decimal
    hourly: Decimal
    over_36h: bool


def overtime(case: Overtime) -> OvertimeResult:
    """Return the pay; a rest day that was made up for is not paid, a holiday always is."""
    hours = {
        "平时": case.extended,
        "休息日": Decimal(0) if case.restday_made_up else case.restday,
        "法定节假日": case.holiday,
    }
    weighted = sum((hours[kind] * times for kind, times in _TIMES.items()), Decimal(0))
    amount = yuan(case.wage * weighted / (MONTHLY_DAYS * HOURS_A_DAY))
    hourly = yuan(case.wage / (MONTHLY_DAYS * HOURS_A_DAY))
    over = case.extended > MOST_EXTENDED
    return OvertimeResult(
        amount=amount,
        hourly=hourly,
        over_36h=over,
        articles=_ARTICLES,
        steps=(
            f"一小时工资：{say(case.wage)}元 ÷ {MONTHLY_DAYS}天 ÷ 8小时 = {say(hourly)}元",
            *(_say_hours(case, kind, hours[kind]) for kind in _TIMES if hours[kind]),
            *(["休息日加班已经补休，不再付2倍"] if case.restday_made_up and case.restday else []),
            *(["节假日的3倍不能用补休顶"] if case.holiday_made_up and case.holiday else []),
            f"一共{say(amount)}元",
        ),
        left_out=_LEFT_OUT,
        warnings=("平时加班一个月超过36小时是违法安排，但加班费照样要付",) if over else (),
    )


def _say_hours(case: Overtime, kind: str, hours: Decimal) -> str:
    times = _TIMES[kind]
    pay = yuan(case.wage * hours * times / (MONTHLY_DAYS * HOURS_A_DAY))
    return f"{kind}{say(hours)}小时 × {say(times)}倍 = {say(pay)}元"


def run(raw: Mapping[str, object]) -> OvertimeResult:
    """Read the inputs by name and work it out."""
    inputs = Inputs(raw, LABELS)
    wage = inputs.get_money("monthly_wage")
    names = ("ext_hours", "restday_hours", "holiday_hours")
    if not any(inputs.has(name) for name in names):
        inputs.need("ext_hours", "休息日的填 restday_hours，节假日的填 holiday_hours")
    extended, restday, holiday = (
        inputs.find_number(name, most=_MOST_HOURS) or Decimal(0) for name in names
    )
    case = Overtime(
        wage=wage,
        extended=extended,
        restday=restday,
        holiday=holiday,
        restday_made_up=inputs.find_flag("restday_comp_leave") or False,
        holiday_made_up=inputs.find_flag("holiday_comp_leave") or False,
    )
    return overtime(case)


CALCULATOR: Final = Calculator("overtime", "加班费", LABELS, run)
