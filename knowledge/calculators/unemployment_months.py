"""For how many months unemployment benefit is paid at most."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from knowledge.calculators.base import Calculator, Result, articles
from knowledge.calculators.dates import Month
from knowledge.calculators.inputs import Inputs
from knowledge.calculators.retirement_age import Category, Retirement, retirement_age

LABELS: Final = {
    "contribution_months": "失业保险缴费月数",
    "unclaimed_prev_months": "上一次失业没领完的月数",
    "voluntary_quit": "是不是自己辞职的",
    "category": "哪一类职工",
    "birth": "出生年月",
    "benefit_end": "失业金领完的年月",
}
MOST: Final = 24
_YEAR: Final = 12
_LADDER: Final = ((120, 24), (60, 18), (12, 12))
_MOST_CONTRIBUTED: Final = 720
_ARTICLES: Final = (
    *articles("社会保险法", 45, 46),
    *articles("渐进式延迟法定退休年龄办法", 7),
)
_LEFT_OUT: Final = ("每月领多少、实际能领几个月由当地定，打12333问；还要先办失业登记",)


@dataclass(frozen=True, slots=True)
class Retiring:
    """Who is near retirement when the benefit ends."""

    who: Retirement
    benefit_end: Month


@dataclass(frozen=True, slots=True)
class Unemployment:
    """The inputs: contributions (None where only the nearness of retirement is asked)."""

    contributed: int | None
    unclaimed: int = 0
    voluntary_quit: bool = False
    retiring: Retiring | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnemploymentResult(Result):
    """The longest time, and how far it is lengthened for those near retirement."""

    eligible: bool | None = None
    max_months: int | None = None
    statutory_retire_ym: Month | None = None
    months_to_retire: int | None = None
    extend_to: Month | None = None


def unemployment_months(case: Unemployment) -> UnemploymentResult:
    """Return the longest time the benefit is paid for."""
    told: list[str] = []
    eligible, months = _months(case, told)
    retires = retirement_age(case.retiring.who).retire_ym if case.retiring else None
    to_go = retires.since(case.retiring.benefit_end) if retires and case.retiring else None
    is_near = to_go is not None and 0 < to_go < _YEAR and eligible is not False
    if retires is not None and to_go is not None:
        told.append(_say_retiring(retires, to_go, is_near=is_near))
    return UnemploymentResult(
        eligible=eligible,
        max_months=months,
        statutory_retire_ym=retires,
        months_to_retire=to_go,
        extend_to=retires if is_near else None,
        articles=_ARTICLES,
        steps=tuple(told),
        left_out=_LEFT_OUT,
        warnings=_warnings(case),
    )


def _months(case: Unemployment, told: list[str]) -> tuple[bool | None, int | None]:
    if case.voluntary_quit:
        told.append("自己愿意辞职的领不了（单位欠薪、不交社保等逼着走的，要另外认定）")
        return False, 0
    if case.contributed is None:
        return None, None
    base = next((months for least, months in _LADDER if case.contributed >= least), 0)
    if not base:
        told.append(f"缴费{case.contributed}个月，不满一年，领不了")
        return False, 0
    told.append(f"缴费{case.contributed}个月，最长领{base}个月")
    if not case.unclaimed:
        return True, base
    total = min(base + case.unclaimed, MOST)
    told.append(f"加上次没领完的{case.unclaimed}个月，合起来最长{total}个月（封顶{MOST}个月）")
    return True, total


def _say_retiring(retires: Month, to_go: int, *, is_near: bool) -> str:
    if is_near:
        return (
            f"领完时离退休（{retires.spoken}）还有{to_go}个月，不足一年，可以领到{retires.spoken}"
        )
    if to_go <= 0:
        return f"法定退休是{retires.spoken}，领完时已经到了，不用延长"
    return f"领完时离退休（{retires.spoken}）还有{to_go}个月，满一年，不延长"


def _warnings(case: Unemployment) -> tuple[str, ...]:
    is_short = case.contributed is not None and case.contributed < _YEAR
    if is_short and case.unclaimed:
        return ("上次没领完的还能不能接着领，打12333问",)
    if case.retiring is not None:
        return ("下过井、干过特殊工种的退休年龄不一样，先打12333问",)
    return ()


def run(raw: Mapping[str, object]) -> UnemploymentResult:
    """Read the inputs by name and work it out."""
    inputs = Inputs(raw, LABELS)
    quit_it = inputs.find_flag("voluntary_quit") or False
    contributed = inputs.find_whole("contribution_months", most=_MOST_CONTRIBUTED)
    unclaimed = inputs.find_whole("unclaimed_prev_months", most=MOST) or 0
    retiring = None
    if any(inputs.has(name) for name in ("birth", "category", "benefit_end")):
        who = Retirement(inputs.get_choice("category", Category), inputs.get_month("birth"))
        retiring = Retiring(who, inputs.get_month("benefit_end"))
        if retiring.benefit_end <= who.birth:
            inputs.refuse("benefit_end", "早于出生年月，请核对")
    if contributed is None and retiring is None and not quit_it:
        inputs.need("contribution_months")
    return unemployment_months(
        Unemployment(contributed, unclaimed, voluntary_quit=quit_it, retiring=retiring)
    )


CALCULATOR: Final = Calculator("unemployment_months", "失业金最长领几个月", LABELS, run)
