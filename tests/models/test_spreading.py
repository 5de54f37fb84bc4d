"""Announcements: to each who wants them at most once, at the rate that was set, until stopped."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from models.account_state import Limits
from models.announcement import Announcement, AnnouncementState, NewsKind, start, stop
from models.contact import Contact
from models.database import Database
from models.erasure import erase_person
from models.outbox import OutboxKind, OutboxMessage, OutboxReason, OutboxStatus, enqueue
from models.spreading import BATCH, Progress, count_progress, count_reach, spread, spread_all
from models.ticket import TicketKind, open_ticket
from models.ticket_flow import claim, hand_back_to_bot
from models.volunteer import Skill
from tests.conftest import NOON
from tests.support.chat import Chat, FakeClock
from tests.support.people import add_contact, add_volunteer
from tests.support.postman import Postman

TEXT = "周六有招聘会"
FREE = Limits()


@dataclass
class Office:
    """Somebody who announces, and followers."""

    database: Database
    postman: Postman
    clock: FakeClock

    def people(self, count: int, *, open_: bool = True, prefix: str = "o") -> list[int]:
        """Let people follow, who wrote just now or long ago."""
        with self.database.transaction() as session:
            numbers = [add_contact(session, f"{prefix}{n}", now=NOON) for n in range(count)]
            if open_:
                for number in numbers:
                    self.postman.open_window(session, number)
        return numbers

    def announce(
        self,
        kind: NewsKind = NewsKind.JOB,
        *,
        per_minute: int = 1200,
        lasts: timedelta = timedelta(days=3),
    ) -> int:
        """Send an announcement out."""
        now = self.clock()
        with self.database.transaction() as session:
            news = Announcement(
                kind=kind, body=TEXT, per_minute=per_minute, created_at=now, expires_at=now + lasts
            )
            session.add(news)
            session.flush()
            assert start(session, announcement_id=news.id or 0, now=now)
            return news.id or 0

    def stop(self, number: int) -> bool:
        with self.database.transaction() as session:
            return stop(session, announcement_id=number, now=self.clock())

    def minutes(self, count: float) -> list[str]:
        """Let time pass, a second at a time; return what arrived."""
        arrived = []
        for _ in range(int(count * 60)):
            arrived += self.deliver()
            self.clock.advance(seconds=1)
        return arrived

    def deliver(self) -> list[str]:
        """Spread and send what may go at this moment."""
        before = len(self.postman.sent)
        with self.database.transaction() as session:
            spread_all(session, limits=FREE, now=self.clock())
        while self.postman.worker.run_once():
            pass
        return [text for _, text in self.postman.sent[before:]]

    def progress(self, number: int) -> Progress:
        with self.database.transaction() as session:
            return count_progress(session, announcement_id=number)

    def news(self, number: int) -> Announcement:
        with self.database.transaction() as session:
            return session.get_one(Announcement, number)


@pytest.fixture
def office(database: Database, postman: Postman, clock: FakeClock) -> Office:
    return Office(database, postman, clock)


def set_contact(session: Session, contact_id: int, **values: object) -> None:
    """Change what is known of somebody."""
    session.connection().execute(
        update(Contact).where(col(Contact.id) == contact_id).values(**values)
    )


def test_everybody_who_may_be_written_to_gets_it_once_the_others_wait(office: Office) -> None:
    office.people(30)
    office.people(20, open_=False, prefix="quiet")
    number = office.announce()

    arrived = office.minutes(0.2)

    assert arrived == [TEXT] * 30
    assert len({openid for openid, _ in office.postman.sent}) == 30
    assert office.progress(number) == Progress(sent=30, parked=20)
    assert office.news(number).state is AnnouncementState.SPREAD


def test_what_is_promised_before_is_what_happens(office: Office) -> None:
    office.people(7)
    office.people(5, open_=False, prefix="quiet")

    with office.database.transaction() as session:
        reach = count_reach(session, kind=NewsKind.JOB, limits=FREE, now=NOON)
        closed = count_reach(
            session, kind=NewsKind.JOB, limits=Limits(sending_off_at=NOON), now=NOON
        )

    assert (reach.now, reach.later) == (7, 5)
    assert (closed.now, closed.later) == (0, 12)


def test_it_goes_to_those_alone_who_want_this_kind_follow_and_are_not_in_danger(
    office: Office,
) -> None:
    no_jobs, no_classes, gone, in_danger, plain = office.people(5)
    with office.database.transaction() as session:
        set_contact(session, no_jobs, wants_job_news=False)
        set_contact(session, no_classes, wants_class_news=False)
        set_contact(session, gone, followed=False)
        set_contact(session, in_danger, crisis_until=NOON + timedelta(hours=1))
    number = office.announce(NewsKind.JOB)

    office.minutes(0.1)

    with office.database.transaction() as session:
        told = select(OutboxMessage.contact_id).where(OutboxMessage.announcement_id == number)
        assert sorted(session.exec(told)) == sorted([no_classes, plain])


@pytest.mark.parametrize("per_minute", [6, 60])
def test_the_rate_is_kept(office: Office, per_minute: int) -> None:
    office.people(40 if per_minute == 60 else 5)
    office.announce(per_minute=per_minute)

    arrived = office.minutes(0.5)

    assert abs(len(arrived) - per_minute / 2) <= 1


def test_no_more_than_a_minutes_worth_ever_waits_in_the_outbox(office: Office) -> None:
    office.people(50)
    number = office.announce(per_minute=12)
    for _ in range(10):
        with office.database.transaction() as session:
            spread(session, announcement_id=number, limits=FREE, now=office.clock())
        office.clock.advance(minutes=5)

    assert office.progress(number).on_its_way == 12


def test_a_stop_holds_from_its_commit_on_and_for_those_who_come_later(office: Office) -> None:
    office.people(30)
    office.people(10, open_=False, prefix="quiet")
    number = office.announce(per_minute=60)
    before = office.minutes(0.1)
    with office.database.transaction() as session:  # some more are in the outbox already
        spread(session, announcement_id=number, limits=FREE, now=office.clock())

    assert office.stop(number)

    assert office.minutes(1) == []
    progress = office.progress(number)
    assert (progress.sent, progress.on_its_way, progress.parked) == (len(before), 0, 0)
    assert office.news(number).ended_at is not None
    assert not office.stop(number)


def test_who_unsubscribes_before_it_is_sent_gets_nothing(office: Office) -> None:
    first, second = office.people(2)
    number = office.announce()
    with office.database.transaction() as session:
        spread(session, announcement_id=number, limits=FREE, now=office.clock())
        set_contact(session, first, wants_job_news=False)

    office.minutes(0.1)

    with office.database.transaction() as session:
        rows = session.exec(select(OutboxMessage)).all()
        found = {row.contact_id: (row.status, row.reason) for row in rows}
    assert found[first] == (OutboxStatus.FAILED, OutboxReason.WITHDRAWN)
    assert found[second] == (OutboxStatus.SENT, None)


def test_what_waits_comes_with_the_next_message_once_and_only_when_asked_for(
    office: Office, chat: Chat
) -> None:
    chat.says("你好")
    office.clock.advance(days=3)
    number = office.announce()
    assert office.deliver() == []

    assert "您有新的留言" in chat.says("你好")
    assert chat.says("继续").startswith(TEXT)
    assert "您有新的留言" not in chat.says("你好")
    assert office.deliver() == []
    assert office.progress(number) == Progress(sent=1)


@pytest.mark.parametrize("why", ["expired", "stopped", "unsubscribed"])
def test_what_waits_is_not_said_any_more(office: Office, chat: Chat, why: str) -> None:
    chat.says("你好")
    office.clock.advance(days=3)
    number = office.announce(lasts=timedelta(hours=2))
    office.deliver()
    if why == "expired":
        office.clock.advance(hours=2)
    elif why == "stopped":
        office.stop(number)
    else:
        chat.says("岗位消息不要了")

    assert "您有新的留言" not in chat.says("你好")
    assert TEXT not in chat.says("继续")
    assert office.deliver() == []


def test_an_account_that_may_not_send_parks_it_for_everybody(office: Office) -> None:
    office.people(5)
    number = office.announce(per_minute=1)

    with office.database.transaction() as session:
        spread(
            session,
            announcement_id=number,
            limits=Limits(sending_off_at=office.clock()),
            now=office.clock(),
        )

    assert office.progress(number) == Progress(parked=5)


def test_while_wechat_wants_a_pause_the_walk_waits_and_then_goes_on(office: Office) -> None:
    office.people(3)
    number = office.announce()
    paused = Limits(paused_until=office.clock() + timedelta(minutes=1))

    with office.database.transaction() as session:
        spread(session, announcement_id=number, limits=paused, now=office.clock())

    assert office.progress(number) == Progress()
    assert office.minutes(0.1) == [TEXT] * 3


def test_many_are_added_a_batch_at_a_time_and_a_crash_in_between_loses_and_doubles_nobody(
    office: Office,
) -> None:
    with office.database.transaction() as session:
        session.add_all(
            Contact(openid=f"q{n}", first_seen_at=NOON, last_message_at=NOON)
            for n in range(2 * BATCH + 10)
        )
    number = office.announce()
    counts = []
    for crashes in (False, True, False, True, False):
        with suppress(ZeroDivisionError), office.database.transaction() as session:
            spread(session, announcement_id=number, limits=FREE, now=office.clock())
            _ = 1 / (0 if crashes else 1)
        counts.append(office.progress(number).total)

    assert counts == [BATCH, BATCH, 2 * BATCH, 2 * BATCH, 2 * BATCH + 10]


def test_whoever_walks_the_same_contacts_again_adds_nobody_twice(office: Office) -> None:
    office.people(20, open_=False)
    number = office.announce()
    for _ in range(2):
        with office.database.transaction() as session:
            session.get_one(Announcement, number).state = AnnouncementState.RUNNING
            session.get_one(Announcement, number).cursor = 0
            session.flush()
            spread(session, announcement_id=number, limits=FREE, now=office.clock())

    assert office.progress(number) == Progress(parked=20)


def test_a_volunteers_words_go_before_all_announcements(office: Office) -> None:
    people = office.people(20)
    number = office.announce()
    with office.database.transaction() as session:
        spread(session, announcement_id=number, limits=FREE, now=office.clock())
        enqueue(
            session, contact_id=people[-1], body="我是李律师", kind=OutboxKind.VOLUNTEER,
            now=office.clock(),
        )  # fmt: skip

    office.deliver()

    assert office.postman.sent[0] == ("o19", "我是李律师")


def test_while_a_volunteer_speaks_with_somebody_the_announcement_waits(office: Office) -> None:
    [contact_id] = office.people(1)
    with office.database.transaction() as session:
        ticket = open_ticket(
            session, contact_id=contact_id, kind=TicketKind.LAWYER, summary="x", now=office.clock()
        )
        lawyer = add_volunteer(session, "zhao", Skill.LAWYER, now=office.clock())
        claim(session, ticket_id=ticket.id or 0, volunteer_id=lawyer, now=office.clock())
        held = ticket.id or 0
    office.announce()

    assert office.minutes(0.1) == []
    with office.database.transaction() as session:
        hand_back_to_bot(session, ticket_id=held, volunteer_id=lawyer, now=office.clock())
    assert office.deliver() == [TEXT]


def test_of_the_window_something_is_left_for_people(office: Office) -> None:
    office.people(1)
    for _ in range(5):
        office.announce()
        office.deliver()

    assert len(office.postman.sent) == 3


def test_an_erased_person_is_not_told_again(office: Office) -> None:
    [contact_id] = office.people(1, open_=False)
    number = office.announce()
    office.deliver()
    with office.database.transaction() as session:
        erase_person(session, contact_id=contact_id, now=office.clock())

    office.deliver()

    assert office.progress(number) == Progress()
