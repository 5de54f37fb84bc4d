"""Interest that a court supports: which sum the inputs ask for (see `loan_sums`)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from knowledge.calculators.base import Calculator, say
from knowledge.calculators.inputs import HIGHEST_SUM, Inputs
from knowledge.calculators.loan_sums import (
    NEW_RULE,
    LoanResult,
    Overdue,
    Principal,
    Rollover,
    across_the_change,
    overdue,
    plain,
    rollover,
    with_penalty,
)

LABELS: Final = {
    "principal": "本金",
    "initial_principal": "最初的本金",
    "note_amount": "借条金额",
    "prededucted_interest": "预先扣掉的利息",
    "agreed_rate": "约定的年利率",
    "rate": "约定的年利率",
    "overdue_rate": "约定的逾期年利率",
    "penalty_rate": "违约金折成的年利率",
    "lpr_1y_at_contract": "借钱时的一年期LPR",
    "lpr_1y_at_filing": "起诉时的一年期LPR",
    "lpr_1y_overdue": "逾期时的一年期LPR",
    "days": "天数",
    "overdue_days": "逾期天数",
    "years": "年数",
    "rollover_each_year": "是不是每年利滚利",
    "contract_date": "借钱的日期",
    "filed_after": "起诉的日期",
    "repay_date": "还钱（算到）的日期",
    "natural_persons": "是不是个人之间",
}
_MOST_DAYS: Final = 36_500


def _read_principal(inputs: Inputs) -> Principal:
    """Read the principal, or the note less what was kept back at once."""
    if inputs.has("principal"):
        for other in ("note_amount", "prededucted_interest"):
            if inputs.has(other):
                inputs.refuse(other, "和本金只填一种：本金，或者借条金额和预扣的利息")
        return Principal(inputs.get_money("principal", most=HIGHEST_SUM))
    if not inputs.has("note_amount"):
        inputs.need("principal")
    note = inputs.get_money("note_amount", most=HIGHEST_SUM)
    kept = inputs.find_number("prededucted_interest") or Decimal(0)
    if kept >= note:
        inputs.refuse("prededucted_interest", "不能比借条金额还多")
    if not kept:
        return Principal(note)
    line = f"预扣的利息不算本金：{say(note)}元 − {say(kept)}元 = {say(note - kept)}元"
    return Principal(note - kept, (line,))


def _read_days(inputs: Inputs, name: str = "days") -> Decimal:
    if name == "days" and not inputs.has("days") and inputs.has("repay_date"):
        start, end = _read_span(inputs)
        return Decimal((end - start).days)
    return inputs.get_number(name, most=_MOST_DAYS)


def _read_span(inputs: Inputs) -> tuple[date, date]:
    start, end = inputs.get_day("contract_date"), inputs.get_day("repay_date")
    if end < start:
        inputs.refuse("repay_date", "早于借钱的日期，请核对")
    return start, end


def _run_rollover(inputs: Inputs) -> LoanResult:
    principal = inputs.get_money("initial_principal", most=HIGHEST_SUM)
    inputs.need("rate")
    years = inputs.get_number("years", most=100)
    return rollover(
        Rollover(
            principal,
            rate=inputs.find_rate("rate") or Decimal(0),
            lpr=inputs.get_lpr("lpr_1y_at_contract"),
            years=years,
            each_year=inputs.find_flag("rollover_each_year") or False,
        )
    )


def _run_overdue(inputs: Inputs) -> LoanResult:
    rate, late = inputs.find_rate("agreed_rate"), inputs.find_rate("overdue_rate")
    if late is None and not inputs.names("agreed_rate"):
        inputs.need("agreed_rate", "没有约定利息的写 null")
    is_agreed = bool(late or rate)
    loan = Overdue(
        rate=rate,
        overdue_rate=late,
        overdue_days=_read_days(inputs, "overdue_days"),
        days=_read_days(inputs) if inputs.has("days") else None,
        lpr=inputs.get_lpr("lpr_1y_at_contract") if is_agreed else None,
        lpr_overdue=None if is_agreed else inputs.get_lpr("lpr_1y_overdue"),
    )
    return overdue(_read_principal(inputs), loan)


def _run_penalty(inputs: Inputs) -> LoanResult:
    rates = (
        inputs.find_rate("overdue_rate") or Decimal(0),
        inputs.find_rate("penalty_rate") or Decimal(0),
    )
    name = "overdue_days" if inputs.has("overdue_days") else "days"
    lpr = inputs.get_lpr("lpr_1y_at_contract")
    return with_penalty(_read_principal(inputs), rates, lpr=lpr, days=_read_days(inputs, name))


def _is_across(inputs: Inputs) -> bool:
    start = inputs.find_day("contract_date")
    return start is not None and start < NEW_RULE


def _run_across(inputs: Inputs) -> LoanResult:
    span = _read_span(inputs)
    if inputs.get_day("filed_after") < NEW_RULE:
        inputs.refuse("filed_after", "在2020年8月20日以前的案子按旧规定，这里算不了，请问律师")
    inputs.need("agreed_rate")
    return across_the_change(
        _read_principal(inputs),
        inputs.find_rate("agreed_rate") or Decimal(0),
        lpr_at_filing=inputs.get_lpr("lpr_1y_at_filing"),
        span=span,
    )


def _run_plain(inputs: Inputs) -> LoanResult:
    rate = inputs.find_rate("agreed_rate")
    if not inputs.names("agreed_rate"):
        inputs.need("agreed_rate", "没有约定利息的写 null")
    lpr = inputs.get_lpr("lpr_1y_at_contract") if rate else None
    return plain(_read_principal(inputs), rate, lpr=lpr, days=_read_days(inputs))


def run(raw: Mapping[str, object]) -> LoanResult:
    """Read the inputs by name and work out what they ask."""
    inputs = Inputs(raw, LABELS)
    inputs.find_flag("natural_persons")  # decides nothing where the rate is plain, but may be wrong
    if inputs.has("initial_principal"):
        return _run_rollover(inputs)
    if inputs.has("penalty_rate"):
        return _run_penalty(inputs)
    is_late = inputs.has("overdue_rate") and not inputs.has("agreed_rate")
    if inputs.has("overdue_days") or is_late:
        return _run_overdue(inputs)
    return _run_across(inputs) if _is_across(inputs) else _run_plain(inputs)


CALCULATOR: Final = Calculator("loan_interest", "借款利息", LABELS, run)
