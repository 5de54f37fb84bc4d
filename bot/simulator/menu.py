"""The account's custom menu as WeChat stores it, with WeChat's limits."""

import json
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MENU_FILE: Final = Path(__file__).parents[1] / "wechat" / "menu.json"


class MenuItem(BaseModel):
    """An entry that does something when tapped."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1, max_length=8)
    type: str = Field(pattern="^(click|view)$")
    key: str = Field(default="", max_length=128)
    url: str = Field(default="", max_length=1024)

    @model_validator(mode="after")
    def want_a_target(self) -> Self:
        """Refuse an entry that leads nowhere."""
        if not (self.key if self.type == "click" else self.url):
            msg = "a click needs a key, a view needs a url"
            raise ValueError(msg)
        return self


class MenuButton(BaseModel):
    """One of the buttons at the bottom: opens its entries, or acts itself."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1, max_length=4)
    type: str = ""
    key: str = Field(default="", max_length=128)
    url: str = Field(default="", max_length=1024)
    sub_button: tuple[MenuItem, ...] = Field(default=(), max_length=5)

    @model_validator(mode="after")
    def want_entries_or_a_target(self) -> Self:
        """Refuse a button that neither opens nor does anything."""
        if not self.sub_button and not (self.key or self.url):
            msg = "a button needs entries, a key or a url"
            raise ValueError(msg)
        return self


class Menu(BaseModel):
    """The whole menu in the form of WeChat's menu/create."""

    model_config = ConfigDict(frozen=True)

    button: tuple[MenuButton, ...] = Field(min_length=1, max_length=3)


def load_menu(path: Path = MENU_FILE) -> Menu:
    """Read the menu that the account publishes."""
    return Menu.model_validate(json.loads(path.read_text(encoding="utf-8")))
