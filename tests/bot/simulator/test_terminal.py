"""The simulated phone in the terminal."""

import asyncio
import io

import pytest
from rich.console import Console

from bot.simulator.terminal import Terminal, UnknownCommandError
from tests.bot.simulator.conftest import Phone


class Screen:
    """Types lines and reads what is printed."""

    def __init__(self, phone: Phone) -> None:
        self.output = io.StringIO()
        console = Console(file=self.output, width=80, soft_wrap=True, highlight=False)
        self.terminal = Terminal(phone.wechat, console, follower="老张")

    def type(self, *lines: str) -> str:
        """Type lines; return what the last one printed."""
        for line in lines:
            self.output.seek(0)
            self.output.truncate()
            asyncio.run(self.terminal.take(line))
        return self.output.getvalue()


@pytest.fixture
def screen(phone: Phone) -> Screen:
    return Screen(phone)


def test_a_text_is_answered_and_shown_as_it_is(screen: Screen) -> None:
    assert screen.type("[red]你好[/red]") == "收到：[red]你好[/red]\n"


def test_an_empty_line_sends_nothing(screen: Screen, phone: Phone) -> None:
    screen.type("  ")

    assert phone.webhook.pushes == []


def test_a_choice_is_shown_by_its_number_and_can_be_tapped(screen: Screen) -> None:
    assert "2. 问法律" in screen.type("/follow")
    assert screen.type("/tap 2") == "您选了 问法律（102）\n"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/voice 想找活", "收到：想找活"),
        ("/voice", "收到：voice"),
        ("/image contract", "收到：image"),
        ("/loc 36.18 116.77 肥城 新城", "收到：location"),
        ("/link https://example.org 招工", "收到：link"),
        ("/click MENU_JOBS", "您点了菜单 MENU_JOBS"),
        ("/unfollow", "（没有回答）"),
        ('"没有配对的引号', '收到："没有配对的引号'),
    ],
)
def test_commands_do_what_a_follower_does(screen: Screen, line: str, answer: str) -> None:
    assert screen.type(line) == f"{answer}\n"


@pytest.mark.parametrize(
    "line",
    [
        "/dance",
        "/tap 1",
        "/dup 4",
        "/dup",
        "/as",
        "/loc 1",
        "/loc 91 0",
        "/link",
        "/click",
        "/image X",
    ],
)
def test_a_wrong_command_says_what_is_wrong(screen: Screen, line: str) -> None:
    with pytest.raises(UnknownCommandError, match=r"\w"):
        screen.type(line)


def test_a_choice_that_is_not_there_is_refused(screen: Screen) -> None:
    with pytest.raises(UnknownCommandError, match=r"1 到 2"):
        screen.type("/follow", "/tap 3")


def test_repeated_deliveries_are_compared(screen: Screen) -> None:
    assert "投递 3 次，回答完全相同" in screen.type("/dup 3 same", "你好")
    assert "投递" not in screen.type("/dup 1", "你好")


def test_the_raw_messages_are_shown_whole(screen: Screen) -> None:
    assert "还没有报文" in screen.type("/raw")
    raw = screen.type("你好", "/raw")
    assert "<Content><![CDATA[你好]]></Content>" in raw
    assert "</Content></xml>" in raw


def test_another_person_writes_from_another_phone(screen: Screen, phone: Phone) -> None:
    screen.type("你好", "/as 王大姐", "你好")

    assert screen.terminal.name == "王大姐"
    assert len({push["FromUserName"] for push in phone.webhook.pushes}) == 2


def test_a_failure_is_remembered(screen: Screen, phone: Phone) -> None:
    phone.webhook.body = "oops"

    assert "出现故障" in screen.type("你好")
    assert screen.terminal.has_failed


def test_help_lists_the_commands_and_quit_ends(screen: Screen) -> None:
    assert "/click KEY" in screen.type("/help")
    assert asyncio.run(screen.terminal.take("/quit")) is False
