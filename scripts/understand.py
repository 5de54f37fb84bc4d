"""Understand texts from standard input, one a line, and print what was understood as JSON."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from knowledge.engine import Engine
from knowledge.retrieval import FaqDocument, FaqIndex
from models.clock import system_clock
from scripts.demonstration.bot import create_bot


def main(
    faq: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Rank over this JSONL instead."),
    ] = None,
    timezone: Annotated[str, typer.Option(help="Where the contacts live.")] = "Asia/Shanghai",
) -> None:
    """Print one JSON object for each text: intent, danger, slots, FAQ entries, the answer.

    A line is a text, or a JSON object {"text": …}. Needs no server and no database.
    """
    documents = _read_faq(faq) if faq else ()
    bot = create_bot(clock=system_clock, zone=ZoneInfo(timezone))
    index = _compile(documents, bot.engine, faq) if faq else None
    for text in _texts():
        typer.echo(json.dumps(bot.answer(text, faq=index).to_json(), ensure_ascii=False))
    bot.close()


def _texts() -> Iterator[str]:
    for number, line in enumerate(sys.stdin, start=1):
        stripped = line.strip()
        if stripped:
            yield _text(stripped, number)


def _text(line: str, number: int) -> str:
    if not line.startswith("{"):
        return line
    try:
        told = json.loads(line)
    except ValueError:
        return line  # a message may begin with a brace
    if not isinstance(told, dict) or not isinstance(told.get("text"), str):
        typer.echo(f'line {number}: a JSON object needs a "text"', err=True)
        raise typer.Exit(1)
    return str(told["text"])


def _read_faq(path: Path) -> list[FaqDocument]:
    lines = enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1)
    return [_document(line, f"{path}:{number}") for number, line in lines if line.strip()]


def _compile(documents: Iterable[FaqDocument], engine: Engine, path: Path) -> FaqIndex:
    try:
        return engine.index(documents)
    except ValueError as error:
        typer.echo(f"{path}: {error}", err=True)
        raise typer.Exit(1) from error


def _document(line: str, where: str) -> FaqDocument:
    try:
        told: dict[str, Any] = json.loads(line)
        question, similar = str(told.get("question") or ""), map(str, told.get("similar", ()))
        return FaqDocument(str(told["id"]), question, tuple(similar), str(told["answer"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        typer.echo(f'{where}: needs an object with "id", "question", "answer"', err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
