"""Every route against every role, and what each may read; what is not declared is denied."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select
from starlette.routing import Mount

from bot.console.access import PUBLIC, RULES
from models.audit import AuditEntry
from models.database import OpenSession
from models.ticket import TicketKind, open_ticket
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill
from tests.bot.console.conftest import OpenConsole
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock
from tests.support.console import Console

V, S, A, U = Role.VOLUNTEER, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR
NOBODY: frozenset[Role] = frozenset()
ALL, HELP = frozenset({V, S, A, U}), frozenset({V, S})
EDIT = frozenset({S, A})
WRITE = frozenset({V, S, A})
TICKET = "/tickets/{ticket_id}"

MATRIX: dict[tuple[str, str], frozenset[Role]] = {
    ("GET", "/static/{name:path}"): NOBODY,
    ("GET", "/login"): NOBODY,
    ("POST", "/login"): NOBODY,
    ("GET", "/"): ALL,
    ("POST", "/logout"): ALL,
    ("GET", "/account"): ALL,
    ("POST", "/account/password"): ALL,
    ("POST", "/account/sessions"): ALL,
    ("POST", "/account/binding"): HELP,
    ("POST", "/account/unbinding"): HELP,
    ("POST", "/account/kinds"): HELP,
    ("GET", "/queue"): HELP,
    ("GET", "/queue/live"): HELP,
    ("POST", "/queue/next"): HELP,
    ("POST", "/queue/pause"): HELP,
    ("POST", "/queue/resume"): HELP,
    ("POST", "/queue/rested"): HELP,
    ("POST", "/offers/{offer_id}/accept"): HELP,
    ("POST", "/offers/{offer_id}/refuse"): HELP,
    ("GET", TICKET): HELP,
    ("GET", f"{TICKET}/live"): HELP,
    ("POST", f"{TICKET}/claim"): HELP,
    ("POST", f"{TICKET}/send"): HELP,
    ("POST", f"{TICKET}/draft"): HELP,
    ("POST", f"{TICKET}/insert"): HELP,
    ("POST", f"{TICKET}/find"): HELP,
    ("POST", f"{TICKET}/withdrawal"): HELP,
    ("POST", f"{TICKET}/notes"): HELP,
    ("POST", f"{TICKET}/help"): HELP,
    ("POST", f"{TICKET}/transfer"): HELP,
    ("POST", f"{TICKET}/transfer/withdrawal"): HELP,
    ("POST", f"{TICKET}/release"): HELP,
    ("POST", f"{TICKET}/hand-back"): HELP,
    ("POST", f"{TICKET}/close"): HELP,
    ("POST", f"{TICKET}/reopen"): HELP,
    ("POST", f"{TICKET}/join"): HELP,
    ("POST", f"{TICKET}/risk"): HELP,
    ("POST", f"{TICKET}/block"): HELP,
    ("POST", f"{TICKET}/avoid"): HELP,
    ("POST", f"{TICKET}/take-over"): frozenset({S}),
    ("GET", f"{TICKET}/media/{{number}}"): HELP,
    ("POST", f"{TICKET}/media/{{number}}/again"): HELP,
    ("POST", f"{TICKET}/reassignment"): frozenset({S}),
    ("POST", "/alarms/{alarm_id}/acknowledgement"): HELP,
    ("GET", "/board"): frozenset({S}),
    ("GET", "/board/live"): frozenset({S}),
    ("GET", f"{TICKET}/reveal"): HELP,
    ("POST", f"{TICKET}/reveal"): HELP,
    ("GET", "/roster"): frozenset({V, S, A}),
    ("POST", "/roster/evening/close"): HELP,
    ("POST", "/roster/duty/reopen"): HELP,
    ("POST", "/roster/duty/confirm"): HELP,
    ("POST", "/roster/duty/offer"): HELP,
    ("POST", "/roster/offers/{offer_id}/accept"): HELP,
    ("POST", "/roster/offers/{offer_id}/refuse"): HELP,
    ("POST", "/roster/offers/{offer_id}/withdrawal"): HELP,
    ("POST", "/roster/extra"): HELP,
    ("GET", "/roster/edit"): EDIT,
    ("POST", "/roster/edit/duty"): EDIT,
    ("POST", "/roster/edit/extra"): EDIT,
    ("POST", "/roster/edit/weekly"): EDIT,
    ("POST", "/roster/edit/weekly/{weekly_id}/end"): EDIT,
    ("POST", "/roster/edit/day"): EDIT,
    ("POST", "/roster/edit/day/removal"): EDIT,
    ("GET", "/news"): frozenset({A}),
    ("POST", "/news"): frozenset({A}),
    ("GET", "/news/{news_id}"): frozenset({A}),
    ("GET", "/news/{news_id}/live"): frozenset({A}),
    ("POST", "/news/{news_id}"): frozenset({A}),
    ("POST", "/news/{news_id}/send"): frozenset({A}),
    ("POST", "/news/{news_id}/stop"): frozenset({A}),
    ("POST", "/news/{news_id}/discard"): frozenset({A}),
    ("GET", "/audit"): frozenset({S, U}),
    ("GET", "/replies"): WRITE,
    ("POST", "/replies"): WRITE,
    ("GET", "/replies/{reply_id}"): WRITE,
    ("POST", "/replies/{reply_id}/versions"): WRITE,
    ("POST", "/replies/{reply_id}/review"): HELP,
    ("POST", "/replies/{reply_id}/rejection"): WRITE,
    ("POST", "/replies/{reply_id}/publication"): frozenset({S, A}),
    ("POST", "/replies/{reply_id}/withdrawal"): frozenset({S, A}),
    ("GET", "/faq"): WRITE,
    ("POST", "/faq"): WRITE,
    ("GET", "/faq/{entry_id}"): WRITE,
    ("POST", "/faq/{entry_id}/versions"): WRITE,
    ("POST", "/faq/{entry_id}/review"): WRITE,
    ("POST", "/faq/{entry_id}/rejection"): WRITE,
    ("POST", "/faq/{entry_id}/publication"): EDIT,
    ("POST", "/faq/{entry_id}/withdrawal"): EDIT,
    ("POST", "/faq/{entry_id}/restoration"): EDIT,
    ("GET", "/people"): frozenset({S}),
    ("POST", "/people/{volunteer_id}/release"): frozenset({S}),
    ("POST", "/people/{volunteer_id}/restriction"): frozenset({S}),
}
"""Written down a second time on purpose: who opens a route to a role has to say so twice."""

IDS = dict.fromkeys(
    (
        *("ticket_id", "offer_id", "weekly_id", "news_id", "alarm_id", "number"),
        *("reply_id", "entry_id", "volunteer_id"),
    ),
    1,
)
PEOPLE = {V: "li", S: "qin", A: "chef", U: "pruefer"}
SHUT = [
    (method, path, role)
    for (method, path), roles in MATRIX.items()
    for role in Role
    if roles != NOBODY and role not in roles and not path.endswith("/live")
]


def console_app(client: TestClient) -> FastAPI:
    """Return the application behind /console."""
    app = client.app
    assert isinstance(app, FastAPI)
    mounts = [r for r in app.routes if isinstance(r, Mount) and r.path == "/console"]
    console = mounts[0].app
    assert isinstance(console, FastAPI)
    return console


def routes(client: TestClient) -> Iterator[tuple[str, str]]:
    """Yield every route of the console."""
    for route in console_app(client).routes:
        for method in getattr(route, "methods", ()):
            yield method, getattr(route, "path", "")


@pytest.fixture
def people(open_session: OpenSession, clock: FakeClock) -> None:
    """Add an admin and an auditor with the password of the others."""
    with open_session() as session:
        li = session.exec(select(Volunteer).where(Volunteer.username == "li")).one()
        for role in (A, U):
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


def test_every_route_is_declared_and_every_declaration_is_a_route(client: TestClient) -> None:
    assert set(routes(client)) == set(MATRIX)
    assert dict(RULES) == MATRIX
    assert PUBLIC == NOBODY


def test_an_undeclared_route_is_denied(client: TestClient, console: OpenConsole) -> None:
    @console_app(client).get("/forgotten")
    def forgotten() -> str:
        return "secret"

    qin = console("qin")

    assert "secret" not in qin.opens("/forgotten")
    assert qin.status == 404


@pytest.mark.usefixtures("people", "asked")
def test_a_route_that_is_not_for_a_role_answers_as_if_it_did_not_exist(
    console: OpenConsole,
) -> None:
    missing = console("li").opens("/tickets/999999")
    answers = {}
    for role in Role:
        person = console(PEOPLE[role])
        for method, path, whom in SHUT:
            if whom is role:
                address = path.format(**IDS)
                said = person.opens(address) if method == "GET" else person.presses(address)
                answers[method, path, role] = (person.status, "没有找到" in said)

    assert "没有找到" in missing
    assert len(answers) == len(SHUT) > 60
    assert set(answers.values()) == {(404, True)}


def test_nothing_but_the_log_in_is_open_to_strangers(client: TestClient) -> None:
    stranger = Console.beside(client)
    for (method, path), roles in MATRIX.items():
        if roles == NOBODY:
            continue
        address = path.format(**IDS)
        _ = stranger.opens(address) if method == "GET" else stranger.presses(address)
        assert stranger.place == "/login", (method, path)


def confide(chat: Chat) -> None:
    """Let a miner tell a counsellor what is nobody else's business."""
    chat.says("我心里难受，整宿睡不着，想起塌方那天")
    chat.says("找心理顾问")
    chat.says("好")


