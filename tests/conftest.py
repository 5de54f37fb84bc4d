"""What every test may ask for: databases of both kinds, a clock, a follower's phone."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from pytest_socket import enable_socket

from bot.app import create_app, create_chat_app
from bot.patience import Patience
from bot.settings import Environment, Settings
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine
from models import schema
from models.database import Database, OpenSession
from models.encryption import Cipher
from scripts.demonstration.content import seed
from tests.support.chat import TOKEN, Chat, FakeClock
from tests.support.postgres import PostgresServer
from tests.support.postman import Postman

KEY = "Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMta2V5LTAwMDE="
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
"""A Tuesday, twelve o'clock in Shanghai: nobody is on duty, the class is in two days."""


PATIENT = Patience(answer=120.0, give_up=120.0, hang_up=120.0)
"""A busy machine is no slow answer: what is put off has tests of its own."""


@pytest.fixture(scope="session")
def cipher() -> Cipher:
    return Cipher(KEY)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    enable_socket()
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine.load(CONTENT)


def fill(url: str, cipher: Cipher) -> None:
    """Create the schema and the demonstration data."""
    database = Database(url, cipher=cipher)
    schema.upgrade(database)
    with database.transaction() as session:
        seed(session, now=NOON, zone=ZoneInfo("Asia/Shanghai"), password="only for tests")
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, cipher: Cipher) -> Path:
    path = tmp_path_factory.mktemp("template") / "seeded.db"
    fill(f"sqlite:///{path}", cipher)
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer, cipher: Cipher) -> str:
    url = postgres.create_database()
    fill(url, cipher)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the demonstration data, one of each kind in turn."""
    if request.param == "sqlite":
        path = tmp_path / "kuangyou.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    enable_socket()
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create_database(template=request.getfixturevalue("postgres_template"))
    yield url
    server.drop_database(url)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        environment=Environment.DEMO,
        database_url=database_url,
        wechat_token=TOKEN,
        wechat_app_id="wx0000000000000001",
        data_encryption_key=KEY,
        background_worker=False,
    )


@pytest.fixture
def client(settings: Settings, clock: FakeClock, engine: Engine) -> Iterator[TestClient]:
    """What a follower reaches. The pages of people need a server more: see `whole_client`."""
    with TestClient(
        create_chat_app(settings, clock=clock, engine=engine, patience=PATIENT)
    ) as client:
        yield client


@pytest.fixture
def whole_client(settings: Settings, clock: FakeClock, engine: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(settings, clock=clock, engine=engine, patience=PATIENT)) as client:
        yield client


@pytest.fixture
def chat(client: TestClient, clock: FakeClock) -> Chat:
    return Chat(client, clock)


@pytest.fixture
def database(settings: Settings, cipher: Cipher) -> Iterator[Database]:
    database = Database(settings.database_url, cipher=cipher)
    yield database
    database.close()


@pytest.fixture
def open_session(database: Database) -> OpenSession:
    return database.transaction


@pytest.fixture
def postman(database: Database, clock: FakeClock) -> Postman:
    return Postman(database, clock)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of evaluation data beside the repository; tests skip where it is absent."""
    path = Path(__file__).parents[2] / "shared"
    if not path.is_dir():
        pytest.skip("the evaluation data (a folder `shared` beside the repository) is not here")
    return path
