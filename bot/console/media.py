"""Pictures and recordings that people sent: looking at one, and asking for it once more.

The bytes are a stranger's: the browser is told what they are, may guess nothing, runs nothing in
them and keeps no copy.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import FastAPI, Header, Response
from sqlmodel import Session

from bot.console.access import (
    MissingError,
    Person,
    Signed,
    get_whole,
    may_look_at,
    was_noted,
)
from bot.console.desk import HEADERS, Desk, go_to
from bot.console.forms import Filled
from bot.console.ranges import answer_range
from bot.console.sending import send_words
from bot.voices import PLAYED_AS
from models.audit import record_audit
from models.media import (
    MediaKind,
    MediaStatus,
    MediaView,
    find_media,
    read_content,
    read_playable,
)
from models.ticket_flow import StaleTicketError

ASK_AGAIN: Final[Mapping[MediaKind, str]] = {
    MediaKind.IMAGE: "您刚才发的图片我这边没收到，麻烦您再发一次，好吗？",
    MediaKind.VOICE: "您刚才那段语音我这边没收到，麻烦您再说一次，或者打几个字，好吗？",
}
"""What is said to the person, under the name of the volunteer."""

ASK_TO_TYPE: Final = "您刚才那段语音我这边放不出来，麻烦您打几个字，好吗？"
"""The same where a recording came that cannot be played."""

_EXTENSIONS: Final[Mapping[str, str]] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "audio/amr": "amr",
    "audio/amr-wb": "awb",
    "audio/mpeg": "mp3",
}
_SHOWN_BY_BROWSERS: Final = frozenset(_EXTENSIONS) - {"audio/amr", "audio/amr-wb"}
_SAID: Final[Mapping[tuple[bool, bool], str]] = {
    (False, False): "asked_again",
    (False, True): "asked_later",
    (True, False): "asked_to_type",
    (True, True): "asked_to_type_later",
}
_SEALED: Final = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def add_media(app: FastAPI, desk: Desk) -> None:
    """Add the way to what people sent."""

    @app.get("/tickets/{ticket_id}/media/{number}")
    def open_media(
        ticket_id: int,
        number: int,
        person: Signed,
        as_sent: bool = False,  # noqa: FBT001, FBT002 - from the address
        wanted: Annotated[str, Header(alias="range")] = "",
    ) -> Response:
        """Hand out a picture or a recording to who may read the ticket, and write that down."""
        _note_looking(desk, person, ticket_id, number)
        with desk.looking() as session:
            media = _find(session, person, ticket_id, number, desk)
            content_type, content = _read(session, media, as_sent=as_sent)
        if media.status is not MediaStatus.KEPT or content is None:
            raise MissingError
        headers = _SEALED | {"Content-Disposition": _disposition(media, content_type)}
        return answer_range(content, wanted, media_type=content_type, headers=headers)

    @app.post("/tickets/{ticket_id}/media/{number}/again")
    def ask_again(ticket_id: int, number: int, person: Signed, form: Filled) -> Response:
        """Ask the person to send it once more, as the composer would."""
        try:
            with desk.database.transaction() as session:
                media = _find(session, person, ticket_id, number, desk)
                is_here = media.status is MediaStatus.KEPT
                words = ASK_TO_TYPE if is_here else ASK_AGAIN[media.kind]
                said = send_words(session, person, ticket_id, form, desk, fixed=words)
        except StaleTicketError:
            return go_to(f"/tickets/{ticket_id}?said=look_first#end")
        done = _SAID[is_here, said == "parked"]
        return go_to(f"/tickets/{ticket_id}?said={done}#end")


def _note_looking(desk: Desk, person: Person, ticket_id: int, number: int) -> None:
    """Write down that somebody looks, once an hour, before they see anything."""
    subject, action, now = f"media:{number}", "media", desk.clock()
    with desk.looking() as session:
        _find(session, person, ticket_id, number, desk)
        if was_noted(session, person, subject, action=action, now=now):
            return
    with desk.database.transaction() as writing:
        record_audit(writing, actor_id=person.id, action=action, subject=subject, now=now)


def _find(session: Session, person: Person, ticket_id: int, number: int, desk: Desk) -> MediaView:
    get_whole(session, person, ticket_id, now=desk.clock())
    media = find_media(session, ticket_id=ticket_id, number=number)
    if media is None or not may_look_at(person, media):
        raise MissingError
    return media


def _read(session: Session, media: MediaView, *, as_sent: bool) -> tuple[str, bytes | None]:
    if media.is_converted and not as_sent:
        return PLAYED_AS, read_playable(session, number=media.id)
    return media.content_type, read_content(session, number=media.id)


def _disposition(media: MediaView, content_type: str) -> str:
    # Never a name that somebody else chose.
    way = "inline" if content_type in _SHOWN_BY_BROWSERS else "attachment"
    return f'{way}; filename="{media.kind}-{media.id}.{_EXTENSIONS[content_type]}"'
