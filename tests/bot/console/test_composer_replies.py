"""Approved replies beside the composer, and who may send nothing else."""

import pytest
from sqlmodel import select

from models import approved_reply
from models.approved_reply import ApprovedReply, ApprovedReplyVersion
from models.audit import AuditEntry
from models.database import OpenSession
from models.outbox import OutboxKind, OutboxMessage
from models.volunteer import Volunteer
from tests.bot.console.conftest import OpenConsole
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock
from tests.support.console import Console

SLIP = (
    "您手里有没有工资条、银行流水、考勤记录？微信里说工资的话也算。\n"
    "有哪样就拍给我看，先别删，原件自己收好。"
)


@pytest.fixture
def li(asked: Chat, console: OpenConsole) -> Console:  # noqa: ARG001 - the miner comes first
    """A lawyer who has just taken the miner."""
    li = console("li")
    li.presses("/queue/next")
    return li


def is_new(open_session: OpenSession, username: str = "li") -> None:
    """Make somebody a newcomer."""
    with open_session() as session:
        session.exec(select(Volunteer).where(Volunteer.username == username)).one().released = False


def number_of(open_session: OpenSession, key: str) -> int:
    """Return the id of the version of a shipped reply."""
    with open_session() as session:
        found = session.exec(
            select(ApprovedReplyVersion.id).join(ApprovedReply).where(ApprovedReply.seed_key == key)
        ).one()
        return found or 0


def sent(open_session: OpenSession) -> list[OutboxMessage]:
    rows = stored.all_of(open_session, OutboxMessage)
    return [row for row in rows if row.kind is OutboxKind.VOLUNTEER]


def test_the_replies_of_this_kind_of_help_are_beside_the_composer(li: Console) -> None:
    said = li.opens("/tickets/1")

    assert "要凭据：工资条、流水、考勤" in said
    assert "开场：我在，您慢慢说" not in said


def test_they_are_found_by_initials_and_what_is_written_is_kept(li: Console) -> None:
    said = li.presses("/tickets/1/find", body="先写一句", find="gzt")

    assert "要凭据：工资条、流水、考勤" in said
    assert "先别签字" not in said
    assert "先写一句" in li.page


def test_a_search_that_finds_nothing_says_what_to_try(li: Console) -> None:
    assert "换个字试试" in li.presses("/tickets/1/find", body="", find="xyzq")


def test_a_reply_is_put_behind_what_is_written(li: Console, open_session: OpenSession) -> None:
    slip = number_of(open_session, "lawyer-pay-slip")

    said = li.presses("/tickets/1/insert", body="先写一句", reply=slip)

    assert "放进去了" in said
    assert stored.tickets(open_session)[0].draft == f"先写一句\n{SLIP}"
    assert sent(open_session) == []


def test_facts_are_filled_in_and_what_is_unknown_must_be_filled_before_sending(
    li: Console, open_session: OpenSession
) -> None:
    li.presses("/tickets/1/insert", body="", reply=number_of(open_session, "lawyer-hello"))
    draft = stored.tickets(open_session)[0].draft
    assert draft.startswith("【称呼？】您好")

    said = li.presses("/tickets/1/send", body=draft)

    assert "还有空没填：称呼" in said
    assert "【称呼？】" in li.page
    assert sent(open_session) == []
    li.presses("/tickets/1/send", body=draft.replace("【称呼？】", "程师傅"))
    assert sent(open_session)[0].body.startswith("李律师：程师傅您好")


def test_what_the_card_knows_is_put_in(li: Console, open_session: OpenSession) -> None:
    li.presses("/tickets/1/insert", body="", reply=number_of(open_session, "lawyer-back-pay"))

    assert "您说的「老板三个月没发工资」我记下了" in stored.tickets(open_session)[0].draft


def test_who_says_their_name_is_called_by_it(
    asked: Chat, li: Console, open_session: OpenSession
) -> None:
    asked.says("我姓程，干了八年了")

    li.presses("/tickets/1/insert", body="", reply=number_of(open_session, "lawyer-hello"))

    assert stored.tickets(open_session)[0].draft.startswith("程师傅您好")


def test_the_version_that_was_sent_is_kept_with_the_message(
    li: Console, open_session: OpenSession
) -> None:
    slip = number_of(open_session, "lawyer-pay-slip")

    li.presses("/tickets/1/send", body=SLIP)

    assert [row.subject for row in sent(open_session)] == [f"reply:{slip}"]


