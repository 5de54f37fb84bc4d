from pathlib import Path

import numpy as np
import pytest

from knowledge.content_dir import CONTENT
from knowledge.features import FeatureReader, Features
from knowledge.keys import Numbers
from knowledge.linear import Block, LinearModel
from knowledge.segment import Segmenter
from knowledge.word_vectors import WordVectors

SOUNDS = {"工": "gon", "公": "gon", "伤": "san", "商": "san", "三": "san"}


@pytest.fixture(scope="module")
def reader() -> FeatureReader:
    return FeatureReader(Segmenter.load(CONTENT / "dictionary.txt"), SOUNDS)


def test_letters_are_read_in_runs_of_up_to_four_with_both_ends_marked(
    reader: FeatureReader,
) -> None:
    letters = reader.read("工伤").letters
    assert {"<", "工", "工伤", "<工伤", "<工伤>"[:4]} <= set(letters)
    assert max(map(len, letters)) == 4


def test_a_mistake_of_dictation_sounds_like_what_was_meant(reader: FeatureReader) -> None:
    assert reader.read("公商").sounds == reader.read("工伤").sounds == ("gon san",)


def test_punctuation_is_only_a_gap(reader: FeatureReader) -> None:
    assert reader.read("工伤!!!赔吗").letters == reader.read("工伤 赔吗").letters


def test_a_feature_counts_once(reader: FeatureReader) -> None:
    letters = reader.read("好好好").letters
    assert len(letters) == len(set(letters))


def test_a_very_long_text_is_read_at_its_two_ends(reader: FeatureReader) -> None:
    words = reader.read("工伤" + "啊" * 5000 + "赔偿").words
    assert {"工伤", "赔偿"} <= set(words)


def model(unknown: float = 2.0) -> LinearModel:
    block = Block(
        rows=Numbers.in_order(("工", "伤")),
        rarity=np.array([1.0, 1.0], dtype=np.float32),
        unknown=unknown,
        weights=np.array([[2.0, 0.0], [0.0, 2.0]], dtype=np.float16),
    )
    bias = np.array([-1.0, -1.0], dtype=np.float32)
    return LinearModel(("a", "b"), bias, (block,), np.zeros((1, 2), dtype=np.float32), "1")


NOTHING = np.zeros(1, dtype=np.float32)


def test_a_known_feature_adds_its_row() -> None:
    assert model().score(Features(("工",), (), ()), NOTHING).tolist() == [1.0, -1.0]


def test_unknown_features_thin_what_the_known_ones_say() -> None:
    alone = model().score(Features(("工",), (), ()), NOTHING)[0]
    among_strange = model().score(Features(("工", "x", "y"), (), ()), NOTHING)[0]
    assert -1.0 < among_strange < alone


def test_where_nothing_is_known_the_bias_remains() -> None:
    assert model().score(Features(("x",), (), ()), NOTHING).tolist() == [-1.0, -1.0]


def test_a_file_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.npz"
    np.savez(path, labels=np.zeros(0, dtype=np.uint8))
    with pytest.raises(ValueError, match=r"empty\.npz holds no model"):
        LinearModel.load(path)


def test_the_mean_of_words_has_length_one_and_nothing_is_zero() -> None:
    table = WordVectors(
        Numbers.in_order(("工伤", "赔偿")),
        np.array([[3, 0], [0, 4]], dtype=np.int8),
        np.ones(2, dtype=np.float32),
    )
    assert table.mean(("工伤", "赔偿", "没见过")).tolist() == pytest.approx([0.6, 0.8])
    assert table.mean(("没见过",)).tolist() == [0.0, 0.0]
