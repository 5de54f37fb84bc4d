"""The supervisor's board, and the tap that stops the calls."""

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from bot.console.board import board_mark
from bot.pager import Pager
from models.alarm import TicketAlarm
from models.audit import AuditEntry
from models.database import Database, OpenSession
from models.reply_window import GrantReason, grant
from models.ticket import Ticket, TicketKind
from models.ticket_flow import claim
from models.volunteer import Skill, Volunteer
from tests.bot.console.conftest import OpenConsole
from tests.support.chat import Chat, FakeClock
from tests.support.console import Console
from tests.support.people import add_ticket, add_volunteer

AT_HAND = "站到楼顶上了，不想活了"
Take = Callable[[str, int], None]


@pytest.fixture
def pager(database: Database, clock: FakeClock) -> Pager:
    return Pager(
        database=database,
        clock=clock,
        timezone=ZoneInfo("Asia/Shanghai"),
        address="https://help.example.org/console/",
        channels={},
    )


@pytest.fixture
def take(open_session: OpenSession, clock: FakeClock) -> Take:
    """Put a ticket into somebody's hands."""

    def do(username: str, ticket_id: int) -> None:
        with open_session() as session:
            one = session.exec(select(Volunteer).where(Volunteer.username == username)).one()
            claim(session, ticket_id=ticket_id, volunteer_id=one.id or 0, now=clock())

    return do


@pytest.fixture
def in_danger(chat: Chat, pager: Pager) -> Chat:
    """A miner in danger, for whom supervisors have been called."""
    chat.says(AT_HAND)
    pager.run_once()
    return chat


def give(console: Console, ticket_id: int, to: object, reason: str = "人手不够") -> str:
    console.opens("/board")
    return console.presses(f"/tickets/{ticket_id}/reassignment", to=to, reason=reason)


def id_of(open_session: OpenSession, username: str) -> int:
    with open_session() as session:
        return session.exec(select(Volunteer.id).where(Volunteer.username == username)).one() or 0


# The calls


@pytest.mark.usefixtures("in_danger")
def test_a_call_that_nobody_answered_stands_first(console: OpenConsole) -> None:
    said = console("qin").opens("/board")

    assert "可能有危险，没有人接 · 可能有危险 · 编号 1" in said
    assert "第 1 次呼叫在刚刚" in said
    assert "群机器人没开通；邮件没开通" in said


@pytest.mark.usefixtures("in_danger")
def test_one_tap_stops_the_calls_and_tells_who_tapped(
    console: OpenConsole, pager: Pager, clock: FakeClock, open_session: OpenSession
) -> None:
    qin = console("qin")
    qin.opens("/board")

    said = qin.presses("/alarms/1/acknowledgement", back="board")

    assert qin.place == "/board"
    assert "不再呼叫别人" in said
    assert "秦老师刚刚回应了，事情还没完" in said
    clock.advance(minutes=20)
    assert pager.run_once() == 0
    with open_session() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.action == "acknowledge")).all()
    assert [entry.subject for entry in entries] == ["ticket:1"]
    assert "已经停了" in qin.presses("/alarms/1/acknowledgement", back="board")


@pytest.mark.usefixtures("in_danger")
def test_a_counsellor_sees_the_call_in_the_queue_and_a_lawyer_does_not(
    console: OpenConsole,
) -> None:
    song, li = console("song"), console("li")

    assert "可能有危险，没有人接" in song.opens("/queue")
    assert "可能有危险" not in li.opens("/queue")
    li.presses("/alarms/1/acknowledgement", back="queue")
    assert li.status == 404
    song.presses("/alarms/1/acknowledgement", back="queue")
    assert song.place == "/queue"
    assert "没有人接" not in song.text


@pytest.mark.usefixtures("in_danger")
def test_a_claimed_crisis_calls_no_more(console: OpenConsole) -> None:
    console("song").presses("/queue/next")

    assert "眼下没有在呼叫的险情" in console("qin").opens("/board")


