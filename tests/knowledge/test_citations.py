"""Planted mistakes turn the check red; what is shipped is green."""

from decimal import Decimal
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from knowledge.citations import (
    Citation,
    CitationError,
    Figure,
    check,
    find_figures,
    hash_article,
    read_statute,
)
from knowledge.content_dir import CONTENT
from scripts.check_citations import Laws, find_problems, main, with_hashes

APP = typer.Typer()
APP.command()(main)
ARTICLE = "第二条　工资按月支付。\n拖欠的，三十日内补足，并加付百分之五十。"
STATUTE = f"""# 样例法 | source: x | version: y

第一条　为了测试，制定本法。

{ARTICLE}

第二条之一　后来加进去的。

第十一条　本法自2020年1月1日起施行。

附录：不是条文。
"""
ENTRY = """# a comment that stays
- id: wages
  topic: wages
  question: 工资怎么发？
  similar: [一, 二, 三, 四, 五]
  answer: 按月发，30天内补足，另加50%。可以打12333。
  citations:
    - statute: 样例法
      article: 2
      version: "2020-01-01"   # short form
      quote:
        - 三十日内补足
        - 加付百分之五十   # the rate
  valid_until: null
"""


@pytest.fixture
def laws_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "laws"
    folder.mkdir()
    (folder / "样例法.txt").write_text(STATUTE, encoding="utf-8")
    index = '{"样例法": {"version": "2020-01-01通过"}}'
    (folder / "index.json").write_text(index, encoding="utf-8")
    return folder


@pytest.fixture
def faq_dir(tmp_path: Path, laws_dir: Path) -> Path:
    folder = tmp_path / "faq"
    folder.mkdir()
    filled = with_hashes(ENTRY, Laws(laws_dir))
    (folder / "wages.yaml").write_text(filled, encoding="utf-8")
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(APP, [str(argument) for argument in arguments])


def plant(faq_dir: Path, old: str, new: str) -> None:
    path = faq_dir / "wages.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_articles_span_lines_and_inserted_ones_break_nothing(laws_dir: Path) -> None:
    articles = read_statute(laws_dir / "样例法.txt")

    assert sorted(articles) == [1, 2, 11]
    assert articles[2] == ARTICLE
    assert "附录" not in articles[11]


def test_white_space_does_not_change_the_hash() -> None:
    assert hash_article("第二条　工资 按月\n支付") == hash_article("第二条工资按月支付")


def test_a_citation_is_read_from_what_is_stored_and_named_as_people_do() -> None:
    citation = Citation.from_json({"statute": "劳动合同法", "article": 30, "quote": "支付令"})

    assert citation.label == "《劳动合同法》第30条"
    assert citation.quote == ("支付令",)


@pytest.mark.parametrize(
    "stored",
    [
        {"article": 30},
        {"statute": "劳动合同法", "article": "三十"},
        {"statute": "劳动合同法", "article": 30, "quote": 5},
    ],
)
def test_a_stored_citation_that_cannot_be_read_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(CitationError):
        Citation.from_json(stored)


def test_check_names_the_quote_that_is_missing_and_the_hash_that_differs() -> None:
    citation = Citation("样例法", 2, "2020", ("工资按日支付",), "0" * 64)

    problems = check(citation, ARTICLE)

    assert len(problems) == 2
    assert "工资按日支付" in problems[0]
    assert "sha256" in problems[1]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("三十日", "30", "日"),
        ("30天内", "30", "日"),
        ("百分之一百五十", "150", "%"),
        ("１５０％", "150", "%"),
        ("双倍工资", "2", "倍"),
        ("半个月工资", "0.5", "个月"),
        ("2万元", "20000", "元"),
        ("六十个工作日", "60", "工作日"),
        ("21.75天", "21.75", "日"),
        ("罚五百块", "500", "元"),
    ],
)
def test_figures_are_compared_as_numbers(text: str, value: str, unit: str) -> None:
    assert find_figures(text) == {Figure(Decimal(value), unit)}


def test_hotlines_names_of_laws_and_words_are_no_figures() -> None:
    assert find_figures("加在一块算") == set()
    assert find_figures("打12333天天问，急事打110，看《三年规定》") == set()


def test_both_ends_of_a_range_are_figures() -> None:
    assert {str(figure) for figure in find_figures("5到15天")} == {"5日", "15日"}


