import pytest
from sqlmodel import select

from models.database import OpenSession
from models.station import Station
from tests.handlers import stored
from tests.support.chat import Chat

PLACE = (
    "<Location_X>{}</Location_X><Location_Y>{}</Location_Y><Scale>15</Scale>"
    "<Label><![CDATA[某处]]></Label>"
)


def test_the_menu_lists_five_stations_at_a_time_from_the_home_town_on(chat: Chat) -> None:
    first = chat.does("CLICK", "MENU_STATION")
    assert "1. 新城街道矿友之家" in first
    assert "演示数据" in first
    assert "6. 换一批" in first

    second = chat.says("还有吗")
    assert "新汶街道矿友驿站" in second
    assert "新城街道矿友之家" not in second
    assert "没有更多" in chat.says("还有别的吗")


def test_a_town_shows_its_own_stations(chat: Chat) -> None:
    seen = chat.says("石横有服务站吗")

    assert "1. 石横镇工友驿站" in seen
    assert "2. " not in seen


def test_a_town_without_a_station_is_told_and_shown_those_of_its_county(chat: Chat) -> None:
    seen = chat.says("王瓜店附近有没有站")

    assert "王瓜店还没有登记的站点，肥城的有" in seen
    assert "新汶" not in seen


def test_one_station_in_full_and_questions_about_it(chat: Chat) -> None:
    chat.says("石横有服务站吗")
    shown = chat.taps("石横镇工友驿站")
    assert "镇工会院内" in shown
    assert "0538-0000103" in shown

    assert "周一至周六 8:00-18:00" in chat.says("几点关门")
    assert "0538-0000103" in chat.says("电话多少")
    assert "没写有没有母婴室" in chat.says("有母婴室吗")


def test_only_stations_that_have_it_are_shown(chat: Chat) -> None:
    seen = chat.says("服务站有母婴室吗 我带小的来")

    assert "财源街道" in seen
    assert "新城街道" not in seen
    assert "没有写明有「厕所」" in chat.says("附近哪有厕所")


def test_a_question_narrows_the_town_spoken_of(chat: Chat) -> None:
    chat.says("肥城有服务站吗")
    seen = chat.says("有能热饭的吗")

    assert "石横镇工友驿站" in seen
    assert "陶阳小区" not in seen
    assert "财源街道" not in seen


def test_a_place_that_was_sent_shows_the_three_nearest_and_is_not_remembered(
    chat: Chat, open_session: OpenSession
) -> None:
    seen = chat.sends("location", PLACE.format(36.18, 116.77))

    assert "1. 新城街道矿友之家 0.3公里" in seen
    assert "3. 陶阳小区矿友驿站" in seen
    assert "石横镇" not in seen
    assert "36.18" not in stored.conversation(open_session).model_dump_json()
    assert "财源街道" in chat.says("有母婴室的吗")


def test_a_place_far_away_is_told_the_truth(chat: Chat) -> None:
    assert "附近还没有登记的站点" in chat.sends("location", PLACE.format(31.23, 121.47))


@pytest.mark.parametrize("said", ["驿站在哪 热死了", "肥城有服务站吗"])
def test_with_an_empty_directory_a_person_is_offered(
    chat: Chat, open_session: OpenSession, said: str
) -> None:
    with open_session() as session:
        for station in session.exec(select(Station)).all():
            session.delete(station)

    seen = chat.says(said)

    assert "不敢乱指路" in seen
    assert "什么事" in chat.taps("转给工作人员")


def test_another_wish_leaves_the_stations(chat: Chat) -> None:
    chat.says("驿站在哪")

    assert "按「电工」" in chat.says("有电工的活吗")
