"""The time, always aware and in UTC, always handed in."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where the real time enters
