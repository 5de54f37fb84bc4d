"""Many made-up people with names and numbers of their own: none of it on a list or in a log."""

import itertools
import logging
import random
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import Session, select
from structlog.testing import capture_logs

from bot.console.access import RULES
from bot.wechat.api import WeChatApiError
from models.contact import Contact
from models.database import OpenSession
from models.ticket import TicketKind, open_ticket
from models.volunteer import Role, Volunteer
from tests.bot.console.conftest import OpenConsole
from tests.support.chat import Chat, FakeClock
from tests.support.postman import Postman

RECORDS = [300, pytest.param(10_000, marks=pytest.mark.soak)]
MESSAGES = [40, pytest.param(1_000, marks=pytest.mark.soak)]
FAMILY, GIVEN = "程霍栾亓逄綦褚尉", "鑫淼焱垚骉犇猋羴"
"""Signs that stand in no page of ours, alone or together."""

PEOPLE = {Role.VOLUNTEER: "li", Role.SUPERVISOR: "qin", Role.ADMIN: "chef", Role.AUDITOR: "audit"}
SINGLE = re.compile(r"/live|/static|/login|/media/")
OWN_WORDS = re.compile(r"/tickets/")
"""Who may read it sees what the person wrote; numbers and identifiers are hidden there too."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    openid: str
    name: str
    phone: str

    @property
    def says(self) -> str:
        return f"我叫{self.name}，电话{self.phone}，老板三个月没发工资"


def make_people(count: int) -> list[Person]:
    luck = random.Random(count)  # noqa: S311 - a run that can be repeated
    return [
        Person(
            openid=f"oSCAN{number:05}{luck.getrandbits(64):016x}",
            name=luck.choice(FAMILY) + luck.choice(GIVEN) + luck.choice(GIVEN),
            phone=f"139{number:05}{luck.randrange(1000):03}",
        )
        for number in range(count)
    ]


def traces(text: str, people: list[Person], *, names: bool = True) -> list[str]:
    """Return what of these people stands in a text."""
    openids = {one.openid for one in people} & set(re.findall(r"oSCAN\w+", text))
    phones = {one.phone for one in people} & set(re.findall(r"139\d{8}", text))
    called = {one.name for one in people if names and one.name in text}
    return sorted(openids | phones | called)


def fill(session: Session, people: list[Person], clock: FakeClock) -> None:
    """Let all of them wait, of every kind and risk; add an admin and an auditor."""
    li = session.exec(select(Volunteer).where(Volunteer.username == "li")).one()
    for role in (Role.ADMIN, Role.AUDITOR):
        session.add(
            Volunteer(
                username=PEOPLE[role],
                name=role,
                display_name=role,
                role=role,
                password_hash=li.password_hash,
                created_at=clock(),
            )
        )
    contacts = [
        Contact(openid=one.openid, first_seen_at=clock(), last_message_at=clock()) for one in people
    ]
    session.add_all(contacts)
    session.flush()
    kinds = list(TicketKind)
    for number, (one, contact) in enumerate(zip(people, contacts, strict=True)):
        open_ticket(
            session,
            contact_id=contact.id or 0,
            kind=kinds[number % len(kinds)],
            summary=one.says,
            risk=number % 4,
            now=clock() - timedelta(minutes=number % 300),
        )


def pages_of(role: Role) -> list[str]:
    paths = [
        path
        for (method, path), roles in RULES.items()
        if method == "GET" and role in roles and not SINGLE.search(path)
    ]
    return [re.sub(r"\{\w+\}", "1", path) for path in paths]


@pytest.mark.parametrize("count", RECORDS)
def test_no_page_tells_who_somebody_is(
    console: OpenConsole, open_session: OpenSession, clock: FakeClock, count: int
) -> None:
    people = make_people(count)
    with open_session() as session:
        fill(session, people, clock)
    found, seen = [], 0
    for role, username in PEOPLE.items():
        browser = console(username)
        for path in pages_of(role):
            browser.opens(path)
            seen += browser.status == 200
            may_read = OWN_WORDS.search(path) is not None
            told = traces(browser.page + str(browser.headers), people, names=not may_read)
            found += [(role, path, trace) for trace in told]

    assert found == []
    assert seen > 25


def refuse_some(postman: Postman) -> None:
    """Let WeChat refuse every second message and name whom it was for."""
    take, turns = postman.send_text, itertools.count()

    def send(openid: str, text: str) -> None:
        if next(turns) % 2 == 0:
            raise WeChatApiError(40003, f"invalid openid {openid} rid: 1")
        take(openid, text)

    postman.send_text = send  # type: ignore[method-assign]


@pytest.mark.parametrize("count", MESSAGES)
def test_no_log_tells_who_somebody_is(
    chat: Chat,
    console: OpenConsole,
    clock: FakeClock,
    postman: Postman,
    caplog: pytest.LogCaptureFixture,
    count: int,
) -> None:
    people = make_people(count)
    li = console("li")
    caplog.set_level(logging.INFO)
    with capture_logs() as events:
        for number, one in enumerate(people):
            phone = Chat(chat.client, clock, openid=one.openid)
            phone.says(one.says)
            phone.says("找律师" if number % 2 else f"我是{one.name}，不想活了，打{one.phone}")
            phone.says("好")
            if number % 20 == 1:
                li.opens("/queue")
                li.presses("/queue/next")
                li.presses(f"{li.place}/send", body=f"{one.name}您好")
        refuse_some(postman)
        postman.deliver()

    log = f"{events}{caplog.text}"
    assert traces(log, people) == []
    assert "outbox_refused" in log