def test_a_lawyer_never_sees_what_was_confided(
    chat: Chat, console: OpenConsole, open_session: OpenSession, clock: FakeClock
) -> None:
    confide(chat)
    kinds = [ticket.kind for ticket in stored.tickets(open_session)]
    assert TicketKind.COUNSELOR in kinds
    contact_id = stored.contact(open_session).id or 0
    with open_session() as session:
        asked = open_ticket(
            session,
            contact_id=contact_id,
            kind=TicketKind.LAWYER,
            summary="老板欠我三个月工资",
            now=clock(),
        )
        number = asked.id
    li = console("li")

    said = li.presses("/queue/next")

    assert li.place == f"/tickets/{number}"
    assert "老板欠我三个月工资" in said
    assert "塌方" not in said
    assert "心里话" not in said
    li.opens("/tickets/1")
    assert li.status == 404


def test_a_counsellor_and_a_supervisor_see_it(chat: Chat, console: OpenConsole) -> None:
    confide(chat)
    song, guo = console("song"), console("guo")

    assert "塌方" in song.presses("/queue/next")
    assert "塌方" in guo.opens("/tickets/1")


@pytest.mark.usefixtures("asked")
def test_a_ticket_in_other_hands_shows_no_word(console: OpenConsole) -> None:
    li, wang = console("li"), console("wang")
    li.presses("/queue/next")

    said = wang.opens("/tickets/1")

    assert "李律师正在接待这位" in said
    assert "工资" not in said
    wang.opens("/account")
    wang.presses("/tickets/1/notes", note="偷看一眼")
    assert wang.status == 404


