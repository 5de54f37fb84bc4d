"""How the bot would answer, what it could not answer, the settings; and what no page shows."""

import re
from collections.abc import Iterator

import pytest
import yaml
from sqlmodel import SQLModel, func, select

from bot.admin.reasons import CUES
from knowledge.content_dir import CONTENT
from models.account_state import AccountState, switch_media_off, switch_sending_off
from models.audit import AuditEntry, record_audit
from models.contact import Contact
from models.database import OpenSession
from models.faq import FaqEntry, UnansweredQuestion
from models.inbox import InboxEntry
from models.job import JobSeeker
from models.note import add_note
from models.outbox import OutboxMessage
from models.ticket import Ticket, TicketKind, open_ticket
from models.volunteer import Volunteer
from tests.bot.admin.conftest import Desk
from tests.bot.admin.test_access import TABLES
from tests.support.chat import Chat, FakeClock

PHONE, NAME, OPENID = "13805381234", "郝秘密", "oPLANTED00000000000000001"


def count(open_session: OpenSession) -> dict[str, int]:
    kept: tuple[type[SQLModel], ...] = (Contact, InboxEntry, Ticket, OutboxMessage)
    with open_session() as session:
        return {
            model.__name__: session.exec(select(func.count()).select_from(model)).one()
            for model in kept
        }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("没签劳动合同能要双倍工资吗", ("问法律", "直接答", "劳动合同法》第 82 条", "因为：")),
        ("我想找个看大门的活，一个月三千", ("找工作", "听出的条件", "安保")),
        ("活着没意思，不想活了", ("有危险", "危险程度", "12356")),
        ("阿巴阿巴", ("说没听懂",)),
    ],
)
def test_it_tells_what_the_bot_would_answer_and_leaves_no_trace(
    admin: Desk, open_session: OpenSession, text: str, shown: tuple[str, ...]
) -> None:
    before = count(open_session)

    said = admin.presses("/answer", text=text)

    assert [word for word in shown if word not in said] == []
    assert count(open_session) == before


def test_the_answer_is_the_one_that_a_fresh_contact_gets(admin: Desk, chat: Chat) -> None:
    text = "公司把我辞了，一分钱不给，怎么办"
    admin.presses("/answer", text=text)
    bubble = re.search(r'class="phone-bubble">(.*?)</p>', admin.page, re.S)

    got = chat.says(text)

    assert bubble is not None
    assert got.splitlines()[0][:20] in bubble[1]


def test_what_was_asked_in_vain_is_listed_once_without_numbers(
    admin: Desk, open_session: OpenSession, clock: FakeClock
) -> None:
    ask(open_session, clock, f"老矿上的澡票还能换钱不，我电话{PHONE}", "老矿上的澡票还能换钱吗")

    said = admin.opens("/unanswered")

    assert "近 30 天 1 样" in said
    assert "2 人问了 2 次" in said
    assert PHONE not in admin.page


def test_an_answer_to_it_begins_with_their_words_and_is_given_from_then_on(
    admin: Desk, open_session: OpenSession, clock: FakeClock, chat: Chat
) -> None:
    ask(open_session, clock, "老矿上的澡票还能换钱不", "老矿上的澡票还能换钱吗")

    admin.opens("/faq-entry/draft/2")
    sent = admin.fields()
    assert sent["id"] == "asked-1"
    assert set(sent["similar"].split("\n")) == {"老矿上的澡票还能换钱不", "老矿上的澡票还能换钱吗"}
    admin.presses("/faq-entry/create", **sent | {"answer": "能换，一张两块。下一步：去后勤窗口。"})

    clock.advance(seconds=10)
    assert "一张两块" in chat.says("老矿上的澡票还能换钱不")
    assert "都答上来了" in admin.opens("/unanswered")


def test_a_draft_of_a_question_that_is_gone_says_so(admin: Desk) -> None:
    assert "已经答上了" in admin.opens("/faq-entry/draft/999")


def test_the_account_tries_again_when_an_admin_says_so(
    admin: Desk, open_session: OpenSession, clock: FakeClock
) -> None:
    app_id = "wx0000000000000001"
    with open_session() as session:
        switch_sending_off(session, app_id=app_id, now=clock())
        switch_media_off(session, app_id=app_id, now=clock())
    assert "微信不让" in admin.opens("/settings")

    assert "微信不让" not in admin.presses("/settings")

    with open_session() as session:
        state = session.get_one(AccountState, app_id)
        assert (state.sending_off_at, state.media_off_at) == (None, None)
        assert session.exec(select(AuditEntry.action)).all()[-1] == "try_again"


def test_the_settings_show_nothing_that_lets_anybody_in(admin: Desk) -> None:
    admin.opens("/settings")

    for secret in ("Zm9yLXRlc3RzLW9ubHk", "postgresql", "sqlite:///", "kuangyou.db"):
        assert secret not in admin.page


