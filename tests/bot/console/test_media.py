"""What people sent, as volunteers see it: who may look, what is written down, how it is missing."""

from collections.abc import Callable

import pytest
from sqlmodel import col, select, update

from models.audit import AuditEntry
from models.database import OpenSession
from models.erasure import erase_person
from models.media import KEPT_AFTER_CLOSING, Media, MediaKind, MediaStatus, drop_old_media
from models.outbox import OutboxMessage
from models.ticket import Ticket, TicketState
from models.ticket_flow import drop_left_media
from tests.bot.console.conftest import OpenConsole
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock
from tests.support.console import Console

PICTURE = (
    "<PicUrl><![CDATA[http://mmbiz.qpic.cn/x]]></PicUrl><MediaId><![CDATA[PICTURE]]></MediaId>"
)
JPEG = b"\xff\xd8\xff\xe0 a picture"
AMR = b"#!AMR\n" + b"\x7c" * 50
MP3 = b"\xff\xf3" + bytes(range(100))
ADDRESS = "/tickets/1/media/1"
VOICE = "/tickets/1/media/2"

Settle = Callable[..., None]


@pytest.fixture
def settle(open_session: OpenSession) -> Settle:
    """Let all that came in be fetched, or not."""

    def to(
        status: MediaStatus,
        content: bytes | None = None,
        content_type: str = "",
        playable: bytes | None = None,
    ) -> None:
        size = len(content or b"")
        with open_session() as session:
            session.connection().execute(
                update(Media).values(
                    status=status,
                    content=content,
                    content_type=content_type,
                    size=size,
                    playable=playable,
                )
            )

    return to


@pytest.fixture
def li(asked: Chat, console: OpenConsole, clock: FakeClock) -> Console:
    """A lawyer to whom a picture was sent."""
    li = console("li")
    li.presses("/queue/next")
    clock.advance(seconds=30)
    asked.sends("image", PICTURE)
    return li


def test_a_picture_is_shown_in_the_conversation(li: Console, settle: Settle) -> None:
    assert "图片正在取，一会儿就好" in li.opens("/tickets/1")
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")

    li.opens("/tickets/1")

    assert f'<img src="/console{ADDRESS}"' in li.page
    assert '<p class="words">［发来一张图片］' not in li.page


def test_the_page_hears_of_it_when_a_picture_has_come(li: Console, settle: Settle) -> None:
    def mark() -> str:
        li.opens("/tickets/1")
        return li.page.split("/live?mark=")[1].split('"')[0]

    before = mark()
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")

    assert mark() != before


def test_a_picture_is_handed_out_sealed(li: Console, settle: Settle) -> None:
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")

    answer = li.client.get(f"/console{ADDRESS}")

    assert (answer.status_code, answer.content) == (200, JPEG)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == 'inline; filename="image-1.jpg"'
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.fixture
def spoken(asked: Chat, li: Console, clock: FakeClock) -> Console:
    """A lawyer to whom a picture was sent, and something was spoken."""
    clock.advance(seconds=30)
    asked.speaks("老板说下个月给")
    return li


def test_a_recording_is_played_in_place_and_what_wechat_heard_is_beside_it(
    spoken: Console, settle: Settle
) -> None:
    settle(MediaStatus.KEPT, AMR, "audio/amr", playable=MP3)

    said = spoken.opens("/tickets/1")
    answer = spoken.client.get(f"/console{VOICE}")

    assert f'<audio controls preload="none" src="/console{VOICE}"' in spoken.page
    assert "老板说下个月给" in said
    assert "微信听出来的" in said
    assert "放不出来" not in said
    assert (answer.status_code, answer.content) == (200, MP3)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["content-disposition"] == 'inline; filename="voice-2.mp3"'


def test_a_recording_can_be_taken_away_as_it_was_sent(spoken: Console, settle: Settle) -> None:
    settle(MediaStatus.KEPT, AMR, "audio/amr", playable=MP3)

    said = spoken.opens("/tickets/1")
    answer = spoken.client.get(f"/console{VOICE}?as_sent=1")

    assert "下载原声（1 KB）" in said
    assert f'href="/console{VOICE}?as_sent=1"' in spoken.page
    assert answer.headers["content-disposition"] == 'attachment; filename="voice-2.amr"'
    assert answer.content == AMR


