"""A stream of many people through three processes, with repeated deliveries: the counts are exact.

Twenty people each fill in the registration, sign up for a class, ask for help and go on talking:
ten messages each, in ten rounds. In a round every message goes to one, two or all processes, at the
same moment, and some messages of earlier rounds come once more.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from functools import partial

import pytest

from models.contact import Contact
from models.database import Database
from models.inbox import InboxEntry
from models.job import JobSeeker
from models.open_class import Enrolment
from models.ticket import Ticket
from tests.races.crew import SIZE, Crew
from tests.races.service import ENROL, count, deliver, seats_taken, serving, text_xml
from tests.support.processes import Racer

pytestmark = pytest.mark.race

PEOPLE = 20
WORDS = (
    *("登记求职", "刘建国", "52", "保安", "肥城", "4000"),
    *(ENROL, "找律师", "就是工资的事", "这周四讲啥"),
)


@dataclass(frozen=True)
class Delivery:
    """A message on its way to one of the processes."""

    key: int
    xml: str


Rounds = list[list[list[Delivery]]]
"""For each round and each process what it gets, in its order."""


def plan(seed: int) -> Rounds:
    """Deal the messages out to the processes."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable stream, no secret
    rounds: Rounds = []
    earlier: list[Delivery] = []
    for number, text in enumerate(WORDS):
        shares: list[list[Delivery]] = [[] for _ in range(SIZE)]
        new = [_delivery(person, number, text) for person in range(PEOPLE)]
        for delivery in new:
            for index in chance.sample(range(SIZE), chance.randint(1, SIZE)):
                shares[index].append(delivery)
        for share in shares:
            share.extend(chance.sample(earlier, min(len(earlier), 3)))
            chance.shuffle(share)
        rounds.append(shares)
        earlier += new
    return rounds


def _delivery(person: int, number: int, text: str) -> Delivery:
    key = person * len(WORDS) + number
    return Delivery(key, text_xml(person, text, msg_id=9_000 + key))


def work_through(racer: Racer, rounds: Rounds) -> list[tuple[int, str]]:
    """Deliver this process's share, each round together with the others."""
    answers = []
    with serving(racer.url) as service:
        for shares in rounds:
            racer.wait_for_others()
            answers += [(d.key, deliver(service, d.xml)) for d in shares[racer.index]]
    return answers


def test_two_hundred_messages_with_repeats_have_two_hundred_effects(
    crew: Crew, database_url: str, database: Database
) -> None:
    rounds = plan(seed=6)

    results = crew.race(partial(work_through, rounds=rounds), database_url)

    answers: dict[int, list[str]] = defaultdict(list)
    for key, answer in (pair for result in results for pair in result):
        answers[key].append(answer)
    assert len(answers) == PEOPLE * len(WORDS)
    assert sum(len(given) for given in answers.values()) > 2 * len(answers) - PEOPLE
    assert all(len(set(given)) == 1 for given in answers.values())
    assert count(database, InboxEntry) == PEOPLE * len(WORDS)
    for table in (Contact, JobSeeker, Enrolment, Ticket):
        assert count(database, table) == PEOPLE, table
    assert seats_taken(database) == PEOPLE
