"""One page of a reply that may be longer than WeChat shows at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """The finished text that is sent now, and what is left for "继续"."""

    text: str
    rest: str
