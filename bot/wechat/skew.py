"""How far our clock and WeChat's are apart, for whoever looks at the service's health."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ClockSkew:
    """A signed request that was too old (`seconds` below zero) or from the future."""

    seconds: int
    seen_at: datetime


class SkewGauge:
    """Holds the skew of the last signed request; nothing while requests come in time.

    A replayed old request looks like a wrong clock until the next good one: warn, do not stop.
    """

    def __init__(self) -> None:
        self.last: ClockSkew | None = None

    def record(self, seconds: int, *, seen_at: datetime) -> None:
        """Remember that a signed request was refused for its age."""
        self.last = ClockSkew(seconds, seen_at)

    def clear(self) -> None:
        """Forget it: a request came in time."""
        self.last = None
