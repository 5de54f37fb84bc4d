"""The statutory age of retirement and the years of contributions it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from knowledge.calculators.base import Article, Calculator, Result, articles, say
from knowledge.calculators.dates import Month
from knowledge.calculators.inputs import Inputs

LABELS: Final = {"category": "哪一类职工", "birth": "出生年月"}
BEGAN: Final = Month(2025, 1)
_YEARS_RISE: Final = (2030, 2039)
_FEWEST_YEARS: Final = Decimal(15)
_MOST_YEARS: Final = Decimal(20)
ARTICLES: Final = (
    *articles("渐进式延迟法定退休年龄办法", 1, 2),
    Article("渐进式延迟法定退休年龄决定", 1, "项"),
)
_LEFT_OUT: Final = (
    "井下、高温等特殊工种提前退休，和自愿提前、推后最多三年的弹性退休，都没算在里面",
)


class Category(StrEnum):
    """Whom the law tells apart."""

    WOMAN_50 = "f50"
    WOMAN_55 = "f55"
    MAN = "m"


@dataclass(frozen=True, slots=True)
class _Rule:
    said: str
    age: int
    step: int
    cap: int


_RULES: Final = {
    Category.MAN: _Rule("男职工", age=60, step=4, cap=36),
    Category.WOMAN_55: _Rule("原55岁退休的女职工", age=55, step=4, cap=36),
    Category.WOMAN_50: _Rule("原50岁退休的女职工", age=50, step=2, cap=60),
}


@dataclass(frozen=True, slots=True)
class Retirement:
    """The inputs."""

    category: Category
    birth: Month


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirementResult(Result):
    """The month of retirement, the age then, and the fewest years of contributions."""

    delay_months: int
    age_years: int
    age_months: int
    retire_ym: Month
    min_contribution_years: Decimal


def retirement_age(case: Retirement) -> RetirementResult:
    """Return when somebody retires at the ordinary age."""
    rule = _RULES[case.category]
    original = case.birth.plus(rule.age * 12)
    offset = original.since(BEGAN)
    delay = min(rule.cap, offset // rule.step + 1) if offset >= 0 else 0
    years, months = divmod(rule.age * 12 + delay, 12)
    retires = original.plus(delay)
    fewest = _fewest_years(retires.year)
    age = f"{years}岁{f'零{months}个月' if months else ''}"
    return RetirementResult(
        delay_months=delay,
        age_years=years,
        age_months=months,
        retire_ym=retires,
        min_contribution_years=fewest,
        articles=ARTICLES,
        steps=(
            f"{rule.said}，{case.birth.spoken}生，原来{rule.age}岁退休是{original.spoken}",
            f"延迟{delay}个月，到{retires.spoken}，{age}"
            if delay
            else f"2025年以前就到年龄的不延迟：{retires.spoken}，{age}",
            f"那一年按月领养老金，最少要交满{say(fewest)}年",
        ),
        left_out=_LEFT_OUT,
        warnings=("下过井、干过特殊工种的先打12333问，能不能提前要看档案",),
    )


def _fewest_years(year: int) -> Decimal:
    first, last = _YEARS_RISE
    if year < first:
        return _FEWEST_YEARS
    if year >= last:
        return _MOST_YEARS
    return _FEWEST_YEARS + Decimal(year - first + 1) / 2


def run(raw: Mapping[str, object]) -> RetirementResult:
    """Read the inputs by name and work it out."""
    inputs = Inputs(raw, LABELS)
    category = inputs.get_choice("category", Category)
    return retirement_age(Retirement(category, inputs.get_month("birth")))


CALCULATOR: Final = Calculator("retirement_age", "法定退休年龄", LABELS, run)
