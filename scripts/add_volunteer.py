"""Adds people who help, or changes what is known of them. A first password is shown once."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.loading.people import Person, read_people
from bot.loading.report import Rejection
from bot.volunteers import RefusedError, Save, Saved
from models.clock import system_clock
from models.volunteer import Role, Skill
from scripts.loading.command import open_database


def main(  # noqa: PLR0913 - the options of the command line
    username: Annotated[str, typer.Argument(help="Log-in name: a-z, digits, . _ -")] = "",
    *,
    name: Annotated[str, typer.Option(help="Full name; contacts never see it.")] = "",
    display: Annotated[str | None, typer.Option(help="What contacts see, as 李律师.")] = None,
    skill: Annotated[list[Skill] | None, typer.Option(help="Give it several times.")] = None,
    role: Annotated[Role | None, typer.Option(help="By default: volunteer.")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Many people from a sheet.")
    ] = None,
    update: Annotated[bool, typer.Option(help="The username may get another name.")] = False,
    password_stdin: Annotated[
        bool, typer.Option(help="Read the password from standard input.")
    ] = False,
    reset_password: Annotated[bool, typer.Option(help="Make a new password.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one JSON object.")] = False,
) -> None:
    """Add a volunteer or update one; a first password is made and printed once."""
    if bool(username) == bool(file) or (file and password_stdin) or (username and not name):
        message = "give USERNAME and --name, or --file SHEET (whose passwords are always made)"
        raise typer.BadParameter(message)
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    person = Person(username, name.strip(), display, role, tuple(skill) if skill else None)
    save = Save(update=update, reset=reset_password, now=system_clock())
    saved: list[Saved] = []
    rejected: list[Rejection] = []
    with open_database() as database:
        for who in read_people(file) if file else [(0, person)]:
            if isinstance(who, Rejection):
                rejected.append(who)
                continue
            try:
                with database.transaction() as session:  # each its own: hashing takes a moment
                    saved.append(save(session, who[1], password=given))
            except RefusedError as error:
                rejected.append(Rejection(who[0], error.field, who[1].username, str(error)))
    _tell(saved, rejected, as_json=as_json, many=file is not None)
    raise typer.Exit(1 if rejected else 0)


def _tell(saved: list[Saved], rejected: list[Rejection], *, as_json: bool, many: bool) -> None:
    if as_json and not many and saved:
        typer.echo(json.dumps(saved[0].to_json(), ensure_ascii=False))
    elif as_json:
        people = [one.to_json() for one in saved]
        faults = [
            {"line": r.line, "field": r.field, "value": r.value, "reason": r.reason}
            for r in rejected
        ]
        typer.echo(json.dumps({"saved": people, "rejected": faults}, ensure_ascii=False))
    else:
        for one in saved:
            typer.echo(str(one))
        for fault in rejected:
            typer.echo(str(fault) if fault.line else f"{fault.field}：{fault.reason}", err=True)


if __name__ == "__main__":
    typer.run(main)
