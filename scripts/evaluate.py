"""Measure understanding, law, retrieval, calculators and speed on a directory of labelled data."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from bot.answering import AnsweringBot
from knowledge.content_dir import CONTENT
from models.clock import system_clock
from scripts.demonstration.bot import create_bot
from scripts.evaluation.data import Data, DataError
from scripts.evaluation.figures import Figure, to_table
from scripts.evaluation.knowledge import calculator_figures, law_figures, retrieval_figures
from scripts.evaluation.overlap import Overlap
from scripts.evaluation.speed import speed_figures
from scripts.evaluation.understanding import Understander, understanding_figures

_FILES = (
    ("persona/utterances.jsonl", "text"),
    ("real/intent.jsonl", "text"),
    ("real/ood.jsonl", "text"),
    ("real/severity_sos.jsonl", "text"),
    ("real/psysuicide.jsonl", "text"),
    ("legal_facts.jsonl", "question_zh"),
    ("real/legal_retrieval.jsonl", "query"),
    ("real/lecoqa_qa.jsonl", "query"),
)


def main(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, metavar="DATA")],
    as_json: Annotated[  # noqa: FBT002 - typer reads the flag from the annotation
        bool, typer.Option("--json", help="Print JSON instead of a table.")
    ] = False,
) -> None:
    """Print all figures for the labelled data in DATA, with their floors and aims.

    `no copies` leaves out the rows of which our own content holds a near-copy.
    """
    data, overlap = Data(folder), Overlap.of_content(CONTENT)
    bot = create_bot(clock=system_clock, zone=ZoneInfo("Asia/Shanghai"))
    try:
        figures = list(_measure(data, bot, overlap))
    except DataError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(1) from error
    finally:
        bot.close()
    if as_json:
        typer.echo(json.dumps([figure.to_json() for figure in figures], ensure_ascii=False))
    else:
        Console(width=120).print(to_table(figures))


def _measure(data: Data, bot: AnsweringBot, overlap: Overlap) -> Iterator[Figure]:
    texts = [str(row["text"]) for row in data.rows("persona/utterances.jsonl")]
    yield from speed_figures(bot.engine, texts)
    yield from understanding_figures(data, Understander(bot.engine, overlap))
    yield from law_figures(data, bot, overlap)
    yield from retrieval_figures(data, bot.engine, overlap)
    yield from calculator_figures(data)
    for name, field in _FILES:
        rows = data.rows(name)
        if rows:
            copies = sum(overlap(row[field]) for row in rows) / len(rows)
            yield Figure(f"near-copies in our content: {name}", copies, len(rows))


if __name__ == "__main__":
    typer.run(main)
