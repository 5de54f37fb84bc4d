"""Paid annual leave: the days of a year, and what unused ones are worth on leaving."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from handlers.calculations import readers
from handlers.calculations.sheet import Ask, Facts, Sheet, present
from knowledge.calculators.annual_leave import Leave, Mode, annual_leave
from knowledge.calculators.base import say


def _years(facts: Facts) -> Decimal:
    return Decimal(readers.service_of(facts.get("years")).months) / 12


def _is_exit(facts: Facts) -> bool:
    return facts.get("mode") == Mode.EXIT


class AnnualLeaveSheet(Sheet):
    """Paid annual leave."""

    name: ClassVar[str] = "annual_leave"
    title: ClassVar[str] = "算年假"
    words: ClassVar[re.Pattern[str]] = re.compile(r"年假|年休假|带薪假")
    asks: ClassVar[tuple[Ask, ...]] = (
        Ask(
            "years",
            "您参加工作一共多少年了？（不只这一个单位，例如：12年）",
            readers.read_months,
            find=readers.find_months,
            hint="请回复年数，例如：12。",
        ),
        Ask(
            "left",
            "您哪天离的职？例如：2025年6月30号。",
            readers.read_day,
            find=readers.read_day,
            hint="请说几月几号，",
            needed=_is_exit,
        ),
        Ask(
            "joined",
            "您哪天进的现在这个单位？例如：2025年7月1号。",
            readers.read_day,
            find=readers.read_day,
            hint="请说几月几号，",
            needed=lambda facts: facts.get("mode") == Mode.JOIN,
        ),
        Ask(
            "taken",
            "离职那年已经休了几天年假？没休就回复「0」。",
            lambda text, _: (
                "0"
                if re.search(r"没休|没有|没歇|一天(?:也|都)没", text)
                else readers.read_count(text, _)
            ),
            find=readers.one_of({"0": r"一天(?:也|都|年假)?(?:都|也)?没休|年假没休(?!完)|没休过"}),
            hint="请回复天数，例如：2。",
            needed=_is_exit,
        ),
        Ask(
            "wage",
            "离职前12个月，不算加班费，平均一个月多少工资？",
            readers.read_wage,
            find=readers.find_wage,
            hint="请回复一个数，例如：4350。",
            needed=_is_exit,
            unknown="工资条、银行流水里能查到，查好了再告诉我。",
        ),
    )
    fields: ClassVar[Mapping[str, str]] = {"cumulative_years": "years", "left_date": "left"}

    def is_asked(self, text: str, found: Mapping[str, str]) -> bool:
        """Take it with years of work or a day of one's own."""
        return bool({"years", "left"} & set(found))

    def opening(self, text: str, today: date) -> dict[str, str]:
        """Tell apart a whole year, the year of leaving and that of joining."""
        mode = Mode.DAYS
        if re.search(r"离职|走了|走的|辞|不干了|折(?:钱|现|算)|没休", text):
            mode = Mode.EXIT
        elif re.search(r"刚进|新来|刚来|刚入职|新单位|才进", text):
            mode = Mode.JOIN
        return self.found(text, today) | {"mode": mode.value}

    def solve(self, facts: Facts) -> str:
        """Tell the days, and what unused ones are worth."""
        mode = Mode(facts.get("mode") or Mode.DAYS)
        result = annual_leave(
            Leave(
                mode=mode,
                years=_years(facts),
                joined=facts.day("joined") if mode is Mode.JOIN else None,
                left=facts.day("left") if mode is Mode.EXIT else None,
                taken=facts.number("taken") or Decimal(0),
                wage=facts.number("wage"),
            )
        )
        if mode is Mode.EXIT and result.extra_pay_200pct is not None:
            days = say(result.unpaid_days or Decimal(0))
            money = say(result.extra_pay_200pct)
            return present(result, head=f"没休的年假折算{days}天，要另外再付{money}元。")
        return present(result, head=f"今年的年假是{say(result.days or Decimal(0))}天。")
