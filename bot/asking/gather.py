"""Gathers what the bot could not answer: the same question in other words is one row."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from knowledge.clusters import MOST_TEXTS, Grouper
from knowledge.engine import Action, Engine, Understanding
from knowledge.intents import Intent
from knowledge.normalise import normalise
from knowledge.retrieval import SURE, Passage
from models.conceal import conceal, without_marks
from models.database import Database
from models.faq import FaqEntry, UnansweredQuestion
from models.helpfulness import UnhelpfulAnswer, list_unhelpful

_NEAREST: Final = 3
_SEARCHED: Final = 20  # wordings of one group, the most asked first
_MOST_ANSWERS: Final = 500
_NOTE: Final = re.compile(r"（看过「(?P<title>.*?)」，还缺）(?P<missing>.*)", re.DOTALL)
"""How the bot keeps what was missing in an answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One time that somebody asked; `person` only tells whether it was the same one."""

    id: int
    person: int
    words: str
    plain: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AskedGroup:
    """Questions that ask the same; the smallest number of them names the group."""

    asked: tuple[Asked, ...]
    nearest: tuple[Passage, ...] = ()

    @property
    def id(self) -> int:
        """Return the number by which the group is drafted; any number inside does as well."""
        return min(one.id for one in self.asked)

    @property
    def people(self) -> int:
        """Return how many people asked."""
        return len({one.person for one in self.asked})

    @property
    def last_at(self) -> datetime:
        """Return when it was asked last."""
        return max(one.at for one in self.asked)

    @property
    def wordings(self) -> tuple[str, ...]:
        """Return the different wordings, the most asked first, then the shortest."""
        times = Counter(one.plain for one in self.asked)
        said = {one.plain: one.words for one in sorted(self.asked, key=lambda one: -one.id)}
        return tuple(said[p] for p in sorted(said, key=lambda p: (-times[p], len(p), p)))


@dataclass(frozen=True, slots=True)
class Missing:
    """An answer that did not help, with what people missed in it since it was last changed."""

    answer: UnhelpfulAnswer
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Both lists; `is_cut` where more was asked than is looked at."""

    groups: tuple[AskedGroup, ...]
    missing: tuple[Missing, ...]
    is_cut: bool = False

    def find(self, question_id: int) -> AskedGroup | None:
        """Return the group that this question is in."""
        return next((g for g in self.groups if question_id in {a.id for a in g.asked}), None)


class Gatherer:
    """Reads, sorts out what is answered by now, and groups the rest."""

    def __init__(self, database: Database, *, engine: Engine, grouper: Grouper) -> None:
        self._database = database
        self._engine = engine
        self._grouper = grouper

    def gather(self, *, since: datetime) -> Gathered:
        """Return what was asked since then, what most people asked first."""
        rows = _read(self._database, since=since)
        entries = _entries(self._database)
        asked = [one for one in rows if _NOTE.fullmatch(one.words) is None]
        groups = self._group(self._still_open(asked, entries), entries)
        return Gathered(
            tuple(sorted(groups, key=lambda g: (-g.people, -len(g.asked), -g.last_at.timestamp()))),
            tuple(self._missing(rows, entries, since=since)),
            is_cut=len(rows) == MOST_TEXTS,
        )

    def with_nearest(self, group: AskedGroup) -> AskedGroup:
        """Return the group with the entries that fit one of its wordings best."""
        best: dict[str, Passage] = {}
        for words in group.wordings[:_SEARCHED]:
            for passage in self._engine.faq.search(normalise(words), limit=_NEAREST):
                if passage.id not in best or best[passage.id].score < passage.score:
                    best[passage.id] = passage
        ranked = sorted(best.values(), key=lambda passage: (-passage.score, passage.id))
        return AskedGroup(group.asked, tuple(ranked[:_NEAREST]))

    def _still_open(self, asked: Iterable[Asked], entries: Sequence[FaqEntry]) -> Iterator[Asked]:
        taken = _taken_up(entries)
        answered: dict[str, bool] = {}
        for one in asked:
            if not one.plain or (one.plain in taken and one.at <= taken[one.plain]):
                continue
            if one.words not in answered:
                answered[one.words] = is_answered(self._engine.understand(one.words))
            if not answered[one.words]:
                yield one

    def _group(self, asked: Iterable[Asked], entries: Sequence[FaqEntry]) -> list[AskedGroup]:
        by_plain: dict[str, list[Asked]] = {}
        for one in asked:
            by_plain.setdefault(one.plain, []).append(one)
        known = [normalise(entry.question) for entry in entries]
        groups = self._grouper.group(by_plain, known)
        return [AskedGroup(tuple(a for plain in g for a in by_plain[plain])) for g in groups]

    def _missing(
        self, rows: Sequence[Asked], entries: Sequence[FaqEntry], *, since: datetime
    ) -> Iterator[Missing]:
        changed_at = {entry.id: entry.updated_at for entry in entries}
        notes = [(match, one.at) for one in rows if (match := _NOTE.fullmatch(one.words))]
        with self._database.transaction() as session:
            answers = list_unhelpful(session, limit=_MOST_ANSWERS)
        for answer in answers:
            if answer.last_at >= since:
                changed = changed_at.get(answer.ref, since)
                said = (
                    note["missing"]
                    for note, at in notes
                    if answer.title and note["title"] == conceal(answer.title) and at >= changed
                )
                yield Missing(answer, tuple(dict.fromkeys(said)))


def find_still_asked(session: Session, group: AskedGroup) -> AskedGroup | None:
    """Return what is left of a group: somebody may have had their data deleted meanwhile."""
    numbers = [one.id for one in group.asked]
    there = session.exec(
        select(UnansweredQuestion.id).where(col(UnansweredQuestion.id).in_(numbers))
    ).all()
    left = tuple(one for one in group.asked if one.id in there)
    return replace(group, asked=left) if left else None


def is_answered(understanding: Understanding) -> bool:
    """Tell whether the bot would surely answer this by now; in danger other words answer."""
    if understanding.danger.is_crisis:
        return True
    is_legal = understanding.intent is Intent.LEGAL and understanding.action is Action.ANSWER
    found = understanding.passages
    return is_legal and bool(found) and found[0].score >= SURE


def _taken_up(entries: Iterable[FaqEntry]) -> dict[str, datetime]:
    """Return every wording that stands in an entry, and when that entry was last changed.

    Whoever asks in this wording later in vain is listed again: the entry is not enough then.
    """
    taken: dict[str, datetime] = {}
    for entry in sorted(entries, key=lambda entry: entry.updated_at):
        for wording in (entry.question, *entry.similar):
            taken[normalise(wording)] = entry.updated_at
    return taken


def _read(database: Database, *, since: datetime) -> list[Asked]:
    wanted = (
        select(
            UnansweredQuestion.id,
            UnansweredQuestion.contact_id,
            UnansweredQuestion.text,
            UnansweredQuestion.asked_at,
        )
        .where(col(UnansweredQuestion.asked_at) >= since)
        .order_by(col(UnansweredQuestion.id).desc())
        .limit(MOST_TEXTS)
    )
    with database.reading() as connection:
        rows = connection.execute(wanted).all()
    return [_asked(*row) for row in rows]


def _asked(number: int, person: int, text: str, at: datetime) -> Asked:
    words = conceal(text)
    return Asked(number, person, words, normalise(without_marks(words)), at)


def _entries(database: Database) -> Sequence[FaqEntry]:
    with database.transaction() as session:
        return session.exec(select(FaqEntry).order_by(col(FaqEntry.id))).all()