def test_danger_reaches_the_ticket_page_of_who_holds_the_person_at_once(
    asked: Chat, console: OpenConsole, take: Take
) -> None:
    take("li", 1)
    li = console("li")
    assert "危险的话" not in li.opens("/tickets/1")

    asked.says(AT_HAND)

    assert "接待途中又说了危险的话" in li.opens("/tickets/1")
    assert "接待途中又说了危险的话" in li.opens("/queue")
    assert "接待途中又说了危险的话" in console("qin").opens("/board")
    li.opens("/tickets/1")
    li.presses("/alarms/1/acknowledgement", back="ticket")
    assert li.place == "/tickets/1"
    assert "接待途中又说了危险的话" not in li.text


def test_an_alarm_that_does_not_exist_is_missing(console: OpenConsole) -> None:
    qin = console("qin")
    qin.opens("/queue")

    qin.presses("/alarms/77/acknowledgement")

    assert qin.status == 404


# Who waits, who is there


def test_the_order_is_the_one_in_which_people_are_served(
    console: OpenConsole, open_session: OpenSession, clock: FakeClock
) -> None:
    with open_session() as session:
        for number, (kind, risk) in enumerate(
            [(TicketKind.LAWYER, 0), (TicketKind.CAREER, 0), (TicketKind.CRISIS, 3)]
        ):
            add_ticket(session, f"o{number}", now=clock(), kind=kind, risk=risk)
            clock.advance(minutes=1)

    qin = console("qin")
    qin.opens("/board")

    rows = qin.page.partition('id="part-waiting"')[2].partition("</section>")[0]
    assert re.findall(r"</b> 编号 (\d+)", rows) == ["3", "1", "2"]


def test_a_need_behind_a_held_one_says_who_holds_the_person(
    asked: Chat, console: OpenConsole, take: Take
) -> None:
    take("li", 1)
    asked.says(AT_HAND)

    assert "这个人李律师正在接待" in console("qin").opens("/board")


def test_who_is_on_duty_and_how_many_each_holds(
    console: OpenConsole, asked: Chat, take: Take, clock: FakeClock
) -> None:
    take("li", 1)
    clock.advance(hours=7)

    said = console("qin").opens("/board")

    assert "宋姐 手上 0 位 心理顾问值班，到今天 22:00" in said
    assert "李律师 手上 1 位，满了 没在值班" in said
    assert "职业顾问 没人值班 下一次明天 19:00" in said
    assert asked.openid not in said


def test_a_window_about_to_close_without_an_answer_is_shown(
    console: OpenConsole, open_session: OpenSession, clock: FakeClock
) -> None:
    with open_session() as session:
        ticket = add_ticket(session, "oLATE", now=clock())
        grant(session, contact_id=ticket.contact_id, reason=GrantReason.MESSAGE, now=clock())
    qin = console("qin")
    clock.advance(hours=44, minutes=59)
    qin.logs_in("qin")
    assert "就发不出去了" not in qin.opens("/board")

    clock.advance(minutes=2)

    assert "到今天 12:00就发不出去了" in qin.opens("/board")


def test_a_broken_promise_is_shown_with_the_new_time(
    console: OpenConsole, open_session: OpenSession, clock: FakeClock, pager: Pager
) -> None:
    with open_session() as session:
        add_ticket(session, "oWAITS", now=clock())
    clock.advance(hours=7, minutes=15)
    pager.run_once()

    said = console("qin").opens("/board")

    assert "值班开始了，说好的人还没接上 · 律师" in said
    assert "说好今天 19:00，已告诉他下一次明天 19:30" in said


def test_dangers_stand_above_promises(
    console: OpenConsole, open_session: OpenSession, clock: FakeClock, pager: Pager
) -> None:
    with open_session() as session:
        add_ticket(session, "oWAITS", now=clock())
    clock.advance(hours=7, minutes=15)
    pager.run_once()
    with open_session() as session:
        add_ticket(session, "oDANGER", now=clock(), kind=TicketKind.CRISIS, risk=3)
    pager.run_once()

    said = console("qin").opens("/board")

    assert 0 <= said.find("没有人接") < said.find("说好的人还没接上")