@pytest.mark.parametrize(
    ("wanted", "status", "part", "told"),
    [
        ("bytes=0-1", 206, MP3[:2], "bytes 0-1/102"),
        ("bytes=100-", 206, MP3[100:], "bytes 100-101/102"),
        ("bytes=-2", 206, MP3[-2:], "bytes 100-101/102"),
        ("bytes=50-900", 206, MP3[50:], "bytes 50-101/102"),
        ("bytes=102-", 416, b"", "bytes */102"),
        ("bytes=-0", 416, b"", "bytes */102"),
        ("bytes=5-2", 200, MP3, None),
        ("bytes=0-1,4-5", 200, MP3, None),
        ("bytes=-", 200, MP3, None),
        ("seconds=1-2", 200, MP3, None),
    ],
)
def test_a_phone_gets_the_part_of_a_recording_that_it_asks_for(
    spoken: Console, settle: Settle, wanted: str, status: int, part: bytes, told: str | None
) -> None:
    settle(MediaStatus.KEPT, AMR, "audio/amr", playable=MP3)

    answer = spoken.client.get(f"/console{VOICE}", headers={"Range": wanted})

    assert (answer.status_code, answer.content) == (status, part)
    assert answer.headers.get("content-range") == told
    assert answer.headers["accept-ranges"] == "bytes"


def test_what_cannot_be_played_is_said_and_can_still_be_taken_away(
    spoken: Console, settle: Settle
) -> None:
    settle(MediaStatus.KEPT, AMR, "audio/amr")

    said = spoken.opens("/tickets/1")
    answer = spoken.client.get(f"/console{VOICE}")

    assert "这段语音放不出来，可以下载，或请对方打字。" in said
    assert "<audio" not in spoken.page
    assert answer.headers["content-disposition"] == 'attachment; filename="voice-2.amr"'
    assert answer.content == AMR


def test_who_sent_what_cannot_be_played_is_asked_to_type_with_one_tap(
    spoken: Console, settle: Settle, open_session: OpenSession
) -> None:
    settle(MediaStatus.KEPT, AMR, "audio/amr")
    assert "请他打字" in spoken.opens("/tickets/1")

    assert "已经请他打字" in spoken.presses(f"{VOICE}/again")

    [message] = stored.all_of(open_session, OutboxMessage)
    assert message.body == "李律师：您刚才那段语音我这边放不出来，麻烦您打几个字，好吗？"


def test_a_recording_that_browsers_know_is_played_as_it_was_sent(
    spoken: Console, settle: Settle
) -> None:
    settle(MediaStatus.KEPT, MP3, "audio/mpeg")

    spoken.opens("/tickets/1")

    assert f'<audio controls preload="none" src="/console{VOICE}"' in spoken.page
    assert spoken.client.get(f"/console{VOICE}").content == MP3


@pytest.mark.usefixtures("spoken")
def test_who_may_not_read_the_ticket_hears_nothing(console: OpenConsole, settle: Settle) -> None:
    settle(MediaStatus.KEPT, AMR, "audio/amr", playable=MP3)
    wang = console("wang")

    for way in ("", "?as_sent=1"):
        answer = wang.client.get(f"/console{VOICE}{way}", headers={"Range": "bytes=0-1"})
        assert answer.status_code == 404


def test_looking_is_written_down_once_an_hour(
    li: Console, settle: Settle, clock: FakeClock, open_session: OpenSession
) -> None:
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")
    for minutes in (0, 5, 61):
        clock.advance(minutes=minutes)
        li.client.get(f"/console{ADDRESS}")

    with open_session() as session:
        acts = session.exec(select(AuditEntry.subject).where(AuditEntry.action == "media")).all()
    assert acts == ["media:1"] * 2


@pytest.mark.usefixtures("li")
@pytest.mark.parametrize(
    ("username", "status"),
    [("li", 200), ("qin", 200), ("wang", 404), ("song", 404)],
)
def test_who_may_not_read_the_ticket_may_not_look(
    console: OpenConsole,
    settle: Settle,
    open_session: OpenSession,
    username: str,
    status: int,
) -> None:
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")

    answer = console(username).client.get(f"/console{ADDRESS}")

    assert answer.status_code == status
    assert (answer.content == JPEG) is (status == 200)
    with open_session() as session:
        acts = session.exec(select(AuditEntry).where(AuditEntry.action == "media")).all()
    assert len(acts) == (status == 200)


