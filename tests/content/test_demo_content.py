"""What people who try the demonstration depend on in its invented data."""

import csv
import re
from collections import Counter
from datetime import time
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

DEMO = Path(__file__).parents[2] / "knowledge" / "content" / "demo"
# fmt: off
COLUMNS = [
    "source_id", "title", "employer", "licence_no", "category", "headcount", "district",
    "salary_min", "salary_max", "salary_unit", "base_pay", "insurance", "age_min", "age_max",
    "experience", "education", "shift", "lodging", "contact_phone", "valid_until", "text",
]
CATEGORIES = {
    "安保", "保洁", "餐饮", "家政", "护理", "零售销售", "司机", "物流仓储", "普工制造",
    "电工机电", "建筑", "化工", "文员行政", "财务", "教育", "医疗", "物业后勤", "煤矿", "农业",
}
# fmt: on
SHIFTS = {"", "长白班", "两班倒", "三班倒", "夜班", "上一休一", "做六休一"}
LODGINGS = {"", "包吃住", "包住", "包吃", "管午饭", "不提供"}
NEARBY = {"肥城市", "泰山区", "岱岳区", "新泰市", "宁阳县", "东平县"}
# The least that may be offered, in the unit in which base pay is stated.
BASE_FLOOR = {"month": 2200, "year": 2200, "piece": 2200, "day": 100, "hour": 22}
DISCRIMINATING = re.compile(r"限男|限女|男性|女性|未婚|已婚|本地户口|户籍|汉族")
ASKS_FOR_MONEY = re.compile(r"押金|保证金|中介费|报名费|培训费|服装费")
SKILLS = ("lawyer", "counselor", "career", "staff")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_PER_WEEK = 7 * 24 * 60

Row = dict[str, str]


@cache
def postings() -> tuple[Row, ...]:
    """Read the demonstration postings as they are stored."""
    with (DEMO / "jobs.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def document(name: str) -> dict[str, Any]:
    """Read one of the demonstration YAML files."""
    loaded: dict[str, Any] = yaml.safe_load((DEMO / name).read_text(encoding="utf-8"))
    return loaded


def is_open(row: Row) -> bool:
    return row["valid_until"].startswith("+")


def names_of(rows: list[Row]) -> list[str]:
    return [f"{row['source_id']} {row['title']}" for row in rows]


def fourgrams(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 4] for i in range(len(text) - 3))


def minute_of_week(weekday: str, clock: str) -> int:
    at = time.fromisoformat(clock)
    return WEEKDAYS.index(weekday) * 24 * 60 + at.hour * 60 + at.minute


def duty_spans(skill: str) -> list[tuple[int, int]]:
    """List the weekly duties for a skill as minutes since Monday 0:00, in order."""
    return sorted(
        (minute_of_week(d["weekday"], d["start"]), minute_of_week(d["weekday"], d["end"]))
        for volunteer in document("volunteers.yaml")["volunteers"]
        for d in volunteer["duties"]
        if d["skill"] == skill
    )


def longest_gap_hours(spans: list[tuple[int, int]]) -> float:
    """Return the longest time nobody is on duty, going round the end of the week."""
    covered_until, longest = spans[0][1], 0
    for start, end in [*spans[1:], (spans[0][0] + MINUTES_PER_WEEK, 0)]:
        longest = max(longest, start - covered_until)
        covered_until = max(covered_until, end)
    return longest / 60


def test_the_header_is_what_the_loader_reads() -> None:
    assert list(postings()[0]) == COLUMNS


def test_there_are_two_hundred_postings_to_show() -> None:
    shown = [r for r in postings() if is_open(r) and r["insurance"]]

    assert len(shown) >= 200


def test_what_must_be_stated_is_stated() -> None:
    required = ("title", "employer", "licence_no", "headcount", "district", "base_pay", "text")

    assert names_of([r for r in postings() if not all(r[c] for c in required)]) == []


def test_ids_say_demonstration_and_occur_once() -> None:
    ids = [row["source_id"] for row in postings()]

    assert len(set(ids)) == len(ids)
    assert [i for i in ids if not i.startswith("demo-")] == []


def test_categories_shifts_and_lodging_are_the_known_ones() -> None:
    assert {row["category"] for row in postings()} == CATEGORIES
    assert {row["shift"] for row in postings()} <= SHIFTS
    assert {row["lodging"] for row in postings()} <= LODGINGS


def test_districts_are_written_in_one_way() -> None:
    elsewhere = {row["district"] for row in postings()} - NEARBY

    assert [d for d in elsewhere if not re.fullmatch(r"(济南|济宁|聊城)市\w{2,3}[区县市]", d)] == []


def test_pay_runs_from_low_to_high() -> None:
    wrong = [r for r in postings() if not 0 < int(r["salary_min"]) <= int(r["salary_max"])]

    assert names_of(wrong) == []


def test_base_pay_reaches_the_floor_of_its_unit() -> None:
    low = [r for r in postings() if int(r["base_pay"]) < BASE_FLOOR[r["salary_unit"]]]

    assert names_of(low) == []


@pytest.mark.parametrize("unit", ["month", "day", "hour"])
def test_base_pay_is_not_above_the_pay_promised(unit: str) -> None:
    rows = [r for r in postings() if r["salary_unit"] == unit]

    assert rows
    assert names_of([r for r in rows if int(r["base_pay"]) > int(r["salary_min"])]) == []


def test_ages_are_those_of_people_who_may_work() -> None:
    rows = [r for r in postings() if r["age_min"] or r["age_max"]]
    wrong = [r for r in rows if not 18 <= int(r["age_min"]) < int(r["age_max"]) <= 65]

    assert names_of(wrong) == []


