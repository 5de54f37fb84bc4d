"""Makes the recordings of WeChat playable: they are AMR, which no browser on a phone plays."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger()

PLAYED_AS: Final = "audio/mpeg"
"""What the browsers inside WeChat play, on Android and on iPhones."""

LARGEST: Final = 1024 * 1024
"""A minute is 180 KB at most."""

PATIENCE: Final = 20.0
"""In seconds; a minute of speech takes half of one."""

_CONVERTER: Final = Path(__file__).with_name("voice_converter.py")


def make_playable(
    content: bytes, *, converter: Path = _CONVERTER, patience: float = PATIENCE
) -> bytes | None:
    """Return a recording as MP3; None where that fails, whatever the reason.

    A process of its own decodes: see `bot.voice_converter`.
    """
    if len(content) > LARGEST:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - nothing of the command is a stranger's
            [sys.executable, "-I", str(converter)],
            input=content,
            capture_output=True,
            timeout=patience,
            env={},  # no secret is within its reach
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("voice_not_converted", error=type(error).__name__)
        return None
    if done.returncode != 0 or not done.stdout:
        log.warning("voice_not_converted", exit_status=done.returncode)
        return None
    return done.stdout
