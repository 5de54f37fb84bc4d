"""What an answer stands on: the checked citations of the FAQ entries it comes from."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlmodel import Session

from knowledge.citations import MOST_CITATIONS, Citation
from knowledge.statutes import Reference
from models.faq import FaqEntry

_OWN_BESIDE_OTHERS: Final = 2


def cite(session: Session, entry_ids: Sequence[str]) -> list[Citation]:
    """Return what the first entry stands on, the decisive article first; three at most.

    Further entries are what may be meant instead: what decides the nearest of them has a place.
    """
    own, *others = [_cited_by(session, id_) for id_ in entry_ids]
    first = own[:_OWN_BESIDE_OTHERS] if others else own
    return _first_three([*first, *(c for cited in others for c in cited[:1]), *own])


def cite_each(session: Session, entry_ids: Sequence[str]) -> list[Citation]:
    """Return what decides each of the entries, three at most."""
    return _first_three([c for id_ in entry_ids for c in _cited_by(session, id_)[:1]])


def say_basis(citations: Sequence[Citation]) -> str:
    """Name the articles on a line of their own; nothing where there are none."""
    return f"\n依据：{'、'.join(c.label for c in citations)}" if citations else ""


def name_source(articles: Iterable[Reference]) -> str:
    """Return what a reply keeps as its source that stands on articles and on no entry."""
    return "law:" + ",".join(f"{one.statute}#{one.article}" for one in articles)


def _cited_by(session: Session, entry_id: str) -> list[Citation]:
    entry = session.get(FaqEntry, entry_id)
    return [Citation.from_json(raw) for raw in entry.citations] if entry is not None else []


def _first_three(citations: Sequence[Citation]) -> list[Citation]:
    articles = {(one.statute, one.article): one for one in reversed(citations)}
    order = dict.fromkeys((one.statute, one.article) for one in citations)
    return [articles[article] for article in order][:MOST_CITATIONS]
