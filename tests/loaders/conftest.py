"""A loader that runs in the test's own process, on the test's database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.loading.faq import KIND as FAQ
from bot.loading.files import open_sheet
from bot.loading.kind import Kind
from bot.loading.machine import Loader
from bot.loading.report import Report
from bot.loading.undo import undo
from models.database import Database
from scripts.loading.command import command
from tests.conftest import KEY
from tests.support.chat import TOKEN, FakeClock

Load = Callable[..., Report]
Command = Callable[..., Result]


@pytest.fixture
def load(database: Database, clock: FakeClock) -> Load:
    """Load a file as the command does."""

    def run(kind: Kind[Any], path: Path, **options: bool) -> Report:
        loader = Loader(kind, database=database, now=clock())
        return loader.load(open_sheet(path, loader.judge.book), file_name=path.name, **options)

    return run


@pytest.fixture
def take_back(database: Database, clock: FakeClock) -> Load:
    """Take a load back as the command does."""

    def run(kind: Kind[Any], run_id: int, *, dry_run: bool = False) -> Report:
        return undo(kind, run_id, database=database, now=clock(), dry_run=dry_run)

    return run


@pytest.fixture
def environment(database_url: str) -> dict[str, str]:
    """What a command of its own needs to find the test's database."""
    return {
        "DATABASE_URL": database_url,
        "DATA_ENCRYPTION_KEY": KEY,
        "WECHAT_TOKEN": TOKEN,
        "WECHAT_APP_ID": "wx0000000000000001",
        "ENVIRONMENT": "demo",
    }


@pytest.fixture
def cli(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a loader's command line."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, kind: Kind[Any] = FAQ, main: Any = None, said: str = "") -> Result:  # noqa: ANN401
        app = typer.Typer()
        app.command()(main or command(kind))
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(app, words, env=environment, input=said)

    return run
