"""Works out what the law gives: a JSON object on standard input, one on standard output."""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

import typer

from knowledge.calculators.base import CalculatorError
from knowledge.calculators.registry import CALCULATORS, calculate

_NAMES = "\n\n".join(f"{c.name}: {c.title}" for c in CALCULATORS.values())


def main(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which calculator, see above.")] = "",
    *,
    fields: Annotated[
        bool, typer.Option("--fields", help="Print what NAME takes, and end.")
    ] = False,
) -> None:
    """Work out one figure exactly; the result names its articles and how it came about."""
    if name not in CALCULATORS:
        what = f"no calculator {name!r}" if name else "which calculator?"
        typer.echo(f"{what} There are: {', '.join(CALCULATORS)}", err=True)
        raise typer.Exit(2)
    if fields:
        _print(dict(CALCULATORS[name].labels))
        return
    try:
        result = calculate(name, _read_inputs())
    except CalculatorError as error:
        _print({"error": str(error), "field": error.field})
        raise typer.Exit(1) from error
    _print(result)


def _read_inputs() -> Mapping[str, object]:
    try:
        # Bytes, because the terminal's own encoding need not be UTF-8.
        inputs = json.loads(sys.stdin.buffer.read().decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        msg = '输入要是一个 JSON 对象，例如 {"monthly_wage": 4350}'
        raise CalculatorError(msg, field=None) from error
    if not isinstance(inputs, dict):
        msg = "输入要是一个 JSON 对象，外面用花括号"
        raise CalculatorError(msg, field=None)
    return inputs


def _print(answer: Mapping[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode(errors="replace") + b"\n")
    sys.stdout.buffer.flush()


main.__doc__ = f"{main.__doc__}\n\n{_NAMES}"

if __name__ == "__main__":
    typer.run(main)
