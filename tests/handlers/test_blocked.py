"""Who is blocked is served no more for a while; danger is answered all the same."""

import pytest

from models.block import BlockLength, BlockReason, block_contact
from models.database import OpenSession
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock


@pytest.fixture
def blocked(chat: Chat, clock: FakeClock, open_session: OpenSession) -> Chat:
    """A contact who is blocked for a day."""
    chat.says("你好")
    contact_id = stored.contact(open_session).id or 0
    with open_session() as session:
        block_contact(
            session,
            contact_id=contact_id,
            volunteer_id=1,
            reason=BlockReason.ABUSE,
            length=BlockLength.DAY,
            now=clock(),
        )
    return chat


def test_a_blocked_contact_is_told_so_and_gets_nothing_else(blocked: Chat) -> None:
    assert "暂停为您服务" in blocked.says("找工作")


def test_a_block_ends_by_itself(blocked: Chat, clock: FakeClock) -> None:
    clock.advance(hours=25)

    assert "暂停为您服务" not in blocked.says("你好")


def test_danger_is_answered_in_spite_of_a_block(blocked: Chat, open_session: OpenSession) -> None:
    said = blocked.says("我不想活了")

    assert "您现在是不是想伤害自己" in said
    assert [ticket.kind for ticket in stored.tickets(open_session)] == [TicketKind.CRISIS]
