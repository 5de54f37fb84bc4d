"""The second wage where no written contract was made (劳动合同法 82)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from knowledge.calculators.base import MONTHLY_DAYS, Calculator, Result, articles, say, yuan
from knowledge.calculators.dates import ONE_DAY, add_months, spoken, whole_months
from knowledge.calculators.inputs import Inputs

LABELS: Final = {
    "start_date": "开始上班的日期",
    "monthly_wage": "月工资",
    "signed_date": "补签合同的日期",
    "left_date": "离职日期",
    "as_of": "算到哪一天",
    "partial_workdays": "不满一个月的那几天里实际上班的天数",
    "worker_fault": "是不是自己故意不签",
}
_YEAR: Final = 12
_ARTICLES: Final = (
    *articles("劳动合同法", 82),
    *articles("劳动合同法实施条例", 6, 7),
    *articles("劳动争议司法解释二", 6, 7, 9),
)
_LEFT_OUT: Final = (
    "这是多给的那一份，不含本来就该发的工资",
    "工资里算不算奖金、加班费，起算差不差一天，各地口径不一",
)


@dataclass(frozen=True, slots=True)
class DoubleWage:
    """The inputs: when work began, and what ended the time without a contract."""

    start: date
    wage: Decimal
    signed: date | None = None
    left: date | None = None
    as_of: date | None = None
    partial_workdays: Decimal | None = None
    worker_fault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleWageResult(Result):
    """The second wage: `period_end` is the last day that counts."""

    amount: Decimal
    months: int
    partial_workdays: Decimal
    period_start: date | None = None
    period_end: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The time that counts: whole months, then some days (`end` is the first day after).

    Months are counted from the first day of work, so that a 31st does not become the 28th for good.
    """

    began: date
    end: date
    months: int

    @property
    def start(self) -> date:
        """Return the first day that counts."""
        return add_months(self.began, 1)

    @property
    def rest(self) -> tuple[date, date]:
        """Return the first day of the broken month and the first day after it."""
        return add_months(self.began, self.months + 1), self.end

    @property
    def rest_days(self) -> int:
        """Return how many days the broken month has."""
        first, after = self.rest
        return (after - first).days


def find_period(case: DoubleWage) -> Period | None:
    """Return the time that counts, or None where there is none."""
    begin = add_months(case.start, 1)
    ends = [add_months(case.start, _YEAR), case.signed]
    ends += [day + ONE_DAY for day in (case.left, case.as_of) if day is not None]
    end = min(day for day in ends if day is not None)
    if case.worker_fault or end <= begin:
        return None
    return Period(case.start, end, whole_months(case.start, end) - 1)


def double_wage(case: DoubleWage) -> DoubleWageResult:
    """Return the second wage; the days of a broken month must be told where there is one."""
    period = find_period(case)
    if period is None:
        return _nothing(case)
    days = case.partial_workdays or Decimal(0)
    # Divided once and last, so that nothing is rounded on the way.
    amount = yuan(case.wage * period.months + case.wage * days / MONTHLY_DAYS)
    last = period.end - ONE_DAY
    return DoubleWageResult(
        amount=amount,
        months=period.months,
        partial_workdays=days,
        period_start=period.start,
        period_end=last,
        articles=_ARTICLES,
        steps=(
            f"从{spoken(period.start)}（上班满一个月后）算到{spoken(last)}，最多11个月",
            f"整月：{period.months}个月 × {say(case.wage)}元 = {say(case.wage * period.months)}元",
            *_say_rest(case, period, days),
            f"一共多给{say(amount)}元",
        ),
        left_out=_LEFT_OUT,
        warnings=_warnings(case, last),
    )


def _nothing(case: DoubleWage) -> DoubleWageResult:
    why = (
        "自己故意或者有重大过失没签的，不支持双倍工资"
        if case.worker_fault
        else "上班一个月以内签了合同或者就走了的，没有双倍工资"
    )
    return DoubleWageResult(
        amount=Decimal(0),
        months=0,
        partial_workdays=Decimal(0),
        articles=_ARTICLES,
        steps=(why,),
        left_out=_LEFT_OUT,
    )


def _say_rest(case: DoubleWage, period: Period, days: Decimal) -> list[str]:
    if not period.rest_days:
        return []
    pay = yuan(case.wage * days / MONTHLY_DAYS)
    return [f"零头：{say(case.wage)}元 ÷ {MONTHLY_DAYS} × {say(days)}天 = {say(pay)}元"]


def _warnings(case: DoubleWage, last: date) -> tuple[str, ...]:
    said = []
    if case.as_of is not None and case.as_of > add_months(last, _YEAR):
        said.append("多数地方按一年仲裁时效审，这笔很可能已经过了时效，要赶快问律师")
    elif case.as_of is not None:
        said.append("申请仲裁一般要在一年之内，别拖")
    return tuple(said)


def run(raw: Mapping[str, object]) -> DoubleWageResult:
    """Read the inputs by name and work it out."""
    inputs = Inputs(raw, LABELS)
    case = DoubleWage(
        start=inputs.get_day("start_date"),
        wage=inputs.get_money("monthly_wage"),
        signed=inputs.find_day("signed_date"),
        left=inputs.find_day("left_date"),
        as_of=inputs.find_day("as_of"),
        partial_workdays=inputs.find_number("partial_workdays", most=31),
        worker_fault=inputs.find_flag("worker_fault") or False,
    )
    for name, day in (("left_date", case.left), ("as_of", case.as_of)):
        if day is not None and day < case.start:
            inputs.refuse(name, "早于开始上班的日期，请核对")
    if not (case.signed or case.left or case.as_of):
        inputs.need("as_of", "补签了的填 signed_date，走了的填 left_date")
    _check_rest(case, inputs)
    return double_wage(case)


def _check_rest(case: DoubleWage, inputs: Inputs) -> None:
    period = find_period(case)
    rest = period.rest_days if period is not None else 0
    if rest and period is not None:
        first, after = period.rest
        inputs.need("partial_workdays", f"{spoken(first)}到{spoken(after - ONE_DAY)}上了几天班")
    if period is not None and (case.partial_workdays or 0) > rest:
        inputs.refuse("partial_workdays", f"超过了：不满一个月的只有{rest}天")


CALCULATOR: Final = Calculator("double_wage", "没签合同的双倍工资", LABELS, run)
