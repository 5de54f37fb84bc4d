"""Volunteers take people over while the bot answers them in other processes: then it is silent.

Each process notes by one clock of the machine when a claim was committed, when a message was
delivered, and when the worker looked for something to send. What began after the commit of a claim
is answered by nobody but the volunteer.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from bot import dispatcher
from bot.outbox_worker import OutboxWorker, RateLimit
from handlers.base import KnownContact
from models import outbox
from models import ticket_flow as flow
from models.database import Database
from models.encryption import Cipher
from models.outbox import OutboxKind, enqueue
from models.reply_window import GrantReason, grant
from models.volunteer import Skill
from tests.conftest import KEY, NOON
from tests.races.crew import Crew
from tests.races.service import deliver, follower, serving, text_xml
from tests.support.chat import FakeClock
from tests.support.people import add_ticket, add_volunteer
from tests.support.processes import Racer

pytestmark = pytest.mark.race

CONVERSATIONS = [40, pytest.param(200, marks=pytest.mark.soak)]
MESSAGES = 4


@dataclass(frozen=True, slots=True)
class Said:
    """What the bot did about a follower: when it began, and whether it spoke."""

    follower: str
    began: float
    spoke: bool


@dataclass
class Phones:
    """A gateway that notes whom the machine has spoken to."""

    sent: list[str] = field(default_factory=list)

    def send_text(self, openid: str, _text: str) -> None:
        self.sent.append(openid)


def set_up(database: Database, count: int) -> tuple[int, dict[str, int]]:
    """Let people wait for a lawyer, each with something that the bot still has to say."""
    with database.transaction() as session:
        volunteer = add_volunteer(session, "v", Skill.LAWYER, now=NOON, max_active=count)
        tickets = {}
        for number in range(count):
            ticket = add_ticket(session, follower(number), now=NOON)
            tickets[follower(number)] = ticket.id or 0
            who = ticket.contact_id
            grant(session, contact_id=who, reason=GrantReason.MESSAGE, now=NOON)
            for body in ("一", "二"):
                enqueue(session, contact_id=who, body=body, kind=OutboxKind.BOT, now=NOON)
        return volunteer, tickets


def work(
    racer: Racer, volunteer: int, tickets: dict[str, int], *, careless: bool = False
) -> list[Said] | dict[str, float]:
    """Claim in the first process, answer in the second, send in the third."""
    with careless_bot() if careless else nullcontext():
        if racer.index == 0:
            return claim_all(racer, volunteer, tickets)
        return answer_all(racer, tickets) if racer.index == 1 else send_all(racer, tickets)


def claim_all(racer: Racer, volunteer: int, tickets: dict[str, int]) -> dict[str, float]:
    order = list(tickets)
    random.Random(7).shuffle(order)  # noqa: S311 - a run that can be repeated
    claimed = {}
    database = Database(racer.url, cipher=Cipher(KEY))
    racer.wait_for_others()
    for who in order:
        with database.transaction() as session:
            flow.claim(session, ticket_id=tickets[who], volunteer_id=volunteer, now=NOON)
        claimed[who] = time.monotonic()
    database.close()
    return claimed


def answer_all(racer: Racer, tickets: dict[str, int]) -> list[Said]:
    order = [(number, msg) for msg in range(MESSAGES) for number in range(len(tickets))]
    random.Random(8).shuffle(order)  # noqa: S311 - a run that can be repeated
    said = []
    with serving(racer.url) as service:
        racer.wait_for_others()
        for number, msg in order:
            xml = text_xml(number, "你好", msg_id=50_000 + number * MESSAGES + msg)
            began = time.monotonic()
            body = deliver(service, xml)
            said.append(Said(follower(number), began, "<Content>" in body))
    return said


def send_all(racer: Racer, tickets: dict[str, int]) -> list[Said]:
    database, phones = Database(racer.url, cipher=Cipher(KEY)), Phones()
    worker = OutboxWorker(
        database=database,
        gateway=phones,
        app_id="wx1",
        clock=FakeClock(NOON),
        timezone=ZoneInfo("Asia/Shanghai"),
        rate=RateLimit(100_000),
    )
    said: list[Said] = []
    racer.wait_for_others()
    for _ in range(3 * len(tickets)):
        began, before = time.monotonic(), len(phones.sent)
        worker.run_once()
        said += [Said(who, began, spoke=True) for who in phones.sent[before:]]
    database.close()
    return said


@contextmanager
def careless_bot() -> Iterator[None]:
    """Take both looks away: that of the dispatcher and that of the sending transaction."""

    def forget(**facts: Any) -> KnownContact:  # noqa: ANN401 - whatever it is made of
        return KnownContact(**facts | {"is_in_hands": False})

    with (
        patch.object(dispatcher, "KnownContact", forget),
        patch.object(outbox, "_is_in_hands", lambda *_: False),
    ):
        yield


def spoken_over(results: list[list[Said] | dict[str, float]]) -> tuple[list[Said], list[Said]]:
    """Return what began after the claim, and of that what was said by the bot all the same."""
    [claimed] = [one for one in results if isinstance(one, dict)]
    said = [one for share in results if isinstance(share, list) for one in share]
    after = [one for one in said if one.began > claimed[one.follower]]
    return after, [one for one in after if one.spoke]


@pytest.mark.parametrize("count", CONVERSATIONS)
def test_after_a_take_over_the_bot_says_nothing(
    crew: Crew, database_url: str, database: Database, count: int
) -> None:
    volunteer, tickets = set_up(database, count)

    results = crew.race(
        partial(work, volunteer=volunteer, tickets=tickets), database_url, timeout=120
    )

    after, wrong = spoken_over(results)
    assert wrong == []
    assert len(after) > count // 2  # there was enough to be silent about


def test_without_the_looks_the_bot_speaks_over_the_volunteer(
    crew: Crew, database_url: str, database: Database
) -> None:
    volunteer, tickets = set_up(database, 20)
    race = partial(work, volunteer=volunteer, tickets=tickets, careless=True)

    _, wrong = spoken_over(crew.race(race, database_url, timeout=120))

    assert wrong != []
