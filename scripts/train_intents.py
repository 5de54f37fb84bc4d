"""Train the models of understanding from the corpus, and write their report."""

from pathlib import Path
from typing import Annotated

import typer

from knowledge.content_dir import CONTENT
from scripts.training.corpus import CorpusError
from scripts.training.run import train


def main(
    corpus: Annotated[Path, typer.Option(help="The corpus to learn from.")] = CONTENT / "intents",
    out: Annotated[Path, typer.Option(help="The folder of the models.")] = CONTENT / "model",
    *,
    trial: Annotated[
        bool, typer.Option(help="Also try each voice on a model that never read it.")
    ] = True,
) -> None:
    """Write `intents.npz` and `dangers.npz`: the same corpus gives the same bytes.

    The trial prints how well voices are understood that the model did not learn from.
    """
    try:
        report = train(corpus, out, with_trial=trial)
    except (CorpusError, OSError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(report)


if __name__ == "__main__":
    typer.run(main)
