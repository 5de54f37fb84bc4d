"""A simulated phone in the terminal: talks to a running service as WeChat would."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from rich.console import Console

from bot.settings import SettingsError, load_settings
from bot.simulator.client import SimulatedWeChat
from bot.simulator.terminal import HELP, Terminal, UnknownCommandError
from bot.simulator.wire import Account


def main(
    say: Annotated[
        list[str] | None, typer.Option(help="Send this and print the answer; may be repeated.")
    ] = None,
    follower: Annotated[str, typer.Option("--as", help="Who writes.")] = "老张",
    url: Annotated[str, typer.Option(help="The webhook, if not the local service.")] = "",
) -> None:
    """Talk to the service as a follower; reads lines from standard input, /help lists commands.

    The status is 1 when a message got no proper answer, 2 when a command or a setting is wrong.
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    account = Account(
        token=settings.wechat_token,
        app_id=settings.wechat_app_id,
        encoding_aes_key=settings.wechat_encoding_aes_key,
    )
    wechat = SimulatedWeChat(account, webhook_url=url or f"{settings.local_url}/wechat")
    terminal = Terminal(wechat, Console(highlight=False, soft_wrap=True), follower=follower)
    raise typer.Exit(_run(terminal, say))


def _run(terminal: Terminal, say: Iterable[str] | None) -> int:
    is_dialogue = say is None and sys.stdin.isatty()
    if is_dialogue:
        terminal.print(HELP)
    # Lines are read outside the event loop, so that Ctrl-C at the prompt ends the dialogue.
    with asyncio.Runner() as runner:
        for line in say if say is not None else _typed_lines(terminal):
            try:
                if not runner.run(terminal.take(line)):
                    break
            except UnknownCommandError as error:
                typer.echo(f"{error}", err=True)
                if not is_dialogue:
                    return 2
    return 1 if terminal.has_failed and not is_dialogue else 0


def _typed_lines(terminal: Terminal) -> Iterator[str]:
    while True:
        try:
            yield input(f"{terminal.name}> " if sys.stdin.isatty() else "")
        except (EOFError, KeyboardInterrupt):
            return


if __name__ == "__main__":
    typer.run(main)
