"""What goes out when, in which order, and what does not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from models.account_state import Limits
from models.database import Database, OpenSession
from models.outbox import (
    MAX_ATTEMPTS,
    MAX_BYTES,
    Claimed,
    MessageTooLongError,
    OutboxKind,
    OutboxMessage,
    OutboxReason,
    OutboxStatus,
    Step,
    claim_message,
    drop_late,
    enqueue,
    has_due,
    list_for_ticket,
    list_parked,
    mark_said,
    pause_after,
    record_failed,
    record_lost,
    record_parked,
    record_retry,
    record_sent,
    recover_lost,
    release_after_pause,
    withdraw,
    withdraw_subject,
)
from models.reply_window import GrantReason, grant, remaining
from models.ticket import Ticket, TicketKind, open_ticket
from models.ticket_flow import claim, hand_back_to_bot
from models.volunteer import Skill
from tests.conftest import NOON
from tests.support.people import add_contact, add_volunteer

VOLUNTEER, BOT, NOTICE = OutboxKind.VOLUNTEER, OutboxKind.BOT, OutboxKind.NOTICE
ANNOUNCEMENT, RATING = OutboxKind.ANNOUNCEMENT, OutboxKind.RATING
SECOND = timedelta(seconds=1)
FREE = Limits()


@dataclass
class Desk:
    """An outbox with one contact whose window is open."""

    open_session: OpenSession
    contact_id: int
    now: datetime = NOON

    def put(
        self,
        body: str,
        kind: OutboxKind = VOLUNTEER,
        *,
        to: int | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        subject: str = "",
    ) -> int:
        with self.open_session() as session:
            message = enqueue(
                session,
                contact_id=to or self.contact_id,
                body=body,
                kind=kind,
                now=self.now,
                not_before=not_before,
                not_after=not_after,
                subject=subject,
            )
            return message.id or 0

    def other(self, openid: str, *, is_open: bool = True) -> int:
        with self.open_session() as session:
            contact_id = add_contact(session, openid, now=NOON)
            if is_open:
                grant(session, contact_id=contact_id, reason=GrantReason.MESSAGE, now=NOON)
        return contact_id

    def claim(self, limits: Limits = FREE) -> Claimed | None:
        """Claim the next one, past what is settled on the way."""
        while True:
            with self.open_session() as session:
                step, claimed = claim_message(session, limits=limits, now=self.now)
            if step is not Step.SETTLED:
                return claimed

    def must_claim(self) -> Claimed:
        claimed = self.claim()
        assert claimed is not None
        return claimed

    def sent(self) -> list[str]:
        """Send all that can go, and return the texts in their order."""
        texts = []
        while (claimed := self.claim()) is not None:
            texts.append(claimed.body)
            with self.open_session() as session:
                record_sent(session, claimed, now=self.now)
        return texts

    def row(self, message_id: int) -> OutboxMessage:
        with self.open_session() as session:
            return session.get_one(OutboxMessage, message_id)

    def left(self) -> int:
        with self.open_session() as session:
            return remaining(session, contact_id=self.contact_id, now=self.now).left


@pytest.fixture
def desk(open_session: OpenSession) -> Desk:
    desk = Desk(open_session, 0)
    desk.contact_id = desk.other("oDESK")
    return desk


@pytest.fixture
def lawyer(open_session: OpenSession) -> int:
    with open_session() as session:
        return add_volunteer(session, "lawyer-of-the-test", Skill.LAWYER, now=NOON)


@pytest.fixture
def ticket(desk: Desk, open_session: OpenSession) -> Ticket:
    with open_session() as session:
        return open_ticket(
            session, contact_id=desk.contact_id, kind=TicketKind.LAWYER, summary="x", now=NOON
        )


def take_over(open_session: OpenSession, ticket: Ticket, lawyer: int) -> None:
    with open_session() as session:
        claim(session, ticket_id=ticket.id or 0, volunteer_id=lawyer, now=NOON)


# The way of one message


def test_a_message_is_claimed_once_and_then_sent(desk: Desk) -> None:
    number = desk.put("先去劳动监察大队。")

    claimed = desk.must_claim()
    assert (claimed.id, claimed.openid, claimed.body) == (number, "oDESK", "先去劳动监察大队。")
    assert desk.row(number).status is OutboxStatus.SENDING
    assert desk.claim() is None
    with desk.open_session() as session:
        record_sent(session, claimed, now=NOON + SECOND)

    row = desk.row(number)
    assert (row.status, row.sent_at, row.attempts) == (OutboxStatus.SENT, NOON + SECOND, 1)
    assert desk.left() == 4


def test_what_does_not_fit_into_one_message_is_refused_when_it_is_written(desk: Desk) -> None:
    desk.put("字" * (MAX_BYTES // 3))

    with pytest.raises(MessageTooLongError):
        desk.put("字" * (MAX_BYTES // 3 + 1))


def test_it_is_not_sent_before_its_time(desk: Desk) -> None:
    desk.put("明天上课。", NOTICE, not_before=NOON + SECOND)

    assert desk.claim() is None
    desk.now = NOON + SECOND
    assert desk.sent() == ["明天上课。"]


def test_what_comes_too_late_is_not_sent(desk: Desk) -> None:
    number = desk.put("还有半小时开课。", NOTICE, not_after=NOON + SECOND)
    desk.now = NOON + SECOND

    assert desk.sent() == []
    assert desk.row(number).reason is OutboxReason.TOO_LATE
    assert desk.row(number).status is OutboxStatus.FAILED


def test_whether_something_is_due_is_known_without_a_transaction(
    desk: Desk, database: Database
) -> None:
    def due() -> bool:
        with database.reading() as connection:
            return has_due(connection, now=desk.now)

    assert not due()
    desk.put("有事", not_before=NOON + SECOND)
    assert not due()
    desk.now = NOON + SECOND
    assert due()
    desk.sent()
    assert not due()


# Order


def test_one_contact_gets_the_messages_in_the_order_of_their_ids(desk: Desk) -> None:
    for number in range(5):
        desk.put(str(number))

    assert desk.sent() == list("01234")


def test_while_one_is_on_its_way_the_next_waits_and_others_do_not(desk: Desk) -> None:
    desk.put("一")
    desk.put("二")
    desk.put("给别人的", to=desk.other("oELSE"))

    bodies = [claimed.body for claimed in (desk.claim(), desk.claim()) if claimed]

    assert bodies == ["一", "给别人的"]
    assert desk.claim() is None


def test_what_is_tried_again_later_keeps_its_place(desk: Desk) -> None:
    desk.put("一")
    desk.put("二")
    claimed = desk.must_claim()
    with desk.open_session() as session:
        record_retry(session, claimed, reason=OutboxReason.BUSY, now=NOON)

    assert desk.claim() is None
    desk.now = NOON + pause_after(1)
    assert desk.sent() == ["一", "二"]


def test_what_is_for_a_later_day_holds_nothing_up(desk: Desk) -> None:
    desk.put("明天的提醒", OutboxKind.REMINDER, not_before=NOON + timedelta(days=1))
    desk.put("今天的通知", NOTICE)

    assert desk.sent() == ["今天的通知"]


def test_volunteers_go_before_announcements_to_everybody(desk: Desk) -> None:
    for number in range(3):
        desk.put("招聘会", ANNOUNCEMENT, to=desk.other(f"oMANY{number}"))
    desk.put("您报的课改期了。", NOTICE)
    desk.put("律师回您：可以申请仲裁。")

    assert desk.sent() == ["律师回您：可以申请仲裁。", "您报的课改期了。"] + ["招聘会"] * 3


# Windows


def test_without_a_window_it_is_parked(desk: Desk) -> None:
    number = desk.put("有人回您了", to=desk.other("oQUIET", is_open=False))

    assert desk.claim() is None
    row = desk.row(number)
    assert (row.status, row.reason) == (OutboxStatus.PARKED, OutboxReason.NO_WINDOW)


def test_the_sixth_message_is_parked(desk: Desk) -> None:
    numbers = [desk.put(str(number)) for number in range(6)]

    assert desk.sent() == list("01234")
    assert desk.row(numbers[5]).status is OutboxStatus.PARKED


def test_several_beyond_the_window_are_all_parked(desk: Desk) -> None:
    quiet = desk.other("oQUIET", is_open=False)
    numbers = [desk.put(body, to=quiet) for body in "一二三"]

    with desk.open_session() as session:
        steps = [claim_message(session, limits=FREE, now=desk.now)[0] for _ in range(4)]

    assert steps == [Step.SETTLED] * 3 + [Step.NOTHING]
    assert {desk.row(number).status for number in numbers} == {OutboxStatus.PARKED}


def test_announcements_leave_two_messages_to_people(desk: Desk) -> None:
    for number in range(5):
        desk.put(str(number), ANNOUNCEMENT)

    assert len(desk.sent()) == 3
    assert desk.left() == 2


def test_a_question_for_a_rating_is_dropped_and_never_parked(desk: Desk) -> None:
    number = desk.put("满意吗", RATING, to=desk.other("oQUIET", is_open=False))

    assert desk.claim() is None
    assert desk.row(number).status is OutboxStatus.FAILED


def test_an_earlier_parked_reply_goes_before_a_new_one_when_the_window_opens(desk: Desk) -> None:
    quiet = desk.other("oQUIET", is_open=False)
    desk.put("一", to=quiet)
    assert desk.sent() == []
    with desk.open_session() as session:
        grant(session, contact_id=quiet, reason=GrantReason.MESSAGE, now=NOON)
    desk.put("二", to=quiet)

    assert desk.sent() == ["一", "二"]


def test_parked_messages_are_listed_volunteers_first_and_without_what_is_late(desk: Desk) -> None:
    quiet = desk.other("oQUIET", is_open=False)
    desk.put("有位子了", NOTICE, to=quiet)
    desk.put("律师回您", to=quiet)
    late = desk.put("快开课了", NOTICE, to=quiet, not_after=NOON + SECOND)
    desk.sent()

    desk.now = NOON + SECOND
    with desk.open_session() as session:
        parked = list_parked(session, contact_id=quiet, now=desk.now)
        assert [message.body for message in parked] == ["律师回您", "有位子了"]
        mark_said(session, parked, now=desk.now)
        assert drop_late(session, now=desk.now) == 1

    assert [desk.row(m.id or 0).status for m in parked] == [OutboxStatus.SENT] * 2
    assert desk.row(late).status is OutboxStatus.FAILED


# Who may speak


def test_while_a_person_speaks_only_people_speak(
    desk: Desk, open_session: OpenSession, ticket: Ticket, lawyer: int
) -> None:
    answer = desk.put("机器人的迟到的回答", BOT)
    notice = desk.put("您报的课改期了。", NOTICE)
    desk.put("招聘会", ANNOUNCEMENT)
    take_over(open_session, ticket, lawyer)
    desk.put("我是王律师。")

    assert desk.sent() == ["我是王律师。"]
    assert desk.row(answer).reason is OutboxReason.PERSON_SPEAKS
    assert desk.row(answer).status is OutboxStatus.FAILED
    assert desk.row(notice).status is OutboxStatus.WAITING

    with open_session() as session:
        hand_back_to_bot(session, ticket_id=ticket.id or 0, volunteer_id=lawyer, now=NOON)
    assert desk.sent() == ["您报的课改期了。", "招聘会"]


def test_the_messages_of_a_ticket_can_be_shown_with_what_became_of_them(
    desk: Desk, open_session: OpenSession, ticket: Ticket, lawyer: int
) -> None:
    take_over(open_session, ticket, lawyer)
    with open_session() as session:
        held = session.get_one(Ticket, ticket.id)
        enqueue(
            session,
            contact_id=desk.contact_id,
            body="我是王律师。",
            kind=VOLUNTEER,
            now=NOON,
            ticket=held,
            volunteer_id=lawyer,
        )
    desk.sent()

    with open_session() as session:
        [message] = list_for_ticket(session, ticket_id=ticket.id or 0)

    assert (message.status, message.volunteer_id) == (OutboxStatus.SENT, lawyer)
    assert message.ticket_version == held.version


# What the account may do


def test_an_account_that_may_not_send_parks_everything(desk: Desk) -> None:
    number = desk.put("律师回您")

    assert desk.claim(Limits(sending_off_at=NOON)) is None

    assert desk.row(number).reason is OutboxReason.ACCOUNT_MAY_NOT
    assert desk.left() == 5


def test_when_the_day_is_used_up_messages_are_parked_and_let_go_when_it_is_over(
    desk: Desk,
) -> None:
    number = desk.put("律师回您")

    assert desk.claim(Limits(paused_until=NOON + timedelta(hours=9))) is None
    assert desk.row(number).reason is OutboxReason.DAY_LIMIT
    with desk.open_session() as session:
        assert release_after_pause(session, now=NOON) == 1

    assert desk.sent() == ["律师回您"]


# What goes wrong


def test_pauses_grow_up_to_ten_minutes() -> None:
    pauses = [pause_after(attempt).total_seconds() for attempt in range(1, 100)]

    assert pauses[:4] == [2, 4, 8, 16]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 600


def test_what_was_not_sent_costs_nothing_and_is_parked_after_many_times(desk: Desk) -> None:
    number = desk.put("有回音了")
    for _ in range(MAX_ATTEMPTS):
        claimed = desk.must_claim()
        with desk.open_session() as session:
            record_retry(session, claimed, reason=OutboxReason.BUSY, now=desk.now, errcode=-1)
        desk.now += timedelta(minutes=10)

    row = desk.row(number)
    assert (row.status, row.reason, row.errcode) == (OutboxStatus.PARKED, OutboxReason.BUSY, -1)
    assert desk.left() == 5


def test_who_dies_while_sending_leaves_a_message_that_is_sent_again_and_marked(
    desk: Desk,
) -> None:
    number = desk.put("有回音了")
    claimed = desk.must_claim()
    with desk.open_session() as session:
        assert recover_lost(session, now=NOON) == 0
    desk.now = claimed.until
    with desk.open_session() as session:
        assert recover_lost(session, now=desk.now) == 1

    assert desk.row(number).status is OutboxStatus.UNCERTAIN
    assert desk.sent() == ["有回音了"]
    row = desk.row(number)
    assert (row.status, row.sent_at, row.attempts) == (OutboxStatus.UNCERTAIN, desk.now, 2)


def test_who_was_taken_for_dead_changes_nothing_once_another_has_the_message(desk: Desk) -> None:
    number = desk.put("有回音了")
    slow = desk.must_claim()
    desk.now = slow.until
    with desk.open_session() as session:
        recover_lost(session, now=desk.now)
    quick = desk.must_claim()

    with desk.open_session() as session:
        record_failed(session, slow, reason=OutboxReason.REFUSED, errcode=1)
    assert desk.row(number).status is OutboxStatus.SENDING
    with desk.open_session() as session:
        record_sent(session, quick, now=desk.now)
    assert desk.row(number).status is OutboxStatus.UNCERTAIN


def test_who_was_only_slow_may_still_say_that_it_was_sent(desk: Desk) -> None:
    desk.put("有回音了")
    slow = desk.must_claim()
    desk.now = slow.until
    with desk.open_session() as session:
        recover_lost(session, now=desk.now)

    with desk.open_session() as session:
        record_sent(session, slow, now=desk.now)

    assert desk.sent() == []


def test_a_lost_answer_is_not_tried_for_ever(desk: Desk) -> None:
    number = desk.put("有回音了")
    for _ in range(MAX_ATTEMPTS):
        with desk.open_session() as session:
            grant(session, contact_id=desk.contact_id, reason=GrantReason.MESSAGE, now=desk.now)
        claimed = desk.must_claim()
        with desk.open_session() as session:
            record_lost(session, claimed, now=desk.now)
        desk.now += timedelta(minutes=10)

    assert desk.claim() is None
    assert desk.row(number).status is OutboxStatus.UNCERTAIN
    desk.put("下一条")
    assert desk.sent() == ["下一条"]


@pytest.mark.parametrize(
    ("reason", "left"),
    [(OutboxReason.QUOTA_USED_UP, 0), (OutboxReason.ACCOUNT_MAY_NOT, 5)],
)
def test_a_refusal_corrects_the_ledger(desk: Desk, reason: OutboxReason, left: int) -> None:
    number = desk.put("有回音了")
    claimed = desk.must_claim()
    with desk.open_session() as session:
        record_parked(session, claimed, reason=reason, errcode=45047)

    assert desk.row(number).status is OutboxStatus.PARKED
    assert desk.left() == left


# Taking back


def test_what_is_not_yet_on_its_way_can_be_taken_back(desk: Desk) -> None:
    number = desk.put("写错了")

    with desk.open_session() as session:
        assert withdraw(session, message_id=number)
    assert desk.sent() == []

    number = desk.put("在路上")
    desk.claim()
    with desk.open_session() as session:
        assert not withdraw(session, message_id=number)


def test_an_announcement_can_be_stopped(desk: Desk) -> None:
    for number in range(4):
        to = desk.other(f"oMANY{number}")
        desk.put("招聘会", ANNOUNCEMENT, to=to, subject="announcement:1")
    desk.put("别的", ANNOUNCEMENT, subject="announcement:2")
    desk.must_claim()

    with desk.open_session() as session:
        assert withdraw_subject(session, subject="announcement:1") == 3

    assert desk.sent() == ["别的"]


def test_rows_of_the_former_release_are_notices(desk: Desk, open_session: OpenSession) -> None:
    with open_session() as session:
        session.add(
            OutboxMessage(
                contact_id=desk.contact_id, status=OutboxStatus.WAITING, body="x", created_at=NOON
            )
        )
    with open_session() as session:
        row = session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id).desc())).first()
        assert row is not None
        assert (row.kind, row.lane, row.not_before) == (NOTICE, 1, NOON)

    assert desk.sent() == ["x"]
