"""An admin writes an announcement, sees it as the phone does, sends it, watches it, stops it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.announcement import Announcement, AnnouncementState, NewsKind
from models.audit import AuditEntry
from models.database import OpenSession
from models.volunteer import Role, Volunteer
from tests.bot.console.conftest import OpenConsole
from tests.conftest import NOON
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock
from tests.support.console import Console
from tests.support.postman import Postman

TEXT = "周六上午九点，文化宫有招聘会，<二十家>单位来。"


@pytest.fixture
def admin(console: OpenConsole, open_session: OpenSession) -> Console:
    """An admin who is logged in and has the page of announcements open."""
    with open_session() as session:
        li = session.exec(select(Volunteer).where(Volunteer.username == "li")).one()
        session.add(
            Volunteer(
                username="chef",
                name="chef",
                display_name="陈管理",
                role=Role.ADMIN,
                password_hash=li.password_hash,
                created_at=NOON,
            )
        )
    browser = console("chef")
    browser.opens("/news")
    return browser


def write(admin: Console, **changes: object) -> str:
    """Fill in the form."""
    fields = {"kind": "job", "text": TEXT, "per_minute": "600", "expires_at": "2026-11-27T21:00"}
    return admin.presses("/news", **(fields | changes))


def test_it_is_seen_before_it_is_sent_with_how_many_it_reaches(
    admin: Console, chat: Chat, clock: FakeClock, postman: Postman
) -> None:
    chat.says("你好")
    clock.advance(hours=49)
    postman.hears_from("oOTHER")

    seen = write(admin)

    assert "＜二十家＞单位来" in seen
    assert "回复「岗位消息不要了」" in seen
    assert "1 人现在就能收到" in seen
    assert "1 人要等下次来说话时才看到" in seen
    assert "个字，最多约 530 个" in seen
    assert "字节" not in seen
    assert postman.deliver() == []


def test_sent_watched_and_read_on_the_phone(admin: Console, chat: Chat, postman: Postman) -> None:
    chat.says("你好")
    write(admin)

    assert "开始发了" in admin.presses(f"{admin.place}/send")
    [text] = postman.deliver()

    assert text.startswith("周六上午九点")
    assert "送到了 1 人" in admin.opens(admin.place)
    assert "岗位不收" in chat.says("岗位消息不要了")


def test_pressing_twice_sends_it_once(admin: Console, chat: Chat, postman: Postman) -> None:
    chat.says("你好")
    write(admin)
    place = admin.place

    admin.presses(f"{place}/send")
    again = admin.presses(f"{place}/send")

    assert "已经不能这样做了" in again
    assert len(postman.deliver()) == 1


def test_a_stop_ends_it_at_once_and_both_are_in_the_record(
    admin: Console, chat: Chat, postman: Postman, open_session: OpenSession
) -> None:
    chat.says("你好")
    write(admin)
    place = admin.place
    admin.presses(f"{place}/send")

    assert "停了，从现在起一条也不再发" in admin.presses(f"{place}/stop")

    assert postman.deliver() == []
    actions = [entry.action for entry in stored.all_of(open_session, AuditEntry)]
    assert [a for a in actions if "announce" in a] == ["announce", "stop_announcement"]


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"text": " "}, "还没写字呢"),
        ({"text": "长" * 560}, "请再删掉大约"),
        ({"per_minute": "0"}, "每分钟发几条"),
        ({"per_minute": "快点"}, "每分钟发几条"),
        ({"expires_at": "2026-11-01T09:00"}, "截止时间要在现在以后"),
        ({"expires_at": "2027-11-01T09:00"}, "截止时间要在现在以后"),
        ({"expires_at": ""}, "截止时间要在现在以后"),
    ],
)
def test_what_cannot_be_sent_is_said_and_what_was_typed_stays(
    admin: Console, open_session: OpenSession, changes: dict[str, object], advice: str
) -> None:
    seen = write(admin, **changes)

    assert advice in seen
    assert admin.status == 422
    assert stored.all_of(open_session, Announcement) == []
    assert str(changes.get("text", TEXT)).strip()[:5].strip() in seen


def test_the_longest_text_that_is_taken_fits_into_one_message(
    admin: Console, chat: Chat, postman: Postman
) -> None:
    chat.says("你好")
    write(admin, text="长" * 530)
    assert "/send" in admin.page
    admin.presses(f"{admin.place}/send")

    [text] = postman.deliver()

    assert len(text.encode()) <= 1800


def test_a_draft_is_put_right_or_thrown_away(admin: Console, open_session: OpenSession) -> None:
    write(admin)
    place = admin.place
    fields = {"per_minute": "60", "expires_at": "2026-11-27T21:00"}
    assert "明晚七点半" in admin.presses(place, kind="class", text="明晚七点半公开课", **fields)
    [news] = stored.all_of(open_session, Announcement)
    assert (news.kind, news.per_minute) == (NewsKind.CLASS, 60)

    assert "草稿删掉了" in admin.presses(f"{place}/discard")
    assert stored.all_of(open_session, Announcement) == []


def test_what_is_under_way_is_neither_changed_nor_thrown_away(
    admin: Console, open_session: OpenSession
) -> None:
    write(admin)
    place = admin.place
    admin.presses(f"{place}/send")

    write_again = {"kind": "class", "text": "别的", "per_minute": "1"}
    assert "已经不能这样做了" in admin.presses(place, expires_at="2026-11-27T21:00", **write_again)
    admin.presses(f"{place}/discard")

    [news] = stored.all_of(open_session, Announcement)
    assert (news.state, news.kind) == (AnnouncementState.RUNNING, NewsKind.JOB)


def test_a_draft_that_lay_too_long_is_not_sent(admin: Console, clock: FakeClock) -> None:
    write(admin, expires_at="2026-11-24T18:00")
    clock.now = NOON + timedelta(hours=7)

    assert "已经不能这样做了" in admin.presses(f"{admin.place}/send")


def test_the_pages_name_nobody(admin: Console, chat: Chat, postman: Postman) -> None:
    chat.says("你好")
    write(admin)
    admin.presses(f"{admin.place}/send")
    postman.deliver()
    place = admin.place

    for page in ("/news", place):
        admin.opens(page)
        assert chat.openid not in admin.page
