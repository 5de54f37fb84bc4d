"""Interest on money lent: what a court supports."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from handlers.calculations import readers
from handlers.calculations.sheet import Ask, Facts, Sheet, present, say_source
from knowledge.calculators.base import say, say_rate
from knowledge.calculators.loan_sums import NEW_RULE, Principal, plain
from knowledge.spoken import find_days_lent, find_rate, read_number
from models.local_figure import NATIONWIDE, FigureName, LocalFigure

_UNKNOWN_LPR = (
    "法院只支持到借钱时一年期LPR的4倍。这个数每月20号由全国银行间同业拆借中心公布，"
    "我没有核实过的，不敢替您填。可以打12348（免费法律热线）问，问到了再告诉我，我接着算。"
)
_BIGGEST_PERCENT = 20
_SMALLEST_PERCENT = 1
_A_YEAR = Decimal(10)


def _read_rate(text: str, _: date) -> str | None:
    rate = find_rate(text)
    if rate is None and re.fullmatch(r"没有?|没约定|没说|没写", text.strip(" ,。")):
        rate = Decimal(0)
    return None if rate is None or rate > _A_YEAR else str(rate)


def _find_rate(text: str, _: date) -> str | None:
    rate = find_rate(text)
    return None if rate is None or rate > _A_YEAR else str(rate)


def _read_lpr(text: str, _: date) -> str | None:
    number = read_number(text)
    is_percent = number is not None and _SMALLEST_PERCENT <= number <= _BIGGEST_PERCENT
    return str(number / 100) if number is not None and is_percent else None


def _lent_on(facts: Facts) -> date | None:
    month = facts.get("month")
    return date.fromisoformat(month if month.count("-") > 1 else f"{month}-28") if month else None


def _lpr(facts: Facts) -> LocalFigure | None:
    day = _lent_on(facts)
    return facts.figure(FigureName.LPR_1Y, region=NATIONWIDE, on=day) if day else None


def _has_interest(facts: Facts) -> bool:
    return (facts.number("rate") or Decimal(0)) > 0


def _is_old(facts: Facts) -> bool:
    day = _lent_on(facts)
    return day is not None and day < NEW_RULE


class LoanSheet(Sheet):
    """The interest that a court supports."""

    name: ClassVar[str] = "loan_interest"
    title: ClassVar[str] = "算利息"
    words: ClassVar[re.Pattern[str]] = re.compile(r"利息|利率|月息|年息|分利|高利贷|厘利|利滚利")
    asks: ClassVar[tuple[Ask, ...]] = (
        Ask(
            "principal",
            "实际到手借了多少钱？先扣掉的利息不算本金。例如：10万。",
            readers.read_sum,
            find=readers.read_sum,
            hint="请回复一个数，例如：10万。",
        ),
        Ask(
            "rate",
            "利息怎么约定的？例如：月息2分，年利率12%，没约定。",
            _read_rate,
            find=_find_rate,
            hint="请说月息几分，或者年利率百分之几，",
        ),
        Ask(
            "month",
            "哪年哪月借的？例如：2024年3月。",
            lambda text, today: readers.read_day(text, today) or readers.read_month(text, today),
            find=lambda text, today: (
                readers.read_day(text, today) or readers.read_month(text, today)
            ),
            hint="请说几几年几月，",
            needed=_has_interest,
        ),
        Ask(
            "days",
            "借了多久？例如：一年，或者3个月。",
            lambda text, _: readers.number_text(find_days_lent(text)),
            find=lambda text, _: readers.number_text(find_days_lent(_after_dates(text))),
            hint="请说几年、几个月或者几天，",
            needed=lambda facts: _has_interest(facts) and not _is_old(facts),
        ),
        Ask(
            "lpr",
            "借钱那个月的一年期LPR是百分之几？例如：3.1。不知道就回复「不知道」。",
            _read_lpr,
            hint="请回复一个数，例如：3.1。",
            needed=lambda facts: (
                _has_interest(facts) and not _is_old(facts) and _lpr(facts) is None
            ),
            unknown=_UNKNOWN_LPR,
            follows=("month",),
        ),
    )
    fields: ClassVar[Mapping[str, str]] = {}

    def is_asked(self, text: str, found: Mapping[str, str]) -> bool:
        """Take it with a sum and a rate."""
        return {"principal", "rate"} <= set(found)

    def solve(self, facts: Facts) -> str:
        """Tell the interest; what began before the rule changed goes to the lawyer."""
        if _has_interest(facts) and _is_old(facts):
            return (
                "2020年8月20日以前借的，要以那天为界分两段算，前一段按老规定、"
                "后一段看起诉时的LPR，还要看还过多少。这个请让律师算，我给您转。"
            )
        figure = _lpr(facts)
        rate = facts.number("rate") or Decimal(0)
        result = plain(
            Principal(facts.number("principal") or Decimal(0)),
            rate or None,
            lpr=figure.number if figure else facts.number("lpr"),
            days=facts.number("days") or Decimal(0),
        )
        money = say(result.supported_interest or Decimal(0))
        head = f"法院能支持的利息是{money}元。" if rate else "没约定利息的，要不到借期内的利息。"
        if result.cap_rate is not None:
            head += f"（上限是年利率{say_rate(result.cap_rate)}）"
        return present(result, head=head, source=say_source(figure))


def _after_dates(text: str) -> str:
    """Blank dates, in which 3月 is no time that passed."""
    return re.sub(r"[0-9]{2,4}年[0-9]{1,2}月(?:[0-9]{1,2}[号日])?|月息|月利", " ", text)
