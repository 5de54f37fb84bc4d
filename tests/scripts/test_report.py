"""A planted week, counted by hand: what is told, what is hidden, and where a week begins."""

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, delete
from typer.testing import CliRunner, Result

from handlers.registry import create_router
from models.contact import Contact
from models.database import Database
from models.duty import Duty, WeeklyDuty
from models.faq import UnansweredQuestion
from models.inbox import InboxEntry, ReplyKind
from models.messages import MessageKind
from models.promise import BrokenPromise
from models.rating import Rating, TicketRating
from models.ticket import Outcome, Ticket, TicketEvent, TicketEventKind, TicketKind, TicketState
from models.volunteer import Skill
from scripts import report
from scripts.reporting.gather import gather
from scripts.reporting.page import to_html
from scripts.reporting.period import last_week, read_days, read_week
from scripts.reporting.sheet import guard, to_csv
from scripts.reporting.suppress import Cell, Mark, protect
from scripts.reporting.tables import Table, make_tables
from scripts.reporting.wishes import TOPICS, WISHES
from tests.conftest import KEY
from tests.support.chat import TOKEN
from tests.support.people import add_volunteer

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = read_week("2026-W47", SHANGHAI)
MONDAY = datetime(2026, 11, 15, 16, tzinfo=UTC)
"""The first moment of the week in Shanghai."""

