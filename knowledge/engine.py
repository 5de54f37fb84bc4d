"""Understand a message: what is wanted, how sure that is, and which knowledge fits."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from knowledge import intents, retrieval
from knowledge.classifier import HEARD, HEARD_IN_SHORT, HEARD_TOGETHER, Classifier, Verdict
from knowledge.intents import Cue, Cues, Intent, IntentScore, log_odds
from knowledge.normalise import normalise
from knowledge.retrieval import FaqDocument, FaqIndex, Passage
from knowledge.safety import NO_DANGER, Danger, DangerGate
from knowledge.segment import Cuts, Segmenter
from knowledge.slots import JobWish, parse_wish

_LONGEST = 2000  # characters; WeChat lets nobody write more, a forged body might
_PIECES = 3  # earlier unanswered pieces that are read together with a vague one
_DOUBT = 0.8
"""How much the odds of `other` weigh: chosen so that 95 of 100 messages that are ours are kept."""
_LEGAL_HINT, _JOB_HINT = 0.2, 0.15
FROM_FAQ = "faq "
"""How a reason begins that names an entry of the FAQ."""

_FOUND, _FOUND_NEAR = 0.7, 0.45
_FITS, _CHANCE = 0.5, 0.1
_A_HAIR = 0.001
_ASKS = re.compile(
    r"[吗呢么?咋怎啥哪谁几]|什么|多少|多久|为何|[^ ]不$|没$|吧$|能不|可不可|合法|算不算|要不要"
)
_BARE_QUESTION = re.compile(
    r"怎么[办弄样整]?|咋[办弄样整]?|如何|啥|什么|吗|呢|[ ?]|那个?|这个?|事儿?|我|俺"
)
_A_WORD = 2
_NO_PERSON = "did not ask for a person"
"""The cue of "不是找律师": a sum of words cannot take back a word."""
_TOO_SHORT_TO_JUDGE, _SHORT_TEXT = 5, 8
_CLAUSE_ENDS = re.compile(r"[,。!?;:、 \n]+")
_A_CLAUSE, _CLAUSES = 4, 4
_A_FEW, _UNSPOKEN = 5, 0.45
_A_STORY, _LAST_WORDS = 60, 40
_CLEAR_CLAUSE = 0.65
_NO_SECOND_WISH = frozenset({Intent.OTHER, Intent.SMALLTALK, Intent.COUNSEL, Intent.HELP})
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
    articles: tuple[Passage, ...] = ()
    """Articles that a question of law may be about, where no entry of the FAQ fits."""

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
        if self.intent is Intent.OTHER or self.score < intents.LEAST:
            return Action.FALLBACK
        if self.score >= intents.SURE or (self.score >= intents.SPOKEN and self._is_spoken()):
            return Action.ANSWER
        return Action.ASK if self._lead_over_other() >= 0 else Action.FALLBACK

    @property
    def is_sure(self) -> bool:
        """Tell whether the wish is sure enough to leave what is being talked about for it."""
        return self.intent is not Intent.OTHER and self.score >= intents.SURE

    def _is_spoken(self) -> bool:
        """Tell whether a known wording says what the best wish is."""
        return any(not why.startswith(FROM_FAQ) for why in self.intents[0].why)

    def _lead_over_other(self) -> float:
        """Return by how much the best wish is likelier than that nothing of ours is wanted."""
        other = next(guess.score for guess in self.intents if guess.intent is Intent.OTHER)
        return log_odds(self.score) - _DOUBT * log_odds(other)


class _Guesses:
    """The scores of one message while evidence is added; a lift never lowers."""

    def __init__(self, scores: Iterable[IntentScore]) -> None:
        self._by_intent = {guess.intent: guess for guess in scores}

    def __getitem__(self, intent: Intent) -> float:
        return self._by_intent[intent].score

    def best_except(self, *left_out: Intent) -> float:
        """Return the highest score among the intents that are not left out."""
        return max(g.score for i, g in self._by_intent.items() if i not in left_out)

    def is_clear_beside(self, *left_out: Intent) -> bool:
        """Tell whether another intent is sure, or likely and said in a known wording."""
        rest = [g for i, g in self._by_intent.items() if i not in left_out]
        return any(g.score >= (intents.SPOKEN if g.why else intents.SURE) for g in rest)

    def lift(self, intent: Intent, score: float, why: str) -> None:
        """Raise an intent to at least `score`, and remember the reason."""
        old = self._by_intent[intent]
        if old.score < score:
            self._by_intent[intent] = IntentScore(intent, score, (*old.why, why))

    def ranked(self) -> tuple[IntentScore, ...]:
        """Return the guesses, best first; equal scores stay in the enum's order."""
        return tuple(sorted((self._by_intent[i] for i in Intent), key=lambda guess: -guess.score))


