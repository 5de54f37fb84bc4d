"""The machine: what is written, what is not, and what can be taken back."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from bot.loading.classes import KIND as CLASSES
from bot.loading.faq import KIND as FAQ
from bot.loading.files import open_sheet
from bot.loading.jobs import KIND as JOBS
from bot.loading.kind import Kind
from bot.loading.machine import Loader
from bot.loading.stations import KIND as STATIONS
from bot.loading.undo import UndoError
from models.contact import Contact
from models.database import Database
from models.faq import ContentVersion, FaqEntry
from models.job import JobPosting
from models.load_run import LoadChange, LoadRun
from models.open_class import Enrolment, EnrolmentState, OpenClass, enrol
from models.outbox import OutboxMessage
from models.station import Station
from models.tables import table_of
from tests.conftest import NOON
from tests.loaders.conftest import Load
from tests.loaders.sheets import ANSWER, LESSON, POSTING, STATION, Row, write_csv

ROOT = Path(__file__).parents[2]


def rows(database: Database, model: type[SQLModel]) -> list[str]:
    """Return a table row for row."""
    with database.reading() as connection:
        return sorted(repr(tuple(row)) for row in connection.execute(sa.select(table_of(model))))


def everything(database: Database) -> list[list[str]]:
    models = (FaqEntry, JobPosting, OpenClass, Station, ContentVersion, LoadRun, LoadChange)
    return [rows(database, model) for model in models]


def postings(count: int, **change: object) -> list[Row]:
    return [POSTING | {"source_id": f"J{number:05d}"} | change for number in range(count)]


@pytest.mark.parametrize(
    ("kind", "row"), [(FAQ, ANSWER), (JOBS, POSTING), (CLASSES, LESSON), (STATIONS, STATION)]
)
def test_loading_twice_changes_nothing(
    load: Load, database: Database, tmp_path: Path, kind: Kind[Any], row: Row
) -> None:
    path = write_csv(tmp_path / "x.csv", row)
    first = load(kind, path)
    before = everything(database)
    second = load(kind, path)

    assert (first.added, second.added, second.changed, second.unchanged) == (1, 0, 0, 1)
    assert second.run is None
    assert everything(database) == before


def test_two_hundred_bad_rows_of_five_thousand(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    sheet = postings(5000)
    bad = range(7, 5000, 25)
    for number in bad:
        sheet[number] = sheet[number] | {"category": "不知道"}
    path = write_csv(tmp_path / "j.csv", *sheet)
    before = rows(database, JobPosting)

    tried = load(JOBS, path, dry_run=True)
    assert [(r.line, r.field, r.value) for r in tried.rejected] == [
        (number + 2, "category", "不知道") for number in bad
    ]
    assert (tried.read, tried.added, tried.run) == (5000, 4800, None)
    assert rows(database, JobPosting) == before

    done = load(JOBS, path)
    assert (done.added, len(done.rejected)) == (4800, 200)
    assert len(rows(database, JobPosting)) == len(before) + 4800

    again = load(JOBS, path)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 4800)

    assert take_back(JOBS, done.run).removed == 4800
    assert rows(database, JobPosting) == before


def test_a_dry_run_writes_nothing(load: Load, database: Database, tmp_path: Path) -> None:
    before = everything(database)
    report = load(FAQ, write_csv(tmp_path / "f.csv", ANSWER), dry_run=True)

    assert report.added == 1
    assert everything(database) == before


def test_all_or_nothing_writes_nothing_for_one_bad_row(
    load: Load, database: Database, tmp_path: Path
) -> None:
    before = everything(database)
    path = write_csv(tmp_path / "s.csv", STATION, STATION | {"id": "S2", "lat": "x"})
    report = load(STATIONS, path, all_or_nothing=True)

    assert (report.read, report.added, report.run, len(report.rejected)) == (2, 0, None, 1)
    assert everything(database) == before


def test_a_repeated_key_is_refused_by_the_line_of_the_first(load: Load, tmp_path: Path) -> None:
    report = load(STATIONS, write_csv(tmp_path / "s.csv", STATION, STATION | {"name": "另一个"}))

    assert report.added == 1
    [rejection] = report.rejected
    assert (rejection.line, rejection.field, rejection.value) == (3, "id", "S1")
    assert "和第 2 行的编号重复" in rejection.reason


def test_a_column_that_the_sheet_lacks_keeps_what_is_stored(
    load: Load, database: Database, tmp_path: Path
) -> None:
    load(JOBS, write_csv(tmp_path / "j.csv", POSTING))
    kept = ("source_id", "title", "employer", "category")
    short = {name: POSTING[name] for name in kept} | {"salary_max": "4000"}
    report = load(JOBS, write_csv(tmp_path / "k.csv", short))

    with database.transaction() as session:
        posting = session.exec(select(JobPosting).where(JobPosting.source_id == "J1")).one()
    assert report.changed == 1
    assert (posting.contact_phone, posting.salary_min) == ("0538-0000001", 2800)
    assert (posting.salary_max, posting.monthly_max) == (4000, 4000)


def test_an_empty_cell_clears_what_is_stored(
    load: Load, database: Database, tmp_path: Path
) -> None:
    load(JOBS, write_csv(tmp_path / "j.csv", POSTING))
    load(JOBS, write_csv(tmp_path / "k.csv", POSTING | {"contact_phone": "", "age_max": ""}))

    with database.transaction() as session:
        posting = session.exec(select(JobPosting).where(JobPosting.source_id == "J1")).one()
    assert (posting.contact_phone, posting.age_max) == ("", None)


def test_a_change_is_taken_back_row_for_row(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    before = rows(database, FaqEntry)
    with database.transaction() as session:
        known = session.exec(select(FaqEntry.id)).first()
    path = write_csv(tmp_path / "f.csv", ANSWER, ANSWER | {"id": str(known)})
    done = load(FAQ, path)
    assert (done.added, done.changed) == (1, 1)

    undone = take_back(FAQ, done.run)

    assert rows(database, FaqEntry) == before
    assert (undone.removed, undone.changed, undone.undoes) == (1, 1, done.run)


def test_taking_back_is_itself_recorded_and_can_be_taken_back(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    done = load(JOBS, write_csv(tmp_path / "j.csv", POSTING))
    after = rows(database, JobPosting)
    undone = take_back(JOBS, done.run)
    redone = take_back(JOBS, undone.run)

    assert rows(database, JobPosting) == after
    assert redone.added == 1
    assert take_back(JOBS, done.run).removed == 1


def test_a_load_is_taken_back_only_once(load: Load, take_back: Load, tmp_path: Path) -> None:
    done = load(JOBS, write_csv(tmp_path / "j.csv", POSTING))
    undone = take_back(JOBS, done.run)

    with pytest.raises(UndoError, match=f"已经撤回过了（编号 {undone.run}）"):
        take_back(JOBS, done.run)


def test_a_later_load_of_the_same_rows_is_named(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    first = load(STATIONS, write_csv(tmp_path / "s.csv", STATION))
    second = load(STATIONS, write_csv(tmp_path / "t.csv", STATION | {"name": "新名"}))
    before = everything(database)

    with pytest.raises(UndoError, match=f"请先撤回 {second.run}"):
        take_back(STATIONS, first.run)
    assert everything(database) == before

    take_back(STATIONS, second.run)
    assert take_back(STATIONS, first.run).removed == 1


def test_what_people_changed_since_is_not_overwritten(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    done = load(STATIONS, write_csv(tmp_path / "s.csv", STATION))
    with database.transaction() as session:
        session.get_one(Station, "S1").hours = "改过"

    with pytest.raises(UndoError, match="有人另外改过 S1"):
        take_back(STATIONS, done.run)


def test_a_class_in_which_somebody_has_a_seat_is_not_deleted(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    done = load(CLASSES, write_csv(tmp_path / "c.csv", LESSON))
    with database.transaction() as session:
        enrol(session, class_id="C1", contact_id=contact(session), now=NOON)
    before = everything(database)

    with pytest.raises(UndoError, match="已经有人在用"):
        take_back(CLASSES, done.run)
    assert everything(database) == before


def test_seats_taken_since_stay_taken_when_a_change_is_taken_back(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    load(CLASSES, write_csv(tmp_path / "c.csv", LESSON))
    done = load(CLASSES, write_csv(tmp_path / "d.csv", LESSON | {"title": "新题目"}))
    with database.transaction() as session:
        enrol(session, class_id="C1", contact_id=contact(session), now=NOON)
    take_back(CLASSES, done.run)

    with database.transaction() as session:
        lesson = session.get_one(OpenClass, "C1")
    assert (lesson.title, lesson.seats_taken) == ("新单位的合同", 1)


def queue_for(database: Database, class_id: str, *names: str) -> None:
    """Let these people ask for a seat, one after the other."""
    with database.transaction() as session:
        for name in names:
            enrol(session, class_id=class_id, contact_id=contact(session, name), now=NOON)


def seated(database: Database) -> set[str]:
    """Return who has a seat; the class has counted as many."""
    with database.transaction() as session:
        chosen = Enrolment.state == EnrolmentState.ENROLLED
        people = session.exec(select(Contact).join(Enrolment).where(chosen)).all()
        assert session.get_one(OpenClass, "C1").seats_taken == len(people)
        return {person.openid for person in people}


def told(database: Database) -> list[str]:
    with database.transaction() as session:
        query = select(Contact.openid, OutboxMessage).join(OutboxMessage)
        said = session.exec(query.order_by(col(OutboxMessage.id))).all()
        assert all(message.body.endswith("有位子了，已给您报上。") for _, message in said)
        return [openid for openid, _ in said]


def test_a_larger_class_takes_in_who_waited_longest_and_tells_them(
    load: Load, database: Database, tmp_path: Path
) -> None:
    load(CLASSES, write_csv(tmp_path / "c.csv", LESSON | {"capacity": 1}))
    queue_for(database, "C1", "one", "two", "three", "four")
    larger = write_csv(tmp_path / "d.csv", LESSON | {"capacity": 3})

    load(CLASSES, larger, dry_run=True)
    assert (seated(database), told(database)) == ({"one"}, [])

    load(CLASSES, larger)
    assert (seated(database), told(database)) == ({"one", "two", "three"}, ["two", "three"])

    load(CLASSES, write_csv(tmp_path / "e.csv", LESSON | {"capacity": 3, "title": "新题目"}))
    assert told(database) == ["two", "three"]


def test_a_class_that_is_over_takes_nobody_in(
    load: Load, database: Database, tmp_path: Path
) -> None:
    past = LESSON | {"starts_at": "2026-11-01 19:30", "ends_at": "2026-11-01 20:45"}
    load(CLASSES, write_csv(tmp_path / "c.csv", past | {"capacity": 1}))
    queue_for(database, "C1", "one", "two")
    load(CLASSES, write_csv(tmp_path / "d.csv", past | {"capacity": 5}))

    assert (seated(database), told(database)) == ({"one"}, [])


def test_seats_given_are_not_taken_away_by_taking_a_load_back(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    load(CLASSES, write_csv(tmp_path / "c.csv", LESSON | {"capacity": 1}))
    queue_for(database, "C1", "one", "two")
    done = load(CLASSES, write_csv(tmp_path / "d.csv", LESSON | {"capacity": 2}))
    before = everything(database)

    with pytest.raises(UndoError, match="C1：已经有 2 人报上名"):
        take_back(CLASSES, done.run)
    assert everything(database) == before


def test_taking_back_a_smaller_class_takes_in_who_waits(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    load(CLASSES, write_csv(tmp_path / "c.csv", LESSON | {"capacity": 5}))
    done = load(CLASSES, write_csv(tmp_path / "d.csv", LESSON | {"capacity": 1}))
    queue_for(database, "C1", "one", "two")
    take_back(CLASSES, done.run)

    assert (seated(database), told(database)) == ({"one", "two"}, ["two"])


def contact(session: Session, name: str = "oLOADER") -> int:
    person = Contact(openid=name, first_seen_at=NOON, last_message_at=NOON)
    session.add(person)
    session.flush()
    return person.id or 0


@pytest.mark.parametrize(("run", "kind", "advice"), [(99, JOBS, "没有编号为 99"), (1, FAQ, "jobs")])
def test_a_wrong_number_is_explained(
    load: Load, take_back: Load, tmp_path: Path, run: int, kind: Kind[Any], advice: str
) -> None:
    load(JOBS, write_csv(tmp_path / "j.csv", POSTING))

    with pytest.raises(UndoError, match=advice):
        take_back(kind, run)


def test_a_dry_run_of_taking_back_writes_nothing(
    load: Load, take_back: Load, database: Database, tmp_path: Path
) -> None:
    done = load(JOBS, write_csv(tmp_path / "j.csv", POSTING))
    before = everything(database)

    assert take_back(JOBS, done.run, dry_run=True).removed == 1
    assert everything(database) == before


def test_what_was_there_before_is_kept_encrypted(
    load: Load, database: Database, tmp_path: Path
) -> None:
    load(JOBS, write_csv(tmp_path / "j.csv", POSTING))
    load(JOBS, write_csv(tmp_path / "k.csv", POSTING | {"title": "新名"}))
    with database.reading() as connection:
        text = sa.type_coerce(table_of(LoadChange).c.before, sa.Text)
        raw = connection.execute(sa.select(text).where(text != "")).scalar_one()

    assert "0538" not in raw
    assert raw.startswith("gAAAA")


@pytest.mark.parametrize("all_or_nothing", [False, True])
def test_seats_taken_while_the_sheet_was_read_are_respected(
    load: Load, database: Database, tmp_path: Path, all_or_nothing: bool
) -> None:
    load(CLASSES, write_csv(tmp_path / "c.csv", LESSON))

    def somebody_enrols(step: str, *_: int) -> None:
        if step == "读取":
            with database.transaction() as session:
                session.get_one(OpenClass, "C1").seats_taken = 7

    path = write_csv(tmp_path / "d.csv", LESSON | {"capacity": 6}, LESSON | {"id": "C2"})
    loader = Loader(CLASSES, database=database, now=NOON, progress=somebody_enrols)
    sheet = open_sheet(path, loader.judge.book)
    report = loader.load(sheet, file_name=path.name, all_or_nothing=all_or_nothing)

    [rejection] = report.rejected
    assert (rejection.line, rejection.field, rejection.value) == (2, "capacity", "6")
    assert report.added == (0 if all_or_nothing else 1)
    assert (report.run is None) == all_or_nothing


def test_a_load_killed_in_the_middle_has_written_nothing(
    load: Load, database: Database, database_url: str, tmp_path: Path
) -> None:
    before = everything(database)
    path = write_csv(tmp_path / "j.csv", *postings(3000))
    words = [sys.executable, "-m", "tests.loaders.killed_load", database_url, str(path)]
    killed = subprocess.run(words, cwd=ROOT, capture_output=True, timeout=60, check=False)

    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert everything(database) == before
    assert load(JOBS, path).added == 3000
