from datetime import timedelta

from models.database import Database, OpenSession
from models.faq import UnansweredQuestion
from models.helpfulness import AnswerFeedback, count_unhelpful, list_unhelpful
from tests.conftest import NOON
from tests.handlers import stored
from tests.support.chat import Chat

QUESTION = "1年|工伤认定要在多久之内申请|12333"
UNHELPFUL = "这个回答没帮上忙"


def test_an_answer_that_did_not_help_is_counted_without_a_person(
    chat: Chat, open_session: OpenSession
) -> None:
    for _ in range(2):
        chat.says(QUESTION)
        chat.taps(UNHELPFUL)

    [row] = stored.all_of(open_session, AnswerFeedback)
    assert (row.topic, row.unhelpful) == ("legal", 2)
    assert not {"contact_id", "openid"} & set(AnswerFeedback.model_fields)


def test_the_lawyer_stands_before_the_word_that_it_did_not_help(chat: Chat) -> None:
    seen = chat.says(QUESTION)

    assert seen.index("找律师问问") < seen.index(UNHELPFUL)


def test_who_was_not_helped_can_ask_again_or_get_a_lawyer(chat: Chat) -> None:
    chat.says(QUESTION)
    seen = chat.taps(UNHELPFUL)

    assert "换个说法" in seen
    assert "工伤认定" in chat.taps("找律师问问")


def test_a_question_put_in_other_words_is_answered(chat: Chat) -> None:
    chat.says(QUESTION)
    chat.taps(UNHELPFUL)

    assert "尘肺" in chat.says("尘肺病咋鉴定")


def test_what_was_missing_is_kept_for_who_writes_answers(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says(QUESTION)
    chat.taps(UNHELPFUL)
    assert "还想知道啥" in chat.taps("说说还缺啥")

    assert "记下了" in chat.says("没说去哪个窗口办")

    [row] = stored.all_of(open_session, UnansweredQuestion)
    assert "工伤" in row.text
    assert "没说去哪个窗口办" in row.text


def test_another_wish_is_not_taken_for_the_missing_piece(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says(QUESTION)
    chat.taps(UNHELPFUL)
    chat.taps("说说还缺啥")

    assert "按「电工」" in chat.says("有电工的活吗")
    assert not stored.all_of(open_session, UnansweredQuestion)


def test_only_one_message_is_taken_for_the_missing_piece(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says(QUESTION)
    chat.taps(UNHELPFUL)
    chat.taps("说说还缺啥")
    chat.says("没说去哪个窗口办")

    assert "依据" in chat.says(QUESTION)
    assert len(stored.all_of(open_session, UnansweredQuestion)) == 1


def test_the_worst_answers_come_first_with_their_question(
    chat: Chat, open_session: OpenSession, database: Database
) -> None:
    chat.says(QUESTION)
    chat.taps(UNHELPFUL)
    with open_session() as session:
        for minutes in range(2):
            later = NOON + timedelta(minutes=minutes)
            count_unhelpful(session, topic="legal", ref="gone", now=later)

    with database.transaction() as session:
        first, second = list_unhelpful(session)

    assert (first.ref, first.title, first.unhelpful) == ("gone", "", 2)
    assert first.last_at == NOON + timedelta(minutes=1)
    assert "工伤" in second.title


def test_word_that_it_did_not_help_is_taken_also_when_the_choice_is_gone(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says(QUESTION)
    chat.says("这周有公开课吗")

    assert "还想知道啥" in chat.says(UNHELPFUL)
    assert "记下了" in chat.says("没说去哪个窗口办")
    [missed] = stored.all_of(open_session, UnansweredQuestion)
    assert missed.text == "没说去哪个窗口办"
