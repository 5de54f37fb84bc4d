"""Read the training corpus: messages written by us, one a line, a file for each voice.

The folder `chains` holds what several messages say together, as lists.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge.content_dir import read_yaml
from knowledge.intents import Intent
from knowledge.safety import Situation

_DISTRESS = "distress"


class CorpusError(ValueError):
    """Say which line of which file cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message and what it wants."""

    text: str
    voice: str
    """The file it stands in: rows of one voice are never split between training and trial."""
    intents: tuple[Intent, ...]
    """The first is the main wish."""
    level: int = 0
    """0 no danger, 1 distress, 2 wish to die or violence, 3 acute danger."""
    situation: Situation | None = None
    is_chain: bool = False
    """Several messages read as one: they teach danger, and nothing about wishes."""


def read_corpus(folder: Path) -> tuple[Row, ...]:
    """Read all files below `folder`; raises `CorpusError` for a line that cannot be used."""
    files = sorted(folder.glob("*/*.txt"))
    chains = sorted((folder / "chains").glob("*.yaml"))
    rows = (
        *(row for path in files for row in _read_file(path)),
        *(row for path in chains for row in _read_chains(path)),
    )
    if not rows:
        message = f"{folder} holds no messages"
        raise CorpusError(message)
    return rows


def fingerprint(folder: Path) -> str:
    """Return a hash of every file of the corpus, in a fixed order."""
    digest = sha256()
    for path in sorted(folder.glob("*/*")):
        digest.update(f"{path.parent.name}/{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read_file(path: Path) -> Iterator[Row]:
    label = _intent(path.parent.name, path, 0)
    level, situation = _danger(path, label)
    voice = f"{path.parent.name}/{path.stem}"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("#") or not line.strip():
            continue
        text, *others = line.split("\t")
        intents = (label, *(_intent(name.strip(), path, number) for name in others))
        yield Row(text.strip(), voice, intents, level, situation)


def _read_chains(path: Path) -> Iterator[Row]:
    for number, raw in enumerate(read_yaml(path), start=1):
        try:
            yield _chain(raw, f"chains/{path.stem}")
        except (KeyError, TypeError, ValueError) as error:
            message = f"{path}: chain {number} needs messages, a level and a situation: {error}"
            raise CorpusError(message) from error


def _chain(raw: dict[str, Any], voice: str) -> Row:
    level = int(raw["level"])
    return Row(
        " ".join(str(message) for message in raw["messages"]),
        voice,
        (Intent.CRISIS if level else Intent.OTHER,),
        level,
        Situation(raw["situation"]) if level else None,
        is_chain=True,
    )


def _intent(name: str, path: Path, line: int) -> Intent:
    try:
        return Intent(name)
    except ValueError as error:
        message = f"{path}:{line}: {name!r} is no intent"
        raise CorpusError(message) from error


def _danger(path: Path, label: Intent) -> tuple[int, Situation | None]:
    """Return level and situation as the file's name tells them: `2-self-goodbyes.txt`."""
    if label is Intent.COUNSEL and path.stem.startswith(_DISTRESS):
        return 1, Situation.DISTRESS
    if label is not Intent.CRISIS:
        return 0, None
    try:
        level, situation, _ = path.stem.split("-", 2)
        return int(level), Situation(situation)
    except ValueError as error:
        message = f"{path}: a file of danger is named <level>-<situation>-<voice>.txt"
        raise CorpusError(message) from error
