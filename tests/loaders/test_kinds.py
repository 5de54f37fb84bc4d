"""What each kind makes of its columns, and what it refuses."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from bot.loading.classes import KIND as CLASSES
from bot.loading.districts import tidy_district
from bot.loading.faq import KIND as FAQ
from bot.loading.jobs import CATEGORIES
from bot.loading.jobs import KIND as JOBS
from bot.loading.kind import Kind
from bot.loading.stations import KIND as STATIONS
from knowledge.citations import Citation
from models.database import Database
from models.faq import FaqEntry
from models.job import JobPosting, SalaryUnit
from models.open_class import OpenClass
from models.station import Station
from tests.conftest import NOON
from tests.loaders.conftest import Load
from tests.loaders.sheets import ANSWER, LESSON, POSTING, STATION, Row, grid, write_csv, write_xlsx


def one(database: Database, model: Any, key: str) -> Any:  # noqa: ANN401 - any of the models
    with database.transaction() as session:
        name = "source_id" if model is JobPosting else "id"
        return session.exec(select(model).where(col(getattr(model, name)) == key)).one()


def test_a_posting_comes_in_whole(load: Load, database: Database, tmp_path: Path) -> None:
    row = POSTING | {"salary_min": "１２０", "salary_max": 150, "salary_unit": "日薪"}
    report = load(JOBS, write_xlsx(tmp_path / "j.xlsx", grid(row)))
    posting = one(database, JobPosting, "J1")

    assert (report.added, report.rejected) == (1, [])
    assert (posting.monthly_min, posting.monthly_max) == (3120, 3900)
    assert (posting.salary_unit, posting.district) == (SalaryUnit.DAY, "肥城市")
    assert (posting.valid_until, posting.posted_at) == (date(2026, 12, 31), NOON)
    assert posting.is_demo is False


def test_there_are_the_nineteen_categories() -> None:
    assert len(CATEGORIES) == 19


@pytest.mark.parametrize(
    ("change", "field", "advice"),
    [
        ({"category": "看大门"}, "category", "可以写成“安保”"),
        ({"category": "宇航"}, "category", "请写这些里的一个：安保、保洁"),
        ({"salary_min": "3300"}, "salary_min", "最低工资高于最高工资（3300 > 3200）"),
        ({"salary_unit": "一个工"}, "salary_unit", "元/月、元/天"),
        ({"salary_min": "18", "salary_max": "20", "salary_unit": ""}, "salary_unit", "18 元是一天"),
        ({"age_min": "61"}, "age_min", "最小年龄大于最大年龄"),
        ({"age_max": "六十"}, "age_max", "阿拉伯数字"),
        ({"contact_phone": "123"}, "contact_phone", "手机号"),
        ({"title": ""}, "title", "必填"),
        ({"title": "长" * 81}, "title", "最多 80 个"),
        ({"source_id": ""}, "source_id", "必填"),
    ],
)
def test_a_bad_posting_is_refused_by_column(
    load: Load, tmp_path: Path, change: Row, field: str, advice: str
) -> None:
    report = load(JOBS, write_csv(tmp_path / "j.csv", POSTING | change))

    [rejection] = report.rejected
    assert (rejection.line, rejection.field) == (2, field)
    assert rejection.value.startswith(str((POSTING | change)[field])[:60])
    assert advice in rejection.reason


def test_all_faults_of_a_row_are_told_at_once(load: Load, tmp_path: Path) -> None:
    row = POSTING | {"age_max": "x", "contact_phone": "y"}
    [rejection] = load(JOBS, write_csv(tmp_path / "j.csv", row)).rejected

    assert rejection.field == "age_max"
    assert "同一行还有 contact_phone：请填手机号" in rejection.reason


@pytest.mark.parametrize(
    ("said", "tidy"),
    [
        ("肥城", "肥城市"),
        ("山东省泰安市肥城市", "肥城市"),
        ("泰安市岱岳区满庄镇", "岱岳区满庄镇"),
        ("石横镇", "肥城市石横镇"),
        ("济南 历城", "济南市历城区"),
        ("泰安高新区", "泰安市高新区"),
        ("武汉洪山区", "武汉市洪山区"),
        ("市中区", "市中区"),
        ("肥城高新区", "肥城市高新区"),
        ("宁阳县城", "宁阳县城"),
        ("章丘市", "济南市章丘区"),
        ("泰城", "泰安市"),
        ("海州特别区", "海州特别区"),
        ("", ""),
    ],
)
def test_a_district_is_written_as_the_others_are(said: str, tidy: str) -> None:
    assert tidy_district(said) == tidy
    assert tidy_district(tidy) == tidy


def test_citations_are_read_from_text_and_keep_what_is_known(
    load: Load, database: Database, tmp_path: Path
) -> None:
    before = one(database, FaqEntry, "contract-none-double-pay").citations
    row = ANSWER | {
        "id": "contract-none-double-pay",
        "citations": "《中华人民共和国劳动合同法》第八十二条|工伤保险条例 第１４条",
    }
    load(FAQ, write_csv(tmp_path / "f.csv", row))
    kept, new = one(database, FaqEntry, "contract-none-double-pay").citations

    assert kept == next(c for c in before if (c["statute"], c["article"]) == ("劳动合同法", 82))
    assert new == {"statute": "工伤保险条例", "article": 14}
    assert Citation.from_json(new).label == "《工伤保险条例》第14条"


@pytest.mark.parametrize("said", ["劳动合同法", "第47条", "劳动合同法四十七附", "劳动合同法0"])
def test_a_citation_without_statute_or_article_is_refused(
    load: Load, tmp_path: Path, said: str
) -> None:
    [rejection] = load(FAQ, write_csv(tmp_path / "f.csv", ANSWER | {"citations": said})).rejected

    assert "劳动合同法47" in rejection.reason


def test_the_shipped_answers_are_themselves_a_sheet(load: Load, database: Database) -> None:
    path = Path(__file__).parents[2] / "knowledge/content/faq/contract.yaml"
    before = one(database, FaqEntry, "contract-none-double-pay")
    report = load(FAQ, path)
    after = one(database, FaqEntry, "contract-none-double-pay")

    assert (report.changed, report.rejected) == (report.read, [])
    assert before.model_dump(exclude={"is_demo"}) == after.model_dump(exclude={"is_demo"})


def test_a_class_has_its_usual_length_where_none_is_written(
    load: Load, database: Database, tmp_path: Path
) -> None:
    load(CLASSES, write_csv(tmp_path / "c.csv", LESSON | {"ends_at": ""}))
    lesson = one(database, OpenClass, "C1")

    assert lesson.starts_at == datetime(2026, 11, 26, 11, 30, tzinfo=UTC)
    assert lesson.ends_at == datetime(2026, 11, 26, 12, 45, tzinfo=UTC)


def test_seats_that_are_taken_cannot_be_taken_away(
    load: Load, database: Database, tmp_path: Path
) -> None:
    load(CLASSES, write_csv(tmp_path / "c.csv", LESSON))
    with database.transaction() as session:
        session.get_one(OpenClass, "C1").seats_taken = 7
    [rejection] = load(CLASSES, write_csv(tmp_path / "d.csv", LESSON | {"capacity": 6})).rejected

    assert (rejection.field, rejection.value) == ("capacity", "6")
    assert "已经有 7 人报上名" in rejection.reason
    assert load(CLASSES, write_csv(tmp_path / "e.csv", LESSON | {"capacity": 7})).changed == 1
    assert one(database, OpenClass, "C1").seats_taken == 7


@pytest.mark.parametrize(
    ("kind", "row", "change", "field", "advice"),
    [
        (CLASSES, LESSON, {"ends_at": "2026-11-26 19:00"}, "ends_at", "结束要晚于开始"),
        (CLASSES, LESSON, {"ends_at": "2026-11-27 20:00"}, "ends_at", "超过 12 小时"),
        (CLASSES, LESSON, {"join_url": "http://example.org"}, "join_url", "https://"),
        (CLASSES, LESSON, {"capacity": "0"}, "capacity", "1 到"),
        (STATIONS, STATION, {"lat": "116.77", "lon": "36.24"}, "lat", "经纬度"),
        (STATIONS, STATION, {"lat": "36.24", "lon": "16"}, "lon", "不在国内"),
        (STATIONS, STATION, {"lat": "3", "lon": "116"}, "lat", "不在国内"),
        (STATIONS, STATION, {"lat": ""}, "lat", "必填"),
        (STATIONS, STATION, {"phone": "0000001"}, "phone", "0538-0000001"),
    ],
)
def test_bad_classes_and_stations_are_refused_by_column(  # noqa: PLR0913, PLR0917
    load: Load, tmp_path: Path, kind: Kind[Any], row: Row, change: Row, field: str, advice: str
) -> None:
    [rejection] = load(kind, write_csv(tmp_path / "x.csv", row | change)).rejected

    assert rejection.field == field
    assert advice in rejection.reason


def test_a_station_lists_its_services(load: Load, database: Database, tmp_path: Path) -> None:
    load(STATIONS, write_csv(tmp_path / "s.csv", STATION))

    assert one(database, Station, "S1").services == ["饮水", "充电"]
