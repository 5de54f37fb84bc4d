"""Creates or upgrades the database that `DATABASE_URL` names."""

from typing import Annotated

import typer

from bot.settings import SettingsError, load_settings
from models import schema
from models.database import Database
from models.encryption import Cipher


def main(
    new: Annotated[
        str, typer.Option(help="Write a new migration with this message instead of upgrading.")
    ] = "",
) -> None:
    """Bring the database to the schema that this version wants."""
    try:
        settings = load_settings()
        database = Database(settings.database_url, cipher=Cipher(settings.data_encryption_key))
    except (SettingsError, ValueError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    if new:
        _write(database, new)
        return
    before, after = schema.upgrade(database)
    typer.echo(f"database at {after}" + ("" if before == after else f" (was {before or 'empty'})"))


def _write(database: Database, message: str) -> None:
    try:
        schema.create_revision(database, message)
    except ValueError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