@dataclass(frozen=True, slots=True)
class Judged:
    """What the models say of one text by itself."""

    scores: tuple[IntentScore, ...]
    danger: Danger


class Engine:
    """Rules, danger gate, segmenter and FAQ index; immutable, so it may be shared and swapped."""

    def __init__(
        self,
        *,
        cues: Cues,
        gate: DangerGate,
        segmenter: Segmenter,
        classifier: Classifier,
        faq: FaqIndex,
        laws: FaqIndex | None = None,
    ) -> None:
        self._cues = cues
        self._gate = gate
        self._segmenter = segmenter
        self._classifier = classifier
        self._faq = faq
        self._laws = laws
        self._compiled: tuple[tuple[FaqDocument, ...], Self] | None = None
        self._cuts = Cuts(segmenter)

    @classmethod
    def load(cls, content_dir: Path) -> Self:
        """Read cues, gate, models and dictionary from the content folder, without an FAQ yet."""
        segmenter = Segmenter.load(content_dir / "dictionary.txt")
        cues = Cues.load(content_dir / "intents.yaml")
        return cls(
            cues=cues,
            gate=DangerGate.load(content_dir / "safety"),
            segmenter=segmenter,
            classifier=Classifier.load(content_dir / "model", segmenter),
            faq=FaqIndex.build((), segmenter),
        )

    def with_faq(self, entries: Iterable[FaqDocument]) -> Self:
        """Return an engine that searches these entries and shares everything else.

        The same entries again give the same engine; of others, only what is new is cut into words.
        """
        documents = tuple(entries)
        if self._compiled is None or self._compiled[0] != documents:
            self._cuts = self._cuts.renewed()
            faq = self.index(documents, cut=self._cuts.cut)
            engine = type(self)(
                cues=self._cues,
                gate=self._gate,
                segmenter=self._segmenter,
                classifier=self._classifier,
                faq=faq,
                laws=self._laws,
            )
            self._compiled = (documents, engine)
        return self._compiled[1]

    def with_laws(self, articles: Iterable[FaqDocument]) -> Self:
        """Return an engine that also searches these articles of statutes."""
        return type(self)(
            cues=self._cues,
            gate=self._gate,
            segmenter=self._segmenter,
            classifier=self._classifier,
            faq=self._faq,
            laws=self.index(articles),
        )

    def index(
        self, documents: Iterable[FaqDocument], *, cut: Callable[[str], list[str]] | None = None
    ) -> FaqIndex:
        """Compile entries into an index that normalised texts can be searched in."""
        plain = map(_plain_document, documents)
        return FaqIndex.build(plain, self._segmenter, self._classifier.vectors, cut=cut)

    @property
    def faq(self) -> FaqIndex:
        """Return the index of the entries."""
        return self._faq

    def understand(
        self, text: str, previous: Sequence[str] = (), *, heard: Sequence[str] = ()
    ) -> Understanding:
        """Understand a text, with the person's unanswered pieces just before it.

        `heard` is all they wrote in the last minutes: only signs of danger are looked for there.
        """
        plain = normalise(text[:_LONGEST])
        joined = normalise(" ".join((*previous[-_PIECES:], text))) if previous else ""
        judged = self.judge(plain)
        danger = self._danger(text, judged, heard or previous)
        wish = parse_wish(plain)
        guesses = _Guesses(self._score(judged, joined))
        self._weigh_clauses(guesses, plain)
        _weigh_wish(guesses, wish)
        passages = self._find(plain, joined) if _needs_search(guesses, plain) else ()
        _weigh_passages(guesses, passages, asked=joined or plain)
        _weigh_danger(guesses, danger)
        ranked = guesses.ranked()
        articles = self._find_articles(ranked[0].intent, passages, asked=joined or plain)
        return Understanding(text, plain, ranked, danger, passages, wish, articles)

    def _find_articles(
        self, intent: Intent, passages: Sequence[Passage], *, asked: str
    ) -> tuple[Passage, ...]:
        """Search the statutes where a question of law has no entry in the FAQ."""
        is_answered = bool(passages) and passages[0].score >= retrieval.CLOSE
        if self._laws is None or intent is not Intent.LEGAL or is_answered:
            return ()
        return tuple(p for p in self._laws.search(asked, limit=3) if p.score >= retrieval.CLOSE)

    def hear(self, text: str) -> tuple[Judged, Danger]:
        """Judge a first message without any search: what it wants, and how much danger it tells."""
        judged = self.judge(normalise(text[:_LONGEST]))
        return judged, self._danger(text, judged, ())

    def judge(self, plain: str) -> Judged:
        """Judge one normalised text by itself: how likely each wish is, and how much danger."""
        cues = self._cues.find(plain)
        verdict = self._classifier.judge(self._classifier.read(plain, (c.name for c in cues)))
        letters = sum(map(str.isalnum, plain))
        likely = _corrected(verdict.intents, cues, letters=letters)
        scores = tuple(
            IntentScore(i, likely[i], tuple(c.name for c in cues if i in c.wishes)) for i in Intent
        )
        return Judged(scores, _hear(verdict, letters=letters))

    def _danger(self, text: str, judged: Judged, before: Sequence[str]) -> Danger:
        """Return the graver of what the lexicon and the model hear, alone or after `before`."""
        heard = [self._gate.assess(text, before), judged.danger]
        if before and not judged.danger.is_crisis:
            together = self._classifier.read(normalise(" ".join((*before[-_PIECES:], text))))
            heard.append(self._classifier.judge(together).danger(heard_at=HEARD_TOGETHER))
        return max(heard, key=lambda danger: danger.level)

    def _score(self, judged: Judged, joined: str) -> tuple[IntentScore, ...]:
        """Take the text's own scores, and where it is vague the better of the joined pieces."""
        alone = judged.scores
        if not joined or _best_wish(alone) >= intents.SURE:
            return alone
        # People break a sentence anywhere: "矿上不给" / "工资" is one wording without the gap.
        together = (self.judge(said).scores for said in (joined, joined.replace(" ", "")))
        return max(alone, *together, key=_best_wish)

    def _weigh_clauses(self, guesses: _Guesses, plain: str) -> None:
        """Let each clause of a longer text speak: it may hold a second, or the only clear wish."""
        clauses = [said for said in _CLAUSE_ENDS.split(plain) if len(said) >= _A_CLAUSE]
        if len(clauses) < _A_WORD:
            return
        for clause in (*clauses[:_CLAUSES], *clauses[_CLAUSES:][-_CLAUSES:]):
            best = max(self.judge(clause).scores, key=lambda guess: guess.score)
            if best.score >= _CLEAR_CLAUSE and best.intent not in _NO_SECOND_WISH:
                guesses.lift(best.intent, intents.SURE, "one clause")

    def _find(self, plain: str, joined: str) -> tuple[Passage, ...]:
        """Search for the text, and where nothing is sure for the joined pieces too."""
        alone = self._faq.search(plain)
        if len(plain) > _A_STORY:
            # A life is told first and the question asked last.
            asked_last = self._faq.search(plain[-_LAST_WORDS:])
            alone = max(alone, asked_last, key=lambda found: found[0].score if found else 0.0)
        if not joined or (alone and alone[0].score >= retrieval.SURE):
            return alone
        together = self._faq.search(joined)
        return max(alone, together, key=lambda found: found[0].score if found else 0.0)


