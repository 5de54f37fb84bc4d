"""Who is called when somebody may be in danger, how often, and until when."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlmodel import col, select

from bot.app import create_app
from bot.pager import Pager, create_pager, open_channels
from bot.settings import Settings
from knowledge.engine import Engine
from models.alarm import Outcome, TicketAlarm, TicketPage, acknowledge
from models.database import Database, OpenSession
from models.duty import CloseReason
from models.outbox import OutboxKind, OutboxMessage, OutboxReason, OutboxStatus
from models.paging import LEASE, Page
from models.promise import BrokenPromise, remember_promise
from models.reply_window import GrantReason, ReplyWindow, grant
from models.risk import raise_risk
from models.roster import list_duties
from models.roster_changes import close_duty, reopen_duty
from models.ticket import Ticket, TicketKind, TicketState
from models.ticket_flow import claim, expire_leases
from models.volunteer import Skill, Volunteer, set_paused
from tests.conftest import NOON
from tests.support.alerts import serving_mail, serving_robot
from tests.support.chat import Chat, FakeClock
from tests.support.people import add_contact, add_ticket

DUTY = timedelta(hours=7)
"""After this the counsellor 宋姐 and the lawyer 王律师 are on duty (19:00 in Shanghai)."""

AT_HAND = "站到楼顶上了，不想活了"


@dataclass
class Group:
    """A channel that writes down what it is told; `fails` lets it be away."""

    texts: list[str] = field(default_factory=list)
    outcome: Outcome = Outcome.SENT

    def __call__(self, text: str) -> Outcome:
        self.texts.append(text)
        return self.outcome


MakePager = Callable[..., Pager]


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def make_pager(database: Database, clock: FakeClock, group: Group) -> MakePager:
    def make(kind: type[Pager] = Pager) -> Pager:
        return kind(
            database=database,
            clock=clock,
            timezone=ZoneInfo("Asia/Shanghai"),
            address="https://help.example.org/console/",
            channels={"webhook": group},
        )

    return make


@pytest.fixture
def pager(make_pager: MakePager) -> Pager:
    return make_pager()


def bind(open_session: OpenSession, *names: str) -> dict[str, int]:
    """Let volunteers bind their WeChat account; return their contacts."""
    with open_session() as session:
        ids = {}
        for name in names:
            volunteer = session.exec(select(Volunteer).where(Volunteer.username == name)).one()
            volunteer.openid = f"oVOLUNTEER-{name}"
            ids[name] = add_contact(session, volunteer.openid, now=NOON)
            grant(session, contact_id=ids[name], reason=GrantReason.MESSAGE, now=NOON)
        return ids


def in_danger(open_session: OpenSession, clock: FakeClock, *, risk: int = 3) -> int:
    with open_session() as session:
        kind = TicketKind.CRISIS
        return add_ticket(session, "oMINER", now=clock(), kind=kind, risk=risk).id or 0


def told(open_session: OpenSession, people: dict[str, int]) -> list[str]:
    """Return who was put a call into the outbox for, in the order of the calls."""
    names = {contact_id: name for name, contact_id in people.items()}
    with open_session() as session:
        rows = session.exec(
            select(OutboxMessage)
            .where(OutboxMessage.kind == OutboxKind.PAGE)
            .order_by(col(OutboxMessage.id))
        ).all()
    return [names[row.contact_id] for row in rows]


def id_of(open_session: OpenSession, username: str) -> int:
    with open_session() as session:
        return session.exec(select(Volunteer.id).where(Volunteer.username == username)).one() or 0


# The ladder


def test_an_unclaimed_crisis_calls_at_once_and_after_five_ten_and_fifteen_minutes(
    pager: Pager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    number = in_danger(open_session, clock)
    calls = []
    for _ in range(25):
        calls += [clock() - NOON] * pager.run_once()
        clock.advance(minutes=1)

    assert [call.total_seconds() / 60 for call in calls] == [0, 5, 10, 15]
    assert group.texts[1] == (
        "【矿友互助】第 2 次呼叫：没有人接\n"
        f"编号 {number}，马上有危险，已等 5 分钟。\n"
        "到工作台接下，或点「我知道了」：https://help.example.org/console/"
    )


def test_each_rung_calls_a_wider_circle(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    people = bind(open_session, "song", "qin", "guo", "zhou", "li")
    clock.advance(hours=DUTY.total_seconds() / 3600)
    in_danger(open_session, clock)
    circles = []
    before: list[str] = []
    for _ in range(4):
        pager.run_once()
        now = told(open_session, people)
        circles.append(sorted(now[len(before) :]))
        before = now
        clock.advance(minutes=5)

    assert circles == [["song"], ["guo", "qin"], ["qin", "song"], ["guo", "qin", "song", "zhou"]]


def test_where_nobody_is_on_duty_supervisors_are_called_at_once(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    people = bind(open_session, "song", "qin", "guo")
    in_danger(open_session, clock)

    pager.run_once()

    assert sorted(told(open_session, people)) == ["guo", "qin"]


@pytest.mark.parametrize("risk", [0, 1])
def test_what_is_no_danger_calls_nobody(
    pager: Pager, open_session: OpenSession, clock: FakeClock, risk: int
) -> None:
    in_danger(open_session, clock, risk=risk)
    clock.advance(minutes=30)

    assert pager.run_once() == 0


def test_a_risk_that_somebody_raises_calls_too(
    pager: Pager, group: Group, open_session: OpenSession
) -> None:
    with open_session() as session:
        ticket = add_ticket(session, "oMINER", now=NOON)
        raise_risk(session, ticket_id=ticket.id or 0, risk=2, now=NOON)

    assert pager.run_once() == 1
    assert "可能有危险" in group.texts[0]


def test_after_a_restart_the_ladder_goes_on_where_it_was(
    make_pager: MakePager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    in_danger(open_session, clock)
    make_pager().run_once()
    clock.advance(minutes=6)
    make_pager().run_once()
    make_pager().run_once()

    assert [text.partition("：")[0] for text in group.texts] == [
        "【矿友互助】第 1 次呼叫",
        "【矿友互助】第 2 次呼叫",
    ]


def test_a_claim_stops_the_calls_and_takes_back_what_was_not_sent(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    bind(open_session, "song")
    clock.advance(hours=DUTY.total_seconds() / 3600)
    number = in_danger(open_session, clock)
    pager.run_once()
    song = id_of(open_session, "song")
    with open_session() as session:
        claim(session, ticket_id=number, volunteer_id=song, now=clock())
    for _ in range(20):
        clock.advance(minutes=1)
        assert pager.run_once() == 0

    with open_session() as session:
        [message] = session.exec(select(OutboxMessage)).all()
        [alarm] = session.exec(select(TicketAlarm)).all()
    assert (message.status, message.reason) == (OutboxStatus.FAILED, OutboxReason.WITHDRAWN)
    assert alarm.ended_at is not None


def test_an_acknowledgement_stops_the_calls(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    in_danger(open_session, clock)
    pager.run_once()
    qin = id_of(open_session, "qin")
    with open_session() as session:
        assert acknowledge(session, alarm_id=1, volunteer_id=qin, now=clock())
        assert not acknowledge(session, alarm_id=1, volunteer_id=qin, now=clock())
    clock.advance(minutes=16)

    assert pager.run_once() == 0


def test_who_acknowledges_and_does_not_come_is_called_again_after_half_an_hour(
    pager: Pager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    number = in_danger(open_session, clock)
    pager.run_once()
    qin = id_of(open_session, "qin")
    with open_session() as session:
        acknowledge(session, alarm_id=1, volunteer_id=qin, now=clock())
    calls = []
    for _ in range(40):
        clock.advance(minutes=1)
        calls += [(clock() - NOON).total_seconds() / 60] * pager.run_once()

    assert calls == [30, 35, 40]
    assert f"编号 {number}，马上有危险，已等 30 分钟" in group.texts[1]


def test_what_gets_graver_after_an_acknowledgement_calls_anew(
    pager: Pager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    number = in_danger(open_session, clock, risk=2)
    pager.run_once()
    with open_session() as session:
        acknowledge(session, alarm_id=1, volunteer_id=1, now=clock())
        raise_risk(session, ticket_id=number, risk=3, now=clock())

    assert pager.run_once() == 1
    assert "马上有危险" in group.texts[-1]


def test_who_claims_and_vanishes_starts_the_ladder_anew(
    pager: Pager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    number = in_danger(open_session, clock)
    pager.run_once()
    song = id_of(open_session, "song")
    with open_session() as session:
        claim(session, ticket_id=number, volunteer_id=song, now=clock())
    pager.run_once()
    clock.advance(minutes=21)
    with open_session() as session:
        expire_leases(session, now=clock())

    assert pager.run_once() == 1
    assert "第 1 次呼叫" in group.texts[-1]
    assert "已等 21 分钟" in group.texts[-1]


# Crashes


class Killed(BaseException):
    """What a process sees of kill -9: nothing."""


class Dying(Pager):
    """Is killed between the commit of a call and its sending."""

    def _send(self, page: Page) -> None:
        raise Killed(page.id)


def test_a_crash_before_the_sending_is_made_good_once_and_marked(
    make_pager: MakePager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    in_danger(open_session, clock)
    dying = make_pager(Dying)
    with pytest.raises(Killed):
        dying.run_once()
    assert make_pager().run_once() == 0
    clock.advance(seconds=LEASE.total_seconds())

    assert make_pager().run_once() == 1
    assert len(group.texts) == 1
    with open_session() as session:
        [page] = session.exec(select(TicketPage)).all()
    assert (page.is_repeated, page.webhook, page.claimed_until) == (True, Outcome.SENT, None)


def test_who_crashes_twice_leaves_an_outcome_that_nobody_knows(
    make_pager: MakePager, open_session: OpenSession, clock: FakeClock
) -> None:
    in_danger(open_session, clock)
    for _ in range(2):
        with pytest.raises(Killed):
            make_pager(Dying).run_once()
        clock.advance(seconds=LEASE.total_seconds())

    assert make_pager().run_once() == 0
    with open_session() as session:
        page = session.exec(select(TicketPage)).one()
    assert (page.webhook, page.claimed_until) == (Outcome.UNCERTAIN, None)


def test_a_channel_that_was_done_before_a_crash_is_not_asked_again(
    make_pager: MakePager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    in_danger(open_session, clock)
    dying = make_pager()
    mail = Group()

    def die(_: str) -> Outcome:
        raise Killed

    dying._channels = {"webhook": group, "mail": die}
    with pytest.raises(Killed):
        dying.run_once()
    clock.advance(seconds=LEASE.total_seconds())
    heir = make_pager()
    heir._channels = {"webhook": group, "mail": mail}
    heir.run_once()

    assert (len(group.texts), len(mail.texts)) == (1, 1)


def test_a_channel_that_fails_does_not_keep_the_others_from_being_asked(
    pager: Pager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    in_danger(open_session, clock)
    group.outcome = Outcome.FAILED
    mail = Group()
    pager._channels = {"webhook": group, "mail": mail}

    pager.run_once()

    with open_session() as session:
        page = session.exec(select(TicketPage)).one()
    assert (page.wechat, page.webhook, page.mail) == (Outcome.OFF, Outcome.FAILED, Outcome.SENT)


# Every channel there is


@pytest.mark.usefixtures("socket_enabled")
def test_a_call_goes_through_every_channel_and_tells_nothing_of_the_person(
    chat: Chat, settings: Settings, database: Database, clock: FakeClock
) -> None:
    people = bind(database.transaction, "qin", "song")
    secrets = ["13812345678", "王铁柱", AT_HAND, chat.openid]
    with serving_robot() as robot, serving_mail() as mailbox:
        here = settings.model_copy(
            update={
                "alert_webhook_url": robot.address,
                "smtp_url": mailbox.address,
                "public_url": "https://help.example.org",
            }
        )
        pager = create_pager(here, database=database, clock=clock)
        chat.says("我叫王铁柱，电话13812345678")
        chat.says(AT_HAND)
        for _ in range(4):
            pager.run_once()
            clock.advance(minutes=5)

    with database.transaction() as session:
        bodies = [row.body for row in session.exec(select(OutboxMessage))]
    pages = [*robot.texts, *mailbox.texts, *bodies]
    assert (len(robot.texts), len(mailbox.texts)) == (4, 4)
    assert len(bodies) == len(told(database.transaction, people)) >= 4
    assert all("https://help.example.org/console/" in page for page in pages)
    assert [page for page in pages if any(secret in page for secret in secrets)] == []


def test_without_settings_there_is_no_channel_outside_wechat(settings: Settings) -> None:
    assert open_channels(settings) == {}


def test_ready_says_so_when_nobody_can_be_called(
    client: TestClient, open_session: OpenSession
) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert "nobody can be called" in answer.json()["paging"]["warning"]

    bind(open_session, "qin")
    state = client.get("/readyz").json()["paging"]
    assert state == {"wechat": "reaches 1", "webhook": "not set", "mail": "not set"}


def test_ready_tells_of_a_channel_that_failed_the_last_time(
    settings: Settings,
    engine: Engine,
    open_session: OpenSession,
    pager: Pager,
    group: Group,
    clock: FakeClock,
) -> None:
    here = settings.model_copy(update={"alert_webhook_url": "https://robot.example.org/x"})
    with TestClient(create_app(here, clock=clock, engine=engine)) as client:
        assert client.get("/readyz").json()["paging"]["webhook"] == "set"
        in_danger(open_session, clock)
        group.outcome = Outcome.FAILED
        pager.run_once()
        state = client.get("/readyz").json()["paging"]

    assert state["webhook"] == "failed the last time"
    assert "warning" in state


# While a volunteer holds the person


@pytest.fixture
def held(chat: Chat, open_session: OpenSession, clock: FakeClock) -> Chat:
    """A miner whose lawyer's ticket 李律师 holds."""
    chat.says("老板三个月没发工资")
    chat.taps("找律师问问")
    chat.says("好")
    li = id_of(open_session, "li")
    with open_session() as session:
        claim(session, ticket_id=1, volunteer_id=li, now=clock())
    return chat


