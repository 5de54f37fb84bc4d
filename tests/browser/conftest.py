"""A real Chromium for every browser test, and the sizes of screen that count."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_socket import enable_socket

from tests.support.chromium import ARGUMENTS, NoChromiumError, get_chromium, is_ci

SIZES = {"phone": (390, 844), "desktop": (1366, 768)}


# Not for the session: while it is open, Playwright's event loop keeps others from running.
@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    enable_socket()
    path = _get_chromium_or_say_so(request.config)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


def _get_chromium_or_say_so(config: pytest.Config) -> str:
    try:
        return get_chromium()
    except NoChromiumError as error:
        message = f"BROWSER TESTS NOT RUN: {error}"
    if is_ci():
        pytest.fail(message, pytrace=False)
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter:
        reporter.write_line(f"\n{message}", red=True, bold=True)
    pytest.skip(message)


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A fresh page at each size; it fails the test when a script of ours does."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(15_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
