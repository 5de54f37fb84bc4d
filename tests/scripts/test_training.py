"""What the models were trained on, and that training is a function of it."""

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from knowledge.classifier import LABELS, Classifier
from knowledge.content_dir import CONTENT
from knowledge.intents import Intent
from knowledge.linear import LinearModel
from knowledge.segment import Segmenter, read_frequencies, read_words
from scripts.training.corpus import CorpusError, fingerprint, read_corpus
from scripts.training.faq import read_faq
from scripts.training.noise import with_homophones
from scripts.training.run import train
from scripts.training.tables import choose_words

CORPUS, MODEL = CONTENT / "intents", CONTENT / "model"


def write(folder: Path, name: str, *lines: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")


def small_corpus(folder: Path) -> Path:
    """Copy a handful of voices of every intent."""
    for intent in Intent:
        for path in sorted((CORPUS / intent.value).glob("*.txt"))[
            :: 4 if intent is Intent.CRISIS else 9
        ]:
            write(folder, f"{intent.value}/{path.name}", path.read_text(encoding="utf-8"))
    return folder


def tables(folder: Path) -> Path:
    folder.mkdir()
    for name in ("syllables.txt", "words.npz"):
        shutil.copy(MODEL / name, folder / name)
    return folder


def test_the_models_were_trained_on_this_very_corpus() -> None:
    stored = LinearModel.load(MODEL / "models.npz")
    assert stored.version == fingerprint(CORPUS), "run python -m scripts.train_intents"


def test_there_are_enough_messages_in_many_voices() -> None:
    rows = read_corpus(CORPUS)
    ours = [row for row in rows if row.intents[0] is not Intent.OTHER]
    assert len(ours) >= 4000
    assert len(rows) - len(ours) >= 2000
    assert len({row.voice for row in rows}) >= 200


def test_no_message_stands_twice_under_one_intent() -> None:
    counts = Counter((row.intents[0], row.text) for row in read_corpus(CORPUS))
    assert [key for key, count in counts.items() if count > 1] == []


def test_equal_corpora_give_equal_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = read_faq()[::15]
    monkeypatch.setattr("scripts.training.run.read_faq", lambda: few)
    corpus = small_corpus(tmp_path / "corpus")
    first, second = tables(tmp_path / "a"), tables(tmp_path / "b")

    for out in (first, second):
        train(corpus, out, with_trial=False)

    assert (first / "models.npz").read_bytes() == (second / "models.npz").read_bytes()
    assert (first / "certainty.yaml").read_text() == (second / "certainty.yaml").read_text()


@pytest.mark.soak
def test_the_stored_models_are_what_the_corpus_gives(tmp_path: Path) -> None:
    out = tables(tmp_path / "a")
    train(CORPUS, out, with_trial=False)
    rebuilt, stored = LinearModel.load(out / "models.npz"), LinearModel.load(MODEL / "models.npz")
    assert rebuilt.labels == stored.labels == LABELS
    assert (out / "models.npz").read_bytes() == (MODEL / "models.npz").read_bytes()


def test_a_message_is_judged_by_its_own_words() -> None:
    classifier = Classifier.load(MODEL, Segmenter.load(CONTENT / "dictionary.txt"))
    verdict = classifier.judge(classifier.read("我想找个保安的工作"))
    assert max(verdict.intents, key=lambda i: verdict.intents[i]) is Intent.JOB_SEARCH
    assert np.isfinite(list(verdict.dangers.values())).all()


@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [
        ("legal/a.txt", "没签合同\tlawyer", "'lawyer' is no intent"),
        ("crisis/a.txt", "不想活了", "a file of danger is named"),
        ("weather/a.txt", "下雨了", "'weather' is no intent"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, line: str, problem: str
) -> None:
    write(tmp_path, name, "# somebody", line)
    with pytest.raises(CorpusError, match=problem):
        read_corpus(tmp_path)


def test_an_empty_folder_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no messages"):
        read_corpus(tmp_path)


def test_the_table_of_meanings_holds_the_words_that_its_maker_chooses() -> None:
    chosen = choose_words(read_frequencies(), read_words(CONTENT / "dictionary.txt"))

    with np.load(MODEL / "words.npz") as stored:
        assert stored["words"].tobytes().decode().split("\n") == chosen


def test_slips_of_dictation_keep_the_sound_and_are_always_the_same() -> None:
    text = "老板拖欠工资三个月了我该去哪里告他"
    spoiled = with_homophones(text)
    assert spoiled != text
    assert len(spoiled) == len(text)
    assert spoiled == with_homophones(text)
