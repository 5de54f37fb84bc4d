import re

import pytest
from sqlmodel import select

from models.database import OpenSession
from models.job import JobPosting
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock


def test_a_search_without_a_wish_asks_what_is_wanted(chat: Chat) -> None:
    seen = chat.says("找活")

    assert "想找什么活" in seen
    assert "1. 保安" in seen


def test_invented_postings_say_that_they_are_invented(chat: Chat) -> None:
    assert "演示数据" in chat.says("泰安有电工的活吗")


def test_a_refinement_keeps_what_was_said(chat: Chat) -> None:
    chat.says("泰安招电工不")
    assert "电工 · 泰安" in chat.says("钱再多点")
    assert "电工 · 泰安 · 6500元以上 · 交社保" in chat.says("得六千五以上 还得交社保")

    assert "6500元以上 · 交社保 · 不上夜班" in chat.says("不要夜班")


def test_the_list_offers_to_say_what_was_not_said_yet(chat: Chat) -> None:
    assert "比如「工资高点」「不要夜班」。" in chat.says("泰安的保安")
    assert "比如「工资高点」「轻省的活」。" in chat.says("不要夜班")
    assert "比如「轻省的活」「管住的」。" in chat.says("两千以上")


@pytest.mark.parametrize(
    ("words", "understood"),
    [
        ("工资高点", "元以上"),
        ("不要夜班", "不上夜班"),
        ("轻省的活", "活轻一点"),
        ("管住的", "管住"),
    ],
)
def test_what_the_list_offers_to_say_is_understood_and_not_offered_again(
    chat: Chat, words: str, understood: str
) -> None:
    chat.says("泰安的保安")

    seen = chat.says(words)

    assert "保安 · 泰安" in seen
    assert understood in seen
    assert f"「{words}」" not in seen


def test_who_has_said_everything_is_offered_nothing(chat: Chat) -> None:
    seen = chat.says("找活，两千以上，不上夜班，管住，轻省的活")

    assert "管住" in seen
    assert seen.rstrip().endswith("还可以接着说要求。")


def test_higher_pay_means_more_than_the_lowest_shown(chat: Chat) -> None:
    first = chat.says("泰安招电工不")
    lowest = min(int(low) for low in re.findall(r"(\d+)-\d+元/月", first))

    seen = chat.says("工资高点儿")

    assert all(int(low) > lowest for low in re.findall(r"(\d+)-\d+元/月", seen))


def test_a_question_about_the_list_is_answered_for_each(chat: Chat) -> None:
    chat.says("肥城的保洁")

    assert "小区楼道保洁：18到58岁" in chat.says("年龄有要求吗")


def test_a_number_opens_a_posting_and_questions_are_about_it(chat: Chat) -> None:
    chat.says("肥城的保洁")
    assert "【小区楼道保洁】" in chat.says("第一个")

    assert "《小区楼道保洁》" in chat.says("交保险不")
    assert "0538-0000001" in chat.says("咋联系")


def test_the_list_is_remembered_while_one_posting_is_read(chat: Chat) -> None:
    chat.says("肥城的保洁")
    chat.says("1")
    chat.says("咋联系")

    assert "【工厂车间保洁】" in chat.says("第二个")
    assert "按「保洁 · 肥城」" in chat.says("返回")


def test_what_is_not_stated_is_asked_for_and_never_invented(
    chat: Chat, open_session: OpenSession
) -> None:
    chat.says("肥城的保洁")
    chat.says("1")
    seen = chat.says("加班多不多")

    assert "没写" in seen
    [ticket] = stored.tickets(open_session)
    assert ticket.kind is TicketKind.CAREER
    assert "demo-025" in ticket.summary


def test_another_page_shows_others(chat: Chat) -> None:
    first = set(re.findall(r"^\d\. (.+)$", chat.says("找个保洁的活"), re.M)) - {"换一批"}
    second = set(re.findall(r"^\d\. (.+)$", chat.says("换一批"), re.M)) - {"换一批"}

    assert first
    assert second
    assert first.isdisjoint(second)


def test_a_wrong_guess_is_taken_back_with_a_word(chat: Chat) -> None:
    chat.says("找个车间里的活")
    seen = chat.says("没让你找客服 俺嘴笨")

    assert "弄拧了" in seen
    assert "不要：客服" in seen


def test_nothing_found_is_said_and_leads_on(chat: Chat) -> None:
    seen = chat.says("东平的月嫂 两万以上")

    assert "不糊弄您" in seen
    assert "不限工资" in seen


def test_a_withdrawn_posting_is_gone_at_once(
    chat: Chat, clock: FakeClock, open_session: OpenSession
) -> None:
    chat.says("肥城的保洁")
    with open_session() as session:
        for posting in session.exec(select(JobPosting)):
            posting.withdrawn_at = clock()
            session.add(posting)

    assert "刚刚下架了" in chat.says("1")


def test_a_child_is_not_sent_to_work(chat: Chat) -> None:
    seen = chat.says("俺闺女15 想找个活")

    assert "不满16岁" in seen
    assert "元/月" not in seen


def test_a_minor_is_told_the_limits_and_gets_no_night_work(chat: Chat) -> None:
    chat.says("我17 想打工")
    seen = chat.says("上夜班也中 家里等钱用")

    assert "不能上夜班" in seen
    assert "家里有困难" in seen
    assert "夜班也行" not in seen


def test_a_posting_names_no_line_twice(chat: Chat) -> None:
    chat.says("肥城的门卫有吗")
    seen = chat.says("第一个")

    names = [line.split("：")[0] for line in seen.splitlines() if "：" in line]
    assert "地区" in names
    assert len(names) == len(set(names)), names