def test_sound_entries_pass_with_and_without_the_law(faq_dir: Path, laws_dir: Path) -> None:
    assert run("--faq", faq_dir).output == ""
    assert run("--faq", faq_dir, "--laws", laws_dir).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("30天", "60天", "figure without a source: 60日"),
        ("12333", "12338", "nobody verified: 12338"),
        ("[一, 二, 三, 四, 五]", "[一, 二]", "2 similar"),
        ("article: 2", "article: 二", "malformed"),
        ('version: "2020-01-01"', 'version: ""', "version is missing"),
        ('sha256: "', 'sha256: "x', "sha256 is not 64"),
        ("- 三十日内补足", '- ""', "quote is empty"),
        ("按月发", "按月发" * 100, "wanted up to 300"),
        ("question: 工资怎么发？", "", "malformed"),
        ("- id: wages", "- id: [", "while parsing"),
    ],
)
def test_a_planted_fault_of_form_is_found_without_the_law(
    faq_dir: Path, old: str, new: str, named: str
) -> None:
    plant(faq_dir, old, new)

    result = run("--faq", faq_dir)

    assert result.exit_code == 1
    assert named in result.output


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("article: 2", "article: 1", "quote is not in the article"),
        ("article: 2", "article: 9", "no such article"),
        ("statute: 样例法", "statute: 没有的法", "no such article"),
        ("三十日内补足", "三十日内补齐", "quote is not in the article: 三十日内补齐"),
        ('sha256: "', f'sha256: "{"0" * 64}" # ', "sha256 is not that of the article"),
        ('version: "2020-01-01"', 'version: "1999"', "version 1999"),
    ],
)
def test_a_planted_fault_of_law_is_found_beside_the_law(
    faq_dir: Path, laws_dir: Path, old: str, new: str, named: str
) -> None:
    plant(faq_dir, old, new)

    result = run("--faq", faq_dir, "--laws", laws_dir)

    assert result.exit_code == 1
    assert named in result.output


def test_a_figure_from_elsewhere_is_allowed_when_its_source_is_told(faq_dir: Path) -> None:
    plant(faq_dir, "30天内补足", "30天内补足，按21.75天折算")
    assert "21.75日" in run("--faq", faq_dir).output

    plant(
        faq_dir, "  citations:", "  figures_from: {21.75天: 'policy_facts: POL-10'}\n  citations:"
    )

    assert run("--faq", faq_dir).exit_code == 0


def test_an_id_and_a_question_are_used_once(faq_dir: Path) -> None:
    text = (faq_dir / "wages.yaml").read_text(encoding="utf-8")
    (faq_dir / "again.yaml").write_text(text, encoding="utf-8")

    output = run("--faq", faq_dir).output

    assert "id used 2 times: wages" in output
    assert "question used 2 times" in output


def test_writing_hashes_changes_nothing_else(faq_dir: Path, laws_dir: Path) -> None:
    path = faq_dir / "wages.yaml"
    line = f'      sha256: "{hash_article(ARTICLE)}"\n'
    assert path.read_text(encoding="utf-8").replace(line, "") == ENTRY
    plant(faq_dir, hash_article(ARTICLE), "f" * 64)

    result = run("--faq", faq_dir, "--laws", laws_dir, "--write-hashes")

    assert result.exit_code == 0
    assert path.read_text(encoding="utf-8").replace(line, "") == ENTRY


@pytest.mark.parametrize(
    "quote",
    [
        "{statute: 样例法, article: 2, version: x, quote: 工资按月支付}",
        "statute: 样例法\n      article: 2\n      quote: 工资按月支付",
        "quote: |\n        工资按月支付\n      statute: 样例法\n      article: 2",
        "quote: [工资按月支付,\n        三十日内补足]\n      statute: 样例法\n      article: 2",
    ],
)
def test_hashes_fit_every_way_to_write_a_quote(laws_dir: Path, quote: str) -> None:
    text = f"- id: a\n  citations:\n    - {quote}"

    filled = yaml.safe_load(with_hashes(text, Laws(laws_dir)))

    assert filled[0]["citations"][0]["sha256"] == hash_article(ARTICLE)


def test_wrong_usage_is_told_apart_from_wrong_data(faq_dir: Path, tmp_path: Path) -> None:
    assert run("--faq", tmp_path / "nothing").exit_code == 2
    assert run("--faq", faq_dir, "--write-hashes").exit_code == 2
    assert run("--faq", faq_dir, "--laws", tmp_path / "nothing").exit_code == 2


@pytest.fixture
def shipped() -> list[Path]:
    paths = sorted((CONTENT / "faq").glob("*.yaml"))
    assert paths
    return paths


def test_shipped_entries_are_sound(shipped: list[Path]) -> None:
    assert list(find_problems(shipped, None)) == []


def test_shipped_entries_stand_on_the_law(shipped: list[Path], shared_dir: Path) -> None:
    assert list(find_problems(shipped, Laws(shared_dir / "laws"))) == []
