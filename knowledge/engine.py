"""Understand a message: what is wanted, how sure that is, and which knowledge fits."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from knowledge import intents, retrieval
from knowledge.intents import Intent, IntentRules, IntentScore
from knowledge.normalise import normalise
from knowledge.retrieval import FaqDocument, FaqIndex, Passage
from knowledge.safety import Danger, DangerGate
from knowledge.segment import Segmenter
from knowledge.slots import JobWish, parse_wish

_LONGEST = 2000  # characters; WeChat lets nobody write more, a forged body might
_PIECES = 3  # earlier unanswered pieces that are read together with a vague one
_LEGAL_HINT = 0.2
_ASKS = re.compile(
    r"[吗呢么?咋怎啥哪谁几]|什么|多少|多久|为何|[^ ]不$|没$|吧$|能不|可不可|合法|算不算|要不要"
)
_BARE_QUESTION = re.compile(
    r"怎么[办弄样整]?|咋[办弄样整]?|如何|啥|什么|吗|呢|[ ?]|那个?|这个?|事儿?|我|俺"
)
_A_WORD = 2
_CRISIS_SCORE = 1.0  # above what any cue can reach: danger is always first
_DISTRESS = 1


class Action(StrEnum):
    """What a guess allows the bot to do."""

    ANSWER = "answer"
    ASK = "ask"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Understanding:
    """Everything the handlers may know about a message."""

    text: str
    plain: str
    intents: tuple[IntentScore, ...]
    danger: Danger
    passages: tuple[Passage, ...]
    wish: JobWish

    @property
    def intent(self) -> Intent:
        """Return the most likely intent."""
        return self.intents[0].intent

    @property
    def score(self) -> float:
        """Return how sure the most likely intent is."""
        return self.intents[0].score

    @property
    def also(self) -> tuple[Intent, ...]:
        """Return further wishes that are sure, so that the bot can take them up next."""
        rest = self.intents[1:]
        return tuple(g.intent for g in rest if g.score >= intents.SURE and g.intent != Intent.OTHER)

    @property
    def action(self) -> Action:
        """Say whether to answer, to ask, or to fall back; `other` is never answered."""
        if self.intent is Intent.OTHER or self.score < intents.PLAUSIBLE:
            return Action.FALLBACK
        return Action.ANSWER if self.score >= intents.SURE else Action.ASK


class _Guesses:
    """The scores of one message while evidence is added; a lift never lowers."""

    def __init__(self, scores: Iterable[IntentScore]) -> None:
        self._by_intent = {guess.intent: guess for guess in scores}

    def __getitem__(self, intent: Intent) -> float:
        return self._by_intent[intent].score

    def best_except(self, *left_out: Intent) -> float:
        """Return the highest score among the intents that are not left out."""
        return max(g.score for i, g in self._by_intent.items() if i not in left_out)

    def lift(self, intent: Intent, score: float, why: str) -> None:
        """Raise an intent to at least `score`, and remember the reason."""
        old = self._by_intent[intent]
        if old.score < score:
            self._by_intent[intent] = IntentScore(intent, score, (*old.why, why))

    def ranked(self) -> tuple[IntentScore, ...]:
        """Return the guesses, best first; equal scores stay in the enum's order."""
        return tuple(sorted((self._by_intent[i] for i in Intent), key=lambda guess: -guess.score))


