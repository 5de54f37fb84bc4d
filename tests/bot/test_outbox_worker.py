"""What the worker makes of WeChat's answers, and what it shows."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from structlog.testing import capture_logs

from bot.outbox_worker import OutboxWorker, RateLimit
from bot.wechat.api import (
    WeChatAnswerLostError,
    WeChatApiError,
    WeChatUnreachableError,
)
from models.account_state import Limits, find_limits
from models.contact import Contact
from models.database import Database
from models.outbox import (
    OutboxKind,
    OutboxMessage,
    OutboxReason,
    OutboxStatus,
    enqueue,
)
from models.reply_window import GrantReason, grant, remaining
from models.ticket import QUIET_LEASE, Ticket, TicketKind, open_ticket
from models.ticket_flow import claim, expire_leases, record_reply
from models.volunteer import Skill
from tests.conftest import NOON
from tests.support.chat import FakeClock
from tests.support.people import add_contact, add_volunteer

APP_ID = "wx0000000000000001"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class FakeGateway:
    """Takes every text, after the errors that are ordered."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    errors: deque[Exception] = field(default_factory=deque)
    while_sending: Callable[[], None] | None = None

    def send_text(self, openid: str, text: str) -> None:
        if self.while_sending is not None:
            self.while_sending()
        if self.errors:
            raise self.errors.popleft()
        self.sent.append((openid, text))


@dataclass
class Office:
    """A worker with its fake gateway, and one contact who wrote just now."""

    database: Database
    clock: FakeClock
    gateway: FakeGateway
    worker: OutboxWorker
    contact_id: int

    def put(self, body: str, kind: OutboxKind = OutboxKind.VOLUNTEER) -> int:
        with self.database.transaction() as session:
            message = enqueue(
                session, contact_id=self.contact_id, body=body, kind=kind, now=self.clock()
            )
            return message.id or 0

    def refuse(self, *errcodes: int) -> None:
        self.gateway.errors.extend(WeChatApiError(code, "no rid: 1") for code in errcodes)

    def work(self) -> int:
        """Work until nothing is left to do now; return how many steps it took."""
        steps = 0
        while self.worker.run_once():
            steps += 1
        return steps

    def row(self, number: int) -> OutboxMessage:
        with self.database.transaction() as session:
            return session.get_one(OutboxMessage, number)

    def limits(self) -> Limits:
        with self.database.reading() as connection:
            return find_limits(connection, app_id=APP_ID)

    def left(self) -> int:
        with self.database.transaction() as session:
            return remaining(session, contact_id=self.contact_id, now=self.clock()).left


@pytest.fixture
def office(database: Database, clock: FakeClock) -> Office:
    with database.transaction() as session:
        contact_id = add_contact(session, "oOFFICE", now=NOON)
        grant(session, contact_id=contact_id, reason=GrantReason.MESSAGE, now=NOON)
    gateway = FakeGateway()
    worker = OutboxWorker(
        database=database,
        gateway=gateway,
        app_id=APP_ID,
        clock=clock,
        timezone=SHANGHAI,
        pause=lambda _: None,
    )
    return Office(database, clock, gateway, worker, contact_id)


def test_what_was_written_is_sent(office: Office) -> None:
    number = office.put("先去劳动监察大队。")

    office.work()

    assert office.gateway.sent == [("oOFFICE", "先去劳动监察大队。")]
    assert office.row(number).status is OutboxStatus.SENT


def test_while_it_is_on_its_way_no_transaction_is_open_and_it_is_marked(office: Office) -> None:
    number, seen = office.put("一"), list[OutboxStatus]()
    office.gateway.while_sending = lambda: seen.append(office.row(number).status)

    office.work()

    assert seen == [OutboxStatus.SENDING]


