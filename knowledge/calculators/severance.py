"""Compensation when a job ends: N, N+1, 2N (劳动合同法 40, 46, 47, 87, 97)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from knowledge.calculators.base import (
    Article,
    Calculator,
    CalculatorError,
    Result,
    articles,
    say,
    yuan,
)
from knowledge.calculators.dates import ONE_DAY, add_months, spoken, whole_months
from knowledge.calculators.inputs import Inputs

LAW_BEGAN: Final = date(2008, 1, 1)
MOST_MONTHS: Final = 12
TIMES_AVERAGE: Final = 3
_HALF: Final = Decimal("0.5")
_HALF_YEAR: Final = 6

LABELS: Final = {
    "kind": "哪一种（N、N+1、2N）",
    "start_date": "入职日期",
    "end_date": "离职日期",
    "avg_monthly_wage": "离职前12个月的月平均工资",
    "local_avg_monthly_wage": "本地上年度职工月平均工资",
    "min_wage": "当地最低工资",
    "last_month_wage": "上一个月的工资",
    "legal_basis": "辞退的依据",
    "notice_30d_given": "有没有提前30天书面通知",
}


class Kind(StrEnum):
    """Which sum is wanted."""

    DOUBLE = "2N"
    PLAIN = "N"
    PLUS_ONE = "N+1"


class Basis(StrEnum):
    """By which article the employer ended the contract."""

    ARTICLE_40 = "art40"
    ARTICLE_41 = "art41"


@dataclass(frozen=True, slots=True)
class Local:
    """The local figures; None where nobody knows them."""

    average: Decimal | None = None
    minimum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What decides about the month's pay in lieu of notice."""

    basis: Basis
    given: bool | None = None
    last_month_wage: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Severance:
    """The inputs: `months` of service that count, and the pay they are counted by."""

    kind: Kind
    units: Decimal
    wage: Decimal
    local: Local = Local()
    notice: Notice | None = None
    pre2008_separate: bool = False
    counted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveranceResult(Result):
    """The sum and its parts."""

    amount: Decimal
    months: Decimal
    monthly_base: Decimal
    capped: bool
    pre2008_separate: bool
    notice_pay: Decimal | None = None


def count_units(start: date, end: date) -> Decimal:
    """Return the months' pay for a time of service, both days worked."""
    months, more = _service(start, end)
    return units_of_months(months, more=more)


def units_of_months(months: int, *, more: bool = False) -> Decimal:
    """Return the months' pay for whole months of service; `more` when some days come on top."""
    years, rest = divmod(months, 12)
    if rest >= _HALF_YEAR:
        return Decimal(years + 1)
    return Decimal(years) + (_HALF if rest or more else 0)


def _service(start: date, end: date) -> tuple[int, bool]:
    after = end + ONE_DAY
    months = whole_months(start, after)
    return months, add_months(start, months) < after


def severance(case: Severance) -> SeveranceResult:
    """Return what the law gives, with the cap for high and the floor for low wages."""
    base, units, capped = _base(case)
    factor = 2 if case.kind is Kind.DOUBLE else 1
    pay = yuan(base * units * factor)
    notice_pay = _notice_pay(case)
    amount = pay + (notice_pay or 0)
    return SeveranceResult(
        amount=amount,
        months=units,
        monthly_base=yuan(base),
        capped=capped,
        pre2008_separate=case.pre2008_separate,
        notice_pay=notice_pay,
        articles=_articles(case),
        steps=(
            *([case.counted] if case.counted else []),
            _say_units(case, units),
            *_say_base(case, base),
            _say_sum(units, yuan(base), factor, pay),
            *_say_notice(case, notice_pay, amount),
        ),
        left_out=_left_out(case),
        warnings=_warnings(case),
    )


def _base(case: Severance) -> tuple[Decimal, Decimal, bool]:
    cap = None if case.local.average is None else case.local.average * TIMES_AVERAGE
    if cap is not None and case.wage > cap:
        return cap, min(case.units, Decimal(MOST_MONTHS)), True
    return max(case.wage, case.local.minimum or Decimal(0)), case.units, False


def _notice_pay(case: Severance) -> Decimal | None:
    notice = case.notice
    owed = notice is not None and notice.basis is Basis.ARTICLE_40 and notice.given is False
    if case.kind is not Kind.PLUS_ONE or notice is None or not owed:
        return None
    return None if notice.last_month_wage is None else yuan(notice.last_month_wage)


def _say_units(case: Severance, units: Decimal) -> str:
    said = (
        f"工龄按{say(case.units)}个月工资算（满一年1个月，余下满6个月算1个月，不满6个月算半个月）"
    )
    return said if units == case.units else f"{said}，工资封顶的最多{MOST_MONTHS}个月"


def _say_base(case: Severance, base: Decimal) -> list[str]:
    average = case.local.average
    if base < case.wage and average is not None:
        return [
            f"月工资{say(case.wage)}元高于本地平均工资{say(average)}元的3倍，按3倍{say(yuan(base))}元算"
        ]
    if base > case.wage:
        return [f"月平均工资{say(case.wage)}元低于最低工资，按最低工资{say(yuan(base))}元算"]
    return [f"月工资按{say(yuan(base))}元算"]


