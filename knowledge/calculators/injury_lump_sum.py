"""What the law gives after an injury at work: by grade, for care, for a death, for relatives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from knowledge.calculators.base import Calculator, Result, articles, say, yuan
from knowledge.calculators.inputs import Inputs

LABELS: Final = {
    "type": "算什么",
    "grade": "伤残等级",
    "own_contribution_wage": "受伤前12个月平均月缴费工资",
    "pooling_area_avg_wage": "统筹地区上年度职工月平均工资",
    "min_wage": "当地最低工资",
    "level": "生活自理障碍等级",
    "national_urban_disposable_income_prev_year": "上一年度全国城镇居民人均可支配收入",
    "worker_own_wage": "工亡职工本人工资",
    "relatives": "供养亲属",
}
FUND: Final = "工伤保险基金"
EMPLOYER: Final = "用人单位（难以安排工作时）"
_MONTHS: Final = (27, 25, 23, 21, 18, 16, 13, 11, 9, 7)
_ALLOWANCE: Final = (90, 85, 80, 75, 70, 60)
_LAST_OF_FUND: Final = 4
_FLOOR, _CEILING = Decimal("0.6"), Decimal(3)
_DEATH_TIMES, _FUNERAL_MONTHS = 20, 6
_SPOUSE, _OTHER, _ALONE = 40, 30, 10


class Type(StrEnum):
    """What is asked."""

    DISABILITY = "disability"
    DEATH = "death"
    NURSING = "nursing"
    SURVIVOR = "survivor"


class Level(StrEnum):
    """How far somebody needs the care of others."""

    FULL = "完全不能自理"
    MOST = "大部分不能自理"
    PART = "部分不能自理"


_CARE: Final = {Level.FULL: 50, Level.MOST: 40, Level.PART: 30}


class Relation(StrEnum):
    """Whose living the dead worker paid for; some stand alone, which gives more."""

    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    SIBLING = "sibling"
    OTHER = "other"


_CHINESE: Final = {
    "配偶": Relation.SPOUSE,
    "子女": Relation.CHILD,
    "父母": Relation.PARENT,
    "祖父母": Relation.GRANDPARENT,
    "外祖父母": Relation.GRANDPARENT,
    "孙子女": Relation.GRANDCHILD,
    "外孙子女": Relation.GRANDCHILD,
    "兄弟姐妹": Relation.SIBLING,
}
_ALONE_WORDS: Final = {
    "orphan": Relation.CHILD,
    "孤儿": Relation.CHILD,
    "lonely_elder": Relation.PARENT,
    "孤寡老人": Relation.PARENT,
}


@dataclass(frozen=True, slots=True)
class Relative:
    """One relative; `alone` is an orphan or an old person without family."""

    relation: Relation
    alone: bool = False

    @property
    def percent(self) -> int:
        """Return the share of the worker's wage."""
        share = _SPOUSE if self.relation is Relation.SPOUSE else _OTHER
        return share + (_ALONE if self.alone else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class InjuryResult(Result):
    """The sums; what was not asked is None."""

    base: Decimal | None = None
    months: int | None = None
    lump_sum: Decimal | None = None
    monthly_allowance: Decimal | None = None
    payer: str | None = None
    death_grant: Decimal | None = None
    funeral_grant: Decimal | None = None
    monthly_nursing: Decimal | None = None
    raw_total: Decimal | None = None
    paid_total: Decimal | None = None


def own_wage(wage: Decimal, average: Decimal) -> tuple[Decimal, str]:
    """Return the wage that counts, between 60 % and 300 % of the average, and why."""
    low, high = average * _FLOOR, average * _CEILING
    if wage > high:
        return high, f"缴费工资{say(wage)}元高于平均工资的300%，按{say(yuan(high))}元算"
    if wage < low:
        return low, f"缴费工资{say(wage)}元低于平均工资的60%，按{say(yuan(low))}元算"
    return wage, f"本人工资按月平均缴费工资{say(yuan(wage))}元算"


def disability(
    grade: int, *, wage: Decimal, average: Decimal, minimum: Decimal | None = None
) -> InjuryResult:
    """Return the lump sum, and for grades 1 to 6 the monthly allowance."""
    base, why = own_wage(wage, average)
    months = _MONTHS[grade - 1]
    lump = yuan(base * months)
    told = [why, f"{grade}级伤残是{months}个月：{months} × {say(yuan(base))}元 = {say(lump)}元"]
    is_fund = grade <= _LAST_OF_FUND
    has_allowance = grade <= len(_ALLOWANCE)
    allowance = _allowance(grade, base, minimum, told) if has_allowance else None
    payer = (FUND if is_fund else EMPLOYER) if has_allowance else None
    number = 35 if is_fund else (36 if has_allowance else 37)
    return InjuryResult(
        base=yuan(base),
        months=months,
        lump_sum=lump,
        monthly_allowance=allowance,
        payer=payer,
        articles=articles("工伤保险条例", number, 64),
        steps=tuple(told),
        left_out=_left_out(is_fund=is_fund),
        warnings=("没交工伤保险的，这些由单位付",),
    )


def _allowance(grade: int, base: Decimal, minimum: Decimal | None, told: list[str]) -> Decimal:
    percent = _ALLOWANCE[grade - 1]
    allowance = yuan(base * percent / 100)
    told.append(f"伤残津贴每月：{say(yuan(base))}元 × {percent}% = {say(allowance)}元")
    if minimum is None or allowance >= minimum:
        return allowance
    told.append(f"低于最低工资，补足到每月{say(yuan(minimum))}元")
    return yuan(minimum)


def _left_out(*, is_fund: bool) -> tuple[str, ...]:
    said = "不含医疗费、停工留薪期工资、护理费"
    if is_fund:
        return (said,)
    return (f"{said}；离开单位时还有医疗补助金、就业补助金两笔，标准由省里定，打12333问",)


def death(income: Decimal, average: Decimal) -> InjuryResult:
    """Return the grants after a death at work."""
    grant, funeral = yuan(income * _DEATH_TIMES), yuan(average * _FUNERAL_MONTHS)
    return InjuryResult(
        death_grant=grant,
        funeral_grant=funeral,
        articles=articles("工伤保险条例", 39),
        steps=(
            f"一次性工亡补助金：{say(income)}元 × 20倍 = {say(grant)}元",
            f"丧葬补助金：{say(average)}元 × 6个月 = {say(funeral)}元",
        ),
        left_out=("不含每月发给供养亲属的抚恤金",),
        warnings=("一级到四级伤残、停工留薪期满以后去世的，没有一次性工亡补助金",),
    )


def nursing(level: Level, average: Decimal) -> InjuryResult:
    """Return the monthly money for care."""
    percent = _CARE[level]
    monthly = yuan(average * percent / 100)
    return InjuryResult(
        monthly_nursing=monthly,
        articles=articles("工伤保险条例", 34),
        steps=(f"生活{level}：{say(average)}元 × {percent}% = 每月{say(monthly)}元",),
        left_out=("停工留薪期里的护理由单位负责，不在里面；标准以后会调",),
        warnings=("护理等级要由劳动能力鉴定委员会确认",),
    )


def survivors(
    wage: Decimal, relatives: tuple[Relative, ...], average: Decimal | None = None
) -> InjuryResult:
    """Return the monthly money for relatives, together never more than the wage was."""
    base, why = own_wage(wage, average) if average else (wage, f"本人工资{say(wage)}元")
    shares = [yuan(base * relative.percent / 100) for relative in relatives]
    total = sum(shares, Decimal(0))
    paid = min(total, yuan(wage))
    each = "、".join(f"{r.percent}%" for r in relatives)
    told = [why, f"各人每月的份额：{each}，合计{say(total)}元"]
    if paid < total:
        told.append(f"合计不能超过生前工资，按每月{say(paid)}元")
    return InjuryResult(
        raw_total=total,
        paid_total=paid,
        articles=articles("工伤保险条例", 39, 64),
        steps=tuple(told),
        left_out=("不含一次性工亡补助金和丧葬补助金；标准以后会调",),
        warnings=("只发给主要靠他生活、又没有劳动能力的亲属，要经社保部门核定",),
    )


def _read_relative(said: object, inputs: Inputs) -> Relative:
    alone = False
    if isinstance(said, dict):
        alone = said.get("orphan") is True or said.get("lonely") is True
        said = said.get("relation")
    if not isinstance(said, str):
        inputs.refuse("relatives", '每一项要写成 "spouse" 这样的关系')
    if said in _ALONE_WORDS:
        return Relative(_ALONE_WORDS[said], alone=True)
    word, _, mark = said.partition("_")
    is_known = word in _CHINESE or word in list(Relation)
    if not is_known or mark not in ("", "orphan", "lonely"):
        known = "、".join([*(member.value for member in Relation), "orphan", "lonely_elder"])
        inputs.refuse("relatives", f"只能写这些：{known}")
    relation = _CHINESE.get(word) or Relation(word)
    return Relative(relation, alone=alone or bool(mark))


def _run_disability(inputs: Inputs) -> InjuryResult:
    grade = inputs.get_whole("grade", least=1, most=10)
    return disability(
        grade,
        wage=inputs.get_money("own_contribution_wage"),
        average=inputs.get_money("pooling_area_avg_wage"),
        minimum=inputs.find_money("min_wage"),
    )


def _run_death(inputs: Inputs) -> InjuryResult:
    income = inputs.get_money("national_urban_disposable_income_prev_year")
    return death(income, inputs.get_money("pooling_area_avg_wage"))


def _run_nursing(inputs: Inputs) -> InjuryResult:
    level = inputs.get_choice("level", Level)
    return nursing(level, inputs.get_money("pooling_area_avg_wage"))


def _run_survivors(inputs: Inputs) -> InjuryResult:
    wage = inputs.get_money("worker_own_wage")
    relatives = tuple(_read_relative(said, inputs) for said in inputs.get_list("relatives"))
    if sum(relative.relation is Relation.SPOUSE for relative in relatives) > 1:
        inputs.refuse("relatives", "配偶只能有一位")
    return survivors(wage, relatives, inputs.find_money("pooling_area_avg_wage"))


_RUNS: Final[Mapping[Type, Callable[[Inputs], InjuryResult]]] = {
    Type.DISABILITY: _run_disability,
    Type.DEATH: _run_death,
    Type.NURSING: _run_nursing,
    Type.SURVIVOR: _run_survivors,
}


def run(raw: Mapping[str, object]) -> InjuryResult:
    """Read the inputs by name and work it out; without a type the grade is meant."""
    inputs = Inputs(raw, LABELS)
    return _RUNS[inputs.find_choice("type", Type) or Type.DISABILITY](inputs)


CALCULATOR: Final = Calculator("injury_lump_sum", "工伤待遇", LABELS, run)
