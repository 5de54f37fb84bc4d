"""What is changed on the pages is judged, seen by the next message, noted, and taken back."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from models.audit import AuditEntry
from models.database import OpenSession
from models.faq import FaqEntry
from models.load_run import LoadRun
from models.local_figure import FigureName, LocalFigure
from models.open_class import Enrolment, OpenClass
from models.station import Station
from tests.bot.admin.conftest import Desk, OpenDesk
from tests.support.chat import Chat, FakeClock
from tests.support.postman import Postman

ENTRY = {
    "id": "own-1",
    "question": "矿上发的羽绒服能不能退",
    "answer": "能退。带上发票，三十天里到原来的窗口换现钱。下一步：先打窗口电话问清楚。",
    "similar": "发的羽绒服能退不\n羽绒服咋退",
    "topic": "contract",
    "citations": "劳动合同法47",
}


def acts(open_session: OpenSession) -> list[tuple[str, str]]:
    """Return what was noted of the admin's acts."""
    with open_session() as session:
        rows = session.exec(
            select(AuditEntry).where(AuditEntry.action != "log_in").order_by(col(AuditEntry.id))
        ).all()
        return [(row.action, row.subject) for row in rows]


def runs(open_session: OpenSession) -> int:
    """Return how many loads there have been."""
    with open_session() as session:
        return len(session.exec(select(LoadRun)).all())


def test_a_new_answer_is_given_to_the_next_message(
    admin: Desk, chat: Chat, clock: FakeClock, open_session: OpenSession
) -> None:
    chat.says("你好")

    admin.fills_in("/faq-entry/create", **ENTRY)

    assert "存好了" in admin.text
    clock.advance(seconds=10)
    assert "带上发票" in chat.says("发的羽绒服能退不")
    assert acts(open_session) == [("admin_add", "faq:own-1")]


def test_a_changed_answer_is_given_to_the_next_message(
    admin: Desk, chat: Chat, clock: FakeClock, open_session: OpenSession
) -> None:
    admin.fills_in("/faq-entry/create", **ENTRY)
    clock.advance(seconds=10)
    chat.says("发的羽绒服能退不")

    admin.fills_in("/faq-entry/edit/own-1", answer="退不了了，活动上个月结束。下一步：问工会。")

    clock.advance(minutes=30)
    assert "退不了了" in chat.says("发的羽绒服能退不")
    with open_session() as session:
        entry = session.get_one(FaqEntry, "own-1")
        assert entry.similar == ENTRY["similar"].split("\n")
        assert entry.citations == [{"statute": "劳动合同法", "article": 47}]
    assert acts(open_session)[-1] == ("admin_change", "faq:own-1")


def test_editing_keeps_the_quote_that_a_citation_relies_on(
    admin: Desk, open_session: OpenSession
) -> None:
    with open_session() as session:
        entry = next(
            e for e in session.exec(select(FaqEntry)) if "quote" in (e.citations or [{}])[0]
        )
        key, before = entry.id, entry.citations

    admin.fills_in(f"/faq-entry/edit/{key}", topic="changed")

    with open_session() as session:
        entry = session.get_one(FaqEntry, key)
        assert (entry.topic, entry.citations) == ("changed", before)


def test_opening_and_saving_changes_nothing(admin: Desk, open_session: OpenSession) -> None:
    paths = ("/job-posting/edit/1", "/station/edit/demo-station-caiyuan", "/faq-entry/edit/own-1")
    admin.fills_in("/faq-entry/create", **ENTRY)
    for path in paths:  # makes rows of the demonstration one's own
        admin.fills_in(path)
    before = runs(open_session)

    for path in paths:
        admin.fills_in(path)
        assert "存好了" in admin.text

    assert runs(open_session) == before


def test_a_wrong_value_is_said_at_its_field_and_what_was_typed_stays(
    admin: Desk, open_session: OpenSession
) -> None:
    admin.fills_in("/job-posting/edit/1", salary_min="一万多吧", title="看大门的")

    assert admin.status == 422
    assert "有一处要改" in admin.text
    assert 'id="e-salary_min"' in admin.page
    assert 'value="看大门的"' in admin.page
    assert acts(open_session) == []


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("/faq-entry/create", {"id": "a b"}, "不要有空格"),
        ("/faq-entry/create", {"id": "示例-1"}, "这个编号已经有了"),
        ("/faq-entry/create", {"id": "x", "question": "问"}, "必填，请填写"),
        ("/faq-entry/create", ENTRY | {"citations": "按国家规定"}, "看不出是哪部法第几条"),
        ("/local-figure/create", {"id": "x", "name": "最低工资", "value": "两千"}, "阿拉伯数字"),
        ("/station/edit/demo-station-caiyuan", {"lat": "116.7", "lon": "36.2"}, "经纬度填反了"),
        (
            "/job-posting/edit/1",
            {"salary_min": "9000", "salary_max": "3000"},
            "最低工资高于最高工资",
        ),
    ],
)
def test_a_row_that_cannot_be_is_refused_in_plain_words(
    admin: Desk, path: str, fields: dict[str, str], said: str
) -> None:
    assert said in admin.fills_in(path, **fields)
    assert admin.status == 422


