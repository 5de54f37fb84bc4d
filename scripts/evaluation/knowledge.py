"""Figures on law, retrieval and calculators."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from bot.answering import Answered, AnsweringBot
from knowledge.calculators.base import CalculatorError
from knowledge.calculators.registry import calculate
from knowledge.engine import Engine
from knowledge.normalise import normalise
from knowledge.numbers import parse_number
from knowledge.retrieval import FaqDocument, FaqIndex
from scripts.evaluation.data import Data, Rows
from scripts.evaluation.figures import Figure, share
from scripts.evaluation.overlap import Overlap

_MOST_CITATIONS = 3
_SAID_ALIKE = 0.7
"""From this share of a wrong belief's word pairs on, an answer may be stating it."""
_NUMERAL = r"[0-9.]+|[一二三四五六七八九十百千万]+"
_DENIES = re.compile(r"不是|并非|不对|错|不能|没有|不|别|未必|无效")


def law_figures(data: Data, bot: AnsweringBot, overlap: Overlap) -> Iterator[Figure]:
    """Yield how often the right article is cited, the figures said, a wrong belief stated."""
    rows = data.rows("legal_facts.jsonl")
    if not rows:
        return
    answers = [(row, bot.answer(row["question_zh"])) for row in rows]
    fresh = [(row, answer) for row, answer in answers if not overlap(row["question_zh"])]
    yield Figure(
        "law: right article among three",
        share(_cites(row, answer) for row, answer in answers),
        len(rows),
        0.85,
        0.90,
        without_copies=share(_cites(row, answer) for row, answer in fresh),
    )
    decisive = [(row, answer) for row, answer in answers if _wanted_numbers(row)]
    yield Figure(
        "law: decisive figures said",
        share(_says_numbers(row, answer) for row, answer in decisive),
        len(decisive),
        0.75,
        0.85,
    )
    stated = [row["id"] for row, answer in answers if _states_wrong(row, answer)]
    yield Figure("law: wrong beliefs stated", len(stated), len(rows), 0, 0, less_is_better=True)


def _cites(row: Mapping[str, Any], answer: Answered) -> bool:
    return (row["statute"], row["article"]) in answer.citations[:_MOST_CITATIONS]


def _wanted_numbers(row: Mapping[str, Any]) -> set[Decimal]:
    values = row.get("key_numbers") or {}
    flat = [v for value in values.values() for v in (value if isinstance(value, list) else [value])]
    return {Decimal(str(v)) for v in flat if isinstance(v, int | float) and not isinstance(v, bool)}


def _says_numbers(row: Mapping[str, Any], answer: Answered) -> bool:
    said = set(_said_numbers(answer.answer))
    return all(number in said for number in _wanted_numbers(row))


def _said_numbers(text: str) -> Iterator[Decimal]:
    """Yield every number of a text; 万分之五 is said as 0.0005 and as 5."""
    for part, whole in re.findall(rf"({_NUMERAL})分之({_NUMERAL})", text):
        under, over = parse_number(part), parse_number(whole)
        if under and over is not None:
            yield over / under
            yield over * 100 / under
    for numeral in re.findall(r"[0-9]+(?:\.[0-9]+)?|[一二两三四五六七八九十百千万零〇]+", text):
        number = parse_number(numeral)
        if number is not None:
            yield number


def _states_wrong(row: Mapping[str, Any], answer: Answered) -> bool:
    """Tell whether a sentence of the answer says what is wrong, and does not deny it."""
    sentences = re.split(r"[。；\n！？]", answer.answer)
    beliefs = row.get("wrong_zh") or ()
    return any(_repeats(belief, sentence) for belief in beliefs for sentence in sentences)


def _repeats(belief: str, sentence: str) -> bool:
    wanted, said = _pairs(belief), _pairs(sentence)
    is_alike = bool(wanted) and len(wanted & said) / len(wanted) >= _SAID_ALIKE
    return is_alike and not (_DENIES.search(sentence) and not _DENIES.search(belief))


def _pairs(text: str) -> set[str]:
    letters = "".join(char for char in normalise(text) if char.isalnum())
    return {letters[i : i + 2] for i in range(len(letters) - 1)}


def retrieval_figures(data: Data, engine: Engine, overlap: Overlap) -> Iterator[Figure]:
    """Yield how well a given pool of answers is ranked."""
    pool = data.rows("real/legal_faq_pool.jsonl")
    if not pool:
        return
    wanted = (
        ("legal_retrieval", "real/legal_retrieval.jsonl", True, (0.31, 0.38), (0.49, 0.58)),
        ("lecoqa_qa", "real/lecoqa_qa.jsonl", False, (0.70, 0.74), (0.85, 0.87)),
    )
    for name, file, with_questions, at_one, at_three in wanted:
        rows = data.rows(file)
        if rows:
            index = _index(pool, engine, with_questions=with_questions)
            found = [_found(index, row) for row in rows]
            fresh = [f for f, row in zip(found, rows, strict=True) if not overlap(row["query"])]
            for label, limit, (floor, aim) in (("acc@1", 1, at_one), ("recall@3", 3, at_three)):
                value = share(place < limit for place in found)
                kept = share(place < limit for place in fresh)
                yield Figure(f"{name}: {label}", value, len(rows), floor, aim, without_copies=kept)


def _index(pool: Rows, engine: Engine, *, with_questions: bool) -> FaqIndex:
    return engine.index(
        FaqDocument(row["id"], row["question"] if with_questions else "", (), row["answer"])
        for row in pool
    )


def _found(index: FaqIndex, row: Mapping[str, Any]) -> int:
    """Return the place of the first right entry, or a place far behind."""
    ranked = [passage.id for passage in index.search(normalise(row["query"]))]
    places = [place for place, id_ in enumerate(ranked) if id_ in row["positive"]]
    return min(places, default=len(ranked) + 1)


def calculator_figures(data: Data) -> Iterator[Figure]:
    """Yield the share of calculations that are exact."""
    rows = data.rows("calculators.jsonl")
    if rows:
        exact = share(_is_exact(row) for row in rows)
        yield Figure("calculators exact", exact, len(rows), 1, 1)


def _is_exact(row: Mapping[str, Any]) -> bool:
    try:
        result = calculate(row["calc"], row["inputs"])
    except CalculatorError:
        return False
    return all(_equal(result.get(name), value) for name, value in row["expected"].items())


def _equal(found: object, wanted: object) -> bool:
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return found is not None and Decimal(str(found)) == Decimal(str(wanted))
    return found == wanted
