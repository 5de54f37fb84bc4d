"""The simulated phone as lines of text: what is typed becomes a gesture, answers are printed."""

import shlex
from collections.abc import Callable, Mapping
from typing import Final

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax

from bot.simulator.client import Attempt, Exchange, SimulatedWeChat
from bot.simulator.followers import find_follower
from bot.simulator.gestures import Gesture, GestureKind
from bot.simulator.phone import Shown, ShownKind, Tap, list_taps, numbered_text

HELP: Final = """直接打字就是发消息。命令：
/tap 2            点回答里的第 2 个选项
/click KEY        点菜单，例如 /click MENU_JOBS
/voice 文字       发语音（不写文字就是没听清）
/image [contract] 发图片     /loc 纬度 经度 [地名]  发位置
/link 网址 [标题] 转发链接   /follow /unfollow       关注、取消关注
/dup 3 [same]     以后每条投递 3 次（same：同时）；/dup 1 恢复
/as 王大姐        换一个人   /raw  看上一条的原始报文
/help  /quit"""


_XML: Final = Syntax("", "xml", background_color="default")


class UnknownCommandError(Exception):
    """A line that starts with / and means nothing; the message says what is wrong."""


class Terminal:
    """One phone in the terminal; `has_failed` tells whether any answer was missing or broken."""

    def __init__(self, wechat: SimulatedWeChat, console: Console, *, follower: str) -> None:
        self._wechat = wechat
        self._console = console
        self._who = find_follower(follower)
        self._deliveries = 1
        self._is_same_moment = False
        self._taps: list[Tap] = []
        self._last: Exchange | None = None
        self.has_failed = False

    @property
    def name(self) -> str:
        """Return the name of the person who holds the phone."""
        return self._who.name

    def print(self, text: str) -> None:
        """Print a text as it is."""
        self._console.print(escape(text))

    async def take(self, line: str) -> bool:
        """Carry out one line; False ends the dialogue."""
        text = line.strip()
        if not text.startswith("/"):
            if text:
                await self._send(kind=GestureKind.TEXT, text=text)
            return True
        name, *words = _split(text)
        if name == "/quit":
            return False
        if name in self._settings:
            self._settings[name](words)
        else:
            await self._act(name, words)
        return True

    @property
    def _settings(self) -> Mapping[str, Callable[[list[str]], None]]:
        return {
            "/help": lambda _words: self.print(HELP),
            "/raw": lambda _words: self._print_raw(),
            "/dup": self._set_deliveries,
            "/as": self._change_person,
        }

    async def _act(self, name: str, words: list[str]) -> None:
        if name == "/tap":
            tap = self._find_tap(words)
            await self._send(kind=GestureKind.TEXT, text=tap.content, menu_id=tap.menu_id)
            return
        if name not in _GESTURES:
            msg = f"没有这个命令：{name}（/help 看全部）"
            raise UnknownCommandError(msg)
        await self._send(**_GESTURES[name](words))

    async def _send(self, **fields: object) -> None:
        try:
            gesture = Gesture.model_validate(
                {
                    "follower": self._who.id,
                    "deliveries": self._deliveries,
                    "same_moment": self._is_same_moment,
                    **fields,
                }
            )
        except ValidationError as error:
            msg = "；".join(f"{item['loc'][0]}：{item['msg']}" for item in error.errors())
            raise UnknownCommandError(msg) from error
        self._last = await self._wechat.send(gesture)
        self._show(self._last)

    def _show(self, exchange: Exchange) -> None:
        shown = exchange.shown
        is_failure = shown.kind is ShownKind.FAILURE
        self.has_failed = self.has_failed or is_failure or exchange.identical is False
        self._taps = list_taps(shown.text)
        self._console.print(escape(_readable(shown)), style="red" if is_failure else "")
        if exchange.identical is not None:
            same = "完全相同" if exchange.identical else "不一样"
            self.print(f"（投递 {len(exchange.attempts)} 次，回答{same}）")

    def _print_raw(self) -> None:
        if self._last is None:
            self.print("还没有报文。")
            return
        for attempt in self._last.attempts:
            self._print_attempt(attempt)

    def _print_attempt(self, attempt: Attempt) -> None:
        status = attempt.status or attempt.outcome
        self._console.rule(f"第 {attempt.number} 次 · {status} · {attempt.milliseconds} 毫秒")
        self.print(f"POST {attempt.url}")
        bodies = [attempt.request_xml, attempt.request_sealed, attempt.response]
        if attempt.response_xml != attempt.response:
            bodies.append(attempt.response_xml)
        for body in filter(None, bodies):
            self._console.print(_XML.highlight(body), end="")

    def _set_deliveries(self, words: list[str]) -> None:
        if not words or words[0] not in ("1", "2", "3"):
            msg = "/dup 后面写 1、2 或 3"
            raise UnknownCommandError(msg)
        self._deliveries = int(words[0])
        self._is_same_moment = words[1:] == ["same"]

    def _change_person(self, words: list[str]) -> None:
        if not words:
            msg = "/as 后面写名字"
            raise UnknownCommandError(msg)
        self._who = find_follower(" ".join(words))
        self._taps = []

    def _find_tap(self, words: list[str]) -> Tap:
        number = int(words[0]) if words and words[0].isdecimal() else 0
        if not 1 <= number <= len(self._taps):
            msg = f"/tap 后面写 1 到 {len(self._taps)}" if self._taps else "上一条回答里没有选项"
            raise UnknownCommandError(msg)
        return self._taps[number - 1]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _readable(shown: Shown) -> str:
    if shown.kind is ShownKind.NOTHING:
        return "（没有回答）"
    if shown.kind is ShownKind.NEWS:
        return "\n".join(f"{card.title}\n{card.url}" for card in shown.articles)
    return numbered_text(shown.text)


def _location(words: list[str]) -> dict[str, object]:
    try:
        latitude, longitude = float(words[0]), float(words[1])
    except (IndexError, ValueError) as error:
        msg = "/loc 后面写纬度和经度，例如 /loc 36.18 116.77"
        raise UnknownCommandError(msg) from error
    return {
        "kind": GestureKind.LOCATION,
        "latitude": latitude,
        "longitude": longitude,
        "label": " ".join(words[2:]),
    }


def _link(words: list[str]) -> dict[str, object]:
    if not words:
        msg = "/link 后面写网址"
        raise UnknownCommandError(msg)
    return {"kind": GestureKind.LINK, "url": words[0], "title": " ".join(words[1:]) or words[0]}


def _click(words: list[str]) -> dict[str, object]:
    if not words:
        msg = "/click 后面写菜单的 KEY，例如 MENU_JOBS"
        raise UnknownCommandError(msg)
    return {"kind": GestureKind.CLICK, "key": words[0]}


_GESTURES: Final[Mapping[str, Callable[[list[str]], dict[str, object]]]] = {
    "/voice": lambda words: {"kind": GestureKind.VOICE, "text": " ".join(words)},
    "/image": lambda words: {
        "kind": GestureKind.IMAGE,
        "picture": words[0] if words else "notice",
    },
    "/loc": _location,
    "/link": _link,
    "/click": _click,
    "/follow": lambda _words: {"kind": GestureKind.SUBSCRIBE},
    "/unfollow": lambda _words: {"kind": GestureKind.UNSUBSCRIBE},
}
