"""The custom menu in the form of WeChat's menu/create: what WeChat allows, and how to show it.

Problems are found here, all at once and by name, because WeChat only answers with the first number
that comes to its mind, and takes a key that nobody listens to without a word.
"""

import difflib
import json
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeGuard

MENU_FILE: Final = Path(__file__).with_name("menu.json")

MAX_BUTTONS: Final = 3
MAX_ENTRIES: Final = 5
BUTTON_NAME_BYTES: Final = 16
ENTRY_NAME_BYTES: Final = 60

_FIELD_BYTES: Final = {"key": 128, "url": 1024}
_FIELDS_OF_TYPE: Final[Mapping[str, tuple[str, ...]]] = {
    "click": ("key",),
    "view": ("url",),
    "scancode_push": ("key",),
    "scancode_waitmsg": ("key",),
    "pic_sysphoto": ("key",),
    "pic_photo_or_album": ("key",),
    "pic_weixin": ("key",),
    "location_select": ("key",),
    "media_id": ("media_id",),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
    "miniprogram": ("url", "appid", "pagepath"),
}
_EVERYWHERE: Final = ("type", "name", "sub_button")

Json = Mapping[str, Any]


class MenuError(Exception):
    """A menu that WeChat or the product would not take; `problems` has one sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the menu something is, in words."""

    words: str
    name_bytes: int


def read_menu(text: str, *, taken_keys: Collection[str]) -> dict[str, Any]:
    """Return the menu in a JSON text; raise MenuError unless WeChat and the product take it.

    `taken_keys` are the click keys that a topic of the product answers.
    """
    try:
        menu = json.loads(text)
    except ValueError as error:
        raise MenuError([f"not JSON: {error}"]) from error
    problems = list(find_problems(menu, taken_keys=taken_keys))
    if problems:
        raise MenuError(problems)
    return {"button": menu["button"]}


def find_problems(menu: object, *, taken_keys: Collection[str]) -> Iterator[str]:
    """Yield what WeChat or the product would not take, one sentence for each."""
    buttons = menu.get("button") if isinstance(menu, dict) else None
    if not isinstance(menu, dict) or not isinstance(buttons, list):
        yield 'the file has to be {"button": [ … ]}'
        return
    yield from (f"unknown field {name!r}" for name in menu if name != "button")
    if not 1 <= len(buttons) <= MAX_BUTTONS:
        yield f"there are {len(buttons)} buttons; WeChat takes 1 to {MAX_BUTTONS}"
    for number, button in enumerate(buttons, start=1):
        place = _Place(f"button {number}", BUTTON_NAME_BYTES)
        yield from _button_problems(button, place, taken_keys)


def describe(menu: Json) -> list[str]:
    """Return the menu as indented lines, one for each button and entry, in a fixed form."""
    lines = []
    for button in menu.get("button", ()):
        lines.append(_line(button))
        # menu/get may wrap the entries once more.
        entries = button.get("sub_button") or ()
        entries = entries.get("list", ()) if isinstance(entries, dict) else entries
        lines += ["  " + _line(entry) for entry in entries]
    return lines


def compare(published: Json | None, wanted: Json) -> list[str]:
    """Return the differences as lines that begin with `-`, `+` or a space; none where equal."""
    before, after = describe(published or {}), describe(wanted)
    if before == after:
        return []
    return [line for line in difflib.ndiff(before, after) if not line.startswith("?")]


def _button_problems(button: object, place: _Place, taken_keys: Collection[str]) -> Iterator[str]:
    entries = button.get("sub_button") if isinstance(button, dict) else None
    if not isinstance(button, dict) or not entries:
        yield from _item_problems(button, place, taken_keys)
        return
    yield from _name_problems(button, place)
    yield from (
        f"{place.words}: {name!r} beside sub_button; a button opens its entries or acts, not both"
        for name in button
        if name not in ("name", "sub_button")
    )
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        yield f"{place.words}: sub_button has to be a list of at most {MAX_ENTRIES} entries"
        return
    for number, entry in enumerate(entries, start=1):
        inside = _Place(f"{place.words}, entry {number}", ENTRY_NAME_BYTES)
        if isinstance(entry, dict) and entry.get("sub_button"):
            yield f"{inside.words}: an entry cannot open entries of its own"
        yield from _item_problems(entry, inside, taken_keys)


def _item_problems(item: object, place: _Place, taken_keys: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with something that acts when it is tapped."""
    if not isinstance(item, dict):
        yield f"{place.words}: not an object"
        return
    yield from _name_problems(item, place)
    kind = item.get("type")
    if not isinstance(kind, str) or kind not in _FIELDS_OF_TYPE:
        yield f"{place.words}: type {kind!r} is unknown; use one of {', '.join(_FIELDS_OF_TYPE)}"
        return
    wanted = _FIELDS_OF_TYPE[kind]
    yield from (
        f"{place.words}: a {kind} has no field {name!r}"
        for name in item
        if name not in (*_EVERYWHERE, *wanted)
    )
    for name in wanted:
        yield from _field_problems(item.get(name), f"{place.words}: {name}", name)
    if kind == "click" and item.get("key") not in taken_keys:
        yield f"{place.words}: no topic answers the key {item.get('key')!r}"


def _name_problems(item: Json, place: _Place) -> Iterator[str]:
    name = item.get("name")
    if not _is_text(name):
        yield f"{place.words}: name has to be a text in one line"
    elif (size := len(name.encode())) > place.name_bytes:
        yield f"{place.words}: the name {name!r} has {size} bytes, at most {place.name_bytes}"


def _field_problems(value: object, where: str, name: str) -> Iterator[str]:
    if not _is_text(value):
        yield f"{where} has to be a text in one line"
        return
    size, most = len(value.encode()), _FIELD_BYTES.get(name)
    if most is not None and size > most:
        yield f"{where} has {size} bytes, at most {most}"
    if name == "url" and not value.startswith(("https://", "http://")):
        yield f"{where} has to begin with https:// or http://"


def _is_text(value: object) -> TypeGuard[str]:
    """Tell whether this is a visible text that WeChat can show: one line, real Unicode."""
    if not isinstance(value, str) or not value.strip():
        return False
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in value)


def _line(item: Json) -> str:
    """Return a button or entry in one line; what WeChat leaves out and what is empty are alike."""
    rest = {k: v for k, v in item.items() if k not in _EVERYWHERE and v not in ("", None)}
    fields = [f"{name}={rest[name]}" for name in sorted(rest)]
    kind = [] if item.get("sub_button") else [str(item.get("type", ""))]
    return "  ".join([str(item.get("name", "")), *kind, *fields]).rstrip()
