"""The roster in the console: what a volunteer sees and changes is what the bot promises next."""

import re

import pytest
from sqlmodel import select

from models.audit import AuditEntry
from models.database import OpenSession
from models.duty import Duty
from models.volunteer import Volunteer
from tests.bot.console.conftest import OpenConsole
from tests.support.chat import Chat, FakeClock
from tests.support.console import Console

TONIGHT = "2026-11-24"
"""A Tuesday: 王律师 is there from 19:00 to 22:00."""


def key_of(console: Console, action: str, words: str = "") -> str:
    """Return the duty that a form of the open page is about, the first below some words."""
    page = console.page[console.page.index(words) :]
    form = re.search(rf'action="/console{action}".*?name="duty" value="([^"]*)"', page, re.S)
    assert form is not None
    return form[1]


def acts(open_session: OpenSession) -> list[tuple[str, str]]:
    """Return who changed the roster, and how."""
    with open_session() as session:
        rows = session.exec(
            select(Volunteer.username, AuditEntry.action)
            .join(Volunteer, Volunteer.id == AuditEntry.actor_id)  # type: ignore[arg-type]
            .where(AuditEntry.action != "log_in")
            .order_by(AuditEntry.id)  # type: ignore[arg-type]
        ).all()
    return [(who, act) for who, act in rows if act != "read"]


def test_the_evenings_that_are_mine_come_first(console: OpenConsole) -> None:
    wang = console("wang")

    said = wang.opens("/roster")

    assert "今天 周二 19:00–22:00 律师 今晚来不了？" in said.replace("（我）", "")
    assert "后天 周四" in said


def test_an_evening_closed_with_one_tap_is_in_the_next_promise(
    asked: Chat, console: OpenConsole, open_session: OpenSession
) -> None:
    assert "今晚 19:00到22:00，王律师" in asked.says("还要等多久")
    wang = console("wang")
    wang.opens("/roster")

    said = wang.presses("/roster/evening/close", day=TONIGHT, reason="ill")

    assert "这一班不会再许给来访的人" in said
    assert "来不了 · 身体不舒服" in said
    assert "明天（周三）19:30到21:30，李律师" in asked.says("还要等多久")
    assert acts(open_session) == [("wang", "duty_close")]


def test_who_can_come_after_all_is_promised_again(asked: Chat, console: OpenConsole) -> None:
    wang = console("wang")
    wang.opens("/roster")
    wang.presses("/roster/evening/close", day=TONIGHT, reason="work")

    wang.presses("/roster/duty/reopen")

    assert "今晚 19:00到22:00，王律师" in asked.says("还要等多久")


def test_a_closing_without_a_reason_is_asked_for_one(console: OpenConsole) -> None:
    wang = console("wang")
    wang.opens("/roster")

    assert "请点一个原因" in wang.presses("/roster/evening/close", day=TONIGHT, reason="")


def test_a_colleague_takes_over_and_is_the_one_who_is_promised(
    asked: Chat, console: OpenConsole, open_session: OpenSession
) -> None:
    wang, li = console("wang"), console("li")
    wang.opens("/roster")
    duty = key_of(wang, "/roster/duty/offer")

    said = wang.presses("/roster/duty/offer", duty=duty, whom="all")
    assert "在问人替" in said
    assert "王律师想请人替" in li.opens("/roster")
    assert "今晚 19:00到22:00，王律师" in asked.says("还要等多久")
    said = li.presses("/roster/offers/1/accept")

    assert "接好了" in said
    assert "今晚 19:00到22:00，李律师" in asked.says("还要等多久")
    assert acts(open_session) == [("wang", "duty_offer"), ("li", "duty_accept")]