def test_who_passed_it_to_another_profession_sees_no_more_of_it(
    asked: Chat, console: OpenConsole
) -> None:
    li, song = console("li"), console("song")
    li.presses("/queue/next")
    li.presses("/tickets/1/transfer", skill="counselor")
    song.opens("/queue")
    song.presses("/offers/1/accept")
    asked.says("其实我是心里过不去塌方那道坎")

    li.opens("/tickets/1")

    assert li.status == 404


@pytest.mark.usefixtures("asked")
def test_an_offer_to_somebody_else_cannot_be_answered(console: OpenConsole) -> None:
    li, zhou = console("li"), console("zhou")
    li.presses("/queue/next")
    li.presses("/tickets/1/transfer", skill="lawyer")

    zhou.presses("/offers/1/accept")

    assert zhou.status == 404


@pytest.mark.usefixtures("asked")
def test_a_supervisor_who_reads_leaves_a_trace_once_an_hour(
    console: OpenConsole, open_session: OpenSession, clock: FakeClock
) -> None:
    qin = console("qin")
    for minutes in (0, 5, 61):
        clock.advance(minutes=minutes)
        qin.opens("/tickets/1")

    with open_session() as session:
        reads = session.exec(select(AuditEntry).where(AuditEntry.action == "read")).all()
    assert [entry.subject for entry in reads] == ["ticket:1"] * 2


@pytest.mark.usefixtures("asked")
def test_the_holder_reads_without_a_trace(console: OpenConsole, open_session: OpenSession) -> None:
    li = console("li")
    li.presses("/queue/next")

    with open_session() as session:
        assert session.exec(select(AuditEntry).where(AuditEntry.action == "read")).all() == []


@pytest.mark.usefixtures("people", "asked")
def test_an_auditor_sees_acts_and_no_words(console: OpenConsole) -> None:
    console("qin").opens("/tickets/1")

    said = console("pruefer").opens("/")

    assert "秦老师 看了记录 · 求助 1" in said
    assert "工资" not in said


@pytest.mark.usefixtures("people")
def test_an_admin_begins_at_their_own_page(console: OpenConsole) -> None:
    chef = console("chef")

    assert chef.place == "/account"
    assert "绑定微信" not in chef.text


def test_no_openid_is_on_any_page(asked: Chat, console: OpenConsole) -> None:
    li = console("li")
    pages = [li.page]
    li.presses("/queue/next")
    pages.append(li.page)
    for path in ("/account", "/tickets/1/reveal", "/queue"):
        li.opens(path)
        pages.append(li.page)

    assert [page for page in pages if asked.openid in page] == []


@pytest.mark.usefixtures("asked")
def test_a_skill_taken_away_counts_from_the_next_click(
    console: OpenConsole, open_session: OpenSession
) -> None:
    li = console("li")
    with open_session() as session:
        one = session.exec(select(Volunteer).where(Volunteer.username == "li")).one()
        session.delete(session.get_one(VolunteerSkill, (one.id, Skill.LAWYER)))

    assert "法律" not in li.opens("/queue")
    li.opens("/tickets/1")
    assert li.status == 404
