"""A loader that runs in the test's own process, on the test's database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from models.database import Database
from scripts.load_faq import KIND as FAQ
from scripts.loading.command import command
from scripts.loading.files import open_sheet
from scripts.loading.kind import Kind
from scripts.loading.machine import Loader
from scripts.loading.report import Report
from scripts.loading.undo import undo
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

    def run(kind: Kind[Any], run_id: int, **options: bool) -> Report:
        return undo(kind, run_id, database=database, now=clock(), **options)

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
