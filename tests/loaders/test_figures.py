"""Local figures from a sheet: exact, with a source and an end."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.loading.figures import KIND as FIGURES
from models.database import Database
from models.local_figure import NATIONWIDE, FigureName, LocalFigure, find_figure
from tests.loaders.conftest import Load
from tests.loaders.sheets import Row, write_csv

FIGURE: Row = {
    "id": "min-taian-2026",
    "region": "泰安市",
    "name": "最低工资",
    "value": "2,010.50",
    "unit": "元/月",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "source": "试验用的通知",
}
SHIPPED = Path(__file__).parents[2] / "knowledge/content/figures.csv"


def find(database: Database, name: FigureName, region: str, on: date) -> LocalFigure | None:
    with database.transaction() as session:
        figure = find_figure(session, name, region=region, on=on)
        session.expunge_all()
        return figure


def test_a_figure_comes_in_to_the_cent(load: Load, database: Database, tmp_path: Path) -> None:
    report = load(FIGURES, write_csv(tmp_path / "f.csv", FIGURE))
    figure = find(database, FigureName.MINIMUM_WAGE, "泰安", date(2026, 6, 1))

    assert (report.added, report.rejected) == (1, [])
    assert figure is not None
    assert (figure.number, figure.source) == (Decimal("2010.5"), "试验用的通知")


@pytest.mark.parametrize(
    ("on", "is_there"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_a_figure_is_there_only_in_its_time(
    load: Load, database: Database, tmp_path: Path, on: date, is_there: bool
) -> None:
    load(FIGURES, write_csv(tmp_path / "f.csv", FIGURE))

    assert (find(database, FigureName.MINIMUM_WAGE, "泰安市", on) is not None) is is_there


def test_a_figure_is_not_that_of_another_region_or_name(
    load: Load, database: Database, tmp_path: Path
) -> None:
    load(FIGURES, write_csv(tmp_path / "f.csv", FIGURE))
    day = date(2026, 6, 1)

    assert find(database, FigureName.MINIMUM_WAGE, "济南", day) is None
    assert find(database, FigureName.AVERAGE_WAGE, "泰安", day) is None


def test_the_newest_of_two_counts(load: Load, database: Database, tmp_path: Path) -> None:
    newer = FIGURE | {"id": "min-taian-2026b", "value": "2100", "valid_from": "2026-10-01"}
    load(FIGURES, write_csv(tmp_path / "f.csv", FIGURE, newer))
    figure = find(database, FigureName.MINIMUM_WAGE, "泰安", date(2026, 11, 1))

    assert figure is not None
    assert figure.id == "min-taian-2026b"


def test_a_rate_in_percent_is_a_fraction(load: Load, database: Database, tmp_path: Path) -> None:
    row = FIGURE | {"region": "全国", "name": "LPR", "value": "3.45%", "unit": "%"}
    load(FIGURES, write_csv(tmp_path / "f.csv", row))
    figure = find(database, FigureName.LPR_1Y, NATIONWIDE, date(2026, 6, 1))

    assert figure is not None
    assert figure.number == Decimal("0.0345")


@pytest.mark.parametrize(
    ("change", "field", "advice"),
    [
        ({"name": "房价"}, "name", "最低工资"),
        ({"value": "两千"}, "value", "阿拉伯数字"),
        ({"value": "-5"}, "value", "阿拉伯数字"),
        ({"value": "NaN"}, "value", "阿拉伯数字"),
        ({"value": "20"}, "value", "500"),
        ({"unit": "元/年"}, "unit", "元/月"),
        ({"valid_until": ""}, "valid_until", "必填"),
        ({"valid_until": "2025-12-31"}, "valid_until", "早于"),
        ({"valid_until": "2030-12-31"}, "valid_until", "超过两年"),
        ({"source": ""}, "source", "必填"),
    ],
)
def test_a_bad_figure_is_refused_by_column(
    load: Load, tmp_path: Path, change: Row, field: str, advice: str
) -> None:
    [rejection] = load(FIGURES, write_csv(tmp_path / "f.csv", FIGURE | change)).rejected

    assert rejection.field == field
    assert advice in rejection.reason


def test_a_load_can_be_repeated_and_taken_back(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "f.csv", FIGURE)
    first, again = load(FIGURES, path), load(FIGURES, path)
    assert (first.added, again.unchanged) == (1, 1)

    take_back(FIGURES, first.run)
    assert find(database, FigureName.MINIMUM_WAGE, "泰安", date(2026, 6, 1)) is None


def test_the_shipped_sheet_can_be_loaded(load: Load) -> None:
    report = load(FIGURES, SHIPPED)

    assert report.rejected == []
    assert report.added == report.read > 0
