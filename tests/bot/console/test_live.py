"""An open page hears of changes, and of nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from bot.console.access import MissingError
from bot.console.live import watch
from tests.bot.console.conftest import OpenConsole
from tests.support.chat import Chat


async def never() -> bool:
    """Stay on the page."""
    return False


def events(look: Callable[[], str | None], *, mark: str, looks: int = 3) -> list[str]:
    """Return what a page hears."""

    async def collect() -> list[str]:
        stream: AsyncIterator[str] = watch(look, is_gone=never, mark=mark, every=0, looks=looks)
        return [part.split("\n")[0].strip() async for part in stream][1:]

    return asyncio.run(collect())


def one_after_the_other(*marks: str | None) -> Callable[[], str | None]:
    """Return a look that sees these marks in turn."""
    rest: Iterator[str | None] = iter(marks)
    return lambda: next(rest)


def test_a_change_is_told_once() -> None:
    assert events(one_after_the_other("a", "b", "b"), mark="a") == [":", "event: change"]


def test_what_changed_before_the_stream_began_is_told_at_once() -> None:
    assert events(one_after_the_other("b"), mark="a", looks=1) == ["event: change"]


def test_who_is_logged_out_is_told_so_and_the_stream_ends() -> None:
    assert events(one_after_the_other("a", None), mark="a") == [":", "event: gone"]


def test_who_may_no_longer_see_it_is_told_the_same() -> None:
    def look() -> str:
        raise MissingError

    assert events(look, mark="a") == ["event: gone"]


def test_the_stream_ends_with_the_page() -> None:
    async def collect() -> int:
        async def gone() -> bool:
            return True

        stream = watch(lambda: "a", is_gone=gone, mark="a", every=0)
        return len([part async for part in stream])

    assert asyncio.run(collect()) == 2


def mark_of(page: str) -> str:
    """Return the mark that a page was made with."""
    return page.split("live?mark=")[1].split('"', maxsplit=1)[0]


def test_a_new_message_changes_the_mark_of_the_page(asked: Chat, console: OpenConsole) -> None:
    li = console("li")
    li.presses("/queue/next")
    before = mark_of(li.page)

    asked.says("在吗")
    li.opens("/tickets/1")

    assert mark_of(li.page) != before


def test_a_new_need_changes_the_mark_of_the_queue(chat: Chat, console: OpenConsole) -> None:
    li = console("li")
    before = mark_of(li.page)
    li.opens("/queue")
    unchanged = mark_of(li.page)

    chat.says("找律师")
    chat.says("老板欠我钱")
    li.opens("/queue")

    assert unchanged == before != mark_of(li.page)


@pytest.mark.parametrize("path", ["/queue/live", "/tickets/1/live"])
def test_the_stream_is_not_for_strangers(client: TestClient, path: str) -> None:
    answer = client.get(f"/console{path}", follow_redirects=False)

    assert answer.status_code == 303