def _corrected(
    likely: Mapping[Intent, float], cues: Sequence[Cue], *, letters: int
) -> Mapping[Intent, float]:
    """Return the likelihoods after what a sum of features cannot know."""
    corrected = dict(likely) | {Intent.CRISIS: 0.0}  # only the gate says who is in danger
    if any(cue.name == _NO_PERSON for cue in cues):
        corrected[Intent.HUMAN] = min(corrected[Intent.HUMAN], _LEGAL_HINT)
    if letters < _A_FEW:
        # "不知道" is no wish: so few characters speak only where a known wording is in them.
        spoken = {wish for cue in cues for wish in cue.wishes}
        corrected |= {i: min(p, _UNSPOKEN) for i, p in corrected.items() if i not in spoken}
    return corrected


def _hear(verdict: Verdict, *, letters: int) -> Danger:
    """Return the danger that the model hears; a few characters ("算了", "还在") prove little."""
    if letters < _TOO_SHORT_TO_JUDGE:
        return NO_DANGER  # those the lexicon knows, or nobody does
    return verdict.danger(heard_at=HEARD_IN_SHORT if letters < _SHORT_TEXT else HEARD)


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


def _needs_search(guesses: _Guesses, asked: str) -> bool:
    """Search when law is plausible, when nothing at all is sure, and for every question."""
    sure_of = guesses.best_except(Intent.OTHER)
    is_likely = guesses[Intent.LEGAL] >= intents.PLAUSIBLE or sure_of < intents.SURE
    return is_likely or is_question(asked)