def test_somebodys_own_words_are_of_no_version(li: Console, open_session: OpenSession) -> None:
    li.presses("/tickets/1/send", body="明天我上班，到时候说")

    assert [row.subject for row in sent(open_session)] == [""]


def test_a_newcomer_can_send_an_approved_reply(li: Console, open_session: OpenSession) -> None:
    is_new(open_session)

    assert "您还在熟悉阶段" in li.opens("/tickets/1")
    li.presses("/tickets/1/send", body=SLIP)

    assert [row.body for row in sent(open_session)] == [f"李律师：{SLIP}"]


@pytest.mark.parametrize(
    "body", ["您放心，我给您要回来", f"{SLIP}\n我的电话13912345678", SLIP[:-1], f"{SLIP}\n{SLIP}"]
)
def test_a_newcomer_can_send_nothing_else(
    li: Console, open_session: OpenSession, body: str
) -> None:
    is_new(open_session)

    said = li.presses("/tickets/1/send", body=body)

    assert li.status == 409
    assert "一次发一条审过的回复" in said
    assert sent(open_session) == []
    assert stored.tickets(open_session)[0].draft == body


def test_a_newcomer_fills_a_gap_with_a_few_words_and_not_with_a_number(
    li: Console, open_session: OpenSession
) -> None:
    is_new(open_session)
    li.presses("/tickets/1/insert", body="", reply=number_of(open_session, "lawyer-hello"))
    draft = stored.tickets(open_session)[0].draft

    li.presses("/tickets/1/send", body=draft.replace("【称呼？】", "13912345678"))
    assert sent(open_session) == []
    li.presses("/tickets/1/send", body=draft.replace("【称呼？】", "老程"))

    assert sent(open_session)[0].body.startswith("李律师：老程您好")


def test_a_withdrawn_reply_can_no_longer_be_sent_by_a_newcomer(
    li: Console, open_session: OpenSession, clock: FakeClock
) -> None:
    is_new(open_session)
    li.opens("/tickets/1")
    slip = number_of(open_session, "lawyer-pay-slip")
    with open_session() as session:
        version = session.get_one(ApprovedReplyVersion, slip)
        approved_reply.withdraw_reply(
            session,
            reply_id=version.reply_id,
            by=version.reviewed_by or 0,
            reason="旧",
            now=clock(),
        )

    li.presses("/tickets/1/send", body=SLIP)

    assert sent(open_session) == []


def test_a_supervisor_releases_a_newcomer_who_then_writes_freely(
    li: Console, console: OpenConsole, open_session: OpenSession
) -> None:
    is_new(open_session)
    qin = console("qin")
    [number] = [one.id for one in stored.all_of(open_session, Volunteer) if one.username == "li"]
    assert "李律师" in qin.opens("/people")

    said = qin.presses(f"/people/{number}/release")

    assert "放行了" in said
    assert "没有新人等放行" in said
    li.opens("/tickets/1")
    li.presses("/tickets/1/send", body="明天我上班，到时候说")
    assert len(sent(open_session)) == 1
    acts = stored.all_of(open_session, AuditEntry)
    assert [(act.actor_id, act.subject) for act in acts if act.action == "release_newcomer"] == [
        (qin_id(open_session), f"volunteer:{number}")
    ]


def test_nobody_releases_themselves_and_who_is_restricted_learns_why_is_kept(
    li: Console, console: OpenConsole, open_session: OpenSession
) -> None:
    qin = console("qin")
    qin.opens("/people")
    qin.presses(f"/people/{qin_id(open_session)}/release")
    assert qin.status == 404
    [number] = [one.id for one in stored.all_of(open_session, Volunteer) if one.username == "li"]
    qin.opens("/people")

    assert "请写一句为什么" in qin.presses(f"/people/{number}/restriction", reason="")
    qin.presses(f"/people/{number}/restriction", reason="话说得太满")

    li.opens("/tickets/1")
    li.presses("/tickets/1/send", body="我保证给您要回来")
    assert sent(open_session) == []
    acts = stored.all_of(open_session, AuditEntry)
    assert "话说得太满" in [act.reason for act in acts if act.action == "restrict_volunteer"]


def test_a_few_ratings_are_not_shown_as_a_number(console: OpenConsole) -> None:
    said = console("qin").opens("/people")

    assert "帮上忙了 不到 5 次" in said


def qin_id(open_session: OpenSession) -> int:
    rows = stored.all_of(open_session, Volunteer)
    return next(one.id or 0 for one in rows if one.username == "qin")