def test_two_lawyers_change_evenings(asked: Chat, console: OpenConsole) -> None:
    wang, li = console("wang"), console("li")
    wang.opens("/roster")
    theirs = re.search(r'value="([^"]*)">李律师 明天', wang.page)
    assert theirs is not None
    tonight = key_of(wang, "/roster/duty/offer")
    wang.presses("/roster/duty/offer", duty=tonight, whom=theirs[1])

    assert "换您的 明天 周三 19:30–21:30" in li.opens("/roster")
    li.presses("/roster/offers/1/accept")

    assert "今晚 19:00到22:00，李律师" in asked.says("还要等多久")
    assert "明天 周三 19:30–21:30" in wang.opens("/roster").split("接下来两周谁在")[0]


@pytest.mark.parametrize(("who", "way"), [("li", "refuse"), ("wang", "withdrawal")])
def test_what_nobody_takes_stays_where_it_was(console: OpenConsole, who: str, way: str) -> None:
    wang, li = console("wang"), console("li")
    wang.opens("/roster")
    number = re.search(r'<option value="(\d+)">李律师', wang.page)
    assert number is not None
    duty = key_of(wang, "/roster/duty/offer")
    wang.presses("/roster/duty/offer", duty=duty, whom=number[1])
    li.opens("/roster")
    person = {"li": li, "wang": wang}[who]

    said = person.presses(f"/roster/offers/1/{way}")

    assert "这一班" in said
    assert "在问人替" not in wang.opens("/roster")
    assert "今天 周二" in wang.text.split("接下来两周谁在")[0]
    li.opens("/roster")
    assert "想请您帮忙的" not in li.text
    li.presses("/roster/offers/1/accept")
    assert li.status == 409


def test_an_offer_is_nothing_for_another_profession(console: OpenConsole) -> None:
    wang, song = console("wang"), console("song")
    wang.opens("/roster")
    duty = key_of(wang, "/roster/duty/offer")
    wang.presses("/roster/duty/offer", duty=duty, whom="all")

    assert "想请您帮忙的" not in song.opens("/roster")
    assert "要有这项专长" in song.presses("/roster/offers/1/accept")
    assert song.status == 409


def test_an_extra_evening_is_promised_and_one_for_another_skill_is_not_taken(
    asked: Chat, console: OpenConsole
) -> None:
    li = console("li")
    li.opens("/roster")
    hours = {"day": TONIGHT, "starts": "17:00", "ends": "18:00"}

    refused = li.presses("/roster/extra", skill="counselor", **hours)
    assert "要有这项专长" in refused
    assert li.value("starts") == "17:00"
    li.presses("/roster/extra", skill="lawyer", **hours)

    assert "今天 17:00到18:00，李律师" in asked.says("还要等多久")


@pytest.mark.parametrize("hours", [("18:00", "18:00"), ("07:00", "23:00"), ("", "18:00")])
def test_hours_that_cannot_be_are_told(console: OpenConsole, hours: tuple[str, str]) -> None:
    li = console("li")
    li.opens("/roster")

    said = li.presses("/roster/extra", skill="lawyer", day=TONIGHT, starts=hours[0], ends=hours[1])

    assert "时间不对" in said


def test_a_holiday_is_asked_and_promised_only_after_a_yes(
    chat: Chat, console: OpenConsole, clock: FakeClock
) -> None:
    qin, wang = console("qin"), console("wang")
    qin.opens("/roster/edit")
    qin.presses("/roster/edit/day", date=TONIGHT, kind="holiday", name="矿庆")
    assert "明天（周三）19:30到21:30，李律师" in ask_when(chat)

    said = wang.opens("/roster")
    assert "矿庆" in said
    assert "这天不一定有空吧" in said
    wang.presses("/roster/duty/confirm")

    clock.advance(minutes=1)
    assert "今晚 19:00到22:00，王律师" in chat.says("还要等多久")


def ask_when(chat: Chat) -> str:
    """Let a miner ask for a lawyer; return what is promised."""
    chat.says("老板三个月没发工资")
    chat.taps("找律师问问")
    return chat.says("好")


def test_a_day_is_taken_out_of_the_table_again(console: OpenConsole) -> None:
    qin = console("qin")
    qin.opens("/roster/edit")
    qin.presses("/roster/edit/day", date=TONIGHT, kind="holiday", name="矿庆")
    assert "矿庆" in qin.text

    qin.presses("/roster/edit/day/removal", date=TONIGHT)

    assert "矿庆" not in qin.text


