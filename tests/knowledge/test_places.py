import pytest

from knowledge.places import Place, find_places, get_place


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("肥城有活吗", ["肥城"]),
        ("肥城市的保安", ["肥城"]),
        ("肥城城区", ["肥城"]),
        ("泰城", ["泰安"]),
        ("泰安市区", ["泰安"]),
        ("新泰宁阳都行", ["新泰", "宁阳"]),
        ("创新泰安", ["泰安"]),
        ("更新泰国", []),
        ("石横镇", ["石横"]),
        ("新城街道办", ["新城"]),
        ("王瓜店那边", ["王瓜店"]),
        ("泰山区岱岳区", ["泰山区", "岱岳区"]),
        ("去爬泰山", []),
        ("莱芜", ["莱芜"]),
        ("莱芜区", ["莱芜"]),
        ("济南历下", ["济南", "历下区"]),
        ("芝罘", ["芝罘"]),
        ("长沙发展", []),
        ("大连续剧", []),
        ("新疆 东北", ["新疆", "东北"]),
        ("山东平安", ["山东"]),
        ("宁阳光伏", []),
        ("山口", []),
        ("山口镇", ["山口"]),
        ("天平街道", ["天平"]),
        ("青岛青岛", ["青岛"]),
        ("", []),
        ("没有地方", []),
    ],
)
def test_places_are_found_by_their_longest_name(said: str, names: list[str]) -> None:
    assert [place.name for place in find_places(said)] == names


@pytest.mark.parametrize(
    ("name", "county", "city"),
    [
        ("石横", "肥城", "泰安"),
        ("汶阳镇", "肥城", "泰安"),
        ("大汶口", "岱岳区", "泰安"),
        ("楼德", "新泰", "泰安"),
        ("磁窑镇", "宁阳", "泰安"),
        ("彭集街道", "东平", "泰安"),
        ("省庄", "泰山区", "泰安"),
        ("钢城", "钢城区", "济南"),
        ("曲阜", "曲阜", "济宁"),
        ("昆山", "昆山", "苏州"),
        ("泰安", "", "泰安"),
        ("新疆", "", ""),
    ],
)
def test_a_town_belongs_to_a_county_and_a_county_to_a_city(
    name: str, county: str, city: str
) -> None:
    place = get_place(name)

    assert place is not None
    assert (place.county, place.city) == (county, city)


def test_all_fourteen_towns_of_feicheng_are_known() -> None:
    towns = [
        "新城",
        "老城",
        "王瓜店",
        "仪阳",
        "潮泉",
        "桃园",
        "王庄",
        "湖屯",
        "石横",
        "安临站",
        "孙伯",
        "安驾庄",
        "边院",
        "汶阳",
    ]

    assert {place.county for town in towns if (place := get_place(town))} == {"肥城"}


def test_a_name_of_several_places_is_flagged() -> None:
    assert find_places("市中区")[0].ambiguous
    assert find_places("新城")[0].ambiguous


def test_the_city_named_with_it_settles_an_ambiguous_name() -> None:
    city, district = find_places("枣庄市中区")

    assert district == Place("市中区", county="市中区", city=city.name)


def test_an_unknown_name_gives_none() -> None:
    assert get_place("桃花岛") is None


def test_a_town_lies_in_its_county_and_city() -> None:
    town, county = get_place("石横"), get_place("肥城")

    assert town is not None
    assert county is not None
    assert town.lies_in(county)
    assert not county.lies_in(town)
