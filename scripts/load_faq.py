"""Loads reviewed answers from a sheet; a running server knows them within ten seconds."""

import typer

from bot.loading.faq import KIND
from scripts.loading.command import command

if __name__ == "__main__":
    typer.run(command(KIND))