@pytest.mark.parametrize("address", ["/tickets/1/media/2", "/tickets/2/media/1"])
def test_a_picture_is_not_found_by_another_ticket_or_number(
    li: Console, settle: Settle, address: str
) -> None:
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")

    assert li.client.get(f"/console{address}").status_code == 404


def test_what_was_confided_stays_with_counsellors(
    chat: Chat, console: OpenConsole, settle: Settle, clock: FakeClock
) -> None:
    chat.says("我心里难受，整宿睡不着，想起塌方那天")
    chat.says("找心理顾问")
    chat.says("好")
    song, li = console("song"), console("li")
    song.presses("/queue/next")
    clock.advance(seconds=30)
    chat.sends("image", PICTURE)
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")
    song.opens("/tickets/1")
    assert song.client.get(f"/console{ADDRESS}").content == JPEG
    song.presses("/tickets/1/transfer", skill="lawyer")
    li.opens("/queue")
    li.presses("/offers/1/accept")

    said = li.opens("/tickets/1")

    assert "只给心理顾问看" in said
    assert li.client.get(f"/console{ADDRESS}").status_code == 404
    assert console("qin").client.get(f"/console{ADDRESS}").content == JPEG


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (MediaStatus.GONE, "图片没取到：微信那边已经拿不到了"),
        (MediaStatus.REFUSED, "图片没取到：发来的不是能看的内容"),
        (MediaStatus.TOO_LARGE, "图片没取到：太大了，超过 10 MB"),
    ],
)
def test_what_is_missing_is_said_and_can_be_asked_for_with_one_tap(
    li: Console, settle: Settle, open_session: OpenSession, status: MediaStatus, why: str
) -> None:
    settle(status)
    assert why in li.opens("/tickets/1")

    assert "已经请他再发一次" in li.presses(f"{ADDRESS}/again")

    [message] = stored.all_of(open_session, OutboxMessage)
    assert message.body == "李律师：您刚才发的图片我这边没收到，麻烦您再发一次，好吗？"
    assert li.client.get(f"/console{ADDRESS}").status_code == 404


def test_two_taps_ask_once_and_the_draft_stays(
    li: Console, settle: Settle, open_session: OpenSession
) -> None:
    settle(MediaStatus.GONE)
    li.opens("/tickets/1")
    page = li.page
    li.presses("/tickets/1/draft", body="您先别签")
    li.page = page
    li.presses(f"{ADDRESS}/again")
    li.page = page

    li.presses(f"{ADDRESS}/again")

    assert len(stored.all_of(open_session, OutboxMessage)) == 1
    assert stored.tickets(open_session)[0].draft == "您先别签"


def test_who_has_just_sent_something_is_not_asked_blindly(
    asked: Chat, li: Console, settle: Settle, clock: FakeClock, open_session: OpenSession
) -> None:
    settle(MediaStatus.GONE)
    li.opens("/tickets/1")
    clock.advance(seconds=30)
    asked.sends("image", PICTURE.replace("PICTURE", "SECOND"))

    assert "他刚又发来了新的，先看一眼" in li.presses(f"{ADDRESS}/again")
    assert stored.all_of(open_session, OutboxMessage) == []


@pytest.mark.usefixtures("li")
def test_only_who_holds_the_ticket_can_ask(
    console: OpenConsole, settle: Settle, open_session: OpenSession
) -> None:
    settle(MediaStatus.GONE)
    qin = console("qin")
    assert "请他再发一次" not in qin.opens("/tickets/1")

    qin.presses(f"{ADDRESS}/again", seen="", newest="0")

    assert qin.status == 409
    assert stored.all_of(open_session, OutboxMessage) == []


def test_outside_the_window_the_request_waits_for_the_next_message(
    li: Console, settle: Settle, clock: FakeClock, open_session: OpenSession
) -> None:
    settle(MediaStatus.GONE)
    clock.advance(hours=49)
    with open_session() as session:  # nobody has taken it back meanwhile
        session.connection().execute(
            update(Ticket).values(lease_until=clock(), state=TicketState.HUMAN)
        )
    li.logs_in("li")
    li.opens("/tickets/1")

    assert "存好了，他下次说话时请他再发一次" in li.presses(f"{ADDRESS}/again")


