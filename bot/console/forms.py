"""What a form sent, read with a limit, and whether it came from our own page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, HTTPException, Request

MOST_BYTES = 64 * 1024
_FIELDS = 40
_NO_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form; a field that is missing is an empty text."""

    values: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str, *, most: int = 4000) -> str:
        """Return a field without the space around it, cut to `most` characters."""
        return self.values.get(name, "").replace("\r\n", "\n").strip()[:most]

    def number(self, name: str) -> int | None:
        """Return a field as a number; None where it is none."""
        text = self.text(name, most=18)
        return int(text) if text.isascii() and text.isdecimal() else None

    def moment(self, name: str) -> datetime | None:
        """Return a field as a moment; None where it is none."""
        try:
            return datetime.fromisoformat(self.text(name, most=40))
        except ValueError:
            return None


async def read_form(request: Request) -> Form:
    """Read the body of a form; 413 for one that is too large."""
    if request.method in _NO_BODY:
        return Form()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(status_code=413)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError as error:
        raise HTTPException(status_code=400) from error
    return Form(dict(pairs))


Filled = Annotated[Form, Depends(read_form)]
"""A parameter that gets what the form sent."""


def is_own_page(request: Request, *, public_url: str) -> bool:
    """Tell whether the browser says that the request came from one of our pages."""
    origin = request.headers.get("origin")
    if origin is None:  # some browsers leave it out for their own pages; the mark decides then
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    own = {request.headers.get("host", ""), urlsplit(public_url).netloc}
    return urlsplit(origin).netloc in own - {""}
