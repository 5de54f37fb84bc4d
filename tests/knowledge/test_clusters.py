"""The same question in other words is one row; what people ask of one theme is not one question."""

import random
from collections.abc import Iterable
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from knowledge import clusters
from knowledge.clusters import MOST_TEXTS, Grouper
from knowledge.content_dir import CONTENT
from knowledge.grams import GramView
from knowledge.normalise import normalise
from tests.knowledge.wordings import CHECKED_ON, CHOSEN_ON, Themes

MEMBERSHIP = ["下岗了党组织关系转到哪", "矿关了我的党员关系放哪儿", "党员关系咋转到社区"]


@pytest.fixture(scope="module")
def grouper() -> Grouper:
    return Grouper.load(CONTENT)


def pairs(groups: Iterable[Iterable[str]]) -> set[tuple[str, str]]:
    """Return every two texts that are in one group."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def plain(groups: Iterable[Iterable[str]]) -> list[list[str]]:
    return [[normalise(text) for text in group] for group in groups]


def test_three_wordings_are_one_row_and_another_question_is_not(grouper: Grouper) -> None:
    groups = grouper.group([*MEMBERSHIP, "电动车被偷了找谁"])

    assert groups == [tuple(sorted(MEMBERSHIP)), ("电动车被偷了找谁",)]


def test_neither_order_nor_repetition_matters(grouper: Grouper) -> None:
    texts = [text for theme in CHOSEN_ON.values() for group in plain(theme) for text in group]
    shuffled = texts * 2
    random.Random(7).shuffle(shuffled)  # noqa: S311 - not a secret

    assert grouper.group(shuffled) == grouper.group(texts)


def test_every_text_is_in_exactly_one_group(grouper: Grouper) -> None:
    texts = [text for theme in CHECKED_ON.values() for group in plain(theme) for text in group]

    assert sorted(t for group in grouper.group(texts) for t in group) == sorted(texts)


@pytest.mark.parametrize("texts", [[], ["一个问题"], ["", "。。。", "😀"]])
def test_little_or_nothing_is_grouped_without_fault(grouper: Grouper, texts: list[str]) -> None:
    assert sorted(t for group in grouper.group(texts) for t in group) == sorted(texts)


def test_more_than_fits_in_memory_is_refused(grouper: Grouper) -> None:
    with pytest.raises(ValueError, match=f"{MOST_TEXTS} at most"):
        grouper.group(map(str, range(MOST_TEXTS + 1)))


@pytest.mark.parametrize(
    ("themes", "same_question", "found", "same_theme"),
    [(CHOSEN_ON, 0.43, 0.40, 0.94), (CHECKED_ON, 0.76, 0.42, 0.87)],
    ids=["chosen on", "checked on"],
)
def test_what_stands_together_asks_the_same_as_often_as_measured(
    grouper: Grouper, themes: Themes, same_question: float, found: float, same_theme: float
) -> None:
    questions = [group for theme in themes.values() for group in plain(theme)]
    by_theme = [[text for group in plain(theme) for text in group] for theme in themes.values()]
    together = pairs(grouper.group(text for group in questions for text in group))
    right = together & pairs(questions)

    assert len(right) / len(together) >= same_question
    assert len(right) / len(pairs(questions)) >= found
    assert len(together & pairs(by_theme)) / len(together) >= same_theme


def test_the_groups_are_those_of_always_merging_the_nearest_two() -> None:
    texts = [text for theme in CHECKED_ON.values() for group in plain(theme) for text in group]
    distinct = sorted(texts)
    grams = GramView(distinct)
    alike = np.array([grams.match(text) for text in distinct])
    alike = np.minimum(alike, alike.T)

    assert pairs(merge_nearest(distinct, alike)) == pairs(
        [distinct[i] for i in group] for group in linked(alike)
    )


def linked(alike: npt.NDArray[np.float32]) -> list[list[int]]:
    own = alike.copy()
    np.fill_diagonal(own, -np.inf)
    return clusters._average_link(own)


def merge_nearest(texts: list[str], alike: npt.NDArray[np.float32]) -> list[list[str]]:
    """Merge the plain way: look at all pairs of groups, merge the nearest, look again."""
    groups = [[row] for row in range(len(texts))]
    while True:
        means = {
            (a, b): float(alike[np.ix_(groups[a], groups[b])].mean())
            for a, b in combinations(range(len(groups)), 2)
        }
        (a, b), nearest = max(means.items(), key=lambda item: item[1])
        if nearest < clusters._ALIKE:
            return [[texts[i] for i in group] for group in groups]
        groups[a] += groups.pop(b)