LATER = datetime(2026, 11, 24, 4, tzinfo=UTC)
WEDNESDAY_EVENING = datetime(2026, 11, 18, 11, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NAMES = ("程大山", "13805380001", "我的腿断了", "oREPORT")

Tables = dict[str, Table]


class Week:
    """Puts rows into the week."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.numbers = itertools.count(1)
        self.people = [self._contact(number) for number in range(12)]

    def _contact(self, number: int) -> int:
        """The first seven have been here before."""
        seen = MONDAY - DAY if number < 7 else MONDAY + number * HOUR
        contact = Contact(
            openid=f"oREPORT{number:04}", first_seen_at=seen, last_message_at=MONDAY + DAY
        )
        self.session.add(contact)
        self.session.flush()
        return contact.id or 0

    def writes(
        self,
        who: Sequence[int],
        topic: str,
        *,
        at: datetime = MONDAY + HOUR,
        kind: MessageKind = MessageKind.TEXT,
        source: str = "",
    ) -> None:
        for number in who:
            self.session.add(
                InboxEntry(
                    dedup_key=f"report-{next(self.numbers)}",
                    contact_id=self.people[number],
                    openid=f"oREPORT{number:04}",
                    kind=kind,
                    created_at=at,
                    received_at=at,
                    text="我叫程大山，我的腿断了，电话13805380001",
                    topic=topic,
                    source=source,
                    reply_kind=ReplyKind.TEXT,
                )
            )

    def asks_in_vain(self, who: Sequence[int], *, at: datetime = MONDAY + HOUR) -> None:
        self.writes(who, "fallback", at=at)
        for number in who:
            question = UnansweredQuestion(contact_id=self.people[number], text="x", asked_at=at)
            self.session.add(question)

    def ticket(
        self,
        who: int,
        *,
        opened_at: datetime = MONDAY + HOUR,
        waits: timedelta | None = None,
        kind: TicketKind = TicketKind.LAWYER,
        outcome: Outcome | None = None,
    ) -> int:
        served_at = None if waits is None else opened_at + waits
        ticket = Ticket(
            contact_id=self.people[who],
            kind=kind,
            summary="我的腿断了",
            state=TicketState.CLOSED if outcome else TicketState.QUEUED,
            outcome=outcome,
            opened_at=opened_at,
            updated_at=opened_at,
            closed_at=served_at + HOUR if outcome and served_at else None,
        )
        self.session.add(ticket)
        self.session.flush()
        number = ticket.id or 0
        if served_at is not None:
            self.session.add(
                TicketEvent(ticket_id=number, kind=TicketEventKind.CLAIMED, at=served_at)
            )
        return number

    def rates(self, who: int, value: Rating) -> None:
        ticket_id = self.ticket(who, waits=MINUTE, outcome=Outcome.SOLVED)
        self.session.add(
            TicketRating(
                ticket_id=ticket_id,
                contact_id=self.people[who],
                skill=Skill.LAWYER,
                asked_at=MONDAY + HOUR,
                value=value,
                rated_at=MONDAY + 2 * HOUR,
            )
        )

    def duty(self, begins: datetime = WEDNESDAY_EVENING) -> None:
        who = add_volunteer(self.session, f"d{begins:%d%H%M}", Skill.LAWYER, now=MONDAY)
        self.session.add(
            Duty(
                volunteer_id=who,
                skill=Skill.LAWYER,
                starts_at=begins,
                ends_at=begins + 2 * HOUR,
            )
        )

    def tables(self) -> Tables:
        self.session.flush()
        return {t.key: t for t in make_tables(gather(self.session, WEEK, now=LATER))}


@pytest.fixture
def week(database: Database) -> Iterator[Week]:
    with database.transaction() as session:
        session.execute(delete(Duty))
        session.execute(delete(WeeklyDuty))
        yield Week(session)


def told(table: Table) -> dict[str, object]:
    """Return the first number of each line that is not zero, and the total."""
    lines = (*table.lines, table.total)
    return {line.key: line.values[0] for line in lines if line.values[0] != 0 or line is lines[-1]}


def test_people_are_counted_once_and_newcomers_apart(week: Week) -> None:
    week.writes(range(12), "legal")
    week.writes(range(5), "jobs", at=MONDAY + DAY)

    assert told(week.tables()["people"]) == {"known": 7, "new": 5, "total": 12}


def test_a_week_begins_on_monday_and_ends_with_sunday_in_shanghai(week: Week) -> None:
    week.writes(range(6), "legal", at=MONDAY)
    week.writes(range(6), "jobs", at=MONDAY + 7 * DAY - timedelta(seconds=1))
    week.writes(range(12), "aid", at=MONDAY - timedelta(seconds=1))
    week.writes(range(12), "stations", at=MONDAY + 7 * DAY)
    week.writes(range(12), "welcome", kind=MessageKind.EVENT)

    assert told(week.tables()["wishes"]) == {"legal": 6, "job_search": 6, "total": 12}


def test_a_wish_is_counted_once_a_day_and_a_small_one_is_hidden_with_the_next(week: Week) -> None:
    week.writes(range(12), "legal")
    week.writes([0], "calculate", at=MONDAY + 2 * HOUR)
    week.writes([0], "legal", at=MONDAY + DAY)
    week.writes(range(6), "jobs")
    week.writes(range(3), "stations")
    week.writes(range(10), "resume")

    wishes = week.tables()["wishes"]

    assert told(wishes) == {"legal": 13, "job_search": "*", "station": "<5", "total": 22}


def test_many_words_of_few_people_are_hidden_too(week: Week) -> None:
    for minute in range(30):
        week.writes([0], "in_hands", at=MONDAY + minute * MINUTE)
    week.writes(range(12), "legal")

    assert told(week.tables()["answers"]) == {
        "with_person": "<5",
        "answered": "*",
        "total": 42,
    }


def test_answers_questions_back_and_silence_are_told_apart(week: Week) -> None:
    week.writes(range(12), "legal")
    week.asks_in_vain(range(5))
    week.writes(range(5, 10), "fallback")
    week.writes([11], "legal", source="offer:wage-arrears|wage-proof")
    week.writes(range(7), "in_hands")
    week.writes(range(5), "blocked")

    assert told(week.tables()["answers"]) == {
        "answered": 12,
        "asked": 6,
        "unanswered": 5,
        "with_person": 7,
        "other": 5,
        "total": 35,
    }


def test_waits_end_with_the_first_who_cares(week: Week) -> None:
    for number in range(10):
        week.ticket(number, waits=(number + 1) * 10 * MINUTE)
    again = week.ticket(10, waits=None)
    for minutes in (200, 300):
        event = TicketEvent(
            ticket_id=again, kind=TicketEventKind.CLAIMED, at=MONDAY + HOUR + minutes * MINUTE
        )
        week.session.add(event)
    week.ticket(11)  # still waits

    [lawyer] = [line for line in week.tables()["waits"].lines if line.key == "lawyer"]

    # 10, 20 … 100 and 200: the sixth is the middle, the tenth is not passed by nine in ten.
    assert lawyer.values == (11, 60, 100)


def test_the_waits_of_few_are_hidden_with_their_length(week: Week) -> None:
    for number in range(10):
        week.ticket(number, waits=(number + 1) * 10 * MINUTE)
    for number, minutes in enumerate((7, 8, 9)):
        week.ticket(number, waits=minutes * MINUTE, kind=TicketKind.CAREER)
    for number, minutes in enumerate((1, 2, 3, 4, 5, 60)):
        week.ticket(number, waits=minutes * MINUTE, kind=TicketKind.COUNSELOR)

    waits = week.tables()["waits"]

    lines = {line.key: line.values for line in waits.lines}
    assert lines["lawyer"] == (10, 55, 90)
    assert lines["career"] == ("<5",) * 3
    assert lines["counselor"] == ("*",) * 3
    assert waits.total.values == (19, 20, 90)


def test_half_a_minute_is_rounded_up_and_two_in_the_middle_are_averaged(week: Week) -> None:
    for number, seconds in enumerate((60, 60, 90, 91, 95, 150)):
        week.ticket(number, waits=timedelta(seconds=seconds))

    [lawyer] = [line for line in week.tables()["waits"].lines if line.key == "lawyer"]

    assert lawyer.values == (6, 2, 3)  # 90.5 and 150 seconds


def test_promises_are_the_duties_that_began_while_somebody_waited(week: Week) -> None:
    week.duty()
    before = WEDNESDAY_EVENING - 2 * HOUR
    for number in range(6):
        week.ticket(number, opened_at=before, waits=2 * HOUR + 10 * MINUTE)
    for number in range(6, 11):
        ticket_id = week.ticket(number, opened_at=before, waits=3 * HOUR)
        week.session.add(
            BrokenPromise(
                ticket_id=ticket_id, promised_at=WEDNESDAY_EVENING, found_at=WEDNESDAY_EVENING
            )
        )
    week.ticket(0, opened_at=before, waits=HOUR, kind=TicketKind.CAREER)
    week.ticket(11, opened_at=WEDNESDAY_EVENING + MINUTE, waits=HOUR)  # nothing was promised
    week.ticket(11, opened_at=before, waits=HOUR)  # served before the duty

    assert told(week.tables()["promises"]) == {"kept": 6, "broken_told": 5, "total": 11}


def test_a_broken_promise_that_nobody_was_told_of_is_named(week: Week) -> None:
    week.duty()
    for number in range(5):
        week.ticket(number, opened_at=WEDNESDAY_EVENING - HOUR)

    assert told(week.tables()["promises"]) == {"broken_untold": 5, "total": 5}


def test_who_is_with_somebody_for_another_matter_was_promised_nothing(week: Week) -> None:
    week.duty()
    before = WEDNESDAY_EVENING - HOUR
    for number in range(5):
        week.ticket(number, opened_at=before)
        week.ticket(number, opened_at=before, waits=30 * MINUTE, kind=TicketKind.CAREER)

    assert told(week.tables()["promises"]) == {"total": 0}


def test_outcomes_and_ratings_are_those_of_the_week(week: Week) -> None:
    for number in range(6):
        week.rates(number, Rating.HELPED)
    for number in range(6, 12):
        week.rates(number, Rating.SO_SO)
    week.ticket(0, opened_at=MONDAY - DAY, waits=MINUTE, outcome=Outcome.ADVISED)

    tables = week.tables()

    assert told(tables["outcomes"]) == {"solved": 12, "total": 12}
    assert told(tables["ratings"]) == {"helped": 6, "so_so": 6, "total": 12}


# What is hidden


@given(st.lists(st.integers(0, 14), min_size=1, max_size=5))
def test_nobody_can_compute_a_hidden_count_from_the_total(counts: list[int]) -> None:
    cells = {number: Cell(count, count) for number, count in enumerate(counts)}
    everything = sum(counts)

    public = protect(cells, people=everything)

    small = [key for key, value in public.cells.items() if value == Mark.FEW]
    assert small == [key for key, count in enumerate(counts) if 0 < count < 5]
    if isinstance(public.total, int):
        for key in small:
            assert possible(public.cells, public.total, key) == {1, 2, 3, 4}


def possible(cells: Any, total: int, key: int) -> set[int]:  # noqa: ANN401 - a table of any keys
    """Return what a hidden cell may be, by trying all numbers in all hidden cells."""
    rest = total - sum(value for value in cells.values() if isinstance(value, int))
    ranges = {Mark.FEW: range(1, 5), Mark.KEPT: range(5, max(rest, 5) + 1)}
    hidden = [name for name, value in cells.items() if value in ranges and name != key]
    sums = {0}
    for name in hidden:
        sums = {one + more for one in sums for more in ranges[cells[name]] if one + more <= rest}
    return {mine for mine in range(1, 5) if rest - mine in sums}


def test_a_table_of_few_has_no_total() -> None:
    public = protect({"a": Cell(2, 2), "b": Cell(1, 1)}, people=3)

    assert (public.cells, public.total) == ({"a": "<5", "b": "<5"}, "<5")


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    public = protect({"a": Cell(5, 5), "b": Cell(0, 0)}, people=5)

    assert (public.cells, public.total) == ({"a": 5, "b": 0}, 5)


# What it looks like


def test_the_page_needs_nothing_from_elsewhere_and_names_nobody(week: Week) -> None:
    week.writes(range(12), "legal")
    week.asks_in_vain(range(12))
    for number in range(12):
        week.rates(number, Rating.HELPED)

    tables = tuple(week.tables().values())
    page = to_html(tables, WEEK, now=LATER)
    sheet = to_csv(tables, first="2026-11-16", last="2026-11-22")

    assert [word for word in NAMES if word in page + sheet] == []
    assert re.findall(r"<script|https?:|//|url\(|@import|<link|<a\b|\son\w+=", page) == []
    assert page.count("<svg") == 6  # there were no promises
    assert len(set(re.findall(r'\bid="([^"]+)"', page))) == len(re.findall(r'\bid="', page))
    assert "2026 年第 47 周（2026-11-16 至 2026-11-22）" in page


def test_an_empty_week_says_so(week: Week) -> None:
    page = to_html(tuple(week.tables().values()), WEEK, now=LATER)

    assert page.count("这段时间没有") == 7
    assert "<svg" not in page


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "\r=1", "\n=1"])
def test_no_cell_becomes_a_formula(cell: str) -> None:
    assert guard(cell) == f"'{cell}"


def test_the_sheet_holds_one_number_in_a_row(week: Week) -> None:
    week.writes(range(12), "legal")

    tables = tuple(week.tables().values())
    text = to_csv(tables, first="2026-11-16", last="2026-11-22")

    assert text.startswith("\ufeff从,到,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    [legal] = [row for row in rows if row["键"] == "wishes.legal"]
    assert legal == {
        "从": "2026-11-16",
        "到": "2026-11-22",
        "部分": "都来问什么",
        "键": "wishes.legal",
        "项目": "问法律",
        "指标": "次数",
        "数值": "12",
    }


def test_every_topic_of_the_registry_is_counted_as_a_wish_that_it_serves() -> None:
    handlers = create_router()._by_name

    assert set(handlers) == set(TOPICS)
    for name, handler in handlers.items():
        assert not handler.intents or TOPICS[name] in handler.intents
    assert {wish for wish in TOPICS.values() if wish} == set(WISHES)


# Periods and the command


def test_the_last_week_is_the_newest_that_is_over() -> None:
    sunday_night = datetime(2026, 11, 22, 15, 59, tzinfo=UTC)

    assert last_week(sunday_night, SHANGHAI).first.isoformat() == "2026-11-09"
    assert last_week(sunday_night + MINUTE, SHANGHAI) == WEEK


def test_a_week_of_another_year_and_single_days_are_read() -> None:
    assert read_week("2026-W01", SHANGHAI).first.isoformat() == "2025-12-29"
    days = read_days("2026-11-18", "2026-11-18", SHANGHAI)
    assert (days.start, days.end) == (MONDAY + 2 * DAY, MONDAY + 3 * DAY)


Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    environment = {
        "DATABASE_URL": database_url,
        "DATA_ENCRYPTION_KEY": KEY,
        "WECHAT_TOKEN": TOKEN,
        "WECHAT_APP_ID": "wx0000000000000001",
        "ENVIRONMENT": "demo",
    }

    def call(*words: str) -> Result:
        app = typer.Typer()
        app.command()(report.main)
        return CliRunner().invoke(app, list(words), env=environment)

    return call


def test_the_command_writes_a_page_or_prints_a_sheet(
    run: Run, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        Week(session).writes(range(12), "legal")

    page = run("--week", "2026-W47", "--out", str(tmp_path / "week.html"))
    sheet = run("--from", "2026-11-16", "--to", "2026-11-22", "--format", "csv")

    assert (page.exit_code, page.stdout, sheet.exit_code) == (0, "", 0)
    assert "问法律" in (tmp_path / "week.html").read_text("utf-8")
    assert "wishes.legal,问法律,次数,12" in sheet.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["--week", "2026-47"],
        ["--week", "2026-W54"],
        ["--from", "2026-11-16"],
        ["--week", "2026-W47", "--from", "2026-11-16", "--to", "2026-11-22"],
        ["--from", "2026-11-22", "--to", "2026-11-16"],
        ["--from", "16.11.2026", "--to", "2026-11-22"],
        ["--out", "no/such/folder/week.html"],
        ["--format", "pdf"],
    ],
)
def test_what_is_no_period_or_no_place_is_a_mistake_of_usage(run: Run, words: list[str]) -> None:
    assert run(*words).exit_code == 2
