"""The menu file keeps WeChat's limits."""

import json

import pytest
from pydantic import ValidationError

from bot.simulator.menu import MENU_FILE, Menu, load_menu


def test_the_published_menu_fits_wechat() -> None:
    menu = load_menu()

    assert [len(button.sub_button) for button in menu.button] == [3, 3, 3]
    assert all(len(button.name.encode()) <= 16 for button in menu.button)


def test_no_two_entries_share_a_key() -> None:
    keys = [entry.key for button in load_menu().button for entry in button.sub_button]

    assert len(keys) == len(set(keys))


def test_the_file_holds_nothing_that_the_model_does_not_know() -> None:
    raw = json.loads(MENU_FILE.read_text(encoding="utf-8"))

    dumped = Menu.model_validate(raw).model_dump(mode="json", exclude_unset=True)
    assert dumped == raw


@pytest.mark.parametrize(
    "buttons",
    [
        [],
        [{"name": "一", "key": "K"}] * 4,
        [{"name": "五个字太长", "key": "K"}],
        [{"name": "空"}],
        [{"name": "一", "sub_button": [{"type": "click", "name": "无键"}]}],
        [{"name": "一", "sub_button": [{"type": "view", "name": "无址", "key": "K"}]}],
        [{"name": "一", "sub_button": [{"type": "click", "name": "项", "key": "K"}] * 6}],
    ],
)
def test_a_menu_wechat_would_refuse_is_refused(buttons: list[object]) -> None:
    with pytest.raises(ValidationError):
        Menu.model_validate({"button": buttons})
