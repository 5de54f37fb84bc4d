"""Parts of a file: iPhones play nothing that cannot be had in parts."""

import re
from collections.abc import Mapping
from typing import Final

from fastapi import Response

_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def answer_range(
    content: bytes, wanted: str, *, media_type: str, headers: Mapping[str, str]
) -> Response:
    """Answer with the part that the header `Range` names; with all where it names none."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    span = _find_span(wanted, len(content))
    if span is None:
        return Response(content, media_type=media_type, headers=headers)
    if not span:
        headers["Content-Range"] = f"bytes */{len(content)}"
        return Response(status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{len(content)}"
    part = content[span.start : span.stop]
    return Response(part, status_code=206, media_type=media_type, headers=headers)


def _find_span(wanted: str, size: int) -> range | None:
    """Return which bytes are wanted: none at all where there are no such bytes."""
    match = _RANGE.fullmatch(wanted.strip())
    first, last = match.groups() if match else ("", "")
    if not first and not last:
        return None
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)
