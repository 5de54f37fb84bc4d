"""Checks that every legal answer stands on the law it cites. Prints one problem per line."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import yaml

from knowledge.citations import (
    FEWEST_SIMILAR,
    LONGEST_ANSWER,
    MOST_CITATIONS,
    Citation,
    check,
    count_characters,
    find_unsourced,
    find_unverified_phones,
    hash_article,
    read_statute,
)
from knowledge.content_dir import CONTENT, read_yaml

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MALFORMED: Final = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the check needs of one FAQ entry."""

    id: str
    question: str
    answer: str
    similar: tuple[str, ...]
    citations: tuple[Citation, ...]
    figures_from: Mapping[str, str]

    @classmethod
    def from_yaml(cls, raw: Mapping[str, Any]) -> "Entry":
        """Read one entry of a content file; what is missing or of a wrong kind raises."""
        return cls(
            id=str(raw["id"]),
            question=str(raw["question"]),
            answer=str(raw["answer"]),
            similar=tuple(str(said) for said in raw["similar"]),
            citations=tuple(Citation.from_json(cited) for cited in raw["citations"]),
            figures_from=dict(raw.get("figures_from") or {}),
        )


class Laws:
    """A folder of statutes, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self._read: dict[str, dict[int, str]] = {}

    def find_article(self, statute: str, number: int) -> str | None:
        """Return the article, or None where there is no such article or statute."""
        path = self._folder / f"{statute}.txt"
        if statute not in self._read:
            self._read[statute] = read_statute(path) if path.is_file() else {}
        return self._read[statute].get(number)

    def version_of(self, statute: str) -> str:
        """Return the version that lies in the folder, empty when the statute is unknown."""
        return str(self._index.get(statute, {}).get("version", ""))


def main(
    laws: Annotated[Path | None, typer.Option(help="Folder of statutes with index.json.")] = None,
    write_hashes: Annotated[  # noqa: FBT002 - typer reads the flag from the annotation
        bool, typer.Option(help="Fill in sha256 from the statutes before checking.")
    ] = False,
    faq: Annotated[Path, typer.Option(help="Folder of FAQ files.")] = CONTENT / "faq",
) -> None:
    """Check form, figures and, with --laws, articles, hashes, quotes and versions."""
    statutes = _open_laws(laws) if laws else None
    paths = sorted(faq.glob("*.yaml"))
    if not paths or (write_hashes and statutes is None):
        typer.echo(f"no FAQ in {faq}" if not paths else "--write-hashes needs --laws", err=True)
        raise typer.Exit(2)
    if write_hashes and statutes is not None:
        for path in paths:
            _write_hashes_into(path, statutes)
    problems = list(find_problems(paths, statutes))
    for problem in problems:
        typer.echo(problem)
    raise typer.Exit(1 if problems else 0)


def find_problems(paths: Sequence[Path], laws: Laws | None) -> Iterator[str]:
    """Yield the problems of all files, each with its file and entry."""
    entries: list[Entry] = []
    for path in paths:
        for raw in _load(path):
            name = raw.get("id") if isinstance(raw, Mapping) else raw
            try:
                entry = Entry.from_yaml(raw)
            except _MALFORMED as error:
                yield f"{path.name}: {name}: malformed: {error}"
                continue
            entries.append(entry)
            yield from (f"{path.name}: {name}: {problem}" for problem in _check_entry(entry, laws))
    yield from _repeated("id", [entry.id for entry in entries])
    yield from _repeated("question", [entry.question for entry in entries])


def with_hashes(text: str, laws: Laws) -> str:
    """Return the YAML text with every sha256 filled in and nothing else changed."""
    edits: list[tuple[int, int, str]] = []
    for cited in _citation_nodes(yaml.compose(text)):
        values = {key.value: value for key, value in cited.value}
        article = laws.find_article(values["statute"].value, int(values["article"].value))
        if article is not None and "quote" in values:
            edits.append(_edit(text, cited, f'"{hash_article(article)}"'))
    for start, end, new in reversed(edits):
        text = text[:start] + new + text[end:]
    return text


def _open_laws(folder: Path) -> Laws:
    try:
        return Laws(folder)
    except (OSError, ValueError) as error:
        typer.echo(f"{folder} is not a folder of statutes: {error}", err=True)
        raise typer.Exit(2) from error


def _load(path: Path) -> list[Any]:
    try:
        loaded = read_yaml(path)
    except yaml.YAMLError as error:
        return [" ".join(str(error).split())]
    return loaded if isinstance(loaded, list) else ["the file is not a list of entries"]


def _check_entry(entry: Entry, laws: Laws | None) -> Iterator[str]:
    yield from _check_form(entry)
    yield from _check_figures(entry)
    if not 1 <= len(entry.citations) <= MOST_CITATIONS:
        yield f"{len(entry.citations)} citations, wanted 1 to {MOST_CITATIONS}"
    for citation in entry.citations:
        found = [*_check_citation_form(citation), *(_check_law(citation, laws) if laws else ())]
        yield from (f"{citation.label}: {problem}" for problem in found)


def _check_form(entry: Entry) -> Iterator[str]:
    length = count_characters(entry.answer)
    if not 0 < length <= LONGEST_ANSWER:
        yield f"answer of {length} characters, wanted up to {LONGEST_ANSWER}"
    if len(set(entry.similar)) < FEWEST_SIMILAR:
        yield f"{len(set(entry.similar))} similar questions, wanted {FEWEST_SIMILAR} or more"
    for phone in find_unverified_phones(entry.answer):
        yield f"phone number that nobody verified: {phone}"


def _check_figures(entry: Entry) -> Iterator[str]:
    quotes = [quote for citation in entry.citations for quote in citation.quote]
    named = [figure for figure, source in entry.figures_from.items() if str(source).strip()]
    for unknown in find_unsourced(entry.answer, [*quotes, *named]):
        yield f"figure without a source: {unknown}"


def _check_citation_form(citation: Citation) -> Iterator[str]:
    if not _SHA256.fullmatch(citation.sha256):
        yield f"sha256 is not 64 hexadecimal digits: {citation.sha256!r}"
    if not citation.quote or not all(quote.strip() for quote in citation.quote):
        yield "quote is empty"
    if not citation.version.strip():
        yield "version is missing"


def _check_law(citation: Citation, laws: Laws) -> Iterator[str]:
    article = laws.find_article(citation.statute, citation.article)
    if article is None:
        yield "no such article"
        return
    yield from check(citation, article)
    if citation.version not in laws.version_of(citation.statute):
        yield f"version {citation.version}, here is {laws.version_of(citation.statute)}"


def _repeated(what: str, values: Sequence[str]) -> Iterator[str]:
    for value, times in Counter(values).items():
        if times > 1:
            yield f"{what} used {times} times: {value}"


def _write_hashes_into(path: Path, laws: Laws) -> None:
    text = path.read_text(encoding="utf-8")
    try:
        filled = with_hashes(text, laws)
    except (yaml.YAMLError, *_MALFORMED):
        return  # the check that follows names the fault
    if filled != text:
        path.write_text(filled, encoding="utf-8")


def _citation_nodes(root: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    for entry in root.value if root else ():
        for key, value in entry.value:
            if key.value == "citations":
                yield from value.value


def _edit(text: str, cited: yaml.MappingNode, digest: str) -> tuple[int, int, str]:
    """Return which stretch of the text to replace, and by what."""
    nodes = {key.value: (key, value) for key, value in cited.value}
    if "sha256" in nodes:
        old = nodes["sha256"][1]
        return old.start_mark.index, old.end_mark.index, digest
    key, quote = nodes["quote"]
    is_block_list = isinstance(quote, yaml.SequenceNode) and not quote.flow_style
    end = (quote.value[-1] if is_block_list else quote).end_mark.index
    if cited.flow_style:
        return end, end, f", sha256: {digest}"
    at = end if text[end - 1] == "\n" else text.find("\n", end) + 1 or len(text)
    line = " " * key.start_mark.column + f"sha256: {digest}\n"
    return at, at, line if text[at - 1] == "\n" else f"\n{line}"


if __name__ == "__main__":
    typer.run(main)
