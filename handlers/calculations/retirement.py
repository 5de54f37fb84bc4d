"""When somebody may retire; who worked underground is not told an ordinary age."""

import re
from collections.abc import Mapping
from typing import ClassVar, Final

from handlers.calculations import readers
from handlers.calculations.sheet import Ask, Facts, Sheet, present
from knowledge.calculators.retirement_age import Category, Retirement, retirement_age

MAN, WOMAN_55, WOMAN_50 = "男", "女，干部或管理技术岗", "女，工人岗"
_CATEGORIES: Final = {
    WOMAN_55: r"女.{0,6}(?:干部|管理|技术|55|五十五)|(?:干部|管理|技术)岗",
    WOMAN_50: r"女.{0,6}(?:工人|50(?!年)|五十)|工人岗",
    MAN: r"男|爷们|老头",
}
_CODES: Final = {MAN: Category.MAN, WOMAN_55: Category.WOMAN_55, WOMAN_50: Category.WOMAN_50}
_UNDERGROUND: Final = (
    r"下过?(?:[几0-9一二三四五六七八九十]+年)?井|井下|采煤|掘进|打眼|放炮"
    r"|特殊工种|高温|高空|重体力"
)
_SPECIAL: Final = (
    "干过井下、高温、高空、特别繁重体力这些特殊工种的，符合条件可以申请提前退休"
    "（《渐进式延迟法定退休年龄办法》第8条），要看档案里记了多少年、现在怎么执行。"
    "我不敢给您一个普通的年龄，怕耽误事：请打12333，或带身份证去社保窗口查档案。"
)


class RetirementSheet(Sheet):
    """The ordinary age of retirement."""

    name: ClassVar[str] = "retirement_age"
    title: ClassVar[str] = "算退休年龄"
    words: ClassVar[re.Pattern[str]] = re.compile(r"退休|领养老金|退下来")
    asks: ClassVar[tuple[Ask, ...]] = (
        Ask(
            "special",
            "您下过井，或者干过高温、高空、特别重的体力活这些特殊工种吗？",
            readers.yes_or_no(_UNDERGROUND, r"没下过|没干过|不是特殊|不下井|地面"),
            find=readers.one_of({"no": r"没下过井|没干过特殊|不是特殊工种", "yes": _UNDERGROUND}),
            hint="请回复「下过」或者「没有」。",
            options=("干过", "没有"),
            unknown=_SPECIAL,
        ),
        Ask(
            "category",
            "您是男的，还是女的？女的再说一下是干部（管理技术）岗还是工人岗。",
            readers.one_of(_CATEGORIES),
            find=readers.one_of(_CATEGORIES),
            hint="请选一个，",
            options=(MAN, WOMAN_55, WOMAN_50),
            needed=lambda facts: facts.get("special") != "yes",
            unknown="女职工原来是50岁还是55岁退，看岗位和合同怎么写，请问单位人事或打12333。",
        ),
        Ask(
            "birth",
            "您是哪年哪月生的？以档案为准，例如：1968年5月。",
            readers.read_month,
            find=readers.read_month,
            hint="请说几几年几月，",
            needed=lambda facts: facts.get("special") != "yes",
        ),
    )
    fields: ClassVar[Mapping[str, str]] = {"birth": "birth", "category": "category"}

    def is_asked(self, text: str, found: Mapping[str, str]) -> bool:
        """Take it with a month of birth, or at least the year or the age."""
        is_born = re.search(
            r"[0-9零一二三四五六七八九]{2,4}年(?:的|生|出生|人)"
            r"|(?:今年|我|俺)[^,。]{0,3}[4-6][0-9](?:岁|了|周岁)",
            text,
        )
        return "birth" in found or is_born is not None

    def solve(self, facts: Facts) -> str:
        """Tell the age, or send to those who know about special trades."""
        if facts.get("special") == "yes":
            return _SPECIAL
        born = readers.month_of(facts.get("birth"))
        result = retirement_age(Retirement(_CODES[facts.get("category")], born))
        years, months = result.age_years, result.age_months
        age = f"{years}岁{f'零{months}个月' if months else ''}"
        return present(result, head=f"您的法定退休时间是{result.retire_ym.spoken}（{age}）。")