def _say_sum(units: Decimal, base: Decimal, factor: int, pay: Decimal) -> str:
    double = " × 2" if factor > 1 else ""
    return f"{say(units)}个月 × {say(base)}元{double} = {say(pay)}元"


def _say_notice(case: Severance, pay: Decimal | None, amount: Decimal) -> list[str]:
    if case.kind is not Kind.PLUS_ONE or case.notice is None:
        return []
    if pay is not None:
        return [f"没提前30天书面通知，加上一个月工资{say(pay)}元，一共{say(amount)}元"]
    if case.notice.basis is Basis.ARTICLE_41:
        return ["按第41条裁员的，法律没有规定代通知金，没有“+1”"]
    return ["已经提前30天书面通知，没有“+1”"]


def _left_out(case: Severance) -> tuple[str, ...]:
    said = ["不含欠发的工资、加班费、没休的年假和社保"]
    if case.pre2008_separate:
        said.append("2008年以前的工龄要按当时的规定另算，这里没算")
    return tuple(said)


def _warnings(case: Severance) -> tuple[str, ...]:
    said = []
    if case.local.average is None:
        said.append("月工资超过本地上年度平均工资3倍的要封顶，本地的数请打12333问")
    if case.kind is Kind.DOUBLE:
        said.append("2N是违法辞退才有的，拿了2N就不再拿N")
    return tuple(said)


def _articles(case: Severance) -> tuple[Article, ...]:
    found = list(articles("劳动合同法", 47))
    if case.kind is Kind.DOUBLE:
        return (
            *articles("劳动合同法", 87, 47),
            *articles("劳动合同法实施条例", 25, 27),
        )
    found += articles("劳动合同法", 46)
    if case.kind is Kind.PLUS_ONE and case.notice is not None:
        found = [*_basis_articles(case.notice.basis), *found]
    if case.pre2008_separate:
        found += articles("劳动合同法", 97)
    return (*found, *articles("劳动合同法实施条例", 27))


def _basis_articles(basis: Basis) -> tuple[Article, ...]:
    if basis is Basis.ARTICLE_41:
        return articles("劳动合同法", 41)
    return (*articles("劳动合同法", 40), *articles("劳动合同法实施条例", 20))


def from_service(
    kind: Kind, start: date, end: date, *, wage: Decimal, local: Local, notice: Notice | None = None
) -> Severance:
    """Return the inputs for a time of service; what lies before 2008 counts for 2N alone."""
    if end < start:
        msg = "「离职日期」早于入职日期，请核对"
        raise CalculatorError(msg, field="end_date")
    if end < LAW_BEGAN:
        msg = "「离职日期」在2008年以前，要按当时的规定算，这里算不了"
        raise CalculatorError(msg, field="end_date")
    is_split = start < LAW_BEGAN and kind is not Kind.DOUBLE
    since = LAW_BEGAN if is_split else start
    split = "（2008年以前的另算）" if is_split else ""
    return Severance(
        kind=kind,
        units=count_units(since, end),
        wage=wage,
        local=local,
        notice=notice,
        pre2008_separate=is_split,
        counted=f"从{spoken(since)}到{spoken(end)}，{_say_service(since, end)}{split}",
    )


def _say_service(start: date, end: date) -> str:
    months, more = _service(start, end)
    years, rest = divmod(months, 12)
    parts = [f"{years}年" if years else "", f"{rest}个月" if rest else "", "多几天" if more else ""]
    return "".join(parts)


def _read_notice(inputs: Inputs, kind: Kind) -> Notice | None:
    basis = inputs.find_choice("legal_basis", Basis)
    given = inputs.find_flag("notice_30d_given")
    last = inputs.find_money("last_month_wage")
    if kind is not Kind.PLUS_ONE:
        return None
    if basis is None:
        inputs.need("legal_basis", "第40条写 art40，第41条裁员写 art41")
        return None  # pragma: no cover - `need` has refused it
    if basis is Basis.ARTICLE_40:
        inputs.need("notice_30d_given")
        if given is False:
            inputs.need("last_month_wage")
    return Notice(basis, given=given, last_month_wage=last)


def run(raw: Mapping[str, object]) -> SeveranceResult:
    """Read the inputs by name and work it out."""
    inputs = Inputs(raw, LABELS)
    kind = inputs.get_choice("kind", Kind)
    start, end = inputs.get_day("start_date"), inputs.get_day("end_date")
    wage = inputs.get_money("avg_monthly_wage")
    average = inputs.get_money("local_avg_monthly_wage")
    minimum = inputs.find_money("min_wage")
    if minimum is not None and minimum > average:
        inputs.refuse("min_wage", "高于本地平均工资，请核对")
    notice = _read_notice(inputs, kind)
    local = Local(average, minimum)
    return severance(from_service(kind, start, end, wage=wage, local=local, notice=notice))


CALCULATOR: Final = Calculator("severance", "离职补偿（N、N+1、2N）", LABELS, run)
