"""The list of topics, held against the files, the menu and the tests."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.base import Handler
from handlers.registry import create_router
from handlers.topics import fallback, media, smalltalk, welcome

ROOT = Path(__file__).parents[2]
TOPIC_FILES = sorted(
    path.stem for path in (ROOT / "handlers" / "topics").glob("*.py") if path.stem != "__init__"
)


def handlers() -> dict[str, Handler]:
    """Return every registered topic by its name."""
    return create_router()._by_name


def menu_keys() -> Iterator[str]:
    """Yield the keys that the custom menu sends."""
    menu = json.loads((ROOT / "bot" / "wechat" / "menu.json").read_text(encoding="utf-8"))
    for button in menu["button"]:
        for entry in button.get("sub_button", [button]):
            if entry["type"] == "click":
                yield entry["key"]


@pytest.mark.parametrize("topic", TOPIC_FILES)
def test_a_topic_has_a_test_file(topic: str) -> None:
    assert (Path(__file__).parent / f"test_{topic}.py").is_file()


@pytest.mark.parametrize("topic", TOPIC_FILES)
def test_a_topic_is_registered_under_the_name_of_its_file(topic: str) -> None:
    assert topic in handlers(), "add it to handlers/registry.py"
    assert type(handlers()[topic]).__module__ == f"handlers.topics.{topic}"


def test_no_two_topics_share_a_name() -> None:
    router = create_router()
    special = router._special
    objects = {*router._topics, special.safety, special.human, special.resume}
    objects |= {special.media, special.fallback}

    assert len({handler.name for handler in objects}) == len(objects)


@pytest.mark.parametrize("key", list(menu_keys()))
def test_a_menu_key_is_taken_by_one_topic(key: str) -> None:
    takers = [topic.name for topic in create_router()._topics if key in topic.menu_keys]

    assert len(takers) == 1


def test_no_topic_waits_for_a_key_that_the_menu_does_not_have() -> None:
    wanted = {key for topic in create_router()._topics for key in topic.menu_keys}

    assert wanted == set(menu_keys())


def test_every_fixed_choice_leads_to_a_topic() -> None:
    fixed = [
        *welcome.MENU,
        *smalltalk._MENU,
        *fallback._NEAREST.values(),
        *(choice for row in media._CHOICES.values() for choice in row),
    ]

    assert {choice.topic for choice in fixed} <= set(handlers())


def test_no_wish_is_served_by_two_topics() -> None:
    served = [intent for topic in create_router()._topics for intent in topic.intents]

    assert len(served) == len(set(served))
