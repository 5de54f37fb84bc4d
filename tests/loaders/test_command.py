"""The command line of the loaders."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.loading.classes import KIND as CLASSES
from bot.loading.faq import KIND as FAQ
from bot.loading.figures import KIND as FIGURES
from bot.loading.jobs import KIND as JOBS
from bot.loading.kind import Kind
from bot.loading.stations import KIND as STATIONS
from tests.loaders.conftest import Command
from tests.loaders.sheets import POSTING, STATION, write_csv

ROOT = Path(__file__).parents[2]
KINDS = [FAQ, JOBS, CLASSES, STATIONS, FIGURES]


def test_json_is_all_that_is_on_standard_output(cli: Command, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "s.csv", STATION | {"纬": 1}, STATION | {"纬": 1, "id": "S2", "lat": "x"}
    )
    result = cli(path, "--json", kind=STATIONS)
    told = json.loads(result.stdout)

    assert result.exit_code == 1
    assert set(told) == {"read", "added", "changed", "unchanged", "rejected", "run"}
    assert (told["read"], told["added"], told["changed"], told["unchanged"]) == (2, 1, 0, 0)
    assert told["rejected"] == [
        {"line": 3, "field": "lat", "value": "x", "reason": "请填阿拉伯数字，如 36.2412"}
    ]
    assert "不认识的列“纬”" in result.stderr


def test_the_column_is_named_as_written_in_the_sheet(cli: Command, tmp_path: Path) -> None:
    named = dict(
        zip(["编号", "名称", "地址", "纬度*", "经 度", "服务"], STATION.values(), strict=True)
    )
    result = cli(write_csv(tmp_path / "s.csv", named | {"纬度*": "北"}), "--json", kind=STATIONS)

    assert json.loads(result.stdout)["rejected"][0]["field"] == "纬度*"


def test_a_person_reads_where_and_what(cli: Command, tmp_path: Path) -> None:
    result = cli(write_csv(tmp_path / "s.csv", STATION | {"lat": "北"}), kind=STATIONS)

    assert "第 2 行 · lat“北”：请填阿拉伯数字" in result.stdout
    assert "读了 1 行：新增 0，更新 0，没变 0，退回 1" in result.stdout


def test_all_or_nothing_says_that_nothing_was_written(cli: Command, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", STATION, STATION | {"id": "S2", "lat": "x"})

    assert "一行都没有写入：读了 2 行" in cli(path, "--all-or-nothing", kind=STATIONS).stdout
    assert "试跑，什么都没有" in cli(path, "--all-or-nothing", "--dry-run", kind=STATIONS).stdout


def test_who_left_the_key_out_is_not_sent_to_the_example_that_is_never_loaded(
    cli: Command, tmp_path: Path
) -> None:
    told = cli(write_csv(tmp_path / "s.csv", STATION | {"id": ""}), kind=STATIONS).stdout

    assert "第 2 行 · id：必填" in told
    assert STATIONS.example_key not in told


@pytest.mark.parametrize("run", ["0", "-1", "99999999999999999999"])
def test_a_number_that_no_load_can_have_is_wrong_usage(cli: Command, run: str) -> None:
    result = cli("--undo", run, kind=STATIONS)

    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_filled_template_can_be_loaded(
    cli: Command, tmp_path: Path, kind: Kind[Any], ending: str
) -> None:
    path = tmp_path / f"empty.{ending}"
    assert cli("--template", path, kind=kind).exit_code == 0
    empty = cli(path, "--json", kind=kind)
    assert json.loads(empty.stdout)["read"] == 0
    assert "示例" in empty.stderr

    fill(path, key="X-1")
    result = cli(path, "--json", kind=kind)

    assert (result.exit_code, json.loads(result.stdout)["added"]) == (0, 1), result.output


def fill(path: Path, *, key: str) -> None:
    """Add a row like the example with its own key."""
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        sheet = book.worksheets[0]
        shown = [cell.value for cell in sheet[2]]
        for number, value in enumerate([key, *shown[1:]], start=1):
            sheet.cell(3, number).value = value
        book.save(path)
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        example = list(csv.reader(file))[1]
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow([key, *example[1:]])


def test_a_template_is_never_written_over_a_file(cli: Command, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", STATION)
    before = path.read_bytes()

    assert cli("--template", path, kind=STATIONS).exit_code == 2
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["missing.csv"],
        ["--undo", "x"],
        ["--template", "a.pdf"],
        ["--undo", "1", "--template", "a.csv"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_two(cli: Command, arguments: list[str]) -> None:
    assert cli(*arguments, kind=STATIONS).exit_code == 2


def test_a_dry_run_ends_with_one_for_a_bad_row_too(cli: Command, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", STATION | {"lat": "x"})

    assert cli(path, "--dry-run", kind=STATIONS).exit_code == 1


def test_a_file_that_is_no_sheet_ends_with_one_and_keeps_the_shape(
    cli: Command, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "s.csv", {"id": 1, "name": 2})
    result = cli(path, "--json", kind=STATIONS)
    [fault] = json.loads(result.stdout)["rejected"]

    assert result.exit_code == 1
    assert (fault["line"], fault["field"]) == (1, "address")
    assert "缺少必填的列" in fault["reason"]


def test_an_undo_tells_what_it_restored(cli: Command, tmp_path: Path) -> None:
    run = json.loads(cli(write_csv(tmp_path / "s.csv", STATION), "--json", kind=STATIONS).stdout)[
        "run"
    ]
    undone = cli("--undo", run, "--json", kind=STATIONS)
    again = cli("--undo", run, kind=STATIONS)

    told = json.loads(undone.stdout)
    assert (undone.exit_code, told["removed"], told["undoes"]) == (0, 1, run)
    assert (again.exit_code, "已经撤回过了" in again.stdout) == (1, True)
    assert "复原" not in again.stdout


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_help_is_there_without_a_database(kind: Kind[Any]) -> None:
    words = [sys.executable, "-m", f"scripts.load_{kind.name}", "--help"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert all(option in told for option in ("--dry-run", "--all-or-nothing", "--json", "--undo"))


def test_the_command_works_as_a_process_of_its_own(
    environment: dict[str, str], tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "j.csv", POSTING, encoding="gbk")
    words = [sys.executable, "-m", "scripts.load_jobs", str(path), "--json"]
    given = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(words, cwd=tmp_path, env=given, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["added"] == 1
    assert done.stderr == b""


def test_a_database_without_tables_is_explained(
    cli: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    environment["DATABASE_URL"] = f"sqlite:///{tmp_path}/empty.db"
    result = cli(write_csv(tmp_path / "s.csv", STATION), kind=STATIONS)

    assert (result.exit_code, "scripts.migrate" in result.stderr) == (1, True)