def test_a_picture_sent_before_the_ticket_is_in_the_conversation(
    chat: Chat, console: OpenConsole, settle: Settle, clock: FakeClock
) -> None:
    chat.sends("image", PICTURE)
    clock.advance(seconds=30)
    chat.taps("给律师看合同")
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")
    li = console("li")

    li.presses("/queue/next")

    assert li.page.count(f'<img src="/console{ADDRESS}"') == 1


def test_a_supervisor_sees_each_picture_once(
    asked: Chat, console: OpenConsole, settle: Settle, clock: FakeClock
) -> None:
    clock.advance(seconds=30)
    asked.sends("image", PICTURE)
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")
    qin = console("qin")

    qin.opens("/tickets/1")

    assert qin.page.count(f'<img src="/console{ADDRESS}"') == 1


def test_who_was_erased_loses_their_pictures_at_once(
    asked: Chat, console: OpenConsole, settle: Settle, open_session: OpenSession, clock: FakeClock
) -> None:
    clock.advance(seconds=30)
    asked.sends("image", PICTURE)
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")
    qin = console("qin")
    assert qin.client.get(f"/console{ADDRESS}").status_code == 200
    asked.says("你们存了我啥")
    assert "图片和语音：1个" in asked.says("你们存了我啥")

    with open_session() as session:
        contact_id = session.exec(select(Ticket.contact_id)).one()
        erase_person(session, contact_id=contact_id, now=clock())

    assert qin.client.get(f"/console{ADDRESS}").status_code == 404
    assert stored.media(open_session) == []


def test_who_leaves_the_queue_takes_their_pictures_back_when_the_place_is_gone(
    asked: Chat, settle: Settle, open_session: OpenSession, clock: FakeClock
) -> None:
    clock.advance(seconds=30)
    asked.sends("image", PICTURE)
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")
    asked.says("取消排队")
    left = []
    for _ in range(2):
        with open_session() as session:
            drop_left_media(session, now=clock())
        left.append(len(stored.media(open_session)))
        clock.advance(minutes=11)

    assert [ticket.state for ticket in stored.tickets(open_session)] == [TicketState.CLOSED]
    assert left == [1, 0]


def test_what_is_in_hands_is_left_to_who_works_with_it(
    li: Console, settle: Settle, open_session: OpenSession, clock: FakeClock
) -> None:
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")

    with open_session() as session:
        contact_id = session.exec(select(Ticket.contact_id)).one()
        erase_person(session, contact_id=contact_id, now=clock())

    assert li.client.get(f"/console{ADDRESS}").content == JPEG


def test_pictures_go_half_a_year_after_the_end(
    li: Console, settle: Settle, open_session: OpenSession, clock: FakeClock
) -> None:
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")
    li.presses("/tickets/1/close", outcome="solved")

    def left(**after: float) -> int:
        clock.advance(**after)
        with open_session() as session:
            drop_old_media(session, now=clock())
            return len(session.exec(select(col(Media.kind))).all())

    assert left(days=KEPT_AFTER_CLOSING.days - 1) == 1
    assert left(days=1) == 0


def test_a_joined_need_brings_its_pictures(
    li: Console, settle: Settle, open_session: OpenSession
) -> None:
    with open_session() as session:
        other = Ticket.model_validate(
            session.get_one(Ticket, 1).model_dump()
            | {"id": None, "state": TicketState.QUEUED, "volunteer_id": None, "lease_until": None}
        )
        session.add(other)
        session.flush()
        session.connection().execute(update(Media).values(ticket_id=other.id))
        number = other.id
    settle(MediaStatus.KEPT, JPEG, "image/jpeg")
    assert li.client.get(f"/console{ADDRESS}").status_code == 404

    li.opens("/tickets/1")
    li.presses("/tickets/1/join", other=number)

    assert li.client.get(f"/console{ADDRESS}").content == JPEG
    assert stored.media(open_session)[0].kind is MediaKind.IMAGE
