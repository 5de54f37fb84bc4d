"""Statutes from text files: what is loaded, what is refused, and what a miner then sees."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select
from typer import Typer
from typer.testing import CliRunner, Result

from models.database import OpenSession
from models.statute import StatuteArticle
from scripts import load_laws
from tests.support.chat import Chat

LAW = (
    "# 矿工互助法 | source: 自己写的 | version: 2026-01-01施行\n\n"
    "第一条　为了互助，制定本法。\n\n"
    "第二条　矿灯房应当在交接班以前检查矿灯。\n检查结果记入台账。\n"
)
Run = Callable[..., Result]


@pytest.fixture
def run(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    app = Typer()
    app.command()(load_laws.main)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def write(folder: Path, text: str = LAW, name: str = "矿工互助法.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def told(result: Result) -> dict[str, int]:
    counts: dict[str, int] = json.loads(result.stdout)
    return counts


def articles(open_session: OpenSession) -> dict[int, str]:
    with open_session() as session:
        rows = session.exec(select(StatuteArticle).where(StatuteArticle.statute == "矿工互助法"))
        return {row.article: row.text for row in rows}


def test_every_article_is_loaded_once(run: Run, tmp_path: Path, open_session: OpenSession) -> None:
    path = write(tmp_path)

    first, second = told(run(path, "--json")), told(run(path, "--json"))

    assert (first["added"], second["added"], second["unchanged"]) == (2, 0, 2)
    assert articles(open_session)[2].endswith("检查结果记入台账。")


def test_a_newer_text_replaces_the_older_one(
    run: Run, tmp_path: Path, open_session: OpenSession
) -> None:
    run(write(tmp_path))
    newer = LAW.partition("第二条")[0].replace("互助，", "互相帮助，")

    counts = told(run(write(tmp_path, newer), "--json"))

    assert (counts["changed"], counts["removed"]) == (1, 1)
    assert list(articles(open_session)) == [1]


def test_a_trial_writes_nothing(run: Run, tmp_path: Path, open_session: OpenSession) -> None:
    assert told(run(write(tmp_path), "--json", "--dry-run"))["added"] == 2
    assert articles(open_session) == {}


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("第一条　没有题头。\n", "第一行要写成"),
        ("# 某法 | source: x | version: y\n\n没有条文\n", "没有找到法条"),
    ],
)
def test_a_file_that_is_no_statute_says_what_to_mend(
    run: Run, tmp_path: Path, text: str, advice: str
) -> None:
    result = run(write(tmp_path, text))

    assert (result.exit_code, advice in result.stdout) == (1, True)


def test_good_files_of_a_folder_are_loaded_beside_a_bad_one(
    run: Run, tmp_path: Path, open_session: OpenSession
) -> None:
    write(tmp_path)
    write(tmp_path, "乱写的", name="z.txt")

    assert run(tmp_path, "--all-or-nothing").exit_code == 1
    assert articles(open_session) == {}
    assert run(tmp_path).exit_code == 1
    assert len(articles(open_session)) == 2


def test_who_names_an_article_reads_it(run: Run, tmp_path: Path, chat: Chat) -> None:
    run(write(tmp_path, LAW.replace("矿工互助法", "工伤保险条例")))
    chat.clock.advance(seconds=10)

    seen = chat.says("工伤条例第二条咋写的")

    assert "检查矿灯" in seen
    assert "2026-01-01施行" in seen


def test_an_article_that_is_not_there_is_not_made_up(run: Run, tmp_path: Path, chat: Chat) -> None:
    run(write(tmp_path, LAW.replace("矿工互助法", "工伤保险条例")))
    chat.clock.advance(seconds=10)

    assert "没有第99条" in chat.says("工伤保险条例第99条")


def test_without_an_entry_articles_are_offered_as_unchecked(
    run: Run, tmp_path: Path, chat: Chat
) -> None:
    run(write(tmp_path))
    chat.clock.advance(seconds=10)

    seen = chat.says("法律规定矿灯房交接班以前要不要检查矿灯")

    assert "可能相关的法条" in seen
    assert "没有人核对过" in seen
