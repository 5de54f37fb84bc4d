"""The admin pages on a phone and at a desk: an answer is written, tried and taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from bot.app import create_app
from bot.settings import Settings
from knowledge.engine import Engine
from models.database import OpenSession
from models.volunteer import Role, Volunteer
from tests.support.chat import FakeClock
from tests.support.console import PASSWORD
from tests.support.server import free_port, serving

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("socket_enabled")]

SHOTS = Path("test-results/admin")
SIZES = {"small": (360, 780), "phone": (390, 844), "desktop": (1366, 768)}
TABLES = ("faq-entry", "job-posting", "open-class", "station", "local-figure")


@pytest.fixture
def address(
    settings: Settings, engine: Engine, clock: FakeClock, open_session: OpenSession
) -> Iterator[str]:
    with open_session() as session:
        guo = session.exec(select(Volunteer).where(Volunteer.username == "qin")).one()
        guo.role = Role.ADMIN
    port = free_port()
    app = create_app(settings.model_copy(update={"port": port}), clock=clock, engine=engine)
    with serving(app, port) as address:
        yield address


def shoot(page: Page, name: str) -> None:
    """Keep a picture for people to judge; check the width, and what machines know of reading."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    grave = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
    assert grave == [], name


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(browser: Browser, address: str, size: str) -> Iterator[Page]:
    """An admin who has just logged in, and sees where they wanted to go."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{address}/admin")
    page.get_by_label("用户名").fill("qin")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="目录")).to_be_visible()
    yield page
    context.close()


def write_an_answer(page: Page, size: str) -> None:
    page.locator("main").get_by_role("link", name="问答").click()
    shoot(page, f"2-faq-{size}")
    page.get_by_role("link", name="加一条").click()
    page.get_by_label("编号").fill("bath 1")
    page.get_by_label("问题").fill("老矿上的澡票还能换钱吗")
    page.get_by_label("回答").fill("能换，一张两块。下一步：带上澡票去后勤窗口。")
    page.get_by_role("button", name="存好").click()
    expect(page.get_by_text("这里不要有空格或换行")).to_be_visible()
    expect(page.get_by_label("问题")).to_have_value("老矿上的澡票还能换钱吗")
    shoot(page, f"3-fault-{size}")
    page.get_by_label("编号").fill("bath-1")
    page.get_by_role("button", name="存好").click()


def test_an_admin_writes_an_answer_tries_it_and_takes_it_back(
    page: Page, address: str, size: str, clock: FakeClock
) -> None:
    shoot(page, f"1-index-{size}")
    write_an_answer(page, size)
    expect(page.get_by_text("存好了")).to_be_visible()
    shoot(page, f"4-saved-{size}")

    clock.advance(seconds=10)
    page.goto(f"{address}/admin/answer")
    page.get_by_label("他说的话").fill("老矿上的澡票还能换钱吗")
    page.get_by_role("button", name="看看").click()
    expect(page.get_by_text("一张两块")).to_be_visible()
    shoot(page, f"5-answer-{size}")

    page.goto(f"{address}/admin/load-run/list")
    page.get_by_role("link", name="问答 · 第 1 次").click()
    page.locator("summary").click()
    shoot(page, f"6-run-{size}")
    page.get_by_role("button", name="撤回这一次").click()
    expect(page.get_by_text("回到改之前的样子")).to_be_visible()
    shoot(page, f"7-undone-{size}")


def test_every_page_can_be_read(page: Page, address: str, size: str) -> None:
    paths = [f"{table}/list" for table in (*TABLES, "volunteer", "audit-entry")]
    paths += ["unanswered", "settings", "job-posting/edit/1", "volunteer/details/1"]
    paths += ["open-class/create", "volunteer/create", "job-posting/details/1", "nothing/list"]
    for path in paths:
        page.goto(f"{address}/admin/{path}")
        shoot(page, f"page-{path.replace('/', '-')}-{size}")
