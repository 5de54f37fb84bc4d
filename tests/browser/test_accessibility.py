"""Every page of the console and of /admin at phone width for each role: nothing grave."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page
from sqlmodel import Session, select

from bot.admin.words import SECTIONS
from bot.app import create_app
from bot.console.access import RULES
from bot.settings import Settings
from knowledge.engine import Engine
from models.database import OpenSession
from models.volunteer import Role, Volunteer
from tests.support.chat import Chat, FakeClock
from tests.support.console import PASSWORD, Console
from tests.support.server import free_port, serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("socket_enabled"),
    # A page looks the same from both.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

SHOTS = Path("test-results/accessibility")
PEOPLE = {
    Role.VOLUNTEER: "li",
    Role.SUPERVISOR: "qin",
    Role.ADMIN: "chef",
    Role.AUDITOR: "pruefer",
}
NO_PAGES = ("/static/{name:path}", "/login", "/tickets/{ticket_id}/media/{number}")
TICKETS = ("/tickets/2", "/tickets/1?held=1", "/replies?find=gzt", "/replies?find=nowhere", "/x")
"""Besides the addresses of the table: another ticket, states of a page, and what is not there."""


ADMIN = [section.path for section in SECTIONS if section.path.startswith("/admin")]
"""The pages behind /admin, as its index has them."""


def pages_of(role: Role) -> list[str]:
    """Return every page that is open to a role."""
    declared = [
        path
        for (method, path), roles in RULES.items()
        if method == "GET" and role in roles and path not in NO_PAGES and "/live" not in path
    ]
    named = [path.replace("{", "").replace("}", "") for path in declared]
    for name in ("ticket_id", "reply_id", "news_id"):
        named = [path.replace(name, "1") for path in named]
    named = [path.replace("entry_id", "legal-aid-who") for path in named]
    own = [f"/console{path}" for path in (*named, *TICKETS)]
    return [*own, *ADMIN] if role is Role.ADMIN else own


@dataclass
class Office:
    """A service with something on every page."""

    address: str


@pytest.fixture
def office(
    settings: Settings, engine: Engine, clock: FakeClock, open_session: OpenSession
) -> Iterator[Office]:
    port = free_port()
    app = create_app(settings.model_copy(update={"port": port}), clock=clock, engine=engine)
    with open_session() as session:
        add_staff(session, clock)
    with (
        serving(app, port) as address,
        httpx2.Client(base_url=address, follow_redirects=True) as client,
    ):
        fill(client, clock)
        yield Office(address)


def add_staff(session: Session, clock: FakeClock) -> None:
    """Add who the demonstration has not: an admin, an auditor; and an announcement."""
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


def fill(client: httpx2.Client, clock: FakeClock) -> None:
    """Let a miner be with a lawyer, and another one wait in danger; write an announcement."""
    asked = Chat(client, clock)  # type: ignore[arg-type]  # it posts as well
    asked.says("老板三个月没发工资，我叫程大山，电话13912345678")
    asked.taps("找律师问问")
    asked.says("好")
    li = Console(client)  # type: ignore[arg-type]
    li.logs_in("li")
    li.presses("/queue/next")
    li.presses("/tickets/1/notes", note="先问清合同")
    li.presses("/tickets/1/send", body="您手里有没有合同？")
    asked.says("没有合同")
    asked.sends("image", "<PicUrl>http://mmbiz.qpic.cn/a</PicUrl><MediaId>A</MediaId>")
    other = Chat(client, clock, openid="oMINER0000000000000000000002")  # type: ignore[arg-type]
    other.says("站到楼顶上了，不想活了")
    client.cookies.clear()
    chef = Console(client)  # type: ignore[arg-type]
    chef.logs_in("chef")
    chef.opens("/news")
    news = {"kind": "job", "text": "周六有招聘会", "per_minute": "600"}
    chef.presses("/news", **news, expires_at="2026-11-27T21:00")
    client.cookies.clear()


def log_in(page: Page, office: Office, username: str) -> None:
    page.goto(f"{office.address}/console/login")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_load_state()


def judge(page: Page, name: str) -> list[str]:
    """Return what is grave on the open page, with all that it can unfold; keep pictures."""
    page.emulate_media(color_scheme="light")
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-light.png", full_page=True)
    is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    said = grave_findings(page, name, {})
    # The dark colours are another sheet over the same page.
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=SHOTS / f"{name}-dark.png", full_page=True)
    said += grave_findings(page, f"{name} in the dark", {"runOnly": ["color-contrast"]})
    return [*said, f"{name}: wider than the screen"] if is_wide else said


def grave_findings(page: Page, name: str, options: dict[str, list[str]]) -> list[str]:
    found = Axe().run(page, options=options).response
    assert found["passes"], "it has looked at nothing"
    grave = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    return [f"{name}: {one['id']} {node['target']}" for one in grave for node in one["nodes"]]


@pytest.mark.parametrize("role", Role)
def test_no_page_of_a_role_has_a_grave_finding(
    browser: Browser, office: Office, role: Role
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 780}, locale="zh-CN")
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{office.address}/console/login")
    findings = judge(page, f"{role}-login")
    log_in(page, office, PEOPLE[role])
    answers = {}
    for number, path in enumerate(pages_of(role)):
        answer = page.goto(f"{office.address}{path}")
        answers[path] = answer.status if answer else 0
        findings += judge(page, f"{role}-{number}")
    context.close()

    assert findings == []
    assert answers.pop("/console/x") == 404
    shut = {path for path, status in answers.items() if status != 200}
    assert shut <= {f"/console{path}" for path in TICKETS}, shut
