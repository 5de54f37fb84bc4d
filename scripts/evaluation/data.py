"""Read the evaluation data of a directory; what is missing there is left out of the report."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.content_dir import read_yaml

Rows = Sequence[dict[str, Any]]

COARSE = {
    "job": ("job_search", "job_detail", "job_register", "job_post"),
    "class": ("class_schedule",),
    "aid": ("aid", "station"),
    "greet": ("smalltalk", "help"),
}
"""Which of our intents the coarse labels of real messages stand for; others have our name."""


def coarse_of(intent: str) -> str:
    """Return the coarse label of one of our intents."""
    return next((name for name, ours in COARSE.items() if intent in ours), intent)


class DataError(ValueError):
    """Say which line of which file cannot be read."""


@dataclass(frozen=True, slots=True)
class Data:
    """A directory of evaluation data."""

    folder: Path

    def rows(self, name: str) -> Rows:
        """Return the rows of a JSONL file, or none where it is absent."""
        path = self.folder / name
        if not path.is_file():
            return ()
        lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        return [_parse(line, f"{path}:{number}") for number, line in lines if line.strip()]

    def dialogues(self) -> Rows:
        """Return the dialogues, or none."""
        path = self.folder / "persona" / "dialogues.yaml"
        loaded = read_yaml(path) if path.is_file() else ()
        return list(loaded["dialogues"] if isinstance(loaded, dict) else loaded)


def _parse(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        message = f"{where}: no JSON object ({error})"
        raise DataError(message) from error
    if not isinstance(row, dict):
        message = f"{where}: no JSON object"
        raise DataError(message)
    return row
