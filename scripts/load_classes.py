"""Loads the evenings of the open class from a sheet."""

import typer

from bot.loading.classes import KIND
from scripts.loading.command import command

if __name__ == "__main__":
    typer.run(command(KIND))