def test_a_key_that_is_taken_does_not_change_the_other_row(
    admin: Desk, open_session: OpenSession
) -> None:
    admin.fills_in("/faq-entry/create", **ENTRY)

    assert "这个编号已经有了" in admin.fills_in("/faq-entry/create", **ENTRY | {"answer": "别的"})

    with open_session() as session:
        assert session.get_one(FaqEntry, "own-1").answer == ENTRY["answer"]


def test_the_key_of_a_row_cannot_be_changed(admin: Desk, open_session: OpenSession) -> None:
    admin.fills_in("/faq-entry/create", **ENTRY)

    admin.fills_in("/faq-entry/edit/own-1", id="own-2", topic="other")

    with open_session() as session:
        assert session.get(FaqEntry, "own-2") is None
        assert session.get_one(FaqEntry, "own-1").topic == "other"


def test_what_somebody_else_changed_meanwhile_is_not_covered_up(
    admin: Desk, open_desk: OpenDesk, open_session: OpenSession
) -> None:
    admin.fills_in("/faq-entry/create", **ENTRY)
    admin.opens("/faq-entry/edit/own-1")
    held = admin.fields()
    open_desk("chef").fills_in("/faq-entry/edit/own-1", topic="theirs")

    admin.presses("/faq-entry/edit/own-1", **held | {"topic": "mine"})

    assert admin.status == 422
    assert "别人改过这一条" in admin.text
    assert 'value="mine"' in admin.page
    with open_session() as session:
        assert session.get_one(FaqEntry, "own-1").topic == "theirs"


def test_a_change_is_taken_back_and_that_too(
    admin: Desk, chat: Chat, clock: FakeClock, open_session: OpenSession
) -> None:
    admin.fills_in("/faq-entry/create", **ENTRY)
    admin.fills_in("/faq-entry/edit/own-1", answer="退不了了。")

    assert "撤回了，回到改之前的样子" in admin.presses("/load-run/undo/2")

    clock.advance(seconds=10)
    assert "带上发票" in chat.says("发的羽绒服能退不")
    admin.presses("/load-run/undo/3")
    with open_session() as session:
        assert session.get_one(FaqEntry, "own-1").answer == "退不了了。"
    assert acts(open_session)[-2:] == [("undo", "load:2"), ("undo", "load:3")]


def test_an_undo_that_would_cover_later_changes_is_refused_with_the_reason(admin: Desk) -> None:
    admin.fills_in("/faq-entry/create", **ENTRY)
    admin.fills_in("/faq-entry/edit/own-1", topic="later")

    assert "请先撤回 2" in admin.presses("/load-run/undo/1")
    assert admin.status == 409


def test_a_removed_row_is_gone_from_answers_and_can_be_brought_back(
    admin: Desk, chat: Chat, clock: FakeClock, open_session: OpenSession
) -> None:
    admin.fills_in("/faq-entry/create", **ENTRY)

    assert "删掉了" in admin.presses("/faq-entry/removal/own-1")

    clock.advance(seconds=10)
    assert "带上发票" not in chat.says("发的羽绒服能退不")
    admin.presses("/load-run/undo/2")
    with open_session() as session:
        assert session.get_one(FaqEntry, "own-1").answer == ENTRY["answer"]


def test_a_class_that_people_come_to_is_cancelled_rather_than_removed(
    admin: Desk, chat: Chat, open_session: OpenSession, postman: Postman
) -> None:
    chat.says("我要报名听课")
    chat.says("1")
    with open_session() as session:
        enrolment = session.exec(select(Enrolment)).first()
        assert enrolment is not None
        key = enrolment.class_id

    assert "已经有人在用" in admin.presses(f"/open-class/removal/{key}")

    admin.fills_in(f"/open-class/edit/{key}", is_cancelled="取消")
    with open_session() as session:
        assert session.get_one(OpenClass, key).is_cancelled
    assert any("取消" in text for text in postman.deliver())


def test_a_closed_station_and_a_new_figure_are_known_at_once(
    admin: Desk, open_session: OpenSession, clock: FakeClock
) -> None:
    admin.presses("/station/removal/demo-station-caiyuan")
    admin.fills_in(
        "/local-figure/create",
        id="min-2026",
        region="泰安市",
        name="最低工资",
        value="2010",
        unit="元/月",
        valid_from="2026-01-01",
        valid_until=str((clock() + timedelta(days=30)).date()),
        source="某通知",
    )

    assert "最低工资" in admin.text
    with open_session() as session:
        assert session.get(Station, "demo-station-caiyuan") is None
        assert session.get_one(LocalFigure, "min-2026").name is FigureName.MINIMUM_WAGE


def test_a_search_finds_by_what_is_seen(admin: Desk) -> None:
    admin.fills_in("/faq-entry/create", **ENTRY)

    assert "问答 1 条" in admin.opens("/faq-entry/list?search=羽绒服")
    assert "没有找到" in admin.opens("/faq-entry/list?search=没有这样的词")
