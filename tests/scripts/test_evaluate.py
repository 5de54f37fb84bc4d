"""All figures on a small directory of labelled data of our own."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from knowledge.content_dir import CONTENT
from scripts import evaluate
from scripts.evaluation.figures import Figure, macro_f1
from scripts.training.tables import write_syllables

app = Typer()
app.command()(evaluate.main)

FILES: dict[str, list[dict[str, Any]]] = {
    "persona/utterances.jsonl": [
        {"text": "我想找个保安的工作", "intent": "job_search"},
        {"text": "不想活了 撑不下去了", "intent": "crisis"},
        {"text": "累死了今天", "intent": "smalltalk", "also": ["counsel"], "tags": ["crisis_hn"]},
    ],
    "real/intent.jsonl": [{"text": "拖欠工资怎么办", "label": "legal"}],
    "real/ood.jsonl": [{"text": "放一首歌给我听", "label": "other"}],
    "real/severity_sos.jsonl": [{"text": "今晚就走了 再见", "label": "high"}],
    "real/psysuicide.jsonl": [
        {"text": "我不想活了", "label": "crisis"},
        {"text": "最近和室友处得不好", "label": "none"},
    ],
    "legal_facts.jsonl": [
        {
            "id": "A-1",
            "question_zh": "没签劳动合同能要双倍工资吗",
            "statute": "劳动合同法",
            "article": 82,
            "key_numbers": {"months": 1},
            "wrong_zh": ["没签合同没有任何赔偿"],
        }
    ],
    "real/legal_faq_pool.jsonl": [
        {"id": "P-1", "question": "竞业限制几年", "answer": "竞业限制最长不超过二年。"},
        {"id": "P-2", "question": "工伤谁认定", "answer": "由社会保险行政部门认定。"},
    ],
    "real/legal_retrieval.jsonl": [{"query": "竞业限制最长多久", "positive": ["P-1"]}],
    "real/lecoqa_qa.jsonl": [{"query": "工伤由哪个部门认定", "positive": ["P-2"]}],
    "calculators.jsonl": [
        {
            "calc": "unemployment_months",
            "inputs": {"contribution_months": 12},
            "expected": {"eligible": True, "max_months": 12},
        }
    ],
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for name, rows in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        path.write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_every_figure_is_told_as_json(data: Path) -> None:
    result = CliRunner().invoke(app, [str(data), "--json"])

    assert result.exit_code == 0, result.output
    figures = {figure["name"]: figure for figure in json.loads(result.stdout)}
    assert figures["calculators exact"]["value"] == 1
    assert figures["law: right article among three"]["value"] == 1
    assert figures["legal_retrieval: acc@1"]["value"] == 1
    assert figures["crisis heard: counselling"]["value"] == 1
    assert figures["points lost under Traditional"]["verdict"] in ("aim", "floor", "below")


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "intent.jsonl").write_text("{not json", encoding="utf-8")

    result = CliRunner().invoke(app, [str(tmp_path)])

    assert (result.exit_code, "intent.jsonl:1" in result.stderr) == (1, True)


def test_a_figure_says_whether_it_is_reached() -> None:
    assert Figure("a", 0.9, 1, 0.8, 0.95).verdict == "floor"
    assert Figure("a", 0.9, 1, 0.95, 0.99).verdict == "below"
    assert Figure("a", 0.01, 1, 0.05, 0.02, less_is_better=True).verdict == "aim"


def test_a_label_that_is_never_found_counts_against_the_mean() -> None:
    assert macro_f1([("a", "a"), ("b", "a")]) == pytest.approx(1 / 3)


def test_the_table_of_syllables_is_what_pinyin_gives(tmp_path: Path) -> None:
    write_syllables(tmp_path / "syllables.txt")

    stored = (CONTENT / "model" / "syllables.txt").read_text(encoding="utf-8")
    assert (tmp_path / "syllables.txt").read_text(encoding="utf-8") == stored
