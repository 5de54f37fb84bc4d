import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from knowledge.retrieval import CLOSE, SURE, FaqDocument, FaqIndex
from knowledge.segment import Segmenter

DICTIONARY = Path(__file__).parents[2] / "knowledge" / "content" / "dictionary.txt"
ENTRIES = (
    FaqDocument(
        "wage-1",
        "工资被拖欠怎么办",
        ("老板不发工资咋办", "包工头欠我工钱找谁要"),
        "先向劳动监察投诉，也可以申请劳动仲裁，保留考勤和工资条。",
    ),
    FaqDocument(
        "hurt-1",
        "工伤认定要在多久之内申请",
        ("受伤后多长时间内报工伤",),
        "单位应在三十日内申请，单位不申请的，本人一年内可以申请。",
    ),
    FaqDocument(
        "lung-1",
        "尘肺病怎么做职业病诊断",
        ("得了尘肺去哪诊断",),
        "到有资质的职业病诊断机构，用人单位要提供接触粉尘的资料。",
    ),
    FaqDocument(
        "pens-1",
        "养老保险断缴了还能补吗",
        ("社保停了几年能不能接上",),
        "可以按灵活就业人员接着缴，年限累计计算。",
    ),
    FaqDocument(
        "cont-1",
        "没签劳动合同能要双倍工资吗",
        ("干了半年不签合同",),
        "满一个月没有签书面合同的，从第二个月起可以要求每月二倍工资。",
    ),
    FaqDocument("bare-1", "", (), "井下工人的特殊工种可以提前退休，先去社保局查档案。"),
)


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter.load(DICTIONARY)


@pytest.fixture(scope="module")
def faq(segmenter: Segmenter) -> FaqIndex:
    return FaqIndex.build(ENTRIES, segmenter)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("欠我工钱不给", "wage-1"),
        ("老板拖工资", "wage-1"),
        ("报工伤有时间限制吗", "hurt-1"),
        ("尘肺诊断去哪", "lung-1"),
        ("社保断了能接着交不", "pens-1"),
        ("不签合同双倍工资", "cont-1"),
        ("特殊工种提前退休", "bare-1"),
        ("考勤和工资条要留着吗", "wage-1"),
    ],
)
def test_the_right_entry_comes_first(faq: FaqIndex, text: str, wanted: str) -> None:
    assert faq.search(text)[0].id == wanted


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.question])
def test_a_stored_question_is_sure(faq: FaqIndex, entry: FaqDocument) -> None:
    for question in (entry.question, *entry.similar):
        best = faq.search(question)[0]
        assert best.id == entry.id
        assert best.score >= SURE


@pytest.mark.parametrize("text", ["今天天气真好", "红烧排骨的做法", "讲个笑话", "放首歌"])
def test_what_is_not_ours_is_not_even_close(faq: FaqIndex, text: str) -> None:
    found = faq.search(text, limit=1)
    assert not found or found[0].score < CLOSE


def test_an_entry_without_a_question_is_titled_by_its_answer(faq: FaqIndex) -> None:
    assert faq.search("特殊工种提前退休")[0].title.startswith("井下工人的特殊工种")


def test_similar_questions_count_one_by_one(segmenter: Segmenter) -> None:
    similar = ("工钱要不回来", "头疼脑热去哪看", "孩子上学要户口本吗")
    many = FaqDocument("many", "杂项", similar, "")
    one = FaqDocument("one", "工钱晚发几天算不算拖欠", (), "")
    assert FaqIndex.build((one, many), segmenter).search("工钱要不回来")[0].id == "many"


@pytest.mark.parametrize("text", ["", "   ", "？？？", "🙂"])
def test_nothing_asked_finds_nothing(faq: FaqIndex, text: str) -> None:
    assert faq.search(text) == ()


def test_an_empty_index_finds_nothing(segmenter: Segmenter) -> None:
    empty = FaqIndex.build((), segmenter)
    assert len(empty) == 0
    assert empty.search("工伤") == ()


def test_unknown_words_find_nothing(faq: FaqIndex) -> None:
    assert faq.search("zzz") == ()


def test_an_entry_of_empty_texts_is_harmless(segmenter: Segmenter) -> None:
    index = FaqIndex.build((FaqDocument("a", ""), FaqDocument("b", "工伤")), segmenter)
    assert [passage.id for passage in index.search("工伤")] == ["b"]


def test_equal_scores_come_in_the_order_of_ids_whatever_the_input_order(
    segmenter: Segmenter,
) -> None:
    twins = [FaqDocument(f"t{i}", "工伤怎么赔", (), "按等级赔。") for i in range(6)]
    random.Random(3).shuffle(twins)  # noqa: S311
    found = FaqIndex.build(twins, segmenter).search("工伤怎么赔")
    assert [passage.id for passage in found] == ["t0", "t1", "t2", "t3", "t4"]


def test_the_limit_is_kept_and_scores_fall(faq: FaqIndex) -> None:
    found = faq.search("工资 工伤 合同", limit=3)
    scores = [passage.score for passage in found]
    assert len(found) == 3
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_a_very_long_text_is_answered(faq: FaqIndex) -> None:
    assert faq.search("老板不发工资咋办" * 500)[0].id == "wage-1"


def test_two_entries_with_one_id_are_refused(segmenter: Segmenter) -> None:
    twice: Sequence[FaqDocument] = (FaqDocument("a", "工伤"), FaqDocument("a", "工资"))
    with pytest.raises(ValueError, match="id"):
        FaqIndex.build(twice, segmenter)
