"""Loads local figures (average and minimum wages, loan prime rates) from a sheet."""

import typer

from bot.loading.figures import KIND
from scripts.loading.command import command

if __name__ == "__main__":
    typer.run(command(KIND))
