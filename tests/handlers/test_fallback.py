from models.database import OpenSession
from models.faq import UnansweredQuestion
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock


def test_what_is_not_ours_is_not_answered_and_not_forgotten(
    chat: Chat, open_session: OpenSession
) -> None:
    seen = chat.says("红烧肉咋做才好吃")

    assert "不敢乱答" in seen
    assert "找工作人员" in seen
    [question] = stored.all_of(open_session, UnansweredQuestion)
    assert question.text == "红烧肉咋做才好吃"


def test_the_second_miss_offers_a_person_first(chat: Chat) -> None:
    chat.says("红烧肉咋做才好吃")

    assert "1. 找工作人员" in chat.says("明天股票涨不涨")


def test_a_vague_first_piece_may_go_on(chat: Chat, clock: FakeClock) -> None:
    assert "您接着说" in chat.says("俺想问问")
    clock.advance(seconds=5)
    assert "您接着说" in chat.says("就是那个")
    clock.advance(seconds=5)

    assert "您接着说" not in chat.says("俺那事儿")


def test_pieces_are_understood_together(chat: Chat, clock: FakeClock) -> None:
    chat.says("俺们矿上")
    clock.advance(seconds=6)

    seen = chat.says("欠着工资")

    assert "法律" in seen or "律师" in seen


def test_a_number_that_was_not_offered_is_mended(chat: Chat) -> None:
    chat.says("你好")

    seen = chat.says("第9个")

    assert "上面只有3个" in seen
    assert "按「保安、门卫」" not in seen
    assert "想找什么活" in chat.says("1")


def test_with_an_open_case_words_go_there(chat: Chat, open_session: OpenSession) -> None:
    chat.says("找律师")
    chat.says("工钱要不来")

    assert "已加到您的求助" in chat.says("老张那天也在场")
    assert stored.ticket_words(open_session)[-1] == "老张那天也在场"


def test_in_an_alarm_no_word_is_kept_for_the_list_of_questions(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("不想活了 撑不下去了")
    chat.says("红烧肉咋做才好吃")

    assert not stored.all_of(open_session, UnansweredQuestion)
