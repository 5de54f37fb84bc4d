import json
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from scripts import understand

app = Typer()
app.command()(understand.main)

POOL = (
    '{"id": "a", "question": "骑车带人罚多少钱", "answer": "看当地规定。"}\n'
    '{"id": "b", "question": "", "answer": "竞业限制最长不超过两年。"}\n'
)


def run(text: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, input=text)


def told(text: str, *arguments: str) -> list[dict[str, Any]]:
    result = run(text, *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def two() -> list[dict[str, Any]]:
    return told('没签劳动合同能要双倍工资吗\n\n{"text": "济宁 保安 3000以上"}\n')


def test_each_text_gets_one_line_in_its_order(two: list[dict[str, Any]]) -> None:
    assert [line["text"] for line in two] == ["没签劳动合同能要双倍工资吗", "济宁 保安 3000以上"]


def test_a_legal_question_is_answered_with_its_articles(two: list[dict[str, Any]]) -> None:
    legal = two[0]
    assert (legal["intent"], legal["action"], legal["crisis"]) == ("legal", "answer", False)
    assert {"statute": "劳动合同法", "article": 82} in legal["citations"]
    assert "双倍" in legal["answer"] or "二倍" in legal["answer"]


def test_all_intents_are_told_from_the_likeliest_down(two: list[dict[str, Any]]) -> None:
    scores = [score for _, score in two[0]["intents"]]
    assert len(scores) == 17
    assert scores == sorted(scores, reverse=True)


def test_the_slots_hold_what_was_said(two: list[dict[str, Any]]) -> None:
    assert two[1]["slots"]["salary_min"] == 3000
    assert two[1]["slots"]["place"] == ["济宁"]


def test_a_file_can_be_ranked_instead(tmp_path: Path) -> None:
    pool = tmp_path / "pool.jsonl"
    pool.write_text(POOL, encoding="utf-8")

    line = told("竞业限制最长几年", "--faq", str(pool))[0]

    assert line["faq"][0]["id"] == "b"


def test_a_broken_line_of_the_file_is_named(tmp_path: Path) -> None:
    pool = tmp_path / "pool.jsonl"
    pool.write_text(POOL + '{"id": 3}\n', encoding="utf-8")

    result = run("竞业限制", "--faq", str(pool))

    assert (result.exit_code, f"{pool}:3" in result.stderr) == (1, True)


def test_an_object_without_a_text_is_named() -> None:
    result = run('{"words": "x"}\n')
    assert (result.exit_code, "line 1" in result.stderr) == (1, True)


def test_a_message_may_begin_with_a_brace() -> None:
    assert told("{笑脸} 在吗\n")[0]["text"] == "{笑脸} 在吗"
