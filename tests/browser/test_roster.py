"""The roster on a small phone and at a desk: nothing sticks out, one tap is enough."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.app import create_app
from bot.settings import Settings
from knowledge.engine import Engine
from tests.support.chat import FakeClock
from tests.support.console import PASSWORD
from tests.support.server import free_port, serving

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("socket_enabled")]

SHOTS = Path("test-results/roster")
SIZES = {"small": (360, 780), "phone": (390, 844), "desktop": (1366, 768)}


@pytest.fixture
def address(settings: Settings, engine: Engine, clock: FakeClock) -> Iterator[str]:
    port = free_port()
    app = create_app(settings.model_copy(update={"port": port}), clock=clock, engine=engine)
    with serving(app, port) as address:
        yield address


def log_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/console")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="值班", exact=True).click()


def shoot(page: Page, name: str) -> None:
    """Keep a picture for people to judge; check the width."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES)
def test_a_volunteer_cancels_tonight_and_a_supervisor_sees_everything(
    browser: Browser, address: str, size: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    context.set_default_timeout(15_000)
    page = context.new_page()
    log_in(page, address, "wang")
    shoot(page, f"1-mine-{size}")

    page.get_by_role("button", name="身体不舒服").first.click()

    expect(page.get_by_text("这一班不会再许给来访的人")).to_be_visible()
    page.get_by_text(re.compile("请人替，或跟人换")).first.click()
    shoot(page, f"2-closed-{size}")
    page.get_by_role("button", name="问一声").first.click()
    expect(page.get_by_text("在问人替")).to_be_visible()
    context.clear_cookies()
    log_in(page, address, "li")
    expect(page.get_by_text("王律师想请人替")).to_be_visible()
    shoot(page, f"3-asked-{size}")
    context.clear_cookies()
    log_in(page, address, "qin")
    page.get_by_role("link", name="排班和节假日").click()
    shoot(page, f"4-edit-{size}")
    for summary in page.locator("details.more > summary").all()[:3]:
        if summary.is_visible():
            summary.click()
    page.locator("#weekly-title ~ details > summary").first.click()
    page.locator("#weekly-title ~ details > summary").nth(1).click()
    shoot(page, f"5-edit-open-{size}")
    context.close()
