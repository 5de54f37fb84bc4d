"""The calculators: exact figures, the borders of the law, and refusals that name the field."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.calculators.base import CalculatorError
from knowledge.calculators.registry import CALCULATORS, calculate
from knowledge.calculators.severance import count_units
from knowledge.citations import read_statute

Inputs = Mapping[str, Any]


def differences(name: str, inputs: Inputs, expected: Inputs) -> dict[str, Any]:
    """Return the outputs that are not as expected; null and left out are the same."""
    result = calculate(name, inputs)
    found = {field: result.get(field) for field in expected}
    return {field: found[field] for field in expected if found[field] != expected[field]}


SEVERANCE = {"start_date": "2015-03-01", "avg_monthly_wage": 4000, "local_avg_monthly_wage": 7000}
LEAVE: list[tuple[float, Inputs, int]] = [
    (0.9, {}, 0),
    (1, {}, 5),
    (9.99, {}, 5),
    (10, {}, 10),
    (19.9, {}, 10),
    (20, {}, 15),
    (3, {"sick_leave_months": 2}, 0),
    (3, {"sick_leave_months": 1.9}, 5),
    (12, {"sick_leave_months": 3}, 0),
    (25, {"sick_leave_months": 3.5}, 15),
    (25, {"sick_leave_months": 4}, 0),
]
ART40 = {"kind": "N+1", "legal_basis": "art40"}
CASES: list[tuple[str, Inputs, Inputs]] = [
    # --- severance: months
    *(
        ("severance", SEVERANCE | {"kind": "N", "end_date": end}, {"months": months})
        for end, months in [
            ("2015-03-01", 0.5),  # a single day
            ("2015-08-30", 0.5),  # a day short of six months
            ("2015-08-31", 1),  # six months exactly
            ("2016-02-29", 1),  # a year exactly
            ("2016-03-01", 1.5),
            ("2019-08-31", 5),
            ("2019-09-30", 5),
        ]
    ),
    ("severance", SEVERANCE | {"kind": "2N", "end_date": "2016-02-29"}, {"amount": 8000}),
    # --- severance: 2008
    (
        "severance",
        SEVERANCE | {"kind": "N", "start_date": "2007-12-31", "end_date": "2008-06-30"},
        {"months": 1, "pre2008_separate": True, "amount": 4000},
    ),
    (
        "severance",
        SEVERANCE | {"kind": "N", "start_date": "2008-01-01", "end_date": "2008-06-29"},
        {"months": 0.5, "pre2008_separate": False},
    ),
    (
        "severance",
        SEVERANCE | {"kind": "2N", "start_date": "1999-01-01", "end_date": "2018-12-31"},
        {"months": 20, "pre2008_separate": False, "amount": 160000},
    ),
    (
        "severance",
        SEVERANCE | {"kind": "2N", "start_date": "1999-01-01", "end_date": "2018-12-31"}
        | {"avg_monthly_wage": 21000.01},
        {"months": 12, "monthly_base": 21000, "capped": True, "amount": 504000},
    ),
    # --- severance: the month on top, and cents
    (
        "severance",
        SEVERANCE | ART40 | {"end_date": "2017-02-28", "notice_30d_given": False}
        | {"last_month_wage": 4321.5},
        {"notice_pay": 4321.5, "amount": 12321.5},
    ),
    (
        "severance",
        SEVERANCE | {"kind": "N", "end_date": "2018-02-28", "avg_monthly_wage": 3333.335},
        {"monthly_base": 3333.34, "amount": 10000.01},  # 10000.005, half up, rounded once
    ),
    ("severance", SEVERANCE | {"kind": "N", "end_date": "2018-02-28"}, {"notice_pay": None}),
    # --- double wage: ends of months, leap years, what ends it
    (
        "double_wage",
        {"start_date": "2024-01-31", "monthly_wage": 3000, "as_of": "2026-01-01"},
        {"period_start": "2024-02-29", "period_end": "2025-01-30", "months": 11, "amount": 33000},
    ),
    (
        "double_wage",
        {"start_date": "2024-02-29", "monthly_wage": 3000, "as_of": "2026-01-01"},
        {"period_start": "2024-03-29", "period_end": "2025-02-27", "months": 11},
    ),
    (
        "double_wage",
        {"start_date": "2024-05-10", "monthly_wage": 3000, "left_date": "2024-06-09"},
        {"months": 0, "amount": 0, "period_start": None},
    ),
    (
        "double_wage",
        {"start_date": "2024-05-10", "monthly_wage": 4350, "left_date": "2024-06-10"}
        | {"partial_workdays": 1},
        {"months": 0, "partial_workdays": 1, "amount": 200},
    ),
    (
        "double_wage",
        {"start_date": "2024-05-10", "monthly_wage": 3000, "signed_date": "2024-05-01"},
        {"months": 0, "amount": 0},
    ),
    # --- overtime
    (
        "overtime",
        {"monthly_wage": 4350, "ext_hours": 36, "restday_hours": 4, "holiday_hours": 2},
        {"hourly": 25, "amount": 1700, "over_36h": False},
    ),
    ("overtime", {"monthly_wage": 5000, "ext_hours": 36.5}, {"over_36h": True, "hourly": 28.74}),
    # --- annual leave: the ladder and what takes it away
    *(
        ("annual_leave", {"mode": "days", "cumulative_years": years, **sick}, {"days": days})
        for years, sick, days in LEAVE
    ),
    (
        "annual_leave",
        {"mode": "exit", "cumulative_years": 5, "left_date": "2024-12-31", "taken_days": 0},
        {"entitled": 5, "unpaid_days": 5, "extra_pay_200pct": None},
    ),
    (
        "annual_leave",
        {"mode": "exit", "cumulative_years": 5, "left_date": "2025-03-01", "taken_days": 4},
        {"unpaid_days": 0, "clawback": 0},
    ),
    (
        "annual_leave",
        {"mode": "exit", "cumulative_years": 20, "left_date": "2025-12-31"}
        | {"join_date": "2025-12-01"},
        {"unpaid_days": 1},  # 31 days of the year, not all of it
    ),
    *(
        (
            "annual_leave",
            {"mode": "join", "cumulative_years": years, "join_date": joined},
            {"days": days},
        )
        for years, joined, days in [(5, "2025-12-31", 0), (15, "2024-01-01", 10)]
    ),
    # --- injury: every grade, the bounds, care, relatives
    *(
        (
            "injury_lump_sum",
            {"grade": grade, "own_contribution_wage": 1000, "pooling_area_avg_wage": 1000},
            {"lump_sum": months * 1000, "months": months, "monthly_allowance": allowance},
        )
        for grade, months, allowance in [
            (1, 27, 900), (2, 25, 850), (3, 23, 800), (4, 21, 750), (5, 18, 700),
            (6, 16, 600), (7, 13, None), (8, 11, None), (9, 9, None), (10, 7, None),
        ]
    ),
    *(
        (
            "injury_lump_sum",
            {"grade": 7, "own_contribution_wage": wage, "pooling_area_avg_wage": 5000},
            {"base": base},
        )
        for wage, base in [(2999.99, 3000), (3000, 3000), (15000, 15000), (15000.01, 15000)]
    ),
    (
        "injury_lump_sum",
        {"grade": 6, "own_contribution_wage": 3000, "pooling_area_avg_wage": 5000}
        | {"min_wage": 2000},
        {"monthly_allowance": 2000, "payer": "用人单位（难以安排工作时）"},
    ),
    *(
        (
            "injury_lump_sum",
            {"type": "nursing", "level": level, "pooling_area_avg_wage": 6500},
            {"monthly_nursing": money},
        )
        for level, money in [
            ("完全不能自理", 3250), ("大部分不能自理", 2600), ("部分不能自理", 1950),
        ]
    ),
    *(
        (
            "injury_lump_sum",
            {"type": "survivor", "worker_own_wage": 5000, "relatives": relatives},
            {"raw_total": raw, "paid_total": min(raw, 5000)},
        )
        for relatives, raw in [
            (["spouse"], 2000),
            (["orphan"], 2000),
            (["child_orphan", "orphan"], 4000),
            (["lonely_elder", "child"], 3500),
            ([{"relation": "spouse", "lonely": True}], 2500),
            (["spouse", "child", "parent"], 5000),
            (["spouse", "child", "child", "parent"], 6500),
            (["配偶", "子女"], 3500),
        ]
    ),
    # --- unemployment
    *(
        ("unemployment_months", {"contribution_months": paid}, {"max_months": months})
        for paid, months in [(0, 0), (59, 12), (60, 18), (119, 18), (400, 24)]
    ),
    (
        "unemployment_months",
        {"contribution_months": 60, "unclaimed_prev_months": 9},
        {"max_months": 24},
    ),
    (
        "unemployment_months",
        {"contribution_months": 6, "unclaimed_prev_months": 9},
        {"eligible": False, "max_months": 0},
    ),
    *(
        (
            "unemployment_months",
            {"contribution_months": 130, "category": "m", "birth": "1965-02", "benefit_end": end},
            {"statutory_retire_ym": "2025-03", "months_to_retire": left, "extend_to": extended},
        )
        for end, left, extended in [
            ("2024-03", 12, None), ("2024-04", 11, "2025-03"), ("2025-03", 0, None),
        ]
    ),
    (
        "unemployment_months",
        {"voluntary_quit": True, "category": "m", "birth": "1965-02", "benefit_end": "2024-12"},
        {"eligible": False, "extend_to": None},
    ),
    # --- deadlines
    (
        "deadline",
        {"type": "arbitration", "known_date": "2024-02-29", "as_of": "2025-02-28"},
        {"deadline": "2025-02-28", "expired": False},
    ),
    (
        "deadline",
        {"type": "arbitration", "known_date": "2024-02-29", "as_of": "2025-03-01"},
        {"expired": True},
    ),
    (
        "deadline",
        {"type": "arbitration", "known_date": "2024-06-01", "interrupt_date": "2025-06-02"},
        {"deadline": "2025-06-01"},  # a day late: nothing is interrupted
    ),
    (
        "deadline",
        {"type": "arbitration", "known_date": "2024-06-01", "demand_after_expiry": "2025-06-01"},
        {"deadline": "2026-06-01", "revived": None},  # still in time, whatever it is called
    ),
    (
        "deadline",
        {"type": "arbitration", "known_date": "2024-06-01"}
        | {"suspend_from": "2024-05-20", "suspend_to": "2024-06-10"},
        {"deadline": "2025-06-10"},  # only the nine days after the year had begun
    ),
    (
        "deadline",
        {"type": "arbitration", "known_date": "2024-06-01", "interrupt_date": "2025-05-01"}
        | {"suspend_from": "2025-01-01", "suspend_to": "2025-01-31"},
        {"deadline": "2026-05-01"},  # what was suspended before begins again anyhow
    ),
    (
        "deadline",
        {"type": "arbitration", "dispute": "拖欠劳动报酬", "employed": False}
        | {"terminated": "2026-01-31", "as_of": "2026-02-01"},
        {"deadline": "2027-01-31", "expired": False},
    ),
    (
        "deadline",
        {"type": "injury_recognition", "accident_date": "2024-02-29"},
        {"employer_deadline": "2024-03-30", "individual_deadline": "2025-02-28"},
    ),
    (
        "deadline",
        {"type": "divorce_cooling", "application_date": "2024-02-01"},
        {"withdraw_until": "2024-03-02", "certificate_window": ["2024-03-03", "2024-04-01"]},
    ),
    # --- loans
    (
        "loan_interest",
        {"principal": 20000, "agreed_rate": 0.36, "lpr_1y_at_contract": 0.03, "days": 730},
        {"cap_rate": 0.12, "supported_interest": 4800},
    ),
    (
        "loan_interest",
        {"principal": 20000, "agreed_rate": None, "days": 730},
        {"supported_interest": 0, "cap_rate": None},
    ),
    (
        "loan_interest",
        {"principal": 20000, "agreed_rate": 0.1, "lpr_1y_at_contract": 0.03}
        | {"contract_date": "2024-01-01", "repay_date": "2024-12-31"},
        {"supported_interest": 2000},  # 365 days of a leap year
    ),
    (
        "loan_interest",
        {"principal": 20000, "agreed_rate": 0.3, "overdue_rate": 0.5, "lpr_1y_at_contract": 0.03}
        | {"days": 365, "overdue_days": 73},
        {"in_term_interest": 2400, "overdue_interest": 480, "total": 2880},
    ),
    (
        "loan_interest",
        {"initial_principal": 10000, "rate": 0.1, "lpr_1y_at_contract": 0.03, "years": 2}
        | {"rollover_each_year": True},
        {"claimed_total": 12100, "ceiling_total": 12400, "supported_total": 12100},
    ),
    (
        "loan_interest",
        {"initial_principal": 10000, "rate": 0.1, "lpr_1y_at_contract": 0.03, "years": 1.5}
        | {"rollover_each_year": True},
        {"claimed_total": 11550},
    ),
    (
        "loan_interest",
        {"principal": 36500, "agreed_rate": 0.3, "contract_date": "2020-08-10"}
        | {"filed_after": "2021-01-01", "repay_date": "2020-08-30", "lpr_1y_at_filing": 0.03},
        {"interest_before_20200820": 240, "interest_after": 120, "total": 360},
    ),
    # --- retirement: before, the first step, the caps, the years of contributions
    *(
        (
            "retirement_age",
            {"category": category, "birth": birth},
            {"delay_months": delay, "retire_ym": month, "min_contribution_years": years},
        )
        for category, birth, delay, month, years in [
            ("m", "1964-12", 0, "2024-12", 15),
            ("m", "1965-04", 1, "2025-05", 15),
            ("m", "1976-08", 35, "2039-07", 20),
            ("m", "1976-09", 36, "2039-09", 20),
            ("m", "1990-01", 36, "2053-01", 20),
            ("m", "1968-12", 12, "2029-12", 15),
            ("m", "1969-01", 13, "2030-02", 15.5),
            ("f55", "1981-09", 36, "2039-09", 20),
            ("f50", "1975-02", 1, "2025-03", 15),
            ("f50", "1975-03", 2, "2025-05", 15),
            ("f50", "1984-11", 60, "2039-11", 20),
            ("f50", "1995-05", 60, "2050-05", 20),
        ]
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "inputs", "expected"), CASES)
def test_the_figures_are_exact(name: str, inputs: Inputs, expected: Inputs) -> None:
    assert differences(name, inputs, expected) == {}


@pytest.mark.parametrize("name", CALCULATORS)
def test_every_calculator_has_cases_and_cites_articles_that_exist(
    name: str, shared_dir: Path
) -> None:
    cited = {
        code for n, inputs, _ in CASES if n == name for code in as_strings(calculate(n, inputs))
    }
    statutes = {path.stem: path for path in (shared_dir / "laws").glob("*.txt")}

    assert cited
    for code in cited:
        match = re.fullmatch(r"(\D+?)(\d+)", code)
        if match:
            assert int(match[2]) in read_statute(statutes[match[1]]), code


def as_strings(result: Mapping[str, Any]) -> list[str]:
    return [str(code) for code in result["articles"]]


@pytest.mark.parametrize(("name", "inputs"), [case[:2] for case in CASES])
def test_every_result_says_how_it_came_about_and_what_it_leaves_out(
    name: str, inputs: Inputs
) -> None:
    result = calculate(name, inputs)

    assert result["steps"]
    assert result["left_out"]
    assert "ignored" not in result


def worked_examples(text: str) -> Iterator[tuple[str, Inputs, Inputs]]:
    name = ""
    for line in text.splitlines():
        heading = re.match(r"## (\w+)", line)
        name = heading[1] if heading else name
        example = re.match(r"- in `(\{.*?\})` → `(\{.*?\})`", line)
        if example:
            inputs, expected = (json.loads(part, parse_float=Decimal) for part in example.groups())
            yield name, inputs, plain(expected)


def plain(expected: Mapping[str, Any]) -> dict[str, Any]:
    return {k: float(v) if isinstance(v, Decimal) else v for k, v in expected.items()}


def test_the_worked_examples_come_out_to_the_cent(shared_dir: Path) -> None:
    text = (shared_dir / "reference" / "calculators.md").read_text(encoding="utf-8")
    examples = list(worked_examples(text))

    assert len(examples) > 40
    assert [(e, wrong) for e in examples if (wrong := differences(*e))] == []


def test_the_rows_worked_by_hand_come_out_to_the_cent(shared_dir: Path) -> None:
    lines = (shared_dir / "eval" / "calculators.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line, parse_float=Decimal) for line in lines]

    wrong = {r["id"]: differences(r["calc"], r["inputs"], plain(r["expected"])) for r in rows}
    assert {key: found for key, found in wrong.items() if found} == {}


N = SEVERANCE | {"kind": "N", "end_date": "2020-01-01"}
INJURY = {"grade": 5, "own_contribution_wage": 5000, "pooling_area_avg_wage": 7000}
LOAN = {"principal": 1000, "agreed_rate": 0.1, "lpr_1y_at_contract": 0.03, "days": 30}
WORK = {"start_date": "2024-03-01", "monthly_wage": 5000}
REFUSED: list[tuple[str, Inputs, str]] = [
    ("severance", {}, "kind"),
    ("severance", N | {"kind": "3N"}, "kind"),
    ("severance", N | {"kind": ["N"]}, "kind"),
    ("severance", N | {"local_avg_monthly_wage": None}, "local_avg_monthly_wage"),
    ("severance", N | {"avg_monthly_wage": -1}, "avg_monthly_wage"),
    ("severance", N | {"avg_monthly_wage": 0}, "avg_monthly_wage"),
    ("severance", N | {"avg_monthly_wage": "很多"}, "avg_monthly_wage"),
    ("severance", N | {"avg_monthly_wage": True}, "avg_monthly_wage"),
    ("severance", N | {"avg_monthly_wage": float("nan")}, "avg_monthly_wage"),
    ("severance", N | {"avg_monthly_wage": float("inf")}, "avg_monthly_wage"),
    ("severance", N | {"avg_monthly_wage": Decimal("1e999999")}, "avg_monthly_wage"),
    ("severance", N | {"avg_monthly_wage": 10**5000}, "avg_monthly_wage"),
    ("severance", N | {"avg_monthly_wage": [5000]}, "avg_monthly_wage"),
    ("severance", N | {"min_wage": 8000}, "min_wage"),
    ("severance", N | {"start_date": "2020-02-30"}, "start_date"),
    ("severance", N | {"start_date": "2020-13-01"}, "start_date"),
    ("severance", N | {"start_date": "2020/01/01"}, "start_date"),
    ("severance", N | {"start_date": "0001-01-01"}, "start_date"),
    ("severance", N | {"start_date": 20200101}, "start_date"),
    ("severance", N | {"end_date": "2015-02-28"}, "end_date"),
    ("severance", N | {"start_date": "2000-01-01", "end_date": "2007-12-31"}, "end_date"),
    ("severance", N | {"kind": "N+1"}, "legal_basis"),
    ("severance", N | ART40, "notice_30d_given"),
    ("severance", N | ART40 | {"notice_30d_given": False}, "last_month_wage"),
    ("severance", N | ART40 | {"notice_30d_given": "no"}, "notice_30d_given"),
    ("double_wage", WORK, "as_of"),
    ("double_wage", WORK | {"left_date": "2024-02-01"}, "left_date"),
    ("double_wage", WORK | {"as_of": "2024-06-10"}, "partial_workdays"),
    (
        "double_wage",
        WORK | {"as_of": "2024-06-10", "partial_workdays": 11},
        "partial_workdays",
    ),
    ("overtime", {"monthly_wage": 4350}, "ext_hours"),
    ("overtime", {"monthly_wage": 4350, "ext_hours": 745}, "ext_hours"),
    ("overtime", {"monthly_wage": 4350, "ext_hours": -2}, "ext_hours"),
    ("annual_leave", {"mode": "days"}, "cumulative_years"),
    ("annual_leave", {"mode": "exit", "cumulative_years": 5}, "left_date"),
    ("annual_leave", {"mode": "join", "cumulative_years": 5}, "join_date"),
    (
        "annual_leave",
        {"mode": "exit", "cumulative_years": 5, "left_date": "2025-01-01"}
        | {"join_date": "2025-02-01"},
        "left_date",
    ),
    ("injury_lump_sum", {}, "grade"),
    ("injury_lump_sum", INJURY | {"grade": 0}, "grade"),
    ("injury_lump_sum", INJURY | {"grade": 11}, "grade"),
    ("injury_lump_sum", INJURY | {"grade": 5.5}, "grade"),
    ("injury_lump_sum", INJURY | {"type": "other"}, "type"),
    ("injury_lump_sum", {"type": "death", "pooling_area_avg_wage": 7000},
     "national_urban_disposable_income_prev_year"),
    ("injury_lump_sum", {"type": "nursing", "level": "能自理"}, "level"),
    ("injury_lump_sum", {"type": "survivor", "worker_own_wage": 1, "relatives": []}, "relatives"),
    ("injury_lump_sum", {"type": "survivor", "worker_own_wage": 1, "relatives": ["cousin"]},
     "relatives"),
    ("injury_lump_sum", {"type": "survivor", "worker_own_wage": 1, "relatives": [3]}, "relatives"),
    (
        "injury_lump_sum",
        {"type": "survivor", "worker_own_wage": 1, "relatives": ["spouse", "spouse"]},
        "relatives",
    ),
    ("unemployment_months", {}, "contribution_months"),
    ("unemployment_months", {"contribution_months": 1.5}, "contribution_months"),
    ("unemployment_months", {"contribution_months": 24, "unclaimed_prev_months": 25},
     "unclaimed_prev_months"),
    ("unemployment_months", {"birth": "1966-01", "benefit_end": "2025-10"}, "category"),
    (
        "unemployment_months",
        {"category": "m", "birth": "1966-01", "benefit_end": "1965-10"},
        "benefit_end",
    ),
    ("deadline", {}, "type"),
    ("deadline", {"type": "arbitration"}, "known_date"),
    ("deadline", {"type": "arbitration", "dispute": "拖欠劳动报酬"}, "terminated"),
    (
        "deadline",
        {"type": "arbitration", "dispute": "拖欠劳动报酬", "employed": True}
        | {"terminated": "2025-01-01"},
        "terminated",
    ),
    (
        "deadline",
        {"type": "arbitration", "known_date": "2025-01-01", "as_of": "2024-01-01"},
        "as_of",
    ),
    (
        "deadline",
        {"type": "arbitration", "known_date": "2025-01-01", "suspend_from": "2025-02-01"},
        "suspend_to",
    ),
    ("deadline", {"type": "sue_after_award"}, "received"),
    ("deadline", {"type": "injury_recognition"}, "accident_date"),
    (
        "deadline",
        {"type": "injury_recognition", "accident_date": "2025-01-01"}
        | {"disease_diagnosis_date": "2025-01-01"},
        "disease_diagnosis_date",
    ),
    ("loan_interest", {}, "agreed_rate"),
    ("loan_interest", LOAN | {"principal": None}, "principal"),
    ("loan_interest", LOAN | {"agreed_rate": 12}, "agreed_rate"),
    ("loan_interest", LOAN | {"lpr_1y_at_contract": 3.45}, "lpr_1y_at_contract"),
    ("loan_interest", LOAN | {"lpr_1y_at_contract": None}, "lpr_1y_at_contract"),
    ("loan_interest", LOAN | {"days": None}, "days"),
    ("loan_interest", LOAN | {"note_amount": 1000}, "note_amount"),
    ("loan_interest", LOAN | {"natural_persons": "yes"}, "natural_persons"),
    (
        "loan_interest",
        {"note_amount": 1000, "prededucted_interest": 1000, "agreed_rate": 0.1}
        | {"lpr_1y_at_contract": 0.03, "days": 1},
        "prededucted_interest",
    ),
    (
        "loan_interest",
        LOAN | {"contract_date": "2019-09-01", "repay_date": "2021-01-01"}
        | {"filed_after": "2020-08-01"},
        "filed_after",
    ),
    (
        "loan_interest",
        {"principal": 1, "agreed_rate": 0.1, "lpr_1y_at_contract": 0.03}
        | {"contract_date": "2024-02-01", "repay_date": "2024-01-01"},
        "repay_date",
    ),
    ("loan_interest", {"principal": 1000, "overdue_rate": 0.1}, "overdue_days"),
    ("retirement_age", {"category": "m"}, "birth"),
    ("retirement_age", {"category": "f60", "birth": "1970-01"}, "category"),
    ("retirement_age", {"category": "m", "birth": "1970-13"}, "birth"),
    ("retirement_age", {"category": "m", "birth": "1970-1"}, "birth"),
    ("retirement_age", {"category": "m", "birth": "1870-01"}, "birth"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "inputs", "field"), REFUSED)
def test_what_is_missing_or_impossible_is_refused_by_its_field(
    name: str, inputs: Inputs, field: str
) -> None:
    with pytest.raises(CalculatorError) as refusal:
        calculate(name, inputs)

    assert refusal.value.field == field
    assert re.search(r"[\u4e00-\u9fa5]", str(refusal.value))


def test_an_input_that_nobody_asked_for_is_named() -> None:
    result = calculate("retirement_age", {"category": "m", "birth": "1970-01", "brith": "1971-01"})

    assert result["ignored"] == ["brith"]


def test_digits_in_text_are_a_number() -> None:
    assert calculate("overtime", {"monthly_wage": "４,350", "ext_hours": "8"})["amount"] == 300


@given(start=st.dates(date(2008, 1, 1), date(2050, 1, 1)), days=st.integers(0, 15_000))
def test_more_service_never_gives_less(start: date, days: int) -> None:
    end = start + timedelta(days=days)

    assert count_units(start, end) <= count_units(start, end + timedelta(days=1))
