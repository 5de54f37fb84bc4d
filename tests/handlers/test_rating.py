"""After a volunteer has closed a ticket the person is asked once whether it helped."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import select

from handlers.topics.rating import LABELS, QUESTION
from models import ticket_flow as flow
from models.account_state import Limits
from models.contact import Contact
from models.database import OpenSession
from models.outbox import OutboxKind, OutboxMessage, OutboxStatus, claim_message, record_sent
from models.rating import Rating, TicketRating, ask_for_rating, count_ratings
from models.reply_window import remaining
from models.ticket import Outcome, Ticket
from models.volunteer import Skill, Volunteer
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock

HELPED, SO_SO, NOT_HELPED = (LABELS[value] for value in Rating)


@dataclass
class Office:
    """A volunteer who takes and closes tickets, and the worker that sends."""

    open_session: OpenSession
    clock: FakeClock

    def takes(self, number: int = 1) -> None:
        li = self._li()
        with self.open_session() as session:
            flow.claim(session, ticket_id=number, volunteer_id=li, now=self.clock())

    def closes(self, number: int = 1, outcome: Outcome = Outcome.ADVISED) -> bool:
        li = self._li()
        with self.open_session() as session:
            closed = flow.close(
                session,
                ticket_id=number,
                volunteer_id=li,
                outcome=outcome,
                now=self.clock(),
            )
            return ask_for_rating(session, closed, body=QUESTION, now=self.clock())

    def sends(self) -> list[str]:
        """Let the worker send all that is due."""
        sent: list[str] = []
        while True:
            with self.open_session() as session:
                _, claimed = claim_message(session, limits=Limits(), now=self.clock())
                if claimed is None:
                    return sent
                record_sent(session, claimed, now=self.clock())
                sent.append(claimed.body)

    def questions(self) -> list[OutboxStatus]:
        rows = stored.all_of(self.open_session, OutboxMessage)
        return [row.status for row in rows if row.kind is OutboxKind.RATING]

    def _li(self) -> int:
        with self.open_session() as session:
            return session.exec(select(Volunteer.id).where(Volunteer.username == "li")).one() or 0


@pytest.fixture
def office(chat: Chat, open_session: OpenSession, clock: FakeClock) -> Office:
    chat.says("老板三个月没发工资")
    chat.taps("找律师问问")
    chat.says("好")
    return Office(open_session, clock)


@pytest.fixture
def done(office: Office) -> None:
    """A ticket that was closed, and the question sent."""
    office.takes()
    assert office.closes()
    assert office.sends() == [QUESTION]


@pytest.mark.usefixtures("done")
@pytest.mark.parametrize("value", list(Rating))
def test_a_tap_is_stored_once_and_thanked(
    chat: Chat, open_session: OpenSession, value: Rating
) -> None:
    said = chat.says(LABELS[value])

    [row] = stored.all_of(open_session, TicketRating)
    assert (row.value, row.skill) == (value, Skill.LAWYER)
    assert "谢谢" in said or "对不住" in said


@pytest.mark.usefixtures("done")
def test_the_first_answer_stays(chat: Chat, open_session: OpenSession) -> None:
    chat.says(HELPED)

    assert "您评过了" in chat.says(NOT_HELPED)
    [row] = stored.all_of(open_session, TicketRating)
    assert row.value is Rating.HELPED


@pytest.mark.usefixtures("done")
def test_who_was_not_helped_can_get_somebody_else_with_one_tap(chat: Chat) -> None:
    chat.says(NOT_HELPED)

    assert "我好转给对的人" in chat.taps("再找个人问问")


def test_an_open_form_does_not_swallow_the_answer(
    chat: Chat, office: Office, open_session: OpenSession
) -> None:
    office.takes()
    office.closes()
    office.sends()
    chat.says("登记求职")

    chat.says(SO_SO)

    [row] = stored.all_of(open_session, TicketRating)
    assert row.value is Rating.SO_SO
    assert stored.conversation(open_session).forms != []


def test_where_nothing_was_asked_the_words_are_words_like_others(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("你好")

    assert "谢谢您告诉我们" not in chat.says(HELPED)
    assert stored.all_of(open_session, TicketRating) == []


def test_a_question_that_never_went_out_is_not_answered(chat: Chat, office: Office) -> None:
    office.takes()
    office.closes()

    assert "谢谢您告诉我们" not in chat.says(HELPED)


@pytest.mark.usefixtures("done")
def test_after_two_days_it_is_no_answer_any_more(chat: Chat, clock: FakeClock) -> None:
    clock.advance(hours=49)

    assert "谢谢您告诉我们" not in chat.says(HELPED)


@pytest.mark.parametrize("risk", [2, 3])
def test_after_danger_nobody_is_asked(
    office: Office, open_session: OpenSession, clock: FakeClock, risk: int
) -> None:
    office.takes()
    with open_session() as session:
        flow.raise_risk(session, ticket_id=1, risk=risk, now=clock())

    assert not office.closes()
    assert office.questions() == []


def test_after_danger_that_was_lowered_nobody_is_asked(
    office: Office, open_session: OpenSession
) -> None:
    office.takes()
    with open_session() as session:
        ticket = session.get_one(Ticket, 1)
        ticket.peak_risk = 2

    assert not office.closes()


def test_while_an_alarm_is_on_nobody_is_asked(
    office: Office, open_session: OpenSession, clock: FakeClock
) -> None:
    office.takes()
    with open_session() as session:
        contact = session.exec(select(Contact)).one()
        contact.crisis_until = clock() + timedelta(hours=1)

    assert not office.closes()


def test_a_cry_for_help_before_it_is_sent_stops_the_question(chat: Chat, office: Office) -> None:
    office.takes()
    assert office.closes()
    chat.says("我不想活了")

    assert QUESTION not in office.sends()
    assert OutboxStatus.SENT not in office.questions()


def test_outside_of_the_window_nothing_is_asked_nor_parked(
    office: Office, clock: FakeClock
) -> None:
    office.takes()
    clock.advance(hours=49)

    assert not office.closes()
    assert office.questions() == []


def test_a_window_that_closes_before_it_is_sent_drops_it(office: Office, clock: FakeClock) -> None:
    office.takes()
    assert office.closes()
    clock.advance(hours=49)

    assert office.sends() == []
    assert office.questions() == [OutboxStatus.FAILED]


@pytest.mark.parametrize("outcome", [Outcome.ABUSE])
def test_who_abused_is_not_asked(office: Office, outcome: Outcome) -> None:
    office.takes()

    assert not office.closes(outcome=outcome)


def test_a_ticket_is_asked_about_once(
    office: Office, open_session: OpenSession, clock: FakeClock
) -> None:
    office.takes()
    assert office.closes()
    with open_session() as session:
        flow.reopen(session, ticket_id=1, now=clock())
    office.takes()

    assert not office.closes()


def test_the_question_spends_one_of_the_window(
    office: Office, open_session: OpenSession, clock: FakeClock
) -> None:
    contact_id = stored.contact(open_session).id or 0
    office.takes()
    office.closes()
    with open_session() as session:
        before = remaining(session, contact_id=contact_id, now=clock()).left
    office.sends()
    with open_session() as session:
        assert remaining(session, contact_id=contact_id, now=clock()).left == before - 1


@pytest.mark.usefixtures("done")
def test_answers_are_counted_by_kind_of_help(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says(HELPED)

    with open_session() as session:
        since = clock() - timedelta(days=1)
        counts = count_ratings(session, skills=list(Skill), since=since)
    assert counts[Skill.LAWYER] == {Rating.HELPED: 1, Rating.SO_SO: 0, Rating.NOT_HELPED: 0}
    assert sum(counts[Skill.STAFF].values()) == 0


@pytest.mark.usefixtures("done")
def test_the_answer_goes_with_the_rest_when_somebody_wants_to_be_forgotten(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says(HELPED)
    chat.says("删除我的信息")
    chat.says("确认删除")

    assert stored.all_of(open_session, TicketRating) == []