# Reassigning


@pytest.mark.usefixtures("asked")
def test_a_supervisor_gives_a_waiting_ticket_to_somebody(
    console: OpenConsole, open_session: OpenSession
) -> None:
    qin, wang = console("qin"), id_of(open_session, "wang")

    said = give(qin, 1, wang)

    assert "重新安排好了" in said
    assert "王律师接待" in said
    with open_session() as session:
        assert session.get_one(Ticket, 1).volunteer_id == wang


@pytest.mark.usefixtures("asked")
def test_a_supervisor_takes_a_ticket_back_into_the_line(
    console: OpenConsole, open_session: OpenSession, take: Take
) -> None:
    take("li", 1)

    said = give(console("qin"), 1, "line")

    assert "放回排队了" in said
    with open_session() as session:
        assert session.get_one(Ticket, 1).volunteer_id is None


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(("to", "reason", "words"), [("", "x", "请先选"), ("2", "", "写明理由")])
def test_without_a_person_or_a_reason_nothing_is_given(
    console: OpenConsole, open_session: OpenSession, to: str, reason: str, words: str
) -> None:
    assert words in give(console("qin"), 1, to, reason)

    with open_session() as session:
        assert session.get_one(Ticket, 1).volunteer_id is None


@pytest.mark.usefixtures("asked")
def test_who_lacks_the_skill_is_not_given_the_ticket(
    console: OpenConsole, open_session: OpenSession
) -> None:
    qin = console("qin")

    said = give(qin, 1, id_of(open_session, "song"))

    assert qin.status == 409
    assert "没转成：宋姐不管这一类事" in said


@pytest.mark.usefixtures("asked")
def test_nobody_unknown_is_given_a_ticket(console: OpenConsole) -> None:
    qin = console("qin")

    give(qin, 1, 999_999)

    assert qin.status == 404


# News


def test_the_mark_differs_with_every_change_and_with_nothing_else(
    open_session: OpenSession, clock: FakeClock, pager: Pager
) -> None:
    marks = []

    def look() -> None:
        with open_session() as session:
            marks.append(board_mark(session, clock()))

    look()
    with open_session() as session:
        add_ticket(session, "oM", now=clock(), kind=TicketKind.CRISIS, risk=3)
    look()
    pager.run_once()
    look()
    clock.advance(minutes=5)
    pager.run_once()
    look()
    with open_session() as session:
        alarm = session.exec(select(TicketAlarm).order_by(col(TicketAlarm.id))).one()
        alarm.acknowledged_at = clock()
    look()
    clock.advance(hours=7)
    look()

    assert len(set(marks)) == len(marks) == 6
    look()
    assert marks[-1] == marks[-2]


def test_a_supervisor_on_the_board_sees_no_name_number_or_word(
    chat: Chat, console: OpenConsole, pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    secrets = ["13812345678", "王铁柱", AT_HAND, chat.openid]
    chat.says("我叫王铁柱，电话13812345678，老板三个月没发工资")
    chat.taps("找律师问问")
    chat.says("好")
    chat.says(AT_HAND)
    with open_session() as session:
        add_volunteer(session, "新来的", Skill.LAWYER, now=clock())
    clock.advance(hours=7, minutes=20)
    pager.run_once()
    qin = console("qin")

    qin.opens("/board")

    assert "编号 1" in qin.text
    assert [secret for secret in secrets if secret in qin.page] == []


def test_a_refused_reassignment_is_told_to_the_one_who_gives(
    console: OpenConsole, take: Take, open_session: OpenSession, clock: FakeClock
) -> None:
    with open_session() as session:
        first = add_ticket(session, "oFIRST", now=clock()).id or 0
        second = add_ticket(session, "oSECOND", now=clock()).id or 0
    take("li", first)

    said = give(console("qin"), second, id_of(open_session, "li"))

    assert "没转成：李律师手上的人数满了" in said
