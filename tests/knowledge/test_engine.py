import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from knowledge.classifier import Classifier
from knowledge.engine import Action, Engine, Understanding
from knowledge.intents import SURE, Cues, Intent, IntentScore
from knowledge.retrieval import CLOSE, FaqDocument, FaqIndex
from knowledge.safety import NO_DANGER, Danger, DangerGate, Situation
from knowledge.segment import Segmenter

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "eval"
FAQ = (
    FaqDocument("sign-1", "让签自愿离职书能不能签", ("逼我签字走人",), "不要签，签了就难要补偿。"),
    FaqDocument("comp-1", "干了多年被辞退补偿怎么算", (), "每满一年给一个月工资。"),
    FaqDocument("jar-1", "坛坛罐罐的丧葬费找谁领", (), "找社保局。"),
)
Understand = Callable[..., Understanding]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load(ROOT / "knowledge" / "content").with_faq(FAQ)


@pytest.fixture(scope="module")
def understand(engine: Engine) -> Understand:
    return engine.understand


def score_of(found: Understanding, intent: Intent) -> float:
    return next(guess.score for guess in found.intents if guess.intent is intent)


def test_the_text_is_kept_as_written_beside_the_normalised_one(understand: Understand) -> None:
    found = understand("轉人工！！！")
    assert found.text == "轉人工！！！"
    assert found.plain.startswith("转人工")
    assert (found.intent, found.action) == (Intent.HUMAN, Action.ANSWER)


def test_an_unknown_wish_falls_back(understand: Understand) -> None:
    assert understand("忽必烈的骆驼").action is Action.FALLBACK


def test_a_clear_other_falls_back_too(understand: Understand) -> None:
    found = understand("红烧肉怎么做")
    assert (found.intent, found.action) == (Intent.OTHER, Action.FALLBACK)
    assert not [passage for passage in found.passages if passage.score >= CLOSE]


def test_a_half_sure_wish_asks(understand: Understand) -> None:
    found = understand("请假")
    assert found.action is not Action.ANSWER


def test_danger_comes_before_every_other_wish(understand: Understand) -> None:
    found = understand("我不想活了，工资也要不回来")
    assert found.danger.is_crisis
    assert (found.intent, found.action) == (Intent.CRISIS, Action.ANSWER)
    assert Intent.LEGAL in found.also


def test_everyday_words_of_death_are_no_crisis(understand: Understand) -> None:
    assert understand("热死了，哪里有凉快地方歇歇").intent is Intent.STATION


def test_distress_alone_asks_for_counsel(understand: Understand) -> None:
    found = understand("活着真没意思")
    assert found.danger.level >= 1
    assert found.intent in {Intent.COUNSEL, Intent.CRISIS}
    assert found.action is Action.ANSWER


def test_two_wishes_are_both_seen(understand: Understand) -> None:
    found = understand("老板拖欠工资，另外我要转人工")
    assert {found.intent, *found.also} >= {Intent.LEGAL, Intent.HUMAN}


def test_a_trade_alone_looks_for_work(understand: Understand) -> None:
    found = understand("保安")
    assert found.intent is Intent.JOB_SEARCH
    assert found.wish.category == ("安保",)


def test_a_stored_question_lifts_law_that_no_cue_knows(engine: Engine) -> None:
    text = "坛坛罐罐找谁领"
    bare = Engine.load(ROOT / "knowledge" / "content").understand(text)
    found = engine.understand(text)
    assert found.passages[0].id == "jar-1"
    assert score_of(found, Intent.LEGAL) > score_of(bare, Intent.LEGAL)


def test_no_search_where_another_wish_is_sure(understand: Understand) -> None:
    assert understand("转人工").passages == ()


def test_another_faq_makes_another_engine(engine: Engine) -> None:
    other = engine.with_faq((FaqDocument("new-1", "让签自愿离职书能不能签"),))
    assert other.understand("让签自愿离职书能不能签").passages[0].id == "new-1"
    assert engine.understand("让签自愿离职书能不能签").passages[0].id == "sign-1"


def test_pieces_are_read_together_when_the_last_is_vague(understand: Understand) -> None:
    alone = understand("咋办")
    joined = understand("咋办", previous=("干了二十年", "让我签自愿离职书"))
    assert alone.action is not Action.ANSWER
    assert (joined.intent, joined.action) == (Intent.LEGAL, Action.ANSWER)
    assert joined.passages[0].id == "sign-1"


def test_a_clear_text_is_not_drowned_by_earlier_pieces(understand: Understand) -> None:
    assert understand("转人工", previous=("老板不给工资",)).intent is Intent.HUMAN


class WatchfulGate(DangerGate):
    """Finds danger only where an earlier piece is heard too."""

    def __init__(self) -> None: ...

    def assess(self, text: str, previous: Sequence[str] = ()) -> Danger:
        level = 2 if text == "就这样吧" and "存折给闺女了" in previous else 0
        return Danger(level, Situation.SELF, ("farewell",)) if level else NO_DANGER


def test_danger_spread_over_pieces_is_heard() -> None:
    content = ROOT / "knowledge" / "content"
    segmenter = Segmenter.load(content / "dictionary.txt")
    engine = Engine(
        cues=Cues.load(content / "intents.yaml"),
        gate=WatchfulGate(),
        segmenter=segmenter,
        classifier=Classifier.load(content / "model", segmenter),
        faq=FaqIndex.build((), segmenter),
    )
    assert engine.understand("就这样吧").intent is not Intent.CRISIS
    found = engine.understand("就这样吧", previous=("存折给闺女了",))
    assert found.intents[0] == IntentScore(Intent.CRISIS, 1.0, ("farewell",))


@pytest.mark.parametrize("text", ["", " ", "🙂", "\u200b", "啊" * 5000])
def test_any_text_is_survived(understand: Understand, text: str) -> None:
    assert len(understand(text).intents) == len(Intent)


def read_rows(name: str) -> list[dict[str, Any]]:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the evaluation data is not beside this repository: {path}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_first_messages_stay_above_the_floor(understand: Understand) -> None:
    rows = read_rows("persona/utterances.jsonl")
    right = sum(understand(r["text"]).intent in {r["intent"], *r.get("also", ())} for r in rows)
    assert right / len(rows) >= 0.77


def test_what_is_not_ours_stays_unanswered(understand: Understand) -> None:
    rows = read_rows("real/ood.jsonl")[::4]
    answered = [r for r in rows if understand(r["text"]).score >= SURE]
    wrong = [r for r in answered if understand(r["text"]).intent is not Intent.OTHER]
    assert len(wrong) / len(rows) <= 0.03