def _weigh_wish(guesses: _Guesses, wish: JobWish) -> None:
    """Let a named trade speak for a job search where nothing else is clear."""
    if not (wish.category or wish.title_keywords) or guesses.best_except() >= intents.SURE:
        return
    if guesses[Intent.JOB_SEARCH] < max(_JOB_HINT, guesses[Intent.OTHER] / 2):
        return
    described = bool(wish.place or wish.shift or wish.salary_min or wish.age)
    if guesses.best_except(Intent.OTHER, Intent.JOB_SEARCH) < intents.PLAUSIBLE:
        guesses.lift(Intent.JOB_SEARCH, intents.SURE if described else 0.5, "names a trade")


def _weigh_passages(guesses: _Guesses, passages: Sequence[Passage], *, asked: str) -> None:
    """Let a found entry speak for a legal question: its own wording surely, a sure one strongly.

    A few words that ask nothing ("干了二十年") match some entry by chance; they are left alone.
    """
    if not passages or len(_BARE_QUESTION.sub("", asked)) < _A_WORD:
        return
    why = f"{FROM_FAQ}{passages[0].id}"
    if passages[0].score >= retrieval.OWN_WORDING:
        # A question that an entry answers word for word is that question, whatever it sounds like.
        rivals = guesses.best_except(Intent.LEGAL, Intent.HUMAN, Intent.CRISIS)
        beaten = rivals if is_question(asked) else guesses[Intent.OTHER]
        guesses.lift(Intent.LEGAL, max(_FOUND, min(beaten + _A_HAIR, intents.CERTAIN)), why)
        return
    found = _FOUND if passages[0].score >= retrieval.SURE else _FOUND_NEAR
    if passages[0].score >= retrieval.CLOSE and _is_about_law(guesses):
        guesses.lift(Intent.LEGAL, found, why)
    elif passages[0].score >= _FITS and is_question(asked) and _may_be_law(guesses):
        guesses.lift(Intent.LEGAL, max(found, guesses[Intent.OTHER] + _A_HAIR), why)


def _is_about_law(guesses: _Guesses) -> bool:
    return guesses[Intent.LEGAL] >= max(_LEGAL_HINT, guesses[Intent.OTHER])


def _may_be_law(guesses: _Guesses) -> bool:
    """Tell whether a fitting entry settles it: no other wish is sure, law is not ruled out."""
    is_possible = guesses[Intent.LEGAL] >= _CHANCE * max(1.0, guesses[Intent.OTHER])
    return is_possible and guesses.best_except(Intent.LEGAL, Intent.OTHER) < intents.SURE


def _weigh_danger(guesses: _Guesses, danger: Danger) -> None:
    """Put danger first; distress asks for counsel unless another wish is clear."""
    why = ", ".join(danger.evidence)
    if danger.is_crisis:
        guesses.lift(Intent.CRISIS, _CRISIS_SCORE, why)
    elif danger.level == _DISTRESS:
        clear = guesses.is_clear_beside(Intent.COUNSEL, Intent.OTHER)
        guesses.lift(Intent.COUNSEL, intents.PLAUSIBLE if clear else intents.SURE, why)
