"""The one list of calculators, and calling one by its name."""

from collections.abc import Mapping
from typing import Final

from knowledge.calculators import (
    annual_leave,
    deadline,
    double_wage,
    injury_lump_sum,
    loan_interest,
    overtime,
    retirement_age,
    severance,
    unemployment_months,
)
from knowledge.calculators.base import Calculator, Json, to_json

CALCULATORS: Final[Mapping[str, Calculator]] = {
    calculator.name: calculator
    for calculator in (
        severance.CALCULATOR,
        double_wage.CALCULATOR,
        overtime.CALCULATOR,
        annual_leave.CALCULATOR,
        injury_lump_sum.CALCULATOR,
        unemployment_months.CALCULATOR,
        deadline.CALCULATOR,
        loan_interest.CALCULATOR,
        retirement_age.CALCULATOR,
    )
}


def calculate(name: str, raw: Mapping[str, object]) -> dict[str, Json]:
    """Return the result for JSON, with the inputs that nobody asked for named.

    Raises KeyError for an unknown calculator and CalculatorError for a wrong input.
    """
    calculator = CALCULATORS[name]
    ignored: list[Json] = [field for field in raw if field not in calculator.labels]
    result = to_json(calculator.run(raw))
    return result | ({"ignored": ignored} if ignored else {})
