"""What WeChat and the product take as a menu, and how a difference looks."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.wechat.menu import MENU_FILE, MenuError, compare, describe, find_problems, read_menu

KEYS = frozenset({"MENU_JOBS", "MENU_HELP"})
JOBS = {"type": "click", "name": "找岗位", "key": "MENU_JOBS"}
HELP = {"type": "click", "name": "帮助", "key": "MENU_HELP"}
GOOD: dict[str, Any] = {"button": [{"name": "找工作", "sub_button": [JOBS]}, HELP]}


def problems_of(menu: object) -> list[str]:
    return list(find_problems(menu, taken_keys=KEYS))


def changed(change: Callable[[dict[str, Any]], object]) -> list[str]:
    """Return the problems of the good menu after a change."""
    menu = copy.deepcopy(GOOD)
    change(menu)
    return problems_of(menu)


def button(menu: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = menu["button"][1]
    return found


def entries(menu: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = menu["button"][0]["sub_button"]
    return found


def test_a_good_menu_is_read() -> None:
    assert read_menu(json.dumps(GOOD), taken_keys=KEYS) == GOOD


def test_what_is_exactly_at_the_limits_is_taken() -> None:
    def stretch(menu: dict[str, Any]) -> None:
        menu["button"] = [{"name": "一" * 5 + "a", "sub_button": [JOBS] * 5}] * 3
        link = {"type": "view", "name": "字" * 20, "url": "https://" + "u" * 1016}
        menu["button"][0]["sub_button"] = [link, {**JOBS, "type": "pic_weixin", "key": "k" * 128}]

    assert changed(stretch) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda menu: menu.update(button=[HELP] * 4), "4 buttons"),
        (lambda menu: menu.update(button=[]), "0 buttons"),
        (lambda menu: entries(menu).extend([JOBS] * 5), "at most 5 entries"),
        (lambda menu: button(menu).update(name="一" * 6), "18 bytes, at most 16"),
        (lambda menu: entries(menu)[0].update(name="字" * 21), "63 bytes, at most 60"),
        (lambda menu: button(menu).update(type="clik"), "type 'clik' is unknown"),
        (lambda menu: button(menu).update(type=["click"]), "is unknown"),
        (lambda menu: button(menu).pop("type"), "type None is unknown"),
        (lambda menu: button(menu).update(key="MENU_OTHER"), "no topic answers"),
        (lambda menu: button(menu).update(type="scancode_push", key="k" * 129), "129 bytes"),
        (lambda menu: button(menu).pop("key"), "key has to be"),
        (lambda menu: button(menu).update(ulr="https://a"), "no field 'ulr'"),
        (lambda menu: menu["button"][0].update(type="click"), "not both"),
        (lambda menu: entries(menu)[0].update(sub_button=[JOBS]), "entries of its own"),
        (lambda menu: menu["button"][0].update(sub_button="x"), "has to be a list"),
        (lambda menu: menu["button"].append("x"), "not an object"),
        (lambda menu: menu.update(matchrule={}), "unknown field 'matchrule'"),
    ],
)
def test_what_wechat_or_the_product_would_not_take_is_named(
    change: Callable[[dict[str, Any]], object], said: str
) -> None:
    assert any(said in problem for problem in changed(change))


@pytest.mark.parametrize("name", [" ", "", "帮\n助", "\ud800", 7, None])
def test_a_name_is_a_text_that_can_be_shown(name: object) -> None:
    assert changed(lambda menu: button(menu).update(name=name)) == [
        "button 2: name has to be a text in one line"
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [("https://" + "u" * 1017, "1025 bytes"), ("weixin://x", "begin with"), ("", "has to be")],
)
def test_a_link_is_a_web_address_of_bearable_length(url: str, said: str) -> None:
    [problem] = problems_of({"button": [{"type": "view", "name": "看", "url": url}]})

    assert said in problem
    assert problem.startswith("button 1: url")


@pytest.mark.parametrize("menu", [[], "x", None, {}, {"button": {}}, {"menu": GOOD}])
def test_another_shape_is_refused(menu: object) -> None:
    assert problems_of(menu) == ['the file has to be {"button": [ … ]}']


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(MenuError) as caught:
        read_menu('{"button": [{"type": "click", "name": "", "key": "A"}]}', taken_keys=KEYS)

    assert len(caught.value.problems) == 2


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(MenuError, match="not JSON"):
        read_menu("{", taken_keys=KEYS)


def test_a_menu_as_wechat_returns_it_is_the_same_menu() -> None:
    returned = copy.deepcopy(GOOD)
    returned["button"][0]["sub_button"][0]["sub_button"] = []
    returned["button"][1] |= {"sub_button": [], "url": ""}

    assert compare(returned, GOOD) == []


def test_a_difference_shows_what_goes_and_what_comes() -> None:
    wanted = copy.deepcopy(GOOD)
    entries(wanted)[0]["key"] = "MENU_HELP"

    assert compare(GOOD, wanted) == [
        "  找工作",
        "-   找岗位  click  key=MENU_JOBS",
        "+   找岗位  click  key=MENU_HELP",
        "  帮助  click  key=MENU_HELP",
    ]


def test_without_a_published_menu_everything_is_new() -> None:
    assert compare(None, GOOD) == ["+ " + line for line in describe(GOOD)]


def test_the_menu_of_the_product_has_its_three_buttons() -> None:
    menu = json.loads(MENU_FILE.read_text(encoding="utf-8"))

    assert [item["name"] for item in menu["button"]] == ["找工作", "问法律", "找人帮"]
