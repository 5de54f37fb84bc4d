"""Whole dialogues through the webhook: what a good clerk answers, and what is stored at the end."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlmodel import select

from models.contact import Contact
from models.database import OpenSession
from models.open_class import OpenClass
from models.outbox import OutboxMessage, OutboxStatus
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock

DIALOGUES: list[dict[str, Any]] = [
    dialogue
    for name in ("dialogues.yaml", "more.yaml")
    for dialogue in yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))
]
PICTURE = (
    "<PicUrl><![CDATA[https://example.org/contract]]></PicUrl><MediaId><![CDATA[PAGE]]></MediaId>"
)
PLACE = (
    "<Location_X>{}</Location_X><Location_Y>{}</Location_Y><Scale>15</Scale>"
    "<Label><![CDATA[路口]]></Label>"
)


def send(chat: Chat, turn: dict[str, Any]) -> str:
    """Do what the follower does in this turn."""
    if "says" in turn:
        return chat.says(turn["says"])
    if "speaks" in turn:
        return chat.speaks(turn["speaks"])
    if "place" in turn:
        return chat.sends("location", PLACE.format(*turn["place"]))
    if "picture" in turn:
        return chat.sends("image", PICTURE)
    return chat.taps(turn["taps"]) if "taps" in turn else chat.does(*turn["event"])


def park(open_session: OpenSession, body: str, clock: FakeClock) -> None:
    """Leave an answer for a follower who has written before."""
    with open_session() as session:
        contact = session.exec(select(Contact)).one()
        session.add(
            OutboxMessage(
                contact_id=contact.id or 0,
                status=OutboxStatus.PARKED,
                body=body,
                created_at=clock(),
            )
        )


def fill_class(open_session: OpenSession, class_id: str) -> None:
    """Let others take every seat of a class."""
    with open_session() as session:
        shown = session.get_one(OpenClass, class_id)
        shown.seats_taken = shown.capacity
        session.add(shown)


def found(open_session: OpenSession, name: str, wanted: object) -> object:
    """Return what is stored under a name of `stored`, in the shape in which it is wanted."""
    if name == "tickets":
        return [ticket.kind.value for ticket in stored.tickets(open_session)]
    if name == "words":
        words = "\n".join(stored.ticket_words(open_session))
        return [word for word in wanted if word in words] if isinstance(wanted, list) else words
    if name == "seeker" and isinstance(wanted, dict):
        [seeker] = stored.seekers(open_session)
        return {field: getattr(seeker, field) for field in wanted}
    if name == "parked":
        rows = stored.all_of(open_session, OutboxMessage)
        return sum(row.status is OutboxStatus.PARKED for row in rows)
    contact = stored.contact(open_session)
    facts = {
        "seats": stored.seats(open_session),
        "scene": contact.scene,
        "alarm": contact.crisis_until is not None,
    }
    return facts[name]


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=[d["id"] for d in DIALOGUES])
def test_a_dialogue_goes_as_a_good_clerk_would_lead_it(
    dialogue: dict[str, Any], chat: Chat, clock: FakeClock, open_session: OpenSession
) -> None:
    if "parked" in dialogue:
        chat.says("你好")
        park(open_session, dialogue["parked"], clock)
    if "full" in dialogue:
        fill_class(open_session, dialogue["full"])
    for turn in dialogue["turns"]:
        clock.advance(seconds=turn.get("after", 30))
        seen = send(chat, turn)
        for pattern in turn.get("must", ()):
            assert re.search(pattern, seen), f"{turn} got {seen}"
        for pattern in turn.get("must_not", ()):
            assert not re.search(pattern, seen), f"{turn} got {seen}"

    for name, wanted in dialogue["stored"].items():
        assert found(open_session, name, wanted) == wanted, name
