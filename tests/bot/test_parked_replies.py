"""Windows open with what people do, and what volunteers wrote comes with the very next reply."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.dispatcher import PARKED_NOTE, REST_NOTE, VOLUNTEER_LINE
from bot.wechat.rendering import PAGE_BYTES
from models.contact import Contact
from models.database import OpenSession
from models.outbox import MAX_BYTES, OutboxKind, OutboxMessage, OutboxReason, OutboxStatus
from models.reply_window import CLOSED, WindowState, remaining
from models.ticket import Ticket, TicketKind, open_ticket
from models.ticket_flow import claim
from models.volunteer import Skill
from tests.support.chat import Chat, FakeClock
from tests.support.people import add_volunteer

LAWYER = "王律师：先去劳动监察大队投诉。"
SENT, PARKED = OutboxStatus.SENT, OutboxStatus.PARKED


def contact_of(open_session: OpenSession) -> int:
    with open_session() as session:
        return session.exec(select(Contact)).one().id or 0


def window(open_session: OpenSession, clock: FakeClock) -> WindowState:
    contact_id = contact_of(open_session)
    with open_session() as session:
        return remaining(session, contact_id=contact_id, now=clock())


def park(
    open_session: OpenSession,
    clock: FakeClock,
    *bodies: str,
    kind: OutboxKind = OutboxKind.VOLUNTEER,
) -> None:
    contact_id = contact_of(open_session)
    with open_session() as session:
        for body in bodies:
            session.add(
                OutboxMessage(
                    contact_id=contact_id,
                    status=PARKED,
                    reason=OutboxReason.NO_WINDOW,
                    kind=kind,
                    body=body,
                    created_at=clock(),
                )
            )
            session.flush()


def states(open_session: OpenSession) -> list[OutboxStatus]:
    with open_session() as session:
        rows = session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id)))
        return [row.status for row in rows]


# Windows


def test_a_message_opens_the_window_for_48_hours(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")

    state = window(open_session, clock)
    assert (state.left, state.until) == (5, clock() + timedelta(hours=48))


@pytest.mark.parametrize(
    ("event", "key"), [("subscribe", ""), ("SCAN", "feicheng"), ("CLICK", "MENU_HELP")]
)
def test_a_follow_a_scan_and_a_tap_open_it_for_a_minute(
    chat: Chat, open_session: OpenSession, clock: FakeClock, event: str, key: str
) -> None:
    chat.does(event, key)

    state = window(open_session, clock)
    assert (state.left, state.until) == (3, clock() + timedelta(minutes=1))


@pytest.mark.parametrize("event", ["VIEW", "LOCATION", "unsubscribe"])
def test_other_events_open_nothing(
    chat: Chat, open_session: OpenSession, clock: FakeClock, event: str
) -> None:
    chat.does(event, "x")

    assert window(open_session, clock) == CLOSED


def test_who_unfollows_takes_the_window_along(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")

    chat.does("unsubscribe")

    assert window(open_session, clock) == CLOSED


def test_wechats_time_counts_and_not_when_we_heard_of_it(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    xml = chat.text_xml("你好")
    sent_at = clock()
    clock.advance(seconds=12)

    chat.deliver(xml)

    assert window(open_session, clock).until == sent_at + timedelta(hours=48)


def test_a_repeated_delivery_does_not_open_it_anew(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    xml = chat.text_xml("你好")
    chat.deliver(xml)
    before = window(open_session, clock)
    clock.advance(seconds=5)

    chat.deliver(xml)

    assert window(open_session, clock) == before


# What volunteers wrote


def test_a_parked_reply_comes_at_the_head_of_the_next_one(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    answer = chat.says("你好")
    park(open_session, clock, LAWYER)

    assert chat.says("你好") == f"{LAWYER}\n{VOLUNTEER_LINE}{answer}"
    assert states(open_session) == [SENT]
    assert LAWYER not in chat.says("你好")


def test_several_come_in_the_order_in_which_they_were_written(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    park(open_session, clock, "第一条", "第二条", "第三条")

    assert chat.says("你好").startswith(f"第一条\n第二条\n第三条\n{VOLUNTEER_LINE}")
    assert states(open_session) == [SENT] * 3


def test_what_does_not_fit_into_one_reply_stays_parked(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    long = "一二三四五六七八九。" * 30
    park(open_session, clock, f"甲{long}", f"乙{long}", f"丙{long}")

    first = chat.says("你好")
    assert len(chat.raw.encode()) <= PAGE_BYTES
    assert first.startswith(f"甲{long}\n{VOLUNTEER_LINE}")
    assert PARKED_NOTE in first
    assert states(open_session) == [SENT, PARKED, PARKED]

    assert chat.says("继续").startswith(f"乙{long}")
    assert chat.says("你好").startswith(f"丙{long}\n{VOLUNTEER_LINE}")


def test_the_answer_that_then_has_no_room_is_kept(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    answer = chat.says("你好")
    longest = "字" * (MAX_BYTES // 3)
    park(open_session, clock, longest)

    first = chat.says("你好")

    assert first == f"{longest}\n{REST_NOTE}"
    assert len(chat.raw.encode()) <= PAGE_BYTES
    assert answer.splitlines()[0] in chat.says("继续")


def test_it_comes_also_where_a_volunteer_holds_the_person_and_the_bot_is_silent(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    contact_id = contact_of(open_session)
    with open_session() as session:
        lawyer = add_volunteer(session, "lawyer-of-the-test", Skill.LAWYER, now=clock())
        ticket = open_ticket(
            session, contact_id=contact_id, kind=TicketKind.LAWYER, summary="x", now=clock()
        )
        claim(session, ticket_id=ticket.id or 0, volunteer_id=lawyer, now=clock())
    park(open_session, clock, LAWYER)

    assert chat.says("在吗") == LAWYER
    assert chat.says("谢谢") == ""
    with open_session() as session:
        assert session.exec(select(Ticket.state).where(Ticket.id == ticket.id)).one() == "human"


@pytest.mark.parametrize("event", ["VIEW", "LOCATION", "unsubscribe"])
def test_what_wechat_does_not_show_carries_nothing(
    chat: Chat, open_session: OpenSession, clock: FakeClock, event: str
) -> None:
    chat.says("你好")
    park(open_session, clock, LAWYER)

    assert chat.does(event, "x") == ""
    assert states(open_session) == [PARKED]


def test_a_tap_on_the_menu_brings_it(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    park(open_session, clock, LAWYER)

    assert chat.does("CLICK", "MENU_HELP").startswith(LAWYER)


def test_nothing_stands_before_the_words_for_somebody_in_danger(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    park(open_session, clock, LAWYER)

    shown = chat.says("我不想活了")

    assert LAWYER not in shown
    assert "12356" in shown
    assert states(open_session) == [PARKED]


def test_other_messages_still_wait_to_be_asked_for(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    park(open_session, clock, "有位子了", kind=OutboxKind.NOTICE)
    park(open_session, clock, LAWYER)

    shown = chat.says("你好")

    assert shown.startswith(LAWYER)
    assert PARKED_NOTE in shown
    assert chat.says("继续").startswith("有位子了")


def test_a_second_delivery_brings_the_same_words_and_no_more(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    park(open_session, clock, LAWYER, "第二条" * 100)
    xml = chat.text_xml("你好")

    first = chat.deliver(xml)

    assert chat.deliver(xml) == first
    assert LAWYER in first


def test_what_may_have_been_sent_before_stays_marked(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    park(open_session, clock, LAWYER)
    with open_session() as session:
        session.exec(select(OutboxMessage)).one().is_doubtful = True

    chat.says("你好")

    assert states(open_session) == [OutboxStatus.UNCERTAIN]


def test_two_people_get_only_their_own(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    park(open_session, clock, LAWYER)

    other = replace(chat, openid="oMINER0000000000000000000002")

    assert LAWYER not in other.says("你好")
    assert LAWYER in chat.says("你好")
