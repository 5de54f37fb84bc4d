"""A running server sees what was loaded with the next message."""

from pathlib import Path

from bot.loading.faq import KIND as FAQ
from bot.loading.jobs import KIND as JOBS
from tests.loaders.conftest import Load
from tests.loaders.sheets import ANSWER, POSTING, write_csv
from tests.support.chat import Chat

QUESTION = "抚恤金领取需要公证书原件吗"


def test_an_answer_loaded_while_the_server_runs_is_given(
    chat: Chat, load: Load, tmp_path: Path
) -> None:
    row = ANSWER | {"question": QUESTION, "answer": "不用原件，复印件就行。下一步：去社保大厅。"}
    assert "复印件就行" not in chat.says(QUESTION)

    load(FAQ, write_csv(tmp_path / "f.csv", row))
    chat.clock.advance(seconds=10)

    assert "复印件就行" in chat.says(QUESTION)


def test_a_posting_loaded_while_the_server_runs_is_found_and_gone_when_taken_back(
    chat: Chat, load: Load, take_back: Load, tmp_path: Path
) -> None:
    chat.says("你好")
    done = load(JOBS, write_csv(tmp_path / "j.csv", POSTING | {"title": "博物馆保安"}))
    chat.clock.advance(minutes=1)
    assert "博物馆保安" in chat.says("找个保安的活")

    take_back(JOBS, done.run)
    chat.clock.advance(minutes=1)

    assert "博物馆保安" not in chat.says("找个保安的活")
