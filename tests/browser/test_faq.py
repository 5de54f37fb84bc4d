"""An FAQ entry is written, reviewed and published on a small phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from bot.app import create_app
from bot.settings import Settings
from knowledge.engine import Engine
from models.database import OpenSession
from models.faq_version import Asked, EntryWords, draft_asked
from tests.support.chat import FakeClock
from tests.support.console import PASSWORD
from tests.support.server import free_port, serving

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("socket_enabled")]

SHOTS = Path("test-results/faq")
SIZES = {"small": (360, 780), "phone": (390, 844)}
WORDINGS = ["单位没给我签合同咋整", "老板一直拖着不给签合同能要钱不", "没合同干了半年"]


@pytest.fixture
def address(
    settings: Settings, engine: Engine, clock: FakeClock, open_session: OpenSession
) -> Iterator[str]:
    words = EntryWords(question=WORDINGS[0], similar=WORDINGS)
    with open_session() as session:
        draft_asked(session, Asked(words, people=7), entry_id="asked-1", now=clock())
    clock.advance(minutes=20)
    port = free_port()
    app = create_app(settings.model_copy(update={"port": port}), clock=clock, engine=engine)
    with serving(app, port) as address:
        yield address


def log_in(page: Page, address: str, username: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}/console")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="问答", exact=True).click()


def shoot(page: Page, name: str) -> None:
    """Keep a picture for people to judge; check the width, and what machines know of reading."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    grave = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
    assert grave == [], name


@pytest.mark.parametrize("size", SIZES)
def test_an_entry_on_its_road_at_phone_width(browser: Browser, address: str, size: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    context.set_default_timeout(15_000)
    page = context.new_page()
    log_in(page, address, "wang")
    shoot(page, f"1-list-{size}")
    page.get_by_text(WORDINGS[0]).click()
    page.get_by_label("回答").fill("可以要双倍工资。\n下一步：先留好工资流水和考勤。")
    expect(page.locator("[data-count]")).to_have_text("23")
    page.get_by_label("主题").select_option(label="劳动合同")
    page.get_by_label("依据").fill("劳动合同法999")
    shoot(page, f"2-editor-{size}")
    page.get_by_role("button", name="写好了，请别人审").click()
    expect(page.get_by_text("第999条")).to_have_count(2)
    shoot(page, f"3-wrong-article-{size}")
    page.get_by_text("改成新的一版").click()
    page.get_by_label("依据").fill("劳动合同法82")
    page.get_by_role("button", name="写好了，请别人审").click()
    log_in(page, address, "qin")
    page.get_by_text(WORDINGS[0]).click()
    shoot(page, f"4-review-{size}")
    page.get_by_role("button", name="我审过了，没问题").click()
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_text("第 3 版 · 正在用")).to_be_visible()
    shoot(page, f"5-published-{size}")
    context.close()
