"""Injury at work: the grade's lump sum, care, a death, the relatives left behind."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, Final

from handlers.calculations import readers
from handlers.calculations.sheet import ASK_12333, Ask, Facts, Sheet, present, say_source
from knowledge.calculators.base import say
from knowledge.calculators.injury_lump_sum import (
    Level,
    Relation,
    Relative,
    Type,
    death,
    disability,
    nursing,
    survivors,
)
from knowledge.numbers import parse_number
from knowledge.spoken import find_grade
from models.local_figure import NATIONWIDE, FigureName

_COUNT: Final = r"(?P<n>[0-9]|[一二两俩三仨四五六])?(?:个|位)?"
_RELATIVES: Final = (
    (Relation.SPOUSE, 1, r"老婆|媳妇|妻子|老伴|丈夫|老公|爱人|配偶|对象"),
    (Relation.PARENT, 2, r"父母|爹妈|爹娘|爸妈|俩?老人|公婆"),
    (Relation.PARENT, 1, r"父亲|母亲|爸(?!妈)|(?<!爸)妈|爹(?![妈娘])|(?<!爹)娘"),
    (Relation.CHILD, 1, _COUNT + r"(?:没成年的?|上学的?|小)?(?:孩子|小孩|娃|子女|儿子|闺女|女儿)"),
)
_TYPES: Final = {
    Type.DEATH: r"工亡|死亡|去世|丧葬|补助金.{0,4}工亡|遇难|没了命",
    Type.SURVIVOR: r"抚恤|供养",
    Type.NURSING: r"护理费|自理",
}


def find_relatives(text: str, _: date) -> str | None:
    """Return the relatives that a sentence names, as spouse,child,child."""
    found: list[str] = []
    for relation, usual, pattern in _RELATIVES:
        match = re.search(pattern, text)
        if match:
            said = match.groupdict().get("n")
            count = int(parse_number(said) or usual) if said else usual
            found += [relation.value] * count
    return ",".join(found) or None


def _kind(facts: Facts) -> Type:
    return Type(facts.get("type") or Type.DISABILITY)


def _needs_average(facts: Facts) -> bool:
    wanted = _kind(facts) is not Type.SURVIVOR
    return wanted and facts.figure(FigureName.AVERAGE_WAGE) is None


def _needs_region(facts: Facts) -> bool:
    wanted = _kind(facts) is not Type.SURVIVOR and not facts.get("average")
    return wanted and facts.has_figures(FigureName.AVERAGE_WAGE)


def _income(facts: Facts) -> Decimal | None:
    figure = facts.figure(FigureName.DISPOSABLE_INCOME, region=NATIONWIDE)
    return figure.number if figure else facts.number("income")


def _average(facts: Facts) -> Decimal:
    figure = facts.figure(FigureName.AVERAGE_WAGE)
    return (figure.number if figure else facts.number("average")) or Decimal(0)


class InjurySheet(Sheet):
    """What the law gives after an injury at work."""

    name: ClassVar[str] = "injury_lump_sum"
    title: ClassVar[str] = "算工伤待遇"
    words: ClassVar[re.Pattern[str]] = re.compile(
        r"伤残|工伤|工亡|抚恤|护理费|丧葬|(?:10|[1-9]|[一二三四五六七八九十])级"
    )
    asks: ClassVar[tuple[Ask, ...]] = (
        Ask(
            "grade",
            "劳动能力鉴定是几级？例如：九级。",
            lambda text, _: readers.number_text(_grade(text)),
            find=lambda text, _: readers.number_text(find_grade(text)),
            hint="请回复一级到十级里的一个，",
            needed=lambda facts: _kind(facts) is Type.DISABILITY,
            unknown="还没鉴定的，先做工伤认定，再申请劳动能力鉴定，鉴定出来才能算。",
        ),
        Ask(
            "level",
            "鉴定的护理等级是哪一个？",
            readers.one_of(
                {
                    "部分不能自理": r"(?<!大)部分",
                    "大部分不能自理": r"大部",
                    "完全不能自理": r"完全|全部",
                }
            ),
            find=readers.one_of(
                {
                    "大部分不能自理": r"大部分不能自理",
                    "部分不能自理": r"部分不能自理",
                    "完全不能自理": r"完全不能自理",
                }
            ),
            options=tuple(level.value for level in Level),
            hint="请选一个，",
            needed=lambda facts: _kind(facts) is Type.NURSING,
        ),
        Ask(
            "wage",
            "受伤（查出职业病）前12个月，平均每月按多少工资交的工伤保险？"
            "这个看社保缴费记录，不是实发。例如：5000。",
            readers.read_wage,
            find=readers.find_own_wage,
            hint="请回复一个数，例如：5000。",
            needed=lambda facts: _kind(facts) in (Type.DISABILITY, Type.SURVIVOR),
            unknown=f"按缴费工资算，不按实发。带身份证去社保窗口查缴费记录，或者{ASK_12333}。",
        ),
        Ask(
            "relatives",
            "主要靠他生活、又没有劳动能力的亲属有谁？例如：老婆、两个孩子、父母。",
            find_relatives,
            find=find_relatives,
            hint="请说有谁，",
            needed=lambda facts: _kind(facts) is Type.SURVIVOR,
        ),
        Ask(
            "region",
            "单位在哪个市？例如：泰安。",
            readers.read_region,
            find=readers.find_region,
            hint="请说个市，",
            needed=_needs_region,
        ),
        Ask(
            "average",
            "还要一个数：本地（统筹地区）上年度职工月平均工资是多少？不知道就回复「不知道」。",
            readers.read_wage,
            find=readers.find_average,
            hint="请回复一个数，",
            needed=_needs_average,
            unknown=f"这个数每年都变，我没有核实过的，不敢替您填。{ASK_12333}，问到了再告诉我，我接着算。",
        ),
        Ask(
            "income",
            "还要上一年度全国城镇居民人均可支配收入（国家统计局每年1月公布），您知道是多少吗？"
            "不知道就回复「不知道」。",
            readers.read_sum,
            hint="请回复一个数，",
            needed=lambda facts: _kind(facts) is Type.DEATH and _income(facts) is None,
            unknown="一次性工亡补助金是这个数的20倍。今年的数我没有核实过的，"
            f"{ASK_12333}，问到了再告诉我，我接着算。",
        ),
    )
    fields: ClassVar[Mapping[str, str]] = {"grade": "grade"}

    def is_asked(self, text: str, found: Mapping[str, str]) -> bool:
        """Take it with a grade and a wage, or with the grade that is one's own."""
        if _type_of(text) is not Type.DISABILITY:
            return "wage" in found or "level" in found
        is_own = re.search(r"我|俺|咱|算", text) is not None
        return "grade" in found and ("wage" in found or is_own)

    def opening(self, text: str, today: date) -> dict[str, str]:
        """Tell apart what is asked."""
        return self.found(text, today) | {"type": _type_of(text).value}

    def solve(self, facts: Facts) -> str:
        """Tell the sums of what is asked."""
        source = say_source(facts.figure(FigureName.AVERAGE_WAGE))
        kind = _kind(facts)
        if kind is Type.DISABILITY:
            return self._disability(facts, source)
        if kind is Type.NURSING:
            money = nursing(Level(facts.get("level")), _average(facts))
            head = f"生活护理费每月{say(money.monthly_nursing or Decimal(0))}元，由工伤保险基金付。"
            return present(money, head=head, source=source)
        if kind is Type.DEATH:
            grants = death(_income(facts) or Decimal(0), _average(facts))
            national = facts.figure(FigureName.DISPOSABLE_INCOME, region=NATIONWIDE)
            sources = "；".join(said for said in (source, say_source(national)) if said)
            return present(grants, head="请节哀。按您说的：", source=sources)
        relatives = tuple(Relative(Relation(word)) for word in facts.get("relatives").split(","))
        result = survivors(facts.number("wage") or Decimal(0), relatives)
        head = f"供养亲属抚恤金合计每月{say(result.paid_total or Decimal(0))}元。"
        more = "孤寡老人、孤儿每人再加10%，有的话告诉律师或社保窗口。"
        return present(result, head=head, source=more)

    def _disability(self, facts: Facts, source: str) -> str:
        minimum = facts.figure(FigureName.MINIMUM_WAGE)
        result = disability(
            int(facts.get("grade")),
            wage=facts.number("wage") or Decimal(0),
            average=_average(facts),
            minimum=minimum.number if minimum else None,
        )
        head = f"一次性伤残补助金是{say(result.lump_sum or Decimal(0))}元。"
        monthly = result.monthly_allowance
        if monthly is not None:
            head += f"另有伤残津贴每月{say(monthly)}元（{result.payer}付）。"
        return present(result, head=head, source=source)


def _type_of(text: str) -> Type:
    return next((kind for kind, words in _TYPES.items() if re.search(words, text)), Type.DISABILITY)


def _grade(text: str) -> int | None:
    number = parse_number(text)
    bare = int(number) if number is not None and number == int(number) else None
    grade = find_grade(text) or bare
    return grade if grade is not None and 1 <= grade <= 10 else None  # noqa: PLR2004 - ten grades