def test_acts_are_read_and_never_changed(admin: Desk, open_session: OpenSession) -> None:
    admin.fills_in("/faq-entry/create", id="own", question="问一问", answer="答一答")

    assert "在后台加了 谁 admin 对什么 问答 own" in admin.opens("/audit-entry/list")
    for path in ("create", "edit/1", "details/1"):
        admin.opens(f"/audit-entry/{path}")
        assert admin.status == 404
    with open_session() as session:
        assert session.get(FaqEntry, "own") is not None


@pytest.mark.parametrize("table", ["load-run", "audit-entry"])
def test_records_cannot_be_written_by_hand(admin: Desk, table: str) -> None:
    for path in (f"/{table}/create", f"/{table}/edit/1"):
        admin.presses(path, kind="faq")
        assert admin.status == 404


def test_no_page_lists_what_somebody_confided(
    admin: Desk, open_session: OpenSession, clock: FakeClock, chat: Chat
) -> None:
    plant(open_session, clock, chat)

    for path in every_page():
        admin.opens(path)
        assert admin.status == 200, path
        found = [word for word in (PHONE, NAME, OPENID, chat.openid) if word in admin.page]
        assert found == [], path


def every_page() -> Iterator[str]:
    yield from ("/", "/answer", "/unanswered", "/settings")
    for table in TABLES:
        for query in ("", f"?search={PHONE[:7]}", f"?search={OPENID[:9]}"):
            yield f"/{table}/list{query}"
    yield from ("/volunteer/details/1", "/volunteer/edit/1", "/job-posting/details/1")


@pytest.mark.parametrize(
    "table", ["inbox-entry", "ticket", "ticket-note", "contact", "job-seeker", "outbox-message"]
)
def test_private_tables_have_no_page_at_all(admin: Desk, table: str) -> None:
    for path in (f"/{table}/list", f"/{table}/details/1", f"/{table}/edit/1"):
        admin.opens(path)
        assert admin.status == 404


def test_a_column_that_is_not_for_sorting_or_searching_is_neither(admin: Desk) -> None:
    for column in ("password_hash", "openid", "name"):
        admin.opens(f"/volunteer/list?sortBy={column}")
        assert admin.status == 400


def ask(open_session: OpenSession, clock: FakeClock, *texts: str) -> None:
    """Let a different person ask each of these in vain."""
    with open_session() as session:
        for number, text in enumerate(texts):
            contact = Contact(
                openid=f"oASKED{number:022d}",
                followed=True,
                first_seen_at=clock(),
                last_message_at=clock(),
            )
            session.add(contact)
            session.flush()
            assert contact.id is not None
            session.add(UnansweredQuestion(contact_id=contact.id, text=text, asked_at=clock()))


def plant(open_session: OpenSession, clock: FakeClock, chat: Chat) -> None:
    """Put a phone number, a name and a WeChat account wherever people confide them."""
    words = f"我叫{NAME}，电话{PHONE}"
    chat.says(words)
    with open_session() as session:
        contact = session.exec(select(Contact)).first()
        assert contact is not None
        assert contact.id is not None
        ticket = open_ticket(
            session, contact_id=contact.id, kind=TicketKind.LAWYER, summary=words, now=clock()
        )
        volunteer = session.get_one(Volunteer, 1)
        volunteer.name, volunteer.openid = NAME, OPENID
        session.add(
            JobSeeker(
                contact_id=contact.id,
                name=NAME,
                remark=words,
                registered_at=clock(),
                updated_at=clock(),
            )
        )
        add_note(session, ticket_id=ticket.id or 0, volunteer_id=1, body=words, now=clock())
        record_audit(
            session, actor_id=1, action="reveal", subject="ticket:1", now=clock(), reason=words
        )


def test_why_it_was_understood_so_is_told_in_plain_words(admin: Desk) -> None:
    seen = admin.presses("/answer", text="干了7年被辞退，想在泰安找个保安活，不上夜班，三千往上")

    why = seen[seen.index("为什么") : seen.index("找到的问答")]
    assert "合同、辞退" in why
    assert "不上夜班" in why
    assert "危险的话" not in why
    assert re.search(r"[a-z]{3}", why) is None, why


def test_every_cue_has_words_for_people() -> None:
    cues = yaml.safe_load((CONTENT / "intents.yaml").read_text(encoding="utf-8"))["cues"]

    assert {one["cue"] for one in cues} - CUES.keys() == set()


def test_topics_and_pay_are_told_in_words(admin: Desk) -> None:
    seen = admin.opens("/faq-entry/list")
    assert re.search(r"主题 (family|wages|dispute|contract|injury)", seen) is None

    assert re.search(r"最高工资 \d+元/(月|天|小时|件)", admin.opens("/job-posting/list"))
