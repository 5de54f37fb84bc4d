"""The command: JSON in, JSON out, and a status that says what happened."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from knowledge.calculators.registry import CALCULATORS
from scripts.calculate import main

ROOT = Path(__file__).parents[2]


def run(*arguments: str, said: str | bytes = "") -> Result:
    app = typer.Typer()
    app.command()(main)
    return CliRunner().invoke(app, arguments, input=said)


def answer(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_a_figure_comes_with_its_articles_and_steps() -> None:
    result = run("overtime", said='{"monthly_wage": 4350, "holiday_hours": 8}')
    told = answer(result)

    assert (result.exit_code, told["amount"], told["over_36h"]) == (0, 600, False)
    assert "劳动法44" in told["articles"]
    assert any("3倍" in step for step in told["steps"])


def test_money_is_exact_where_binary_fractions_are_not() -> None:
    said = '{"principal": 365, "agreed_rate": 0.07, "lpr_1y_at_contract": 0.03, "days": 100}'

    assert answer(run("loan_interest", said=said))["supported_interest"] == 7


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ('{"ext_hours": 3}', "monthly_wage"),
        ('{"monthly_wage": NaN, "ext_hours": 3}', "monthly_wage"),
        ('{"monthly_wage": 1e400, "ext_hours": 3}', "monthly_wage"),
        ('{"monthly_wage": 1e-400, "ext_hours": 3}', "monthly_wage"),
        ("", None),
        ("[]", None),
        ("{", None),
        ("[" * 100_000, None),
        (b"\xff\xfe\x00", None),
    ],
    ids=["missing", "nan", "huge", "tiny", "empty", "list", "broken", "deep", "bytes"],
)
def test_wrong_data_ends_with_one_and_names_the_field(said: str | bytes, field: str | None) -> None:
    result = run("overtime", said=said)
    told = answer(result)

    assert result.exit_code == 1
    assert set(told) == {"error", "field"}
    assert told["field"] == field
    assert told["error"]


@pytest.mark.parametrize("arguments", [["no_such"], [], ["overtime", "extra"], ["--what"]])
def test_wrong_usage_ends_with_two_and_lists_the_names(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    result = run("no_such")

    assert result.stdout == ""
    assert all(name in result.stderr for name in CALCULATORS)


def test_help_lists_every_calculator() -> None:
    told = run("--help")

    assert told.exit_code == 0
    assert all(name in told.stdout for name in CALCULATORS)


@pytest.mark.parametrize("name", CALCULATORS)
def test_the_fields_of_a_calculator_can_be_asked(name: str) -> None:
    assert answer(run(name, "--fields")) == dict(CALCULATORS[name].labels)


def test_what_cannot_be_encoded_does_not_break_the_answer() -> None:
    told = answer(run("overtime", said='{"monthly_wage": 4350, "ext_hours": 1, "\\ud800": 1}'))

    assert told["amount"] == 37.5
    assert len(told["ignored"]) == 1


def test_it_runs_as_a_module_with_chinese_in_any_locale() -> None:
    said = {"type": "nursing", "level": "部分不能自理", "pooling_area_avg_wage": 5000}
    result = subprocess.run(
        [sys.executable, "-m", "scripts.calculate", "injury_lump_sum"],
        cwd=ROOT,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        input=json.dumps(said, ensure_ascii=False).encode(),
        capture_output=True,
        check=True,
    )

    assert json.loads(result.stdout.decode())["monthly_nursing"] == 1500
