"""Loads the demonstration: FAQ, postings, classes, volunteers, their duty. Safe to run again."""

import typer

from bot.demo import read_env
from bot.settings import DEMO_ENV, SettingsError, load_settings
from models.clock import system_clock
from models.database import Database
from models.encryption import Cipher
from scripts.demonstration.content import seed


def main() -> None:
    """Load the demonstration data, with dates relative to today; loading twice changes nothing."""
    try:
        settings = load_settings()
        database = Database(settings.database_url, cipher=Cipher(settings.data_encryption_key))
    except (SettingsError, ValueError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    if settings.is_production:
        typer.echo("seed_demo is for the demonstration: ENVIRONMENT is production", err=True)
        raise typer.Exit(2)
    password = read_env(DEMO_ENV)["DEMO_VOLUNTEER_PASSWORD"]
    with database.transaction() as session:
        counts = seed(session, now=system_clock(), zone=settings.zone, password=password)
    typer.echo(", ".join(f"{number} {name}" for name, number in counts.items()))


if __name__ == "__main__":
    typer.run(main)