def test_a_lease_that_ends_during_a_send_loses_and_doubles_nothing(
    office: Office, database: Database
) -> None:
    contact_id = office.contact_id
    with database.transaction() as session:
        first, second = (add_volunteer(session, n, Skill.LAWYER, now=NOON) for n in ("a", "b"))
        ticket = open_ticket(
            session, contact_id=contact_id, kind=TicketKind.LAWYER, summary="", now=NOON
        )
        number = ticket.id or 0
        claim(session, ticket_id=number, volunteer_id=first, now=NOON)
        record_reply(session, ticket_id=number, volunteer_id=first, now=NOON)

    def vanish() -> None:
        with database.transaction() as session:
            later = NOON + QUIET_LEASE
            assert [one.id for one in expire_leases(session, now=later)] == [number]
            claim(session, ticket_id=number, volunteer_id=second, now=later)

    message = office.put("先去劳动监察大队。")
    office.gateway.while_sending = vanish

    office.work()

    assert office.gateway.sent == [("oOFFICE", "先去劳动监察大队。")]
    assert office.row(message).status is OutboxStatus.SENT
    with database.transaction() as session:
        assert session.get_one(Ticket, number).volunteer_id == second


def test_somebodys_words_cannot_become_a_link_but_a_rating_can_be_tapped(office: Office) -> None:
    office.put('点<a href="https://bad.example">这里</a>')
    link = '<a href="weixin://bizmsgmenu?msgmenucontent=满意&msgmenuid=101">满意</a>'
    office.put(link, OutboxKind.RATING)

    office.work()

    texts = [text for _, text in office.gateway.sent]
    assert "<" not in texts[0]
    assert texts[1] == link


@pytest.mark.parametrize(
    ("errcode", "status", "reason", "left"),
    [
        (-1, OutboxStatus.WAITING, OutboxReason.BUSY, 5),
        (40001, OutboxStatus.WAITING, OutboxReason.TOKEN_REFUSED, 5),
        (42001, OutboxStatus.WAITING, OutboxReason.TOKEN_REFUSED, 5),
        (45011, OutboxStatus.WAITING, OutboxReason.BUSY, 5),
        (40164, OutboxStatus.WAITING, OutboxReason.REFUSED, 5),
        (45009, OutboxStatus.PARKED, OutboxReason.DAY_LIMIT, 5),
        (45015, OutboxStatus.PARKED, OutboxReason.WINDOW_CLOSED, 0),
        (45047, OutboxStatus.PARKED, OutboxReason.QUOTA_USED_UP, 0),
        (48001, OutboxStatus.PARKED, OutboxReason.ACCOUNT_MAY_NOT, 5),
        (40003, OutboxStatus.FAILED, OutboxReason.GONE, 0),
        (43004, OutboxStatus.FAILED, OutboxReason.GONE, 0),
        (45002, OutboxStatus.FAILED, OutboxReason.REFUSED, 5),
        (40033, OutboxStatus.FAILED, OutboxReason.REFUSED, 5),
    ],
)
def test_each_number_of_wechats_has_its_consequence(
    office: Office, errcode: int, status: OutboxStatus, reason: OutboxReason, left: int
) -> None:
    number = office.put("一")
    office.refuse(errcode)

    office.work()

    row = office.row(number)
    assert (row.status, row.reason, row.errcode) == (status, reason, errcode)
    assert (row.sent_at, row.attempts) == (None, 1)
    assert office.left() == left


def test_a_busy_wechat_is_asked_again_after_a_pause_that_grows(office: Office) -> None:
    office.put("一")
    office.refuse(-1, -1, -1)
    waited = []
    for _ in range(3):
        office.work()
        start = office.clock()
        while not office.worker.run_once():
            office.clock.advance(seconds=1)
        waited.append((office.clock() - start).total_seconds())

    assert waited == [2, 4, 8]
    assert office.gateway.sent == [("oOFFICE", "一")]


def test_what_was_not_written_is_sent_again_without_a_mark(office: Office) -> None:
    number = office.put("一")
    office.gateway.errors.append(WeChatUnreachableError("refused"))
    office.work()
    assert office.row(number).status is OutboxStatus.WAITING

    office.clock.advance(seconds=2)
    office.work()

    assert office.row(number).status is OutboxStatus.SENT
    assert len(office.gateway.sent) == 1


def test_a_lost_answer_is_marked_and_the_message_sent_again(office: Office) -> None:
    number = office.put("一")
    office.gateway.errors.append(WeChatAnswerLostError("broken"))
    office.work()
    first = office.row(number)
    office.clock.advance(seconds=2)
    office.work()

    second = office.row(number)
    assert (first.status, first.sent_at) == (OutboxStatus.UNCERTAIN, None)
    assert (second.status, second.sent_at) == (OutboxStatus.UNCERTAIN, office.clock())
    assert office.left() == 3, "it may have been counted twice"


