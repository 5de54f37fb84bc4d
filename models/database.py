"""The one door to the database: SQLite in WAL mode by default, PostgreSQL where the URL says so."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from models.columns import bind_cipher
from models.encryption import Cipher

OpenSession = Callable[[], AbstractContextManager[Session]]

BUSY_TIMEOUT_MS = 4000
"""How long a SQLite writer waits for another: WeChat waits five seconds for us."""

_READ_ONLY = "kuangyou_read_only"


class Database:
    """An engine with the rules every connection keeps.

    Raises ValueError for a URL that is neither SQLite nor PostgreSQL.
    """

    def __init__(self, url: str, *, cipher: Cipher) -> None:
        parsed = make_url(url)
        name = parsed.get_backend_name()
        self._turn = _Turn() if name == "sqlite" else nullcontext()
        if name == "sqlite":
            self.engine = _sqlite_engine(parsed)
        elif name == "postgresql":
            self.engine = _postgresql_engine(parsed)
        else:
            msg = f"DATABASE_URL names {name}: use sqlite:///… or postgresql+psycopg://…"
            raise ValueError(msg)
        bind_cipher(self.engine, cipher)
        self._readers: Engine = self.engine.execution_options(**_reading_options(name))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session whose work is committed at the end, or not at all."""
        with (
            self._turn,
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection for single reads, without a transaction around them."""
        with self._readers.connect() as connection:
            yield connection

    @property
    def readers(self) -> Engine:
        """Return the engine whose sessions only read, and hold up no writer."""
        return self._readers

    def rehearsing(self, look: Callable[[Session], None]) -> "Rehearsal":
        """Return a database that forgets every transaction; `look` sees each before it goes."""
        return Rehearsal(self, look=look)

    def is_reachable(self) -> bool:
        """Tell whether the database answers."""
        try:
            with self.reading() as connection:
                connection.execute(sa.select(1))
        except sa.exc.SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class Rehearsal(Database):
    """Does all that the real database does, and keeps none of it."""

    def __init__(self, real: Database, *, look: Callable[[Session], None]) -> None:
        self.engine: Engine = real.engine
        self._turn = real._turn  # noqa: SLF001 - of the same class
        self._readers = real.readers
        self._look = look

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session whose work is shown to `look`, and then undone."""
        with self._turn, Session(self.engine, expire_on_commit=False) as session:
            session.begin()
            yield session
            session.flush()  # `look` asks the database
            self._look(session)
            session.rollback()


class _Turn:
    """Lets one thread of this process write at a time.

    SQLite has one writer anyway, but who finds it taken sleeps ever longer before asking again:
    with eight writers that was half a second for one message in a hundred. Here they queue; the
    busy timeout is left for other processes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            # What SQLite itself would have said.
            locked = sqlite3.OperationalError("database is locked")
            raise OperationalError(None, None, locked)

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _reading_options(backend: str) -> dict[str, Any]:
    # A SQLite connection of ours is in no transaction until it is told to begin one.
    return {_READ_ONLY: True} | ({} if backend == "sqlite" else {"isolation_level": "AUTOCOMMIT"})


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            url,
            pool_size=16,
            max_overflow=32,
            pool_use_lifo=True,  # a connection's cache is good until another one has written
            hide_parameters=True,
        )
    else:
        engine = sa.create_engine(
            url,
            poolclass=sa.pool.StaticPool,
            connect_args={"check_same_thread": False},
            hide_parameters=True,
        )
    sa.event.listen(engine, "connect", _set_up_sqlite)
    sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def _postgresql_engine(url: URL) -> Engine:
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=16,
        max_overflow=16,
        pool_pre_ping=True,
        hide_parameters=True,  # they are what people confide, and errors end up in logs
        connect_args={"options": "-c statement_timeout=15000 -c lock_timeout=4000"},
    )


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - DB-API object
    # SQLAlchemy, not the driver, says when a transaction begins.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A writer that begins as a reader would fail at its first write when another was quicker.
    if not connection.get_execution_options().get(_READ_ONLY):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
