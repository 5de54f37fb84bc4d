"""The sums of a loan between private people (民间借贷司法解释 24-31)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from knowledge.calculators.base import Result, articles, say, say_rate, yuan

NEW_RULE: Final = date(2020, 8, 20)
OLD_CAP: Final = Decimal("0.24")
_TIMES: Final = 4
_DAYS: Final = 365
_ARTICLES: Final = (
    *articles("民间借贷司法解释", 24, 25, 26, 27, 28, 29, 31),
    *articles("民法典", 670, 680),
)
_LEFT_OUT: Final = ("没算已经还过的钱怎么抵、诉讼费和律师费",)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanResult(Result):
    """What is supported; what was not asked is None."""

    principal: Decimal | None = None
    cap_rate: Decimal | None = None
    supported_interest: Decimal | None = None
    in_term_interest: Decimal | None = None
    overdue_interest: Decimal | None = None
    supported_total: Decimal | None = None
    claimed_total: Decimal | None = None
    ceiling_total: Decimal | None = None
    interest_before_20200820: Decimal | None = None
    interest_after: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """The money really lent, and how that follows from the note."""

    sum: Decimal
    told: tuple[str, ...] = ()


def interest(principal: Decimal, rate: Decimal, days: Decimal) -> Decimal:
    """Return simple interest; a year has 365 days."""
    return yuan(principal * rate * days / _DAYS)


def _capped(rate: Decimal, lpr: Decimal, told: list[str]) -> Decimal:
    cap = lpr * _TIMES
    if rate <= cap:
        told.append(f"年利率{say_rate(rate)}，没超过4倍LPR（{say_rate(cap)}），按{say_rate(rate)}")
    else:
        told.append(f"年利率{say_rate(rate)}超过4倍LPR，超过{say_rate(cap)}的部分不支持")
    return min(rate, cap)


def _say(principal: Decimal, rate: Decimal, days: Decimal, money: Decimal) -> str:
    return f"{say(principal)}元 × {say_rate(rate)} × {say(days)}天 ÷ 365 = {say(money)}元"


def plain(
    principal: Principal, rate: Decimal | None, *, lpr: Decimal | None, days: Decimal
) -> LoanResult:
    """Return the interest of the agreed time; without an agreement there is none."""
    told = list(principal.told)
    if not rate or lpr is None:
        told.append("没有约定利息的，视为没有利息")
        return _result(told, principal=principal.sum, supported_interest=Decimal(0))
    used = _capped(rate, lpr, told)
    money = interest(principal.sum, used, days)
    told.append(_say(principal.sum, used, days, money))
    return _result(told, principal=principal.sum, cap_rate=lpr * _TIMES, supported_interest=money)


@dataclass(frozen=True, slots=True)
class Overdue:
    """A loan that was not paid back in time."""

    rate: Decimal | None
    overdue_rate: Decimal | None
    overdue_days: Decimal
    days: Decimal | None = None
    lpr: Decimal | None = None
    lpr_overdue: Decimal | None = None


def overdue(principal: Principal, loan: Overdue) -> LoanResult:
    """Return the interest of the time after the day of repayment, and of the time before it."""
    told = list(principal.told)
    before = _in_term(principal.sum, loan, told)
    agreed = loan.overdue_rate if loan.overdue_rate is not None else loan.rate
    if agreed and loan.lpr is not None:
        used = _capped(agreed, loan.lpr, told)
    else:
        used = loan.lpr_overdue or Decimal(0)
        told.append(f"没约定利息的，逾期按当时一年期LPR（一倍）{say_rate(used)}算")
    money = interest(principal.sum, used, loan.overdue_days)
    told.append(f"逾期：{_say(principal.sum, used, loan.overdue_days, money)}")
    return _result(
        told,
        principal=principal.sum,
        cap_rate=None if loan.lpr is None else loan.lpr * _TIMES,
        in_term_interest=before,
        overdue_interest=money,
        total=None if before is None else before + money,
    )


def _in_term(principal: Decimal, loan: Overdue, told: list[str]) -> Decimal | None:
    if not loan.rate:
        told.append("借期内没有约定利息，视为没有")
        return Decimal(0)
    if loan.days is None or loan.lpr is None:
        return None
    used = min(loan.rate, loan.lpr * _TIMES)
    money = interest(principal, used, loan.days)
    told.append(f"借期内：{_say(principal, used, loan.days, money)}")
    return money


def with_penalty(
    principal: Principal, rates: tuple[Decimal, Decimal], *, lpr: Decimal, days: Decimal
) -> LoanResult:
    """Return overdue interest and penalty together, which share one cap."""
    told = list(principal.told)
    told.append(f"逾期利息{say_rate(rates[0])}加违约金{say_rate(rates[1])}，合在一起算")
    used = _capped(sum(rates, Decimal(0)), lpr, told)
    money = interest(principal.sum, used, days)
    told.append(_say(principal.sum, used, days, money))
    return _result(told, principal=principal.sum, cap_rate=lpr * _TIMES, supported_total=money)


@dataclass(frozen=True, slots=True)
class Rollover:
    """A loan whose interest became principal every year, or did not."""

    principal: Decimal
    rate: Decimal
    lpr: Decimal
    years: Decimal
    each_year: bool


def rollover(loan: Rollover) -> LoanResult:
    """Return what is claimed, the most there can be, and what is supported."""
    claimed = yuan(_grown(loan, loan.rate))
    ceiling = yuan(loan.principal * (1 + loan.lpr * _TIMES * loan.years))
    # Interest above the cap never becomes principal, so the supported sum grows at the cap only.
    supported = min(yuan(_grown(loan, min(loan.rate, loan.lpr * _TIMES))), ceiling)
    told = [
        f"按约定{'利滚利' if loan.each_year else ''}本息{say(claimed)}元",
        f"最多：{say(loan.principal)}元 + {say(loan.principal)}元 × "
        f"{say_rate(loan.lpr * _TIMES)} × {say(loan.years)}年 = {say(ceiling)}元",
        f"支持{say(supported)}元",
    ]
    return _result(
        told,
        cap_rate=loan.lpr * _TIMES,
        claimed_total=claimed,
        ceiling_total=ceiling,
        supported_total=supported,
    )


def _grown(loan: Rollover, rate: Decimal) -> Decimal:
    if not loan.each_year:
        return loan.principal * (1 + rate * loan.years)
    whole = int(loan.years)
    return loan.principal * (1 + rate) ** whole * (1 + rate * (loan.years - whole))


def across_the_change(
    principal: Principal, rate: Decimal, *, lpr_at_filing: Decimal, span: tuple[date, date]
) -> LoanResult:
    """Return the interest of a contract made before 2020-08-20 and sued upon after it."""
    start, end = span
    told = list(principal.told)
    before, used = Decimal(max((min(end, NEW_RULE) - start).days, 0)), min(rate, OLD_CAP)
    first = interest(principal.sum, used, before)
    told.append(
        f"2020年8月20日以前按当时的规定，最高24%：{_say(principal.sum, used, before, first)}"
    )
    after = Decimal(max((end - NEW_RULE).days, 0))
    used = _capped(rate, lpr_at_filing, told)
    second = interest(principal.sum, used, after)
    told.append(f"2020年8月20日起：{_say(principal.sum, used, after, second)}")
    return _result(
        told,
        principal=principal.sum,
        cap_rate=lpr_at_filing * _TIMES,
        interest_before_20200820=first,
        interest_after=second,
        total=first + second,
    )


def _result(told: list[str], **figures: Decimal | None) -> LoanResult:
    return LoanResult(
        **figures,
        articles=_ARTICLES,
        steps=tuple(told),
        left_out=_LEFT_OUT,
        warnings=("还过的钱、到底借了多少，都要有转账记录或收条",),
    )
