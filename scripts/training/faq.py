"""Read the reviewed FAQ entries of the content folder, as the search sees them."""

from collections.abc import Iterator
from typing import Any

from knowledge.content_dir import CONTENT, read_yaml
from knowledge.retrieval import FaqDocument

Article = tuple[str, int]
"""The statute as it is called for short, and the number of the article."""


def read_faq() -> list[FaqDocument]:
    """Return the reviewed entries as the search sees them."""
    return [
        FaqDocument(e["id"], e["question"], tuple(e["similar"]), e["answer"]) for e in _entries()
    ]


def read_articles() -> dict[str, tuple[Article, ...]]:
    """Return which articles each entry rests on, the decisive one first."""
    return {
        entry["id"]: tuple((c["statute"], c["article"]) for c in entry.get("citations") or ())
        for entry in _entries()
    }


def _entries() -> Iterator[dict[str, Any]]:
    for path in sorted((CONTENT / "faq").glob("*.yaml")):
        yield from read_yaml(path)
