"""From the queue to the last word: what a volunteer sees and does with one ticket."""

import re

import pytest
from sqlmodel import col, select

from bot.settings import Settings
from models.account_state import AccountState
from models.audit import AuditEntry
from models.database import OpenSession
from models.inbox import InboxEntry
from models.note import TicketNote
from models.outbox import OutboxKind, OutboxMessage, OutboxStatus
from models.ticket import Outcome, TicketKind, TicketState, open_ticket
from models.volunteer import Volunteer
from tests.bot.console.conftest import OpenConsole
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock


def replies(open_session: OpenSession) -> list[OutboxMessage]:
    """Return what volunteers put into the outbox."""
    rows = stored.all_of(open_session, OutboxMessage)
    return [row for row in rows if row.kind is OutboxKind.VOLUNTEER]


def test_the_waiting_list_shows_kind_and_times_and_no_word(
    asked: Chat, clock: FakeClock, console: OpenConsole
) -> None:
    clock.advance(minutes=12)

    said = console("li").text

    assert "法律" in said
    assert "已等 12 分钟" in said
    assert "还能发 5 条" in said
    assert "工资" not in said
    assert asked.openid not in console("li").page


def test_the_next_one_is_taken_with_one_button_and_the_bot_falls_silent(
    asked: Chat, console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")

    said = li.presses("/queue/next")

    assert "接好了" in said
    assert stored.tickets(open_session)[0].state is TicketState.HUMAN
    assert asked.says("老板又说下个月") == ""


def test_nobody_waits_is_said_kindly(console: OpenConsole) -> None:
    assert "还没有人在等，谢谢您来" in console("li").text


@pytest.mark.usefixtures("asked")
def test_before_it_is_taken_no_word_of_it_is_shown(console: OpenConsole) -> None:
    said = console("li").opens("/tickets/1")

    assert "接下以后才能看" in said
    assert "工资" not in said


@pytest.mark.usefixtures("asked")
def test_the_card_tells_question_facts_answer_and_source(console: OpenConsole) -> None:
    li = console("li")

    said = li.presses("/queue/next")

    assert "老板三个月没发工资" in said
    assert "机器人" in said
    assert "出自问答「" in said
    assert "有没有合同 还没说" in said
    assert "拖了多久 老板三个月没发工资" in said


@pytest.mark.usefixtures("asked")
def test_what_is_sent_reaches_the_outbox_with_the_name_of_the_volunteer(
    console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    li.presses("/queue/next")

    said = li.presses("/tickets/1/send", body="您有工资条吗？")

    [reply] = replies(open_session)
    assert reply.body == "李律师：您有工资条吗？"
    assert "正要发出" in said
    ticket = stored.tickets(open_session)[0]
    assert ticket.state is TicketState.WAITING_CONTACT
    assert ticket.draft == ""


@pytest.mark.usefixtures("asked")
def test_pressing_twice_sends_once(console: OpenConsole, open_session: OpenSession) -> None:
    li = console("li")
    li.presses("/queue/next")
    shown = li.page
    li.presses("/tickets/1/send", body="您有工资条吗？")

    li.page = shown
    li.presses("/tickets/1/send", body="您有工资条吗？")

    assert len(replies(open_session)) == 1


def test_a_reply_to_an_older_message_is_held_and_sent_when_confirmed(
    asked: Chat, clock: FakeClock, console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    li.presses("/queue/next")
    clock.advance(minutes=1)
    asked.says("等等 老板刚给了一千")

    said = li.presses("/tickets/1/send", body="那就去仲裁")

    assert "他刚又说了：「 等等 老板刚给了一千 」" in said
    assert "仍要发送" in said
    assert "那就去仲裁" in li.page
    assert replies(open_session) == []
    li.presses("/tickets/1/send", body="收下，写个条")
    assert [reply.body for reply in replies(open_session)] == ["李律师：收下，写个条"]


@pytest.mark.usefixtures("asked")
def test_a_draft_is_kept_and_shown_again(console: OpenConsole, open_session: OpenSession) -> None:
    li = console("li")
    li.presses("/queue/next")

    li.presses("/tickets/1/draft", body="您先别签")

    assert li.page == '{"saved":true}'
    assert "您先别签" in li.opens("/tickets/1")
    assert stored.tickets(open_session)[0].draft == "您先别签"


@pytest.mark.usefixtures("asked")
def test_when_nothing_may_be_sent_it_says_so_and_parks(
    clock: FakeClock, console: OpenConsole
) -> None:
    li = console("li")
    clock.advance(hours=49)
    li.opens("/queue")
    said = li.presses("/queue/next")

    assert "写好先存着，他下次说话时送到" in said
    assert "存好，等他来了送到" in said
    assert "存好了" in li.presses("/tickets/1/send", body="您还在吗？")


@pytest.mark.usefixtures("asked")
def test_a_newcomer_cannot_write_freely(console: OpenConsole, open_session: OpenSession) -> None:
    with open_session() as session:
        session.exec(select(Volunteer).where(Volunteer.username == "li")).one().released = False
    li = console("li")
    li.presses("/queue/next")

    said = li.presses("/tickets/1/send", body="我说两句")

    assert li.status == 409
    assert "您还在熟悉阶段" in said
    assert replies(open_session) == []


def test_who_unfollowed_cannot_be_written_to(asked: Chat, console: OpenConsole) -> None:
    li = console("li")
    li.presses("/queue/next")
    asked.does("unsubscribe")

    assert "他取消关注了" in li.opens("/tickets/1")


@pytest.mark.usefixtures("asked")
def test_too_long_a_reply_is_refused_and_kept(
    console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    li.presses("/queue/next")

    said = li.presses("/tickets/1/send", body="长" * 900)

    assert "分成两条发" in said
    assert stored.tickets(open_session)[0].draft == "长" * 900


@pytest.mark.usefixtures("asked")
def test_a_parked_reply_can_be_taken_back(console: OpenConsole, open_session: OpenSession) -> None:
    li = console("li")
    li.presses("/queue/next")
    li.presses("/tickets/1/send", body="说错了")
    [reply] = replies(open_session)

    assert "收回来了" in li.presses("/tickets/1/withdrawal", message=reply.id)

    assert replies(open_session)[0].status is OutboxStatus.FAILED


def test_a_note_is_kept_apart_and_never_in_the_outbox(
    asked: Chat, console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    li.presses("/queue/next")

    said = li.presses("/tickets/1/notes", note="他可能没说实话")

    assert "备注 · 李律师（他看不见）" in said
    assert [note.body for note in stored.all_of(open_session, TicketNote)] == ["他可能没说实话"]
    assert stored.all_of(open_session, OutboxMessage) == []
    assert "没说实话" not in asked.says("有人吗")


@pytest.mark.usefixtures("asked")
def test_who_comes_second_is_told_who_won(console: OpenConsole) -> None:
    li, wang = console("li"), console("wang")
    wang.opens("/tickets/1")
    li.presses("/queue/next")

    said = wang.presses("/tickets/1/claim")

    assert wang.status == 409
    assert "李律师先接了这位" in said


def test_closing_takes_two_taps_and_the_bot_answers_again(
    asked: Chat, console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    li.presses("/queue/next")

    said = li.presses("/tickets/1/close", outcome="advised")

    assert "办完一位，辛苦了" in said
    assert stored.tickets(open_session)[0].outcome is Outcome.ADVISED
    assert asked.says("你好") != ""


@pytest.mark.usefixtures("asked")
def test_a_closed_ticket_is_reopened_by_who_had_it(
    console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    li.presses("/queue/next")
    li.presses("/tickets/1/close", outcome="solved")
    li.opens("/tickets/1")

    assert "重新打开了" in li.presses("/tickets/1/reopen")
    assert stored.tickets(open_session)[0].state is TicketState.HUMAN


def test_handing_back_lets_the_bot_answer_the_very_next_message(
    asked: Chat, console: OpenConsole
) -> None:
    li = console("li")
    li.presses("/queue/next")

    assert "交回机器人" in li.presses("/tickets/1/hand-back")
    assert asked.says("你好") != ""


@pytest.mark.usefixtures("asked")
def test_a_ticket_goes_to_a_colleague_who_accepts(
    console: OpenConsole, open_session: OpenSession
) -> None:
    li, wang = console("li"), console("wang")
    li.presses("/queue/next")
    with open_session() as session:
        wang_id = session.exec(select(Volunteer.id).where(Volunteer.username == "wang")).one()
    li.presses("/tickets/1/transfer", colleague=wang_id, reason="我明天出差")

    assert "李律师转来" in wang.opens("/queue")
    assert "我明天出差" in wang.text
    assert "接好了" in wang.presses("/offers/1/accept")
    assert "王律师正在接待这位" in li.opens("/tickets/1")


@pytest.mark.usefixtures("asked")
def test_a_refused_ticket_stays_where_it_was(console: OpenConsole) -> None:
    li, guo = console("li"), console("wang")
    li.presses("/queue/next")
    li.opens("/tickets/1")
    wang_id = next(v for v in _options(li.page) if "王律师" in v[1])[0]
    li.presses("/tickets/1/transfer", colleague=wang_id)

    guo.opens("/queue")
    guo.presses("/offers/1/refuse")

    assert "没接转交" in li.opens("/tickets/1")
    assert "给他回话" in li.text


def _options(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<option value="(\d+)">([^<]+)</option>', page)


@pytest.mark.usefixtures("asked")
def test_giving_it_back_keeps_draft_and_place(console: OpenConsole) -> None:
    li, wang = console("li"), console("wang")
    li.presses("/queue/next")
    li.presses("/tickets/1/draft", body="写到一半")
    li.opens("/tickets/1")
    li.presses("/tickets/1/release")

    wang.opens("/queue")
    assert "写到一半" in wang.presses("/queue/next")


@pytest.mark.usefixtures("asked")
def test_a_supervisor_is_asked_and_answers_with_a_note(console: OpenConsole) -> None:
    li, qin = console("li"), console("qin")
    li.presses("/queue/next")

    li.presses("/tickets/1/help", question="这算工伤吗")

    assert "请督导看看" in qin.opens("/queue")
    assert "这算工伤吗" in qin.opens("/tickets/1")
    qin.presses("/tickets/1/notes", note="算，先认定")
    assert "请督导看看" not in qin.opens("/queue")
    assert "算，先认定" in li.opens("/tickets/1")


@pytest.mark.usefixtures("asked")
def test_a_supervisor_takes_over_with_a_reason(console: OpenConsole) -> None:
    li, qin = console("li"), console("qin")
    li.presses("/queue/next")
    qin.opens("/tickets/1")

    assert "请先写明理由" in qin.presses("/tickets/1/take-over")
    assert "接好了" in qin.presses("/tickets/1/take-over", reason="他求我们换人")
    assert "这位已经不在您手里了" in li.presses("/tickets/1/send", body="我在")


@pytest.mark.usefixtures("asked")
def test_abuse_ends_the_ticket_and_pauses_the_contact(
    console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    li.presses("/queue/next")

    said = li.presses("/tickets/1/block", reason="abuse", length="day")

    assert "已暂停为这位服务" in said
    assert stored.tickets(open_session)[0].outcome is Outcome.ABUSE


@pytest.mark.usefixtures("asked")
def test_pausing_stops_offers_until_resumed(console: OpenConsole) -> None:
    li = console("li")

    assert "您在暂停中" in li.presses("/queue/pause")
    assert "先点「继续接待」" in li.presses("/queue/next")
    li.presses("/queue/resume")
    assert "接好了" in li.presses("/queue/next")


def test_numbers_are_hidden_and_shown_with_a_reason_that_stays(
    asked: Chat, console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    li.presses("/queue/next")
    asked.says("我电话13912345678")

    said = li.opens("/tickets/1")
    assert "13912345678" not in li.page
    assert "139••••" in said
    li.opens("/tickets/1/reveal")
    assert "请写清楚为什么要看" in li.presses("/tickets/1/reveal", reason="看")
    assert "13912345678" in li.presses("/tickets/1/reveal", reason="要打电话约时间")
    with open_session() as session:
        [entry] = session.exec(select(AuditEntry).where(AuditEntry.action == "reveal")).all()
    assert entry.reason == "要打电话约时间"
    assert entry.subject == "ticket:1"


def test_what_people_type_never_becomes_markup(asked: Chat, console: OpenConsole) -> None:
    li = console("li")
    li.presses("/queue/next")
    asked.says("<script>alert(1)</script>")

    li.opens("/tickets/1")

    assert "<script>alert" not in li.page
    assert "&lt;script&gt;alert(1)" in li.page


def test_what_was_said_twice_in_the_queue_is_shown_once(
    chat: Chat, clock: FakeClock, console: OpenConsole, open_session: OpenSession
) -> None:
    chat.says("老板三个月没发工资")
    chat.taps("找律师问问")
    chat.says("好")
    clock.advance(minutes=1)
    chat.says("劳动仲裁怎么申请")
    with open_session() as session:
        said = session.exec(
            select(InboxEntry.topic).order_by(col(InboxEntry.id).desc()).limit(1)
        ).one()
    assert said == "legal"
    li = console("li")

    li.presses("/queue/next")
    assert li.page.split("part-lines")[1].split("</ol>")[0].count("劳动仲裁怎么申请") == 1


@pytest.mark.usefixtures("asked")
def test_words_for_a_ticket_that_has_gone_are_given_back(console: OpenConsole) -> None:
    li, qin = console("li"), console("qin")
    li.presses("/queue/next")
    qin.opens("/tickets/1")
    qin.presses("/tickets/1/take-over", reason="他求我们换人")

    said = li.presses("/tickets/1/send", body="写了很久的一段话")

    assert li.status == 409
    assert "您刚写的没有发，在这里： 写了很久的一段话" in said


@pytest.mark.usefixtures("asked")
def test_a_named_colleague_of_another_profession_takes_it_as_what_they_are(
    console: OpenConsole, open_session: OpenSession
) -> None:
    li, song = console("li"), console("song")
    li.presses("/queue/next")
    song_id = next(number for number, name in _options(li.page) if "宋姐" in name)

    li.presses("/tickets/1/transfer", colleague=song_id)
    song.opens("/queue")
    song.presses("/offers/1/accept")

    assert stored.tickets(open_session)[0].skill.value == "counselor"


@pytest.mark.usefixtures("asked")
def test_only_who_is_trained_lowers_the_risk_and_with_a_reason(console: OpenConsole) -> None:
    li, qin = console("li"), console("qin")
    li.presses("/queue/next")

    assert "可能有危险" in li.presses("/tickets/1/risk", risk=2)
    assert "现在不能这样做" in li.presses("/tickets/1/risk", risk=0, reason="没事了")
    qin.opens("/tickets/1")
    assert "现在不能这样做" in qin.presses("/tickets/1/risk", risk=0)
    assert "危险程度记下了" in qin.presses("/tickets/1/risk", risk=0, reason="打过电话，家人在")


@pytest.mark.usefixtures("asked")
def test_after_danger_nobody_is_offered_until_the_volunteer_is_well(console: OpenConsole) -> None:
    li = console("li")
    li.presses("/queue/next")
    li.presses("/tickets/1/risk", risk=2)

    assert "歇一会儿，喝口水" in li.presses("/tickets/1/close", outcome="solved")
    assert "欢迎回来" in li.presses("/queue/rested")
    assert "接下一位" in li.text


@pytest.mark.usefixtures("asked")
def test_who_is_avoided_is_never_offered_again(console: OpenConsole) -> None:
    li = console("li")
    li.presses("/queue/next")
    li.presses("/tickets/1/avoid")
    li.opens("/tickets/1")
    li.presses("/tickets/1/release")

    assert "没有您能接的人" in li.presses("/queue/next")


def test_a_picture_is_named_where_it_cannot_be_shown(asked: Chat, console: OpenConsole) -> None:
    li = console("li")
    li.presses("/queue/next")
    asked.sends("image", "<PicUrl><![CDATA[http://x/y]]></PicUrl><MediaId><![CDATA[M]]></MediaId>")

    assert "发来一张图片" in li.opens("/tickets/1")


@pytest.mark.usefixtures("asked")
def test_another_need_of_the_same_person_is_taken_along(
    clock: FakeClock, console: OpenConsole, open_session: OpenSession
) -> None:
    [first] = stored.tickets(open_session)
    with open_session() as session:
        second = open_ticket(
            session,
            contact_id=first.contact_id,
            kind=TicketKind.AID,
            summary="低保咋申请",
            now=clock(),
        )
    guo = console("guo")
    guo.presses(f"/tickets/{first.id}/claim")

    assert "他还有一件事在等" in guo.text
    assert "并过来了" in guo.presses(f"/tickets/{first.id}/join", other=second.id)
    assert stored.tickets(open_session)[1].outcome is Outcome.JOINED


@pytest.mark.usefixtures("asked")
def test_what_was_just_closed_is_found_again_on_the_first_page(console: OpenConsole) -> None:
    li = console("li")
    li.opens("/queue")
    li.presses("/queue/next")
    li.presses("/tickets/1/close", outcome="advised")

    assert "刚办完的 1 位，三天内能重新打开" in li.text
    assert "/console/tickets/1" in li.page
    assert "刚办完的" not in console("wang").opens("/queue")


@pytest.mark.usefixtures("asked")
def test_no_list_promises_messages_that_the_account_may_not_send(
    console: OpenConsole, clock: FakeClock, settings: Settings, open_session: OpenSession
) -> None:
    li = console("li")
    assert "还能发" in li.opens("/queue")
    with open_session() as session:
        session.add(AccountState(app_id=settings.wechat_app_id, sending_off_at=clock()))

    assert "还能发" not in li.opens("/queue")
    assert "要等他先说话" in li.text
    li.presses("/queue/next")
    assert "这个公众号不能主动发" in li.opens("/tickets/1")
    assert "还能发" not in li.text


@pytest.mark.usefixtures("asked")
def test_acts_about_a_colleague_name_the_colleague(console: OpenConsole) -> None:
    console("li")

    assert "李律师 登录 · 李律师" in console("qin").opens("/audit")


def test_what_was_taken_out_before_is_not_in_the_conversation(
    chat: Chat, console: OpenConsole
) -> None:
    chat.says("老板欠我们八个人工钱 拖了半年")
    chat.says("公司上个月把我辞退了 一分钱没赔")
    chat.says("给我找个律师")
    chat.taps("别转「老板欠我们八个人工钱…」")
    chat.taps("好，转过去")

    wang = console("wang")
    wang.presses("/queue/next")

    assert "公司上个月把我辞退了" in wang.page
    assert "八个人" not in wang.page
    assert "有几句他没让转" in wang.page


def test_where_all_was_taken_out_only_the_new_sentence_is_there(
    chat: Chat, console: OpenConsole
) -> None:
    chat.says("老板欠我们八个人工钱 拖了半年")
    chat.says("工资")
    chat.says("给我找个律师")
    chat.taps("刚才说的都别转")
    chat.says("有份合同想请人看看")

    wang = console("wang")
    wang.presses("/queue/next")

    assert "有份合同想请人看看" in wang.page
    assert "八个人" not in wang.page
