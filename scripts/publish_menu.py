"""Publishes the custom menu to the account, after showing what would change."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from bot.settings import Settings, SettingsError, load_settings
from bot.wechat.api import (
    BAD_APP_ID,
    BAD_SECRET,
    IP_NOT_LISTED,
    NOT_ALLOWED,
    ApiAccount,
    WeChatApi,
    WeChatApiError,
    WeChatUnreachableError,
)
from bot.wechat.menu import MENU_FILE, MenuError, compare, describe, read_menu
from handlers.registry import create_router

_ADVICE: Final = {
    NOT_ALLOWED: (
        "This account may not have a menu by API (an unverified subscription account may not). "
        "The service works without: every choice is also a link in the text and a number to answer."
    ),
    IP_NOT_LISTED: (
        "WeChat does not know this machine's IP address. In the account's console, under "
        "设置与开发 → 基本配置 → IP白名单, add the address named above; it takes about 5 minutes."
    ),
    BAD_SECRET: "WECHAT_APP_SECRET is not this account's AppSecret: take it from the console.",
    BAD_APP_ID: "WECHAT_APP_ID is not an account's AppID: take it from the console.",
}


def main(
    *,
    file: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, readable=True, help="The menu.")
    ] = MENU_FILE,
    dry_run: Annotated[bool, typer.Option(help="Check and compare; publish nothing.")] = False,
    yes: Annotated[bool, typer.Option(help="Publish without asking.")] = False,
) -> None:
    """Check the menu, show how it differs from the published one, and publish it.

    The status is 1 when the menu is wrong, WeChat refuses or nobody confirms; 2 when a setting or
    an option is wrong.
    """
    menu = _read(file)
    account = _account(offline_will_do=dry_run)
    if account is None:
        typer.echo("\n".join(describe(menu)))
        typer.echo("The menu is right. Without WECHAT_APP_SECRET it was not compared.", err=True)
        return
    try:
        with WeChatApi(account) as api:
            _publish(api, menu, dry_run=dry_run, yes=yes)
    except WeChatApiError as error:
        _fail(str(error), _ADVICE.get(error.errcode, ""))
    except WeChatUnreachableError as error:
        _fail(str(error), "Try again later: to publish twice does no harm.")


def _read(file: Path) -> dict[str, Any]:
    router = create_router()
    taken = router.menu_keys
    try:
        return read_menu(file.read_text(encoding="utf-8-sig"), taken_keys=taken)
    except UnicodeDecodeError:
        _fail(f"{file}: not UTF-8")
    except MenuError as error:
        _fail(*(f"{file}: {problem}" for problem in error.problems))


def _account(*, offline_will_do: bool) -> ApiAccount | None:
    """Return whom to publish for; None where nothing is said about WeChat and that will do."""
    try:
        settings = load_settings()
    except SettingsError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    missing = _missing(settings)
    if missing and offline_will_do:
        return None
    if missing:
        typer.echo(f"set {' and '.join(missing)}: the menu belongs to a real account", err=True)
        raise typer.Exit(2)
    return ApiAccount(settings.api_base, settings.wechat_app_id, settings.wechat_app_secret)


def _missing(settings: Settings) -> list[str]:
    wanted = {
        "WECHAT_APP_SECRET": settings.wechat_app_secret,
        # The stand-in of the demonstration has no menu.
        "WECHAT_API_BASE": settings.wechat_api_base or settings.is_production,
    }
    return [name for name, value in wanted.items() if not value]


def _publish(api: WeChatApi, menu: Mapping[str, Any], *, dry_run: bool, yes: bool) -> None:
    published = api.get_menu() or {}
    changes = compare(published.get("menu"), menu)
    if published.get("conditionalmenu"):
        typer.echo("Menus for single groups of followers stay as they are.", err=True)
    if not changes:
        typer.echo("The account has this menu already.")
        return
    typer.echo("\n".join(changes))
    if dry_run:
        typer.echo("Nothing was published.", err=True)
        return
    if not yes:
        _confirm()
    api.create_menu(menu)
    typer.echo("Published. Followers see it when they open the chat anew, after 5 minutes.")


def is_terminal() -> bool:
    """Tell whether somebody is there who can be asked."""
    return sys.stdin.isatty()


def _confirm() -> None:
    if not is_terminal():
        typer.echo("there is no terminal to ask on: add --yes to publish", err=True)
        raise typer.Exit(2)
    if not typer.confirm("Publish this?", err=True):
        _fail("Nothing was published.")


def _fail(*lines: str) -> NoReturn:
    for line in filter(None, lines):
        typer.echo(line, err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