def test_an_account_that_may_not_send_is_asked_once_and_again_after_six_hours(
    office: Office,
) -> None:
    numbers = [office.put(text) for text in "一二三"]
    office.refuse(48001)
    office.work()

    assert [office.row(n).status for n in numbers] == [OutboxStatus.PARKED] * 3
    assert office.gateway.sent == []

    office.clock.advance(hours=6)
    office.put("四")
    office.work()
    assert [text for _, text in office.gateway.sent] == list("一二三四")
    assert office.limits().sending_off_at is None


def test_after_the_minutes_limit_nothing_is_sent_for_a_minute(office: Office) -> None:
    office.put("一")
    office.refuse(45011)
    office.work()

    office.clock.advance(seconds=59)
    assert office.work() == 0
    office.clock.advance(seconds=1)
    office.work()

    assert [text for _, text in office.gateway.sent] == ["一"]


def test_after_the_days_limit_nothing_is_sent_until_midnight_in_shanghai(office: Office) -> None:
    office.put("一")
    office.refuse(45009)
    office.work()

    assert office.limits().paused_until == datetime(2026, 11, 25, tzinfo=SHANGHAI)
    other = office.put("二")
    office.work()
    assert office.row(other).reason is OutboxReason.DAY_LIMIT


def test_a_wrongly_set_up_account_is_told_to_the_operator(office: Office) -> None:
    office.put("一")
    office.refuse(40164)

    with capture_logs() as logs:
        office.work()

    [entry] = [entry for entry in logs if entry["event"] == "outbox_refused"]
    assert (entry["log_level"], entry["errcode"]) == ("error", 40164)
    assert office.limits().paused_until == NOON + timedelta(minutes=5)


def test_who_no_longer_follows_is_known_not_to(office: Office) -> None:
    office.put("一")
    office.refuse(43004)

    office.work()

    with office.database.transaction() as session:
        assert not session.get_one(Contact, office.contact_id).followed


def test_logs_show_neither_words_nor_openid(office: Office) -> None:
    office.put("张三的身份证号")
    office.gateway.errors.append(WeChatApiError(40003, "invalid openid oOFFICE rid: 77"))

    with capture_logs() as logs:
        office.work()

    assert "rid: 77" in str(logs)
    assert "oOFFICE" not in str(logs)
    assert "张三" not in str(logs)


def test_without_a_gateway_everything_is_parked(office: Office, database: Database) -> None:
    number = office.put("一")
    worker = OutboxWorker(
        database=database, gateway=None, app_id=APP_ID, clock=office.clock, timezone=SHANGHAI
    )

    assert worker.run_once()
    assert not worker.run_once()
    assert office.row(number).status is OutboxStatus.PARKED


def test_what_became_of_a_message_is_written_down_when_the_database_is_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.put("一")
    note = office.worker._note_sent
    failures = deque([1, 2])

    def fail_at_first(session: Session, claimed: object, limits: object, now: datetime) -> None:
        if failures:
            failures.popleft()
            raise OperationalError(None, None, Exception("away"))
        note(session, claimed, limits, now)  # type: ignore[arg-type]

    monkeypatch.setattr(office.worker, "_note_sent", fail_at_first)

    office.work()

    assert office.row(number).status is OutboxStatus.SENT
    assert len(office.gateway.sent) == 1


def test_a_worker_stops_when_told_to_and_survives_what_breaks(office: Office) -> None:
    stop = threading.Event()
    number = office.put("一")
    other = office.put("二")
    office.gateway.errors.append(ZeroDivisionError())
    tries: list[int] = []

    def count() -> None:
        tries.append(1)
        stop.set()

    office.gateway.while_sending = count

    with capture_logs() as logs:
        office.worker.run(stop)

    assert len(tries) == 1
    assert [entry["event"] for entry in logs] == ["outbox_failed"]
    assert office.row(number).status is OutboxStatus.SENDING
    assert office.row(other).status is OutboxStatus.WAITING


def test_messages_are_spaced() -> None:
    now = [100.0]
    rate = RateLimit(10, now=lambda: now[0])

    assert [round(rate.reserve(), 3) for _ in range(3)] == [0, 0.1, 0.2]
    now[0] += 5
    assert rate.reserve() == 0
