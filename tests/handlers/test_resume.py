from datetime import datetime

from models.database import OpenSession
from models.outbox import OutboxMessage, OutboxStatus
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock


def park(open_session: OpenSession, *bodies: str, at: datetime) -> None:
    """Leave messages for the follower, as an account that may not send by itself does."""
    contact_id = stored.contact(open_session).id
    assert contact_id is not None
    with open_session() as session:
        for body in bodies:
            session.add(
                OutboxMessage(
                    contact_id=contact_id, status=OutboxStatus.PARKED, body=body, created_at=at
                )
            )


def test_a_parked_answer_is_announced_and_fetched_with_a_word(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    park(open_session, "王律师：先去劳动监察大队。", at=clock())
    assert "您有新的留言，回复「继续」看" in chat.says("谢谢")

    assert "先去劳动监察大队" in chat.says("继续")

    [message] = stored.all_of(open_session, OutboxMessage)
    assert message.status is OutboxStatus.SENT
    assert message.sent_at == clock()


def test_several_parked_answers_come_one_after_the_other(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("你好")
    park(open_session, "第一条", "第二条", at=clock())

    assert "还有1条留言" in chat.says("继续")
    assert "第二条" in chat.says("继续")


def test_a_parked_answer_comes_before_the_open_form(
    chat: Chat, open_session: OpenSession, clock: FakeClock
) -> None:
    chat.says("登记求职")
    park(open_session, "岗位问到了：管住。", at=clock())

    seen = chat.says("继续")
    assert "管住" in seen
    assert "没填完的给您留着" in seen
    assert "怎么称呼您" in chat.says("继续")


def test_with_nothing_left_this_is_said(chat: Chat) -> None:
    assert "没有说到一半的事" in chat.says("继续")


def test_cancelling_nothing_is_answered_plainly(chat: Chat) -> None:
    assert "没有说到一半的事" in chat.says("取消")
