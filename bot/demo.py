"""What the demonstration needs and nobody gave: made once, kept in an ignored file."""

import os
import secrets
import string
import tempfile
from collections.abc import Mapping
from pathlib import Path

from models.encryption import Cipher

_ALPHABET = string.ascii_letters + string.digits
_HEADER = "# Made for the demonstration on this machine. Not for production; never commit it.\n"


def ensure_demo_env(path: Path) -> Mapping[str, str]:
    """Return the demonstration's secrets, making the file on the first run; never half-written."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_once(path, _generate())
    return read_env(path)


def read_env(path: Path) -> dict[str, str]:
    """Return the `NAME=value` lines of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def _generate() -> dict[str, str]:
    return {
        "WECHAT_TOKEN": _random_word(32),
        "WECHAT_APP_ID": "wx" + secrets.token_hex(8),
        "DATA_ENCRYPTION_KEY": Cipher.generate_key(),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DEMO_VOLUNTEER_PASSWORD": _random_word(12),
    }


def _random_word(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _write_once(path: Path, values: Mapping[str, str]) -> None:
    # Two first runs at the same moment must agree: the link fails for the second.
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(_HEADER + "".join(f"{name}={value}\n" for name, value in values.items()))
    try:
        os.link(file.name, path)
    except FileExistsError:
        pass
    finally:
        Path(file.name).unlink()
