"""Files as offices really save them."""

import json
import zipfile
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from bot.loading.files import open_sheet
from bot.loading.headers import HeaderBook
from bot.loading.jobs import KIND as JOBS
from bot.loading.sheet import SheetError
from bot.loading.stations import KIND as STATIONS
from tests.loaders.sheets import POSTING, STATION, Row, grid, read, write_csv, write_xlsx

BOOK = HeaderBook(STATIONS.columns)


def refusal(path: Path) -> SheetError:
    with pytest.raises(SheetError) as caught:
        list(open_sheet(path, BOOK).rows)
    return caught.value


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_every_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "s.csv", STATION, encoding=encoding)

    assert read(path, STATIONS)[0].cells["name"] == "老城驿站"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_separator_is_found_by_the_headers(tmp_path: Path, delimiter: str) -> None:
    row = STATION | {"address": "肥城；老城，长山街,东头"}
    path = write_csv(tmp_path / "s.csv", row, delimiter=delimiter)

    assert read(path, STATIONS)[0].cells == row


@pytest.mark.parametrize(
    "headers",
    [
        ("编号*", " 名称（必填）", "详细地址", "纬 度", "经度(东经)", "服务项目 *"),
        ("ID", "Name", "ADDRESS", "Lat", "LON", "Services"),
        ("★编号", "【必填】名称", "地址：", "北纬", "东经", "服务"),
    ],
)
def test_headers_are_known_in_both_languages_with_decoration(
    tmp_path: Path, headers: tuple[str, ...]
) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", [list(headers), list(STATION.values())])
    row = read(path, STATIONS)[0]

    assert [BOOK.find(header).name for header in row.cells] == list(STATION)  # type: ignore[union-attr]


def test_titles_above_the_headers_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    lines: list[list[object]] = [
        ["驿站一览表"],
        [],
        *grid(STATION),
        [],
        list((STATION | {"id": "S2"}).values()),
    ]
    rows = read(write_xlsx(tmp_path / "s.xlsx", lines), STATIONS)

    assert [(row.line, row.cells["id"]) for row in rows] == [(4, "S1"), (6, "S2")]


