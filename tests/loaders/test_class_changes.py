"""What a sheet changes of a class, those who come are told; also when it is taken back."""

from pathlib import Path

import pytest

from bot.loading.classes import KIND as CLASSES
from models.database import Database
from models.open_class import OpenClass, enrol
from tests.conftest import NOON
from tests.loaders.conftest import Load
from tests.loaders.sheets import LESSON, write_csv
from tests.support.postman import Postman


@pytest.fixture
def comer(load: Load, database: Database, postman: Postman, tmp_path: Path) -> int:
    """Somebody who comes to a class that a sheet brought."""
    load(CLASSES, write_csv(tmp_path / "c.csv", LESSON))
    contact_id = postman.hears_from("oCOMER")
    with database.transaction() as session:
        enrol(session, class_id="C1", contact_id=contact_id, now=NOON)
    assert postman.deliver() == []
    return contact_id


@pytest.mark.usefixtures("comer")
def test_a_sheet_with_another_time_tells_it_in_the_same_transaction(
    load: Load, postman: Postman, tmp_path: Path
) -> None:
    later = LESSON | {"starts_at": "2026-11-27 19:30", "ends_at": "2026-11-27 20:45"}
    load(CLASSES, write_csv(tmp_path / "d.csv", later), dry_run=True)
    assert postman.rows() == []

    load(CLASSES, write_csv(tmp_path / "d.csv", later))

    [row] = postman.rows()
    assert "11月27日（周五）19:30（原来是11月26日（周四）19:30）" in row.body
    assert len(postman.deliver()) == 1


@pytest.mark.usefixtures("comer")
def test_taking_the_sheet_back_tells_the_old_time_again(
    load: Load, take_back: Load, postman: Postman, tmp_path: Path
) -> None:
    later = LESSON | {"starts_at": "2026-11-27 19:30", "ends_at": "2026-11-27 20:45"}
    done = load(CLASSES, write_csv(tmp_path / "d.csv", later))
    postman.deliver()

    take_back(CLASSES, done.run)

    [told] = postman.deliver()
    assert "11月26日（周四）19:30（原来是11月27日（周五）19:30）" in told


@pytest.mark.usefixtures("comer")
def test_a_class_is_cancelled_by_its_sheet_and_comes_back_by_it(
    load: Load, postman: Postman, database: Database, tmp_path: Path
) -> None:
    load(CLASSES, write_csv(tmp_path / "d.csv", LESSON | {"状态": "取消"}))
    assert ["取消了，您不用等了" in text for text in postman.deliver()] == [True]
    with database.transaction() as session:
        assert session.get_one(OpenClass, "C1").is_cancelled

    load(CLASSES, write_csv(tmp_path / "e.csv", LESSON | {"状态": "正常", "地点": "文化宫"}))
    [told] = postman.deliver()
    assert "又照常上了" in told
    assert "地点：文化宫" in told


def test_a_word_that_is_no_state_is_refused(load: Load, tmp_path: Path) -> None:
    report = load(CLASSES, write_csv(tmp_path / "d.csv", LESSON | {"状态": "也许"}))

    assert [(r.field, r.reason) for r in report.rejected] == [("状态", "请写 “正常”或“取消”")]


@pytest.mark.usefixtures("comer")
def test_a_sheet_that_changes_nothing_people_need_to_know_tells_nothing(
    load: Load, postman: Postman, tmp_path: Path
) -> None:
    load(CLASSES, write_csv(tmp_path / "d.csv", LESSON | {"title": "新题目", "capacity": "120"}))

    assert postman.deliver() == []
