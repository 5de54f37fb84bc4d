"""Loads stations from a sheet."""

import typer

from bot.loading.stations import KIND
from scripts.loading.command import command

if __name__ == "__main__":
    typer.run(command(KIND))
