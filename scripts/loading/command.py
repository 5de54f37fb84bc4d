"""The command line that all loaders share."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from sqlalchemy.exc import OperationalError

from bot.loading.files import open_sheet
from bot.loading.kind import Kind, M
from bot.loading.machine import Loader, Progress, no_progress
from bot.loading.report import Report
from bot.loading.sheet import SheetError
from bot.loading.template import write_template
from bot.loading.undo import UndoError, undo
from bot.settings import SettingsError, load_settings
from models import schema
from models.clock import system_clock
from models.database import Database
from models.encryption import Cipher

_HIGHEST: Final = 2**31 - 1
"""No run has a higher number: so much fits into the database's column."""


def command(kind: Kind[M]) -> Callable[..., None]:
    """Return the command that loads this kind, for `typer.run`."""

    def main(
        file: Annotated[
            Path | None,
            typer.Argument(
                exists=True, dir_okay=False, readable=True, help="CSV, XLSX, JSON, YAML."
            ),
        ] = None,
        *,
        dry_run: Annotated[bool, typer.Option(help="Judge every row, write nothing.")] = False,
        all_or_nothing: Annotated[
            bool, typer.Option(help="Write nothing when a single row is bad.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Report as one JSON object.")] = False,
        undo_run: Annotated[
            int | None,
            typer.Option("--undo", min=1, max=_HIGHEST, metavar="RUN", help="Take that load back."),
        ] = None,
        template: Annotated[
            Path | None, typer.Option(help="Write an empty .xlsx or .csv to fill in.")
        ] = None,
    ) -> None:
        if sum(wish is not None for wish in (file, undo_run, template)) != 1:
            message = "give one of: a FILE to load, --undo RUN, --template PATH"
            raise typer.BadParameter(message)
        if template is not None:
            _write_template(kind, template)
            return
        with open_database() as database:
            if undo_run is not None:
                report = _undo(kind, undo_run, database, dry_run=dry_run)
            else:
                assert file is not None  # noqa: S101 - one of the three was given
                report = _load(kind, file, database, dry_run=dry_run, all_or_nothing=all_or_nothing)
        _tell(report, kind, as_json=as_json, dry_run=dry_run)
        raise typer.Exit(report.status)

    main.__doc__ = f"Load {kind.name} ({kind.noun}) from a sheet; docs/loading.md tells more."
    return main


def _load(
    kind: Kind[M], file: Path, database: Database, *, dry_run: bool, all_or_nothing: bool
) -> Report:
    with _progress() as progress:
        loader = Loader(kind, database=database, now=system_clock(), progress=progress)
        try:
            return loader.load(
                open_sheet(file, loader.judge.book),
                file_name=file.name,
                dry_run=dry_run,
                all_or_nothing=all_or_nothing,
            )
        except SheetError as error:
            return Report.of_error(error)


def _undo(kind: Kind[M], run: int, database: Database, *, dry_run: bool) -> Report:
    try:
        return undo(kind, run, database=database, now=system_clock(), dry_run=dry_run)
    except UndoError as error:
        report = Report.of_error(SheetError(str(error), field="--undo"))
        report.undoes = run
        return report


def _write_template(kind: Kind[M], path: Path) -> None:
    try:
        write_template(kind, path)
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error), param_hint="--template") from error
    typer.echo(f"模板已写到 {path}，填好以后：python -m scripts.load_{kind.name} {path}", err=True)


def _tell(report: Report, kind: Kind[M], *, as_json: bool, dry_run: bool) -> None:
    for warning in report.warnings:
        typer.echo(f"注意：{warning}", err=True)
    if as_json:
        typer.echo(report.to_json())
        return
    for line in report.to_lines(dry_run=dry_run, again=f"python -m scripts.load_{kind.name}"):
        typer.echo(line)


@contextmanager
def open_database() -> Iterator[Database]:
    """Open the database of the settings; end the program with a sentence where that fails."""
    try:
        settings = load_settings()
        database = Database(settings.database_url, cipher=Cipher(settings.data_encryption_key))
    except (SettingsError, ValueError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    try:
        if not schema.is_current(database):
            typer.echo("the database is not up to date: run python -m scripts.migrate", err=True)
            raise typer.Exit(1)
        yield database
    except OperationalError as error:
        typer.echo(f"the database refused, nothing was written: {error.orig}", err=True)
        raise typer.Exit(1) from error
    finally:
        database.close()


@contextmanager
def _progress() -> Iterator[Progress]:
    """Hand out a progress bar where somebody is looking."""
    if not sys.stderr.isatty():
        yield no_progress
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {step: bar.add_task(step, total=None) for step in ("读取", "写入")}

        def show(step: str, done: int, total: int) -> None:
            bar.update(tasks[step], completed=done, total=max(done, total))

        yield show
