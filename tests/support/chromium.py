"""Finds a Chromium for the browser tests, installing one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PACKAGES = ("chromium", "fonts-noto-cjk")
PATIENCE = 900


class NoChromiumError(Exception):
    """There is no browser and none could be installed; the message says what was tried."""


def get_chromium() -> str:
    """Return the path of a Chromium, installed now if need be; raise NoChromiumError."""
    return find_chromium() or _install_package() or _install_for_playwright() or _give_up()


def find_chromium() -> str | None:
    """Return the path of an installed Chromium."""
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    return on_path or _find_playwrights_own()


def is_ci() -> bool:
    """Tell whether a missing browser must fail the run."""
    return os.environ.get("CI", "").lower() in ("true", "1")  # noqa: TID251


def _find_playwrights_own() -> str | None:
    folders = (Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright")
    patterns = ("chromium-*/chrome-*/chrome", "chromium-*/chrome-*/*.app/Contents/MacOS/*")
    found = (path for folder in folders for pattern in patterns for path in folder.glob(pattern))
    return next((str(path) for path in sorted(found, reverse=True)), None)


def _install_package() -> str | None:
    """Install the system's package and Chinese fonts, where we may."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    _run("apt-get", "update")
    _run("apt-get", "install", "-y", "--no-install-recommends", *PACKAGES)
    return find_chromium()


def _install_for_playwright() -> str | None:
    _run(sys.executable, "-m", "playwright", "install", "chromium")
    return find_chromium()


def _run(*command: str) -> None:
    sys.stderr.write(f"browser tests: {' '.join(command)}\n")
    try:
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"browser tests: {error}\n")


def _give_up() -> str:
    msg = (
        "no Chromium on the PATH, and neither apt-get nor playwright could install one; "
        "install chromium (and fonts-noto-cjk) and run again"
    )
    raise NoChromiumError(msg)
