"""Publishing the menu to a stand-in of WeChat's API over real HTTP."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from fastapi.responses import PlainTextResponse
from typer.testing import CliRunner

from bot.settings import Environment, Settings
from bot.wechat.api import ApiAccount, WeChatApi, WeChatApiError, WeChatUnreachableError
from bot.wechat.menu import MENU_FILE
from scripts import publish_menu
from tests.conftest import KEY
from tests.support.fake_wechat_api import APP_ID, APP_SECRET, TOKEN, FakeWeChatApi
from tests.support.server import free_port, serving

pytestmark = pytest.mark.usefixtures("socket_enabled")

BUNDLED = json.loads(MENU_FILE.read_text(encoding="utf-8"))
OLD = {"button": [{"type": "click", "name": "旧的", "key": "MENU_HELP", "sub_button": []}]}


@pytest.fixture
def wechat() -> FakeWeChatApi:
    return FakeWeChatApi()


@pytest.fixture
def url(wechat: FakeWeChatApi) -> Iterator[str]:
    with serving(wechat.app, free_port()) as address:
        yield address


@pytest.fixture
def app(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> typer.Typer:
    monkeypatch.setenv("WECHAT_APP_ID", APP_ID)
    monkeypatch.setenv("WECHAT_APP_SECRET", APP_SECRET)
    monkeypatch.setenv("WECHAT_API_BASE", url)
    monkeypatch.delenv("ENVIRONMENT", raising=False)
    monkeypatch.chdir(tmp_path)  # where the demonstration keeps its secrets
    monkeypatch.setattr("bot.wechat.api.PAUSES", (0.0, 0.0))
    app = typer.Typer()
    app.command()(publish_menu.main)
    return app


def run(app: typer.Typer, *options: str, typed: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*options], input=typed)
    return result.exit_code, result.stdout, result.stderr


def test_the_menu_of_the_product_is_published(app: typer.Typer, wechat: FakeWeChatApi) -> None:
    status, out, _ = run(app, "--yes")

    assert status == 0
    assert "+   找岗位  click  key=MENU_JOBS" in out
    assert wechat.menu == BUNDLED
    assert "找岗位".encode() in wechat.bodies[0], "WeChat refuses escaped letters"


def test_the_same_menu_is_not_published_again(app: typer.Typer, wechat: FakeWeChatApi) -> None:
    wechat.menu = BUNDLED

    status, out, _ = run(app, "--yes")

    assert (status, out) == (0, "The account has this menu already.\n")
    assert "menu/create" not in wechat.calls


def test_a_dry_run_shows_the_difference_only(app: typer.Typer, wechat: FakeWeChatApi) -> None:
    wechat.menu = OLD

    status, out, err = run(app, "--dry-run")

    assert status == 0
    assert "- 旧的  click  key=MENU_HELP" in out
    assert "Nothing was published" in err
    assert wechat.menu == OLD


def test_a_dry_run_needs_no_account(
    app: typer.Typer, wechat: FakeWeChatApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECHAT_APP_SECRET", "")

    status, out, err = run(app, "--dry-run")

    assert status == 0
    assert "找岗位" in out
    assert "not compared" in err
    assert wechat.calls == []


def test_without_a_terminal_nobody_is_asked(app: typer.Typer, wechat: FakeWeChatApi) -> None:
    status, _, err = run(app)

    assert status == 2
    assert "--yes" in err
    assert wechat.menu is None


@pytest.mark.parametrize(("typed", "status", "buttons"), [("y\n", 0, 3), ("n\n", 1, 1)])
def test_on_a_terminal_the_answer_counts(
    app: typer.Typer,
    wechat: FakeWeChatApi,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    status: int,
    buttons: int,
) -> None:
    wechat.menu = OLD
    monkeypatch.setattr(publish_menu, "is_terminal", lambda: True)

    assert run(app, typed=typed)[0] == status
    assert wechat.menu is not None
    assert len(wechat.menu["button"]) == buttons


def test_a_wrong_menu_never_reaches_wechat(
    app: typer.Typer, wechat: FakeWeChatApi, tmp_path: Path
) -> None:
    file = tmp_path / "menu.json"
    file.write_text('{"button": [{"type": "click", "name": "啥", "key": "MENU_NOBODY"}]}')

    status, _, err = run(app, "--file", str(file), "--yes")

    assert status == 1
    assert "no topic answers the key 'MENU_NOBODY'" in err
    assert wechat.calls == []


def test_a_file_of_another_encoding_is_refused(app: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "menu.json"
    file.write_bytes("找岗位".encode("gbk"))

    status, _, err = run(app, "--file", str(file))

    assert status == 1
    assert "not UTF-8" in err


def test_a_file_that_is_not_there_is_wrong_usage(app: typer.Typer) -> None:
    assert run(app, "--file", "nowhere.json")[0] == 2


@pytest.mark.parametrize("name", ["WECHAT_APP_SECRET", "WECHAT_API_BASE"])
def test_a_missing_setting_is_named(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "")

    status, _, err = run(app, "--yes")

    assert status == 2
    assert name in err


@pytest.mark.parametrize("base", ["ftp://a", "http://user@host", "https://host/?x", "nowhere"])
def test_an_address_that_is_none_is_refused(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    monkeypatch.setenv("WECHAT_API_BASE", base)

    status, _, err = run(app, "--yes")

    assert status == 2
    assert "WECHAT_API_BASE" in err


def test_an_account_without_menus_is_told_that_it_works_all_the_same(
    app: typer.Typer, wechat: FakeWeChatApi
) -> None:
    wechat.fail("menu/get", 48001)

    status, _, err = run(app, "--yes")

    assert status == 1
    assert "may not have a menu" in err
    assert "works without" in err
    assert wechat.calls.count("menu/get") == 1


def test_an_unknown_address_has_to_be_listed(app: typer.Typer, wechat: FakeWeChatApi) -> None:
    wechat.fail("stable_token", 40164)
    wechat.errmsg = "invalid ip 203.0.113.7, not in whitelist"

    status, _, err = run(app, "--yes")

    assert status == 1
    assert "203.0.113.7" in err
    assert "IP白名单" in err
    assert wechat.calls == ["stable_token"]


def test_a_wrong_secret_is_told_without_showing_it(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECHAT_APP_SECRET", "another-secret")

    status, _, err = run(app, "--yes")

    assert status == 1
    assert "not this account's AppSecret" in err
    assert "another-secret" not in err


def test_menus_for_groups_are_mentioned(app: typer.Typer, wechat: FakeWeChatApi) -> None:
    wechat.menu, wechat.conditional = OLD, [{"button": [], "matchrule": {}}]

    assert "stay as they are" in run(app, "--yes")[2]


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("menu/create", (-1, -1)),
        ("menu/create", ("busy", "busy")),
        ("stable_token", (-1,)),
        ("menu/get", (40001,)),
        ("menu/create", (42001, -1)),
    ],
)
def test_what_passes_is_tried_again(
    app: typer.Typer, wechat: FakeWeChatApi, path: str, answers: tuple[int | str, ...]
) -> None:
    wechat.fail(path, *answers)

    assert run(app, "--yes")[0] == 0
    assert wechat.menu == BUNDLED


@pytest.mark.parametrize(
    ("path", "answer", "calls"),
    [("menu/get", 40001, 2), ("menu/get", -1, 3), ("menu/get", "busy", 3), ("menu/get", 45009, 1)],
)
def test_nothing_is_tried_for_ever(
    app: typer.Typer, wechat: FakeWeChatApi, path: str, answer: int | str, calls: int
) -> None:
    wechat.fail(path, *[answer] * 10)

    status, _, err = run(app, "--yes")

    assert status == 1
    assert "WeChat" in err
    assert wechat.calls.count(path) == calls


def test_an_api_that_is_away_ends_with_1(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECHAT_API_BASE", f"http://127.0.0.1:{free_port()}")

    status, _, err = run(app, "--yes")

    assert status == 1
    assert "does no harm" in err


@pytest.mark.parametrize("answer", ["[]", "<html>", '{"errcode": 0}'])
def test_an_answer_of_another_shape_is_no_token(wechat: FakeWeChatApi, answer: str) -> None:
    async def answer_so() -> object:
        return PlainTextResponse(answer)

    wechat.app.router.routes.clear()
    wechat.app.post("/cgi-bin/stable_token")(answer_so)
    with (
        serving(wechat.app, free_port()) as url,
        WeChatApi(ApiAccount(url, APP_ID, APP_SECRET), pause=lambda _: None) as api,
        pytest.raises(WeChatUnreachableError),
    ):
        api.get_menu()


def test_nothing_tells_the_secret_or_the_token(
    wechat: FakeWeChatApi, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    wechat.fail("menu/create", 45009)
    wechat.errmsg = f"why does {APP_SECRET} come with {TOKEN}-1?"
    account = ApiAccount(url, APP_ID, APP_SECRET)

    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")  # a service that has run quietens it
    with WeChatApi(account) as api:
        api.get_menu()
        with pytest.raises(WeChatApiError) as caught:
            api.create_menu(OLD)

    said = f"{caplog.text} {caught.value} {caught.value.errmsg} {account!r}"
    assert "menu/create" in said
    assert APP_SECRET not in said
    assert TOKEN not in said


def production(**more: str) -> Settings:
    return Settings(
        secret_key="eG9qHq3c0WkzV2mTtYb7uLr1pNs5aXf8",
        environment=Environment.PRODUCTION,
        wechat_token="a-token",
        wechat_app_id=APP_ID,
        data_encryption_key=KEY,
        safety_text_approved_by="某医生",
        **more,  # type: ignore[arg-type]
    )


def test_production_speaks_to_wechat_itself() -> None:
    assert production().api_base == "https://api.weixin.qq.com"


def test_production_sends_its_secret_over_https_only() -> None:
    with pytest.raises(ValueError, match="WECHAT_API_BASE has to begin with https"):
        production(wechat_api_base="http://api.weixin.qq.com")
