import sys
from pathlib import Path

import jieba
import pytest

from knowledge.content_dir import CONTENT, read_yaml
from knowledge.segment import DOMAIN_FREQUENCY, Cuts, Segmenter, read_words

DICTIONARY = CONTENT / "dictionary.txt"


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter.load(DICTIONARY)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("停工留薪期有多长", "停工留薪期"),
        ("俺在综采队当瓦检员", "瓦检员"),
        ("去办个电工证", "电工证"),
        ("石横有职工驿站吗", "职工驿站"),
        ("矿上给办的协保", "协保"),
    ],
)
def test_domain_words_stay_whole(segmenter: Segmenter, text: str, word: str) -> None:
    assert word in segmenter.cut(text)


def test_spaces_and_punctuation_are_no_words(segmenter: Segmenter) -> None:
    assert segmenter.cut("工伤， 咋办？！") == ["工伤", "咋办"]
    assert segmenter.cut("……") == []
    assert segmenter.cut("") == []


def test_searching_also_yields_the_words_inside_long_ones(segmenter: Segmenter) -> None:
    assert {"劳动", "鉴定", "劳动能力鉴定"} <= set(segmenter.cut_for_search("劳动能力鉴定"))


def test_two_segmenters_share_nothing(segmenter: Segmenter, tmp_path: Path) -> None:
    own = tmp_path / "words.txt"
    own.write_text("咸鱼翻身工\n", encoding="utf-8")
    other = Segmenter.load(own)
    assert other.cut("招咸鱼翻身工") == ["招", "咸鱼翻身工"]
    assert "咸鱼翻身工" not in segmenter.cut("招咸鱼翻身工")
    assert other.fingerprint != segmenter.fingerprint


def test_loading_leaves_the_shared_jieba_alone_and_says_nothing(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    Segmenter.load(DICTIONARY)
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []  # no cache file that another user could have planted
    assert not sys.modules["jieba"].dt.initialized


def test_comments_blank_lines_and_repeats_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("# mine\n井下 # below ground\n\n升井\n井下\n", encoding="utf-8")
    assert read_words(path) == ("井下", "升井")


def test_the_dictionary_knows_the_trade() -> None:
    assert len(read_words(DICTIONARY)) >= 300


def test_words_are_cut_as_jieba_itself_cuts_them(segmenter: Segmenter) -> None:
    plain = jieba.Tokenizer()
    plain.FREQ, plain.total = plain.gen_pfdict(plain.get_dict_file())
    plain.initialized = True
    for word in read_words(DICTIONARY):
        plain.add_word(word, DOMAIN_FREQUENCY)
    faq = [raw for path in (CONTENT / "faq").glob("*.yaml") for raw in read_yaml(path)]

    for text in (text for entry in faq for text in (entry["question"], *entry["similar"])):
        assert segmenter.cut(text) == [w for w in plain.cut(text) if any(map(str.isalnum, w))]


def test_of_a_changed_collection_only_the_changed_is_cut(segmenter: Segmenter) -> None:
    class Counting(Segmenter):
        def cut(self, text: str) -> list[str]:
            asked.append(text)
            return segmenter.cut(text)

    asked: list[str] = []
    first = Cuts(Counting(jieba.Tokenizer(), ""))
    told = [first.cut(text) for text in ("工伤怎么认定", "工资不发")]
    second = first.renewed()

    assert second.cut("工伤怎么认定") == told[0]
    second.cut("工资拖欠")
    assert asked == ["工伤怎么认定", "工资不发", "工资拖欠"]
    assert second.renewed().cut("工资不发") == told[1]
    assert asked[-1] == "工资不发"
