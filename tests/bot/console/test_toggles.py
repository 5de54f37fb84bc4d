"""Somebody changes between note and reply again and again: what is a note stays one."""

import random
from dataclasses import dataclass, field

import pytest
from sqlmodel import select

from models.approved_reply import ApprovedReply
from models.database import OpenSession
from models.inbox import InboxEntry
from models.note import TicketNote
from models.outbox import OutboxMessage
from models.ticket import Ticket
from tests.bot.console.conftest import OpenConsole
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock
from tests.support.console import Console
from tests.support.postman import Postman

TOGGLES = [150, pytest.param(10_000, marks=pytest.mark.soak)]
EPISODE = 150
"""So many steps with one person; then the next one comes."""

NOTE, REPLY = "旁注", "回话"


@dataclass
class Desk:
    """A volunteer who writes without looking, and what they have written."""

    browser: Console
    clock: FakeClock
    postman: Postman
    notes: int = 0
    replies: int = 0
    number: int = 0
    seen: list[str] = field(default_factory=list)

    def take(self, person: Chat) -> None:
        """Let the person ask, and take them."""
        person.says("老板三个月没发工资")
        person.taps("找律师问问")
        person.says("好")
        self.browser.opens("/queue")
        self.browser.presses("/queue/next")
        self.number = int(self.browser.place.rpartition("/")[2])

    def step(self, act: str, person: Chat) -> None:
        """Do one thing."""
        self.clock.advance(seconds=1)
        if act == "note":
            self.notes += self._post("notes", note=f"{NOTE}{self.notes:05}")
        elif act == "reply":
            self.replies += self._post("send", body=f"{REPLY}{self.replies:05}", **self._hidden())
        elif act == "draft":
            self._post("draft", body=f"{REPLY}草稿")
        elif act == "look":
            self.browser.opens(f"/tickets/{self.number}")
        elif act == "send":
            self.postman.deliver()
        else:
            self.seen.append(person.says("还有一件事"))

    def close(self) -> None:
        """End with this person."""
        self.browser.opens(f"/tickets/{self.number}")
        self.browser.presses(f"/tickets/{self.number}/close", outcome="solved")

    def _hidden(self) -> dict[str, str]:
        return self.browser._hidden(f"/tickets/{self.number}/send")

    def _post(self, what: str, **fields: str) -> int:
        """Press without waiting for the page; tell whether it was taken."""
        address = f"/console/tickets/{self.number}/{what}"
        body = {"mark": self.browser.mark} | fields
        answer = self.browser.client.post(address, data=body, follow_redirects=False)
        place = answer.headers.get("location", "")
        assert answer.status_code in (200, 303), answer.text
        return int(any(word in place for word in ("said=sent", "said=parked", "said=noted")))


ACTS = ("note", "note", "note", "reply", "reply", "reply", "draft", "look", "send", "write")


@pytest.mark.parametrize("toggles", TOGGLES)
def test_the_text_of_a_note_is_never_on_its_way_to_the_person(
    chat: Chat,
    console: OpenConsole,
    clock: FakeClock,
    postman: Postman,
    open_session: OpenSession,
    toggles: int,
) -> None:
    luck = random.Random(toggles)  # noqa: S311 - a run that can be repeated
    desk = Desk(console("li"), clock, postman)
    for episode in range(max(toggles // EPISODE, 1)):
        person = Chat(chat.client, clock, openid=f"oTOGGLE{episode:020}")
        desk.take(person)
        for _ in range(EPISODE):
            desk.step(luck.choice(ACTS), person)
        desk.close()

    notes = [row.body for row in stored.all_of(open_session, TicketNote)]
    said = [row.body for row in stored.all_of(open_session, OutboxMessage)]
    assert len(notes) == desk.notes > toggles // 6
    assert sum(REPLY in body for body in said) == desk.replies > toggles // 10
    assert all(body.startswith(NOTE) for body in notes)
    with open_session() as session:
        kept = [
            *session.exec(select(InboxEntry.reply_text)),
            *session.exec(select(Ticket.draft)),
            *[str(row) for row in session.exec(select(ApprovedReply))],
        ]
    gone = [text for _, text in postman.sent]
    assert [text for text in (*said, *gone, *desk.seen, *kept) if NOTE in text] == []
    assert any(REPLY in text for text in (*gone, *desk.seen))
