"""The command around the simulated phone: where lines come from and how it ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.simulator.wire import Account
from scripts import simulate
from tests.support.fake_webhook import FakeWebhook
from tests.support.server import free_port, serving

ACCOUNT = Account("a-token", "wx0000000000000001")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> typer.Typer:
    monkeypatch.setenv("WECHAT_TOKEN", ACCOUNT.token)
    monkeypatch.setenv("WECHAT_APP_ID", ACCOUNT.app_id)
    monkeypatch.delenv("ENVIRONMENT", raising=False)
    monkeypatch.chdir(tmp_path)  # where the demonstration keeps its secrets
    app = typer.Typer()
    app.command()(simulate.main)
    return app


@pytest.fixture
def url(socket_enabled: None) -> Iterator[str]:  # noqa: ARG001
    with serving(FakeWebhook(ACCOUNT).app, free_port()) as address:
        yield f"{address}/wechat"


def test_each_text_given_is_sent_and_answered(app: typer.Typer, url: str) -> None:
    result = CliRunner().invoke(app, ["--url", url, "--say", "你好", "--say", "再见"])

    assert result.stdout == "收到：你好\n收到：再见\n"
    assert result.exit_code == 0


def test_lines_come_from_standard_input(app: typer.Typer, url: str) -> None:
    result = CliRunner().invoke(app, ["--url", url, "--as", "小李"], input="你好\n/quit\n再见\n")

    assert result.stdout == "收到：你好\n"
    assert result.exit_code == 0


def test_a_wrong_command_ends_with_2(app: typer.Typer, url: str) -> None:
    result = CliRunner().invoke(app, ["--url", url, "--say", "/dance"])

    assert "/dance" in result.stderr
    assert result.exit_code == 2


@pytest.mark.usefixtures("socket_enabled")
def test_no_service_ends_with_1(app: typer.Typer) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/wechat"

    result = CliRunner().invoke(app, ["--url", nowhere, "--say", "你好"])

    assert "出现故障" in result.stdout
    assert result.exit_code == 1


def test_missing_settings_end_with_2(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECHAT_TOKEN", "")

    result = CliRunner().invoke(app, ["--say", "你好"])

    assert "WECHAT_TOKEN" in result.stderr
    assert result.exit_code == 2
