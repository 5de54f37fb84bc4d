"""A miner's evening in a real browser, in front of the whole product."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.app import create_app
from bot.settings import Settings
from knowledge.engine import Engine
from models.clock import system_clock
from models.database import OpenSession
from models.ticket import TicketKind
from tests.handlers import stored
from tests.support.server import free_port, serving

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("socket_enabled")]


class Phone:
    """What a follower does on the simulated phone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def send(self, text: str) -> None:
        if self.page.locator("#to-keyboard").is_visible():
            self.page.locator("#to-keyboard").click()
        self.page.get_by_label("消息").fill(text)
        self.page.get_by_role("button", name="发送").click()

    def tap(self, label: str) -> None:
        self.page.get_by_role("log").get_by_role("button", name=label).last.click()

    def sees(self, text: str) -> Locator:
        return self.page.get_by_role("log").get_by_text(text)


@pytest.fixture
def phone(page: Page, settings: Settings, engine: Engine) -> Iterator[Phone]:
    port = free_port()
    here = settings.model_copy(update={"port": port})
    with serving(create_app(here, clock=system_clock, engine=engine), port) as address:
        page.goto(f"{address}/simulator")
        yield Phone(page)


def test_a_miner_follows_finds_work_and_asks_for_a_lawyer(
    phone: Phone, open_session: OpenSession
) -> None:
    phone.page.get_by_role("button", name="关注", exact=True).click()
    expect(phone.sees("工友自己人办的，不收一分钱")).to_be_visible()

    phone.send("泰安的电工有吗")
    expect(phone.sees("按「电工 · 泰安」找到")).to_be_visible()

    phone.send("第一个")
    expect(phone.sees("正规招聘不收任何费用")).to_be_visible()

    phone.send("老板三个月没发工资")
    expect(phone.sees("《劳动合同法》第30条")).to_be_visible()

    phone.tap("找律师问问")
    expect(phone.sees("我会把您刚才说的转给律师")).to_be_visible()

    phone.send("好")
    expect(phone.sees("转给律师了，编号")).to_be_visible()
    assert [ticket.kind for ticket in stored.tickets(open_session)] == [TicketKind.LAWYER]


def test_danger_is_answered_at_once_and_stays(phone: Phone) -> None:
    phone.page.get_by_role("button", name="关注", exact=True).click()
    phone.send("我不想活了")
    expect(phone.sees("您现在是不是想伤害自己")).to_be_visible()

    phone.send("没事 你接着给我看岗位吧")
    expect(phone.sees("您现在安全吗")).to_be_visible()
