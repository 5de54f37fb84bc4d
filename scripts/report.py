"""Tells what happened in a week, as one HTML file with plots or as CSV; nobody is named."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.settings import SettingsError, load_settings
from models.clock import system_clock
from scripts.loading.command import open_database
from scripts.reporting.gather import Figures, gather
from scripts.reporting.page import to_html
from scripts.reporting.period import Period, choose_period
from scripts.reporting.sheet import to_csv
from scripts.reporting.tables import make_tables


class Format(StrEnum):
    """What the report is written as."""

    HTML = "html"
    CSV = "csv"


def main(
    *,
    week: Annotated[
        str | None, typer.Option(metavar="2026-W47", help="A week, from Monday to Sunday.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="2026-11-16", help="The first day.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="2026-11-22", help="The last day, included.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="One file with plots, or a sheet.")] = (
        Format.HTML
    ),
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Where to write it; else printed.")
    ] = None,
) -> None:
    """Report the newest week that is over, or the one that is named.

    Counts with fewer than five people behind them are hidden. docs/operations.md tells what each
    figure means.
    """
    now = system_clock()
    period = _read_period(week, first, last, now=now)
    with open_database() as database, database.transaction() as session:
        figures = gather(session, period, now=now)
    text = _render(figures, form, now=now)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise typer.BadParameter(str(error), param_hint="--out") from error
    typer.echo(f"{period.name}：{out}", err=True)


def _render(figures: Figures, form: Format, *, now: datetime) -> str:
    tables, period = make_tables(figures), figures.period
    if form is Format.CSV:
        return to_csv(tables, first=period.first.isoformat(), last=period.last.isoformat())
    return to_html(tables, period, now=now)


def _read_period(week: str | None, first: str | None, last: str | None, *, now: datetime) -> Period:
    try:
        return choose_period(week, first, last, now=now, zone=load_settings().zone)
    except SettingsError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


if __name__ == "__main__":
    typer.run(main)