def test_danger_while_a_volunteer_holds_the_person_calls_them_and_a_supervisor(
    held: Chat, pager: Pager, group: Group, open_session: OpenSession
) -> None:
    people = bind(open_session, "li", "qin", "song")

    assert "110" in held.says(AT_HAND)

    assert pager.run_once() == 1
    assert sorted(told(open_session, people)) == ["li", "qin"]
    assert "接待途中又说了危险的话" in group.texts[0]
    assert "编号 1" in group.texts[0]


def test_when_the_holder_lets_go_the_crisis_behind_it_calls(
    held: Chat, pager: Pager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    held.says(AT_HAND)
    pager.run_once()
    clock.advance(minutes=21)
    with open_session() as session:
        expire_leases(session, now=clock())
        for ticket in session.exec(select(Ticket)):
            assert ticket.state is TicketState.QUEUED
    group.texts.clear()

    pager.run_once()
    pager.run_once()

    assert {text.partition("\n")[0] for text in group.texts} == {
        "【矿友互助】第 1 次呼叫：没有人接"
    }


def test_the_same_danger_again_calls_nobody_for_half_an_hour_after_an_acknowledgement(
    held: Chat, pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    held.says("我不想活了")
    pager.run_once()
    li = id_of(open_session, "li")
    with open_session() as session:
        acknowledge(session, alarm_id=1, volunteer_id=li, now=clock())
    held.says("我不想活了")
    assert pager.run_once() == 0

    clock.advance(minutes=31)
    held.says("我不想活了")
    assert pager.run_once() == 1


# Who is on duty and has nobody


def nudges(open_session: OpenSession) -> list[str]:
    with open_session() as session:
        rows = session.exec(
            select(OutboxMessage)
            .where(OutboxMessage.subject == "waiting")
            .order_by(col(OutboxMessage.id))
        ).all()
    return [row.body for row in rows]


@pytest.fixture
def evening(open_session: OpenSession, clock: FakeClock) -> dict[str, int]:
    """It is evening: the lawyer 王律师 is on duty and has bound the account, so has 李律师."""
    people = bind(open_session, "wang", "li")
    clock.advance(hours=DUTY.total_seconds() / 3600)
    return people


def test_who_is_on_duty_and_has_nobody_is_told_in_wechat_that_somebody_waits(
    pager: Pager, open_session: OpenSession, clock: FakeClock, evening: dict[str, int]
) -> None:
    wait_for_lawyer(open_session, clock)

    pager.run_once()

    assert told(open_session, evening) == ["wang"]
    assert nudges(open_session) == [
        "有一位在等（法律）\n到工作台接下：https://help.example.org/console/"
    ]


@pytest.mark.usefixtures("evening")
def test_nobody_is_told_of_it_more_than_once_in_fifteen_minutes(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    wait_for_lawyer(open_session, clock)
    wait_for_lawyer(open_session, clock, "oSECOND")
    made = []
    for _ in range(16):
        pager.run_once()
        made.append(len(nudges(open_session)))
        clock.advance(minutes=1)

    assert (made[0], made[14], made[15]) == (1, 1, 2)
    assert "有 2 位在等（法律）" in nudges(open_session)[0]


@pytest.mark.usefixtures("evening")
@pytest.mark.parametrize("why", ["pause", "busy", "window", "danger"])
def test_who_cannot_take_anybody_now_is_left_in_peace(
    pager: Pager, open_session: OpenSession, clock: FakeClock, why: str
) -> None:
    wang, number = id_of(open_session, "wang"), wait_for_lawyer(open_session, clock)
    wait_for_lawyer(open_session, clock, "oSECOND")
    with open_session() as session:
        if why == "pause":
            set_paused(session, volunteer_id=wang, is_paused=True)
        elif why == "busy":
            claim(session, ticket_id=number, volunteer_id=wang, now=clock())
        elif why == "window":
            session.connection().execute(update(ReplyWindow).values(used=3))
        else:
            session.connection().execute(update(Ticket).values(risk=2))

    pager.run_once()

    assert nudges(open_session) == []


# Promises


def wait_for_lawyer(open_session: OpenSession, clock: FakeClock, openid: str = "oMINER") -> int:
    with open_session() as session:
        ticket = add_ticket(session, openid, now=clock())
        grant(session, contact_id=ticket.contact_id, reason=GrantReason.MESSAGE, now=clock())
        return ticket.id or 0


def test_a_promised_duty_that_serves_nobody_is_told_to_them_and_to_a_supervisor_once(
    pager: Pager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    first = wait_for_lawyer(open_session, clock)
    wait_for_lawyer(open_session, clock, "oOTHER")
    clock.advance(hours=7, minutes=14)
    assert pager.run_once() == 0
    clock.advance(minutes=1)
    for _ in range(3):
        pager.run_once()
        clock.advance(minutes=1)

    assert group.texts == [
        "【矿友互助】律师值班开始了，说好的人还没接上\n"
        f"2 位在等，第一位编号 {first}，值班已开始 15 分钟。\n"
        "到工作台接下，或点「我知道了」：https://help.example.org/console/"
    ]
    with open_session() as session:
        told = session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id))).all()
        broken = session.exec(select(BrokenPromise)).all()
    assert told[0].body == (
        "说好今晚 19:00有律师值班，到现在还没接上您，对不住。我已经去催了，您排在头一个。\n"
        "这一班到 22:00，轮到您就在这里回您；万一没轮到，下一次值班是明天（周三）19:30。\n"
        f"编号 {first} 一直给您留着，不用再排。想起什么接着写。"
    )
    assert "您前面还有 1 位" in told[1].body
    assert len(told) == len(broken) == 2
    assert {row.next_at for row in broken} == {NOON + timedelta(hours=31, minutes=30)}


def test_who_came_after_the_beginning_was_not_promised_it(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    clock.advance(hours=7, minutes=1)
    wait_for_lawyer(open_session, clock)
    clock.advance(minutes=30)

    assert pager.run_once() == 0


def test_the_next_broken_promise_is_told_too(
    pager: Pager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    wait_for_lawyer(open_session, clock)
    clock.advance(hours=7, minutes=15)
    pager.run_once()
    clock.advance(hours=24, minutes=30)
    pager.run_once()

    with open_session() as session:
        assert len(session.exec(select(BrokenPromise)).all()) == 2
    assert len(group.texts) == 2


def call_off(open_session: OpenSession, clock: FakeClock) -> None:
    """Let the lawyer of the evening be ill."""
    with open_session() as session:
        end = NOON + timedelta(hours=12)
        for duty in list_duties(session, start=NOON, end=end, skills=(Skill.LAWYER,)):
            by, reason = duty.volunteer_id, CloseReason.ILL
            close_duty(session, duty.key, reason=reason, actor_id=by, now=clock())


def ask_for_lawyer(chat: Chat) -> str:
    chat.says("我想找律师")
    return chat.says("老板欠我三个月工资不给")


def test_whom_a_duty_was_promised_that_is_called_off_is_told_two_hours_before(
    chat: Chat, pager: Pager, group: Group, open_session: OpenSession, clock: FakeClock
) -> None:
    assert "下次值班：今晚 19:00到22:00，王律师。" in ask_for_lawyer(chat)
    call_off(open_session, clock)
    clock.advance(hours=5)
    assert pager.run_once() == 0  # they may change their mind, or somebody come for them
    for _ in range(3):
        clock.advance(minutes=1)
        pager.run_once()

    assert group.texts == [
        "【矿友互助】律师值班取消了，说好的人还在等\n"
        "1 位在等，第一位编号 1，离说好的时间还有 1 小时 59 分钟。\n"
        "到工作台接下，或点「我知道了」：https://help.example.org/console/"
    ]
    with open_session() as session:
        [told] = session.exec(select(OutboxMessage)).all()
    assert told.body == (
        "说好今晚 19:00有律师值班，那一班临时取消了，对不住。您排在头一个。\n"
        "下一次值班是明天（周三）19:30。\n"
        "编号 1 一直给您留着，不用再排。想起什么接着写。"
    )


def test_a_duty_that_is_taken_up_again_in_time_is_no_broken_promise(
    chat: Chat, pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    ask_for_lawyer(chat)
    call_off(open_session, clock)
    pager.run_once()
    with open_session() as session:
        end = NOON + timedelta(hours=12)
        for duty in list_duties(session, start=NOON, end=end, skills=(Skill.LAWYER,)):
            reopen_duty(session, duty.key, actor_id=duty.volunteer_id, now=clock())
    clock.advance(hours=6)

    assert pager.run_once() == 0


def test_one_who_is_told_of_a_duty_called_off_later_hears_of_the_earlier_one_too(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    number = wait_for_lawyer(open_session, clock)
    with open_session() as session:
        begins_at = NOON + timedelta(hours=8, minutes=30)
        ticket = session.get_one(Ticket, number)
        skill = Skill.LAWYER
        remember_promise(session, ticket, skill=skill, begins_at=begins_at, now=clock())
    clock.advance(hours=7, minutes=5)
    pager.run_once()
    clock.advance(minutes=10)
    pager.run_once()

    with open_session() as session:
        told = session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id))).all()
    assert [message.body[:10] for message in told] == ["说好今晚 20:30", "说好今晚 19:00"]


def test_a_duty_that_was_called_off_before_they_were_told_of_it_is_no_promise(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    wait_for_lawyer(open_session, clock)
    call_off(open_session, clock)
    clock.advance(hours=8)

    assert pager.run_once() == 0


def test_a_duty_that_is_over_is_told_as_such(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    wait_for_lawyer(open_session, clock)
    clock.advance(hours=11)
    pager.run_once()

    with open_session() as session:
        [told] = session.exec(select(OutboxMessage)).all()
    assert "这一班过去了，下一次值班是明天（周三）19:30。" in told.body


def test_who_waits_for_a_counsellor_is_told_where_help_is_meanwhile(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    with open_session() as session:
        add_ticket(session, "oMINER", now=clock(), kind=TicketKind.COUNSELOR)
    clock.advance(hours=7, minutes=15)
    pager.run_once()

    with open_session() as session:
        [told] = session.exec(select(OutboxMessage)).all()
    assert "12356" in told.body


def test_who_is_served_was_not_let_down(
    pager: Pager, open_session: OpenSession, clock: FakeClock
) -> None:
    number = wait_for_lawyer(open_session, clock)
    clock.advance(hours=7, minutes=5)
    wang = id_of(open_session, "wang")
    with open_session() as session:
        claim(session, ticket_id=number, volunteer_id=wang, now=clock())
    clock.advance(minutes=20)

    assert pager.run_once() == 0
