import pytest

from handlers.topics.mutual_help import find_time, read_spot, read_time
from models.database import OpenSession
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat


def test_a_need_is_written_down_with_time_and_place(chat: Chat, open_session: OpenSession) -> None:
    assert "什么时候" in chat.says("谁家有闲置的自行车")
    assert "哪一片" in chat.says("这周末")
    seen = chat.says("新城")

    [ticket] = stored.tickets(open_session)
    assert ticket.kind is TicketKind.MUTUAL_HELP
    assert f"编号 {ticket.id}" in seen
    for part in ("谁家有闲置的自行车", "时间：这周末", "地方：新城"):
        assert part in ticket.summary


def test_an_offer_that_says_it_all_is_taken_at_once(chat: Chat, open_session: OpenSession) -> None:
    assert "编号 1" in chat.says("我明天空车去泰安 谁要顺路")

    assert "时间：明天" in stored.tickets(open_session)[0].summary


def test_nobody_is_to_write_an_address_in_public(chat: Chat) -> None:
    assert "门牌号和电话先别写" in chat.says("谁家有闲置的自行车")
    assert "电话不用写" in chat.says("要留电话不")


def test_children_are_handed_over_only_after_meeting_in_public(chat: Chat) -> None:
    chat.says("谁下班路过新华小学 帮我把孩子带到他奶奶家")
    chat.says("每天下午")
    assert "人多的地方见个面" in chat.says("新华小学")


def test_other_help_needs_no_word_about_children(chat: Chat) -> None:
    assert "人多的地方见个面" not in chat.says("我明天空车去泰安 谁要顺路")


def test_nothing_is_stored_when_it_is_called_off(chat: Chat, open_session: OpenSession) -> None:
    chat.says("谁家有闲置的自行车")

    assert "没有保存" in chat.says("算了")
    assert not stored.tickets(open_session)


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("周五回肥城", "周五"),
        ("明早赶火车", "明早"),
        ("每天下午四点", "每天、下午四点"),
        ("有旧书送人", None),
    ],
)
def test_a_moment_is_found_in_a_sentence(said: str, time: str | None) -> None:
    assert find_time(said) == time


@pytest.mark.parametrize("said", ["想借点钱应急", "我要找互助", "有没有人管"])
def test_another_wish_is_not_taken_for_a_time_or_a_place(said: str) -> None:
    assert (read_time(said), read_spot(said)) == (None, None)


@pytest.mark.parametrize("said", ["要下个月吧", "想明天", "等我回来"])
def test_a_time_in_own_words_is_taken(said: str) -> None:
    assert read_time(said) == said