def test_some_of_what_people_ask_about_is_left_unstated() -> None:
    for column in ("age_max", "experience", "education", "shift", "lodging", "insurance"):
        unstated = sum(1 for row in postings() if not row[column])

        assert 0 < unstated < len(postings()) * 0.6, column


def test_phone_numbers_cannot_exist() -> None:
    real = [
        r for r in postings() if not re.fullmatch(r"05\d\d-0\d{6}|0635-0\d{6}", r["contact_phone"])
    ]
    in_text = [r for r in postings() if re.search(r"\d{7,}|\d{3,4}-\d{3,}", r["text"])]

    assert names_of(real) == []
    assert names_of(in_text) == []


def test_one_phone_number_belongs_to_one_employer() -> None:
    pairs = {(row["contact_phone"], row["employer"]) for row in postings()}

    assert [n for n, count in Counter(p for p, _ in pairs).items() if count > 1] == []


def test_an_employer_keeps_its_invented_licence_number() -> None:
    pairs = {(row["employer"], row["licence_no"]) for row in postings()}

    assert len({e for e, _ in pairs}) == len({n for _, n in pairs}) == len(pairs)
    assert [n for _, n in pairs if not re.fullmatch(r"DEMO-\d{4}", n)] == []


def test_validity_counts_from_the_day_of_seeding_and_four_are_over() -> None:
    wrong = [r for r in postings() if not re.fullmatch(r"\+[2-7]\dd|-\d+d", r["valid_until"])]

    assert names_of(wrong) == []
    assert sum(1 for row in postings() if not is_open(row)) == 4


def test_every_text_says_the_place_and_fits_a_small_screen() -> None:
    wrong = [r for r in postings() if "地点：" not in r["text"] or not 40 <= len(r["text"]) <= 160]

    assert names_of(wrong) == []


def test_no_two_texts_are_near_copies() -> None:
    grams = [(row["source_id"], fourgrams(row["text"])) for row in postings()]
    copies = [
        (first, second)
        for (first, a), (second, b) in combinations(grams, 2)
        if len(a & b) / len(a | b) >= 0.6
    ]

    assert copies == []


def test_no_posting_discriminates_or_asks_for_money() -> None:
    texts = [(row, row["title"] + row["text"]) for row in postings()]

    assert names_of([row for row, text in texts if DISCRIMINATING.search(text)]) == []
    assert names_of([row for row, text in texts if ASKS_FOR_MONEY.search(text)]) == []


def test_ten_classes_fill_ten_weeks() -> None:
    classes = document("classes.yaml")["classes"]

    assert [c["week"] for c in classes] == list(range(-4, 6))
    assert len({c["id"] for c in classes}) == 10


def test_classes_can_be_read_and_joined() -> None:
    for item in document("classes.yaml")["classes"]:
        assert all(item[field] for field in ("title", "speaker", "summary")), item["id"]
        assert item["join_url"].startswith("https://example.org/class/"), item["id"]
        assert 20 <= item["capacity"] <= 500, item["id"]


def test_only_past_classes_have_a_recording_and_one_is_still_without() -> None:
    classes = document("classes.yaml")["classes"]
    recorded = [c["week"] for c in classes if "replay_url" in c]

    assert recorded == [-4, -3, -2]


def test_one_future_class_is_at_another_time() -> None:
    loaded = document("classes.yaml")
    moved = [c for c in loaded["classes"] if "starts" in c]

    assert [(c["starts"], c["week"] > 0) for c in moved] == [("fri 19:00", True)]
    for item in [loaded["defaults"], *moved]:
        begins, ends = (minute_of_week(*item[key].split()) for key in ("starts", "ends"))
        assert ends - begins == 75


def test_volunteers_have_distinct_plain_log_in_names() -> None:
    names = [v["username"] for v in document("volunteers.yaml")["volunteers"]]

    assert len(set(names)) == len(names) == 6
    assert [n for n in names if not re.fullmatch(r"[a-z]{2,20}", n)] == []


def test_volunteers_stand_duty_for_what_they_can_do() -> None:
    for volunteer in document("volunteers.yaml")["volunteers"]:
        assert volunteer["role"] in {"volunteer", "supervisor"}
        assert set(volunteer["skills"]) <= set(SKILLS)
        assert {d["skill"] for d in volunteer["duties"]} <= set(volunteer["skills"])


def test_nobody_is_on_two_duties_at_once() -> None:
    for volunteer in document("volunteers.yaml")["volunteers"]:
        spans = sorted(
            (minute_of_week(d["weekday"], d["start"]), minute_of_week(d["weekday"], d["end"]))
            for d in volunteer["duties"]
        )

        assert all(start < end for start, end in spans), volunteer["display"]
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize("skill", SKILLS)
def test_no_skill_is_uncovered_for_more_than_forty_hours(skill: str) -> None:
    assert longest_gap_hours(duty_spans(skill)) <= 40


@pytest.mark.parametrize("skill", ["lawyer", "counselor"])
def test_law_and_counselling_have_two_people(skill: str) -> None:
    able = [v for v in document("volunteers.yaml")["volunteers"] if skill in v["skills"]]

    assert len(able) == 2


def test_the_gap_is_measured_round_the_end_of_the_week() -> None:
    monday_evening = [(minute_of_week("mon", "19:00"), minute_of_week("mon", "21:00"))]

    assert longest_gap_hours(monday_evening) == 7 * 24 - 2