class Engine:
    """Rules, danger gate, segmenter and FAQ index; immutable, so it may be shared and swapped."""

    def __init__(
        self, rules: IntentRules, gate: DangerGate, segmenter: Segmenter, faq: FaqIndex
    ) -> None:
        self._rules = rules
        self._gate = gate
        self._segmenter = segmenter
        self._faq = faq
        self._compiled: tuple[tuple[FaqDocument, ...], Self] | None = None

    @classmethod
    def load(cls, content_dir: Path) -> Self:
        """Read rules, gate and dictionary from the content folder; the FAQ is still empty."""
        segmenter = Segmenter.load(content_dir / "dictionary.txt")
        rules = IntentRules.load(content_dir / "intents.yaml")
        gate = DangerGate.load(content_dir / "safety")
        return cls(rules, gate, segmenter, FaqIndex.build((), segmenter))

    def with_faq(self, entries: Iterable[FaqDocument]) -> Self:
        """Return an engine that searches these entries and shares everything else.

        The same entries again give the same engine: compiling them takes a tenth of a second.
        """
        documents = tuple(entries)
        if self._compiled is None or self._compiled[0] != documents:
            faq = FaqIndex.build(map(_plain_document, documents), self._segmenter)
            engine = type(self)(self._rules, self._gate, self._segmenter, faq)
            self._compiled = (documents, engine)
        return self._compiled[1]

    def understand(
        self, text: str, previous: Sequence[str] = (), *, heard: Sequence[str] = ()
    ) -> Understanding:
        """Understand a text, with the person's unanswered pieces just before it.

        `heard` is all they wrote in the last minutes: only signs of danger are looked for there.
        """
        plain = normalise(text[:_LONGEST])
        joined = normalise(" ".join((*previous[-_PIECES:], text))) if previous else ""
        danger = self._gate.assess(text, heard or previous)
        wish = parse_wish(plain)
        guesses = _Guesses(self._score(plain, joined))
        _weigh_wish(guesses, wish)
        passages = self._find(plain, joined) if _needs_search(guesses) else ()
        _weigh_passages(guesses, passages, asked=joined or plain)
        _weigh_danger(guesses, danger)
        return Understanding(text, plain, guesses.ranked(), danger, passages, wish)

    def _score(self, plain: str, joined: str) -> tuple[IntentScore, ...]:
        """Score the text, and where it is vague the joined pieces, keeping the better evidence."""
        alone = self._rules.score(plain)
        if not joined or _best_wish(alone) >= intents.SURE:
            return alone
        # People break a sentence anywhere: "矿上不给" / "工资" is one wording without the gap.
        together = (self._rules.score(joined), self._rules.score(joined.replace(" ", "")))
        return max(alone, *together, key=_best_wish)

    def _find(self, plain: str, joined: str) -> tuple[Passage, ...]:
        """Search for the text, and where nothing is sure for the joined pieces too."""
        alone = self._faq.search(plain)
        if not joined or (alone and alone[0].score >= retrieval.SURE):
            return alone
        together = self._faq.search(joined)
        return max(alone, together, key=lambda found: found[0].score if found else 0.0)


def is_question(plain: str) -> bool:
    """Tell whether a normalised text asks for something, rather than telling it."""
    return _ASKS.search(plain) is not None


def _plain_document(entry: FaqDocument) -> FaqDocument:
    """Normalise an entry for the search as messages are, keeping its id."""
    similar = tuple(normalise(question) for question in entry.similar)
    return FaqDocument(entry.id, normalise(entry.question), similar, normalise(entry.answer))


def _best_wish(scores: Iterable[IntentScore]) -> float:
    # Small talk is not a wish: "在吗" before or after a real one must not hide it.
    vague = (Intent.OTHER, Intent.SMALLTALK)
    return max(guess.score for guess in scores if guess.intent not in vague)


def _needs_search(guesses: _Guesses) -> bool:
    """Search when law is plausible, or when nothing at all is sure."""
    return guesses[Intent.LEGAL] >= intents.PLAUSIBLE or guesses.best_except() < intents.SURE


def _weigh_wish(guesses: _Guesses, wish: JobWish) -> None:
    """Let a named trade speak for a job search where nothing else is clear."""
    if not (wish.category or wish.title_keywords) or guesses.best_except() >= intents.SURE:
        return
    described = bool(wish.place or wish.shift or wish.salary_min or wish.age)
    if guesses.best_except(Intent.OTHER, Intent.JOB_SEARCH) < intents.PLAUSIBLE:
        guesses.lift(Intent.JOB_SEARCH, intents.SURE if described else 0.5, "names a trade")


def _weigh_passages(guesses: _Guesses, passages: Sequence[Passage], *, asked: str) -> None:
    """Let a found entry speak for a legal question: a sure one strongly, a close one weakly.

    A few words that ask nothing ("干了二十年") match some entry by chance; they are left alone.
    """
    if not passages or passages[0].score < retrieval.CLOSE:
        return
    if guesses[Intent.LEGAL] < _LEGAL_HINT and not is_question(asked):
        return
    if len(_BARE_QUESTION.sub("", asked)) < _A_WORD:
        return
    sure = passages[0].score >= retrieval.SURE
    guesses.lift(Intent.LEGAL, 0.7 if sure else 0.45, f"faq {passages[0].id}")


def _weigh_danger(guesses: _Guesses, danger: Danger) -> None:
    """Put danger first; distress asks for counsel unless another wish is clear."""
    why = ", ".join(danger.evidence)
    if danger.is_crisis:
        guesses.lift(Intent.CRISIS, _CRISIS_SCORE, why)
    elif danger.level == _DISTRESS:
        clear = guesses.best_except(Intent.COUNSEL, Intent.OTHER) >= intents.SURE
        guesses.lift(Intent.COUNSEL, intents.PLAUSIBLE if clear else intents.SURE, why)