def test_a_year_that_is_not_published_is_said_on_the_page(
    console: OpenConsole, clock: FakeClock
) -> None:
    clock.advance(days=35)

    assert "2027 年：节假日安排未公布" in console("li").opens("/roster")


def test_a_supervisor_sees_the_gap_and_a_volunteer_does_not(console: OpenConsole) -> None:
    qin, li = console("qin"), console("li")
    assert "空档" not in qin.opens("/roster")
    qin.opens("/roster/edit")
    lawyers = qin.page[qin.page.index("<summary>律师") :]
    keys = re.findall(r'name="duty" value="(w[^"]*)"', lawyers)
    for key in dict.fromkeys(keys[:6]):
        qin.presses("/roster/edit/duty", duty=key, act="close", reason="other")

    assert "空档超过 40 小时" in qin.opens("/roster")
    assert "律师：" in qin.text
    assert "空档" not in li.opens("/roster")


def test_a_supervisor_gives_a_duty_to_another_and_opens_it_again(
    asked: Chat, console: OpenConsole, open_session: OpenSession
) -> None:
    qin = console("qin")
    qin.opens("/roster/edit")
    key = key_of(qin, "/roster/edit/duty", "<summary>律师")
    li = re.search(r'<option value="(\d+)">李律师', qin.page)
    assert li is not None

    said = qin.presses("/roster/edit/duty", duty=key, act="hand_over", to=li[1])
    assert "交过去了" in said
    assert "今晚 19:00到22:00，李律师" in asked.says("还要等多久")
    with open_session() as session:
        number = session.exec(select(Duty.id)).one()
    qin.presses("/roster/edit/duty", duty=f"d{number}", act="close", reason="ill")
    qin.presses("/roster/edit/duty", duty=f"d{number}", act="reopen", reason="")

    assert "今晚 19:00到22:00，李律师" in asked.says("还要等多久")
    who = [("qin", act) for act in ("duty_hand_over", "duty_close", "duty_reopen")]
    assert acts(open_session) == who


def test_a_weekly_duty_is_put_down_and_ended(
    asked: Chat, console: OpenConsole, open_session: OpenSession
) -> None:
    qin = console("qin")
    qin.opens("/roster/edit")
    li = re.search(r'<option value="(\d+)" >李律师', qin.page)
    assert li is not None
    form = {"volunteer": li[1], "skill": "lawyer", "weekday": 1}

    said = qin.presses("/roster/edit/weekly", **form, starts="16:00", ends="17:00")
    assert "排上了" in said
    assert "今天 16:00到17:00，李律师" in asked.says("还要等多久")
    assert "已经有一班了" in qin.presses(
        "/roster/edit/weekly", **form, starts="16:30", ends="17:30"
    )
    assert qin.value("starts") == "16:30"
    new = max(re.findall(r"/roster/edit/weekly/(\d+)/end", qin.page), key=int)
    qin.presses(f"/roster/edit/weekly/{new}/end")

    assert "为止" in qin.text
    assert acts(open_session) == [("qin", "weekly_add"), ("qin", "weekly_end")]


def test_the_audit_names_duties_in_words(console: OpenConsole) -> None:
    wang, qin = console("wang"), console("qin")
    wang.opens("/roster")
    wang.presses("/roster/evening/close", day=TONIGHT, reason="ill")

    assert "王律师 停了一班 · 值班 1" in qin.opens("/audit")
    assert "身体不舒服" in qin.text


@pytest.mark.parametrize("form", [{}, {"duty": "d999"}, {"duty": "w999-2026-11-24"}, {"duty": "x"}])
def test_a_duty_that_is_not_there_is_told(console: OpenConsole, form: dict[str, str]) -> None:
    wang = console("wang")
    wang.opens("/roster")
    body = {"duty": ""} | form

    assert "没有这一班了" in wang.presses("/roster/duty/reopen", **body)
    assert wang.status == 409