def test_headers_printed_again_are_no_row(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", [*grid(STATION), list(STATION)])

    assert [row.line for row in read(path, STATIONS)] == [2]


def test_every_cell_of_a_merged_range_has_its_first_value(tmp_path: Path) -> None:
    second = STATION | {"id": "S2", "address": None}
    path = write_xlsx(tmp_path / "s.xlsx", grid(STATION, second), merge=["C2:C3"])

    assert [row.cells["address"] for row in read(path, STATIONS)] == ["肥城市老城街道"] * 2


def test_a_merged_headline_does_not_hide_the_headers(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", [["驿站"], *grid(STATION)], merge=["A1:F1"])

    assert read(path, STATIONS)[0].cells["id"] == "S1"


def test_a_formula_stays_text(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", grid(STATION | {"name": '=HYPERLINK("x")'}))

    assert read(path, STATIONS)[0].cells["name"] == '=HYPERLINK("x")'


def test_json_rows_know_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps([STATION, STATION], ensure_ascii=False, indent=1), encoding="utf-8")

    assert [row.line for row in read(path, STATIONS)] == [2, 10]


@pytest.mark.parametrize("wrapped", [False, True])
def test_json_numbers_stay_as_written(tmp_path: Path, wrapped: bool) -> None:
    rows = '[{"id": 7, "lat": 36.240}]'
    path = tmp_path / "s.json"
    path.write_text(f'{{"stations": {rows}}}' if wrapped else rows, encoding="utf-8")

    assert read(path, STATIONS)[0].cells == {"id": "7", "lat": "36.240"}


def test_json_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text('{"id": "1"}\n\n{"id": "2"}\n', encoding="utf-8")

    assert [(row.line, row.cells["id"]) for row in read(path, STATIONS)] == [(1, "1"), (3, "2")]


@pytest.mark.parametrize("wrapped", [False, True])
def test_yaml_is_read_with_its_lines(tmp_path: Path, wrapped: bool) -> None:
    path = tmp_path / "s.yaml"
    rows: list[Row] = [dict(STATION), {"id": "007", "phone": "yes", "hours": None}]
    content = {"demonstration": True, "stations": rows} if wrapped else rows
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")

    second = read(path, STATIONS)[1]
    assert second.cells == {"id": "007", "phone": "yes", "hours": None}
    assert second.line == 7 + 2 * wrapped


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("s.csv", b"", "空的"),
        ("s.csv", b"\xef\xbb\xbf\r\n\r\n", "空的"),
        ("s.json", b"[]", "空的"),
        ("s.json", b'[{"id": 1,}]', "不是正确的 JSON"),
        ("s.json", b"[" * 9999, "太多层|不是正确的 JSON"),
        ("s.yaml", b"- id: [1", "不是正确的 YAML"),
        ("s.yaml", b"- a: &a [1]\n- b: *a", "引用"),
        ("s.yaml", b"- id: " + b"[" * 99 + b"]" * 99, "很多层"),
        ("s.xls", b"<html><table><tr><td>id</td></tr></table></html>", "网页"),
        ("s.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧式的 .xls"),
        ("s.xlsx", b"PK\x03\x04 broken", "坏了"),
        ("s.pdf", b"%PDF-1.7", "PDF"),
        ("s.csv", b"hello\nworld\n", "没有找到表头"),
        ("s.csv", b"\x80\x81,\xff\xff\xff\n", "文字编码"),
    ],
)
def test_what_is_no_sheet_is_refused_with_advice(
    tmp_path: Path, name: str, content: bytes, advice: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    assert any(word in refusal(path).reason for word in advice.split("|"))


def test_a_missing_required_column_is_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", {k: v for k, v in STATION.items() if k != "lat"})
    error = refusal(path)

    assert (error.field, error.line) == ("lat", 1)
    assert "纬度（lat）" in error.reason


def test_two_columns_of_the_same_meaning_are_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", STATION | {"纬度": "36"})

    assert "“lat”和“纬度”是同一列" in refusal(path).reason


def test_an_unknown_column_is_a_warning(tmp_path: Path) -> None:
    sheet = open_sheet(write_csv(tmp_path / "s.csv", STATION | {"备注": "好"}), BOOK)

    assert ["备注" in warning for warning in sheet.warnings] == [True]


@pytest.mark.parametrize("name", ["s.xlsx", "s.json", "s.yaml"])
def test_a_csv_under_another_name_is_read_by_what_it_is(tmp_path: Path, name: str) -> None:
    sheet = open_sheet(write_csv(tmp_path / name, STATION), BOOK)

    assert [row.cells["id"] for row in sheet.rows] == ["S1"]
    assert "内容其实是 CSV" in sheet.warnings[0]


def test_a_workbook_under_another_name_is_read_by_what_it_is(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", grid(STATION)).rename(tmp_path / "s.csv")

    assert read(path, STATIONS)[0].cells["id"] == "S1"


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", grid(STATION))
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "aa">]>' + content
            target.writestr(name, content)

    assert "DOCTYPE" in refusal(bad).reason


def test_a_quote_that_is_never_closed_spoils_only_its_own_rows(tmp_path: Path) -> None:
    path = tmp_path / "j.csv"
    lines = [",".join(POSTING), ",".join(map(str, POSTING.values()))]
    broken = lines[1].replace("小区", '"小区')
    path.write_text("\n".join([*lines, broken]), encoding="utf-8")
    rows = read(path, JOBS)

    assert [bool(row.fault) for row in rows] == [False, True]
    assert "引号不成对" in rows[1].fault


def test_a_cell_too_many_points_to_the_missing_quotes(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("id,name,address,lat,lon\nS1,驿站,老城,东头,36,117\n", encoding="utf-8")

    assert "多出 1 格" in read(path, STATIONS)[0].fault


def test_a_row_over_several_lines_is_named_by_its_first(tmp_path: Path) -> None:
    rows = [STATION | {"address": "一\n二\n三"}, STATION]

    assert [row.line for row in read(write_csv(tmp_path / "s.csv", *rows), STATIONS)] == [2, 5]


def test_an_enormous_cell_is_refused_and_the_next_row_is_read(tmp_path: Path) -> None:
    rows = [STATION | {"address": "长" * 140_000}, STATION]
    read_rows = read(write_csv(tmp_path / "s.csv", *rows), STATIONS)

    assert [bool(row.fault) for row in read_rows] == [True, False]


def test_other_sheets_of_a_workbook_are_mentioned(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    write_xlsx(path, grid(STATION))
    book = load_workbook(path)
    book.create_sheet("去年")
    book.save(path)

    assert "去年" in open_sheet(path, BOOK).warnings[0]
