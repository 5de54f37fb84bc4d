"""Starts what is measured in a process of its own, on a core of its own, and reads what it used."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from models.encryption import Cipher
from scripts.benchmarking.load import AES_KEY, APP_ID, HOST, TOKEN

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")
_TIMES = slice(11, 15)  # user, system, and both of the children that have ended


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time it used so far, with that of its children."""
        return sum(_cpu_ticks(pid) for pid in _family(self.pid)) / _TICKS

    def memory_mb(self) -> float:
        """Return the resident memory of the process in megabytes."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


@contextmanager
def serve_product(folder: Path, *, is_safe: bool, core: int | None) -> Iterator[Server]:
    """Run the service as operators do, on a new database file with the demonstration data."""
    port = _free_port()
    environment = {
        "DATABASE_URL": f"sqlite:///{folder}/benchmark.db",
        "PORT": str(port),
        "WECHAT_TOKEN": TOKEN,
        "WECHAT_APP_ID": APP_ID,
        "WECHAT_ENCODING_AES_KEY": AES_KEY if is_safe else "",
        "DATA_ENCRYPTION_KEY": Cipher.generate_key(),
        "LOG_LEVEL": "WARNING",
    }
    for script in ("scripts.migrate", "scripts.seed_demo"):
        command = (sys.executable, "-m", script)
        subprocess.run(  # noqa: S603 - our own scripts
            command,
            cwd=folder,
            env=_environment(environment),
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with _serve("bot", folder=folder, environment=environment, port=port, core=core) as server:
        yield server


@contextmanager
def serve_echo(folder: Path, *, is_safe: bool, core: int | None) -> Iterator[Server]:
    """Run the bare endpoint (see `scripts.benchmarking.echo`)."""
    port = _free_port()
    arguments = (str(port), *(("safe",) if is_safe else ()))
    module = "scripts.benchmarking.echo"
    with _serve(module, *arguments, folder=folder, port=port, core=core) as server:
        yield server


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Keep this process, and what it starts meanwhile, on one core; None leaves it free."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _serve(
    module: str,
    *arguments: str,
    folder: Path,
    port: int,
    core: int | None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    with pinned(core):
        process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", module, *arguments],
            cwd=folder,
            env=_environment(environment or {}),
            stdout=subprocess.DEVNULL,
        )
    try:
        _wait_until_it_answers(process, port)
        yield Server(port=port, pid=process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    # Nothing of the caller's settings: a measurement must not depend on them.
    return {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "HOME": "/nonexistent", **own}


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            msg = f"the server ended with status {process.returncode} before it answered"
            raise RuntimeError(msg)
        if _answers(port):
            return
        time.sleep(0.05)
    msg = f"the server did not answer within {START_SECONDS:.0f} seconds"
    raise RuntimeError(msg)


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200  # noqa: PLR2004
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _family(pid: int) -> Sequence[int]:
    """Return the process and its living children, however deep."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, task.read_text(encoding="ascii").split())
    return found


def _cpu_ticks(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[_TIMES]))
