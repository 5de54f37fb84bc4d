"""The whole way in real browsers: a miner asks, a volunteer answers on a phone or at a desk."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from bot.app import create_app
from bot.settings import Settings
from knowledge.engine import Engine
from models.clock import system_clock
from models.database import OpenSession
from models.rating import Rating, TicketRating
from models.ticket import Outcome, TicketState
from models.ticket_flow import release
from models.volunteer import Skill, Volunteer
from tests.browser.conftest import SIZES
from tests.browser.test_product_story import Phone
from tests.handlers import stored
from tests.support.console import PASSWORD
from tests.support.server import free_port, serving

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("socket_enabled")]

SHOTS = Path("test-results/console")
_IS_ABOVE_COMPOSER = """() => {
  const place = (found) => document.querySelector(found).getBoundingClientRect();
  return place(".lines > :last-child").bottom <= place("#composer").top;
}"""


@dataclass
class Desk:
    """What a volunteer does in a browser."""

    page: Page
    address: str
    size: str

    def logs_in(self, username: str) -> None:
        self.page.goto(f"{self.address}/console")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()

    def writes(self, text: str) -> None:
        self.page.get_by_label("给他回话").fill(text)

    def finds_reply(self, said: str) -> None:
        """Look for an approved reply."""
        self.page.get_by_text("审过的回复", exact=False).last.click()
        self.page.get_by_label("找一条").fill(said)

    def sees_the_newest(self, said: str) -> None:
        """Read what came last; on a phone the composer must not lie over it."""
        line = self.page.get_by_role("log").get_by_text(said)
        expect(line).to_be_visible(timeout=4000)
        if self.size == "phone":
            self.page.wait_for_function(_IS_ABOVE_COMPOSER)

    def shoots(self, name: str) -> None:
        """Keep a picture for people to judge, and check that nothing sticks out sideways."""
        self.page.wait_for_load_state()  # before its style is there a page is wider
        width = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, name
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}-{self.size}.png", full_page=True)


@dataclass
class Story:
    """The miner's phone and the volunteer's browser, in front of one service."""

    phone: Phone
    desk: Desk


@pytest.fixture(params=SIZES)
def story(
    request: pytest.FixtureRequest, browser: Browser, settings: Settings, engine: Engine
) -> Iterator[Story]:
    width, height = SIZES[request.param]
    port = free_port()
    here = settings.model_copy(update={"port": port, "background_worker": True})
    miner = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    helper = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    errors: list[str] = []
    for context in (miner, helper):
        context.set_default_timeout(15_000)
        context.on("weberror", lambda error: errors.append(str(error.error)))
    with serving(create_app(here, clock=system_clock, engine=engine), port) as address:
        phone = miner.new_page()
        phone.goto(f"{address}/simulator")
        desk = helper.new_page()
        desk.on(
            "console", lambda said: errors.append(said.text) if "Content Sec" in said.text else None
        )
        yield Story(Phone(phone), Desk(desk, address, request.param))
        miner.close()
        helper.close()  # an open stream would hold the server up
    assert errors == []


def ask_for_a_lawyer(phone: Phone) -> None:
    phone.page.get_by_role("button", name="关注", exact=True).click()
    phone.send("老板三个月没发工资")
    expect(phone.sees("第30条").first).to_be_visible()
    phone.tap("找律师问问")
    expect(phone.sees("我会把您刚才说的转给律师")).to_be_visible()
    phone.send("好")
    expect(phone.sees("转给律师了，编号")).to_be_visible()


def test_a_miner_asks_and_a_lawyer_answers_and_closes(
    story: Story, open_session: OpenSession
) -> None:
    phone, desk = story.phone, story.desk
    desk.page.goto(f"{desk.address}/console")
    desk.shoots("1-log-in")
    desk.logs_in("li")
    expect(desk.page.get_by_text("还没有人在等，谢谢您来")).to_be_visible()
    desk.shoots("2-empty")
    ask_for_a_lawyer(phone)

    take = desk.page.get_by_role("button", name="接下一位")
    expect(take).to_be_enabled(timeout=4000)  # by itself, without a reload
    desk.shoots("3-queue")
    take.click()
    expect(desk.page.get_by_text("接好了。机器人不再插话")).to_be_visible()
    expect(desk.page.locator("blockquote")).to_contain_text("老板三个月没发工资")
    desk.shoots("4-ticket")

    insert_a_reply(desk)
    desk.page.get_by_role("button", name="发送").click()
    expect(phone.sees("李律师：您先别急。")).to_be_visible()
    expect(phone.sees("找不到也没关系。")).to_be_visible()
    expect(desk.page.get_by_text("已送到微信")).to_be_visible()

    phone.send("有工资条，去年的")
    desk.sees_the_newest("有工资条，去年的")
    desk.shoots("5-answered")
    close_the_ticket(desk)
    [ticket] = stored.tickets(open_session)
    assert (ticket.state, ticket.outcome) == (TicketState.CLOSED, Outcome.ADVISED)

    rate_the_help(story)

    [rated] = stored.all_of(open_session, TicketRating)
    assert (rated.ticket_id, rated.value) == (ticket.id, Rating.HELPED)


def insert_a_reply(desk: Desk) -> None:
    desk.writes("您先别急。")
    desk.finds_reply("gzt")
    desk.shoots("4-replies")
    expect(desk.page.get_by_role("button", name=re.compile("要凭据"))).to_be_in_viewport()
    desk.page.get_by_role("button", name=re.compile("要凭据")).click()
    composer = desk.page.get_by_label("给他回话")
    expect(composer).to_have_value(re.compile("^您先别急。\n您手里有没有工资条"))
    desk.shoots("4-inserted")
    desk.writes(f"{composer.input_value()}找不到也没关系。")


def close_the_ticket(desk: Desk) -> None:
    desk.page.get_by_text("办完了，结束").click()
    desk.shoots("6-outcomes")
    desk.page.get_by_role("button", name="说清楚了，他自己去办").click()
    expect(desk.page.get_by_text("办完一位，辛苦了")).to_be_visible()


def rate_the_help(story: Story) -> None:
    phone = story.phone
    expect(phone.sees("刚才的事办得咋样")).to_be_visible()
    phone.page.screenshot(path=SHOTS / f"7-rating-{story.desk.size}.png")
    phone.tap("帮上忙了")
    expect(phone.sees("谢谢您告诉我们")).to_be_visible()


def test_a_gap_is_filled_before_it_is_sent_and_insertion_works_offline(story: Story) -> None:
    phone, desk = story.phone, story.desk
    ask_for_a_lawyer(phone)
    desk.logs_in("li")
    desk.page.get_by_role("button", name="接下一位").click()
    expect(desk.page.get_by_label("给他回话")).to_be_visible()
    desk.page.wait_for_load_state()  # the page has its script

    desk.page.context.set_offline(True)
    desk.finds_reply("开场")
    desk.page.get_by_role("button", name=re.compile("开场")).click()
    composer = desk.page.get_by_label("给他回话")
    expect(composer).to_have_value(re.compile("^【称呼？】您好"))
    desk.page.context.set_offline(False)
    desk.page.get_by_role("button", name="发送").click()
    expect(desk.page.get_by_text("还有空没填：称呼")).to_be_visible()
    desk.shoots("9-gap")

    desk.writes(composer.input_value().replace("【称呼？】", "程师傅"))
    desk.page.get_by_role("button", name="发送").click()

    expect(phone.sees("李律师：程师傅您好")).to_be_visible()


def test_without_script_a_reply_is_found_and_put_behind_what_is_written(
    story: Story, browser: Browser
) -> None:
    ask_for_a_lawyer(story.phone)
    plain = browser.new_context(
        viewport={"width": 360, "height": 780}, locale="zh-CN", java_script_enabled=False
    )
    desk = Desk(plain.new_page(), story.desk.address, f"plain-{story.desk.size}")
    desk.logs_in("li")
    desk.page.get_by_role("button", name="接下一位").click()
    desk.writes("您先别急。")

    desk.finds_reply("gzt")
    desk.page.get_by_role("button", name="找", exact=True).click()
    desk.page.get_by_role("button", name=re.compile("要凭据")).click()

    composer = desk.page.get_by_label("给他回话")
    expect(composer).to_have_value(re.compile("^您先别急。\n您手里有没有工资条"))
    plain.close()


def test_what_is_typed_without_a_network_is_not_lost(story: Story) -> None:
    phone, desk = story.phone, story.desk
    ask_for_a_lawyer(phone)
    desk.logs_in("li")
    desk.page.get_by_role("button", name="接下一位").click()
    expect(desk.page.get_by_label("给他回话")).to_be_visible()
    desk.page.wait_for_load_state()  # the page has its script

    desk.page.context.set_offline(True)
    desk.writes("先别签任何字，把工资条拍下来")
    expect(desk.page.get_by_text("没有网络。您接着写")).to_be_visible()
    desk.page.get_by_role("button", name="发送").click()
    expect(desk.page.get_by_text("没有网络，还没发")).to_be_visible()
    desk.shoots("7-offline")
    desk.page.context.set_offline(False)
    desk.page.reload()

    expect(desk.page.get_by_label("给他回话")).to_have_value("先别签任何字，把工资条拍下来")


def test_a_reply_is_held_when_the_person_has_just_written_again(
    story: Story, open_session: OpenSession
) -> None:
    phone, desk = story.phone, story.desk
    ask_for_a_lawyer(phone)
    desk.logs_in("li")
    desk.page.get_by_role("button", name="接下一位").click()
    desk.writes("那就去仲裁")
    phone.send("等等，老板刚给了一千")
    expect(desk.page.get_by_text("他刚又说了")).to_be_visible(timeout=4000)
    desk.page.get_by_role("button", name="发送").click()

    expect(desk.page.get_by_role("button", name="仍要发送")).to_be_visible()
    desk.shoots("8-held")
    desk.page.get_by_role("button", name="仍要发送").click()
    expect(phone.sees("李律师：那就去仲裁")).to_be_visible()
    expect(desk.page.get_by_text("已送到微信")).to_be_visible()

    pass_to_a_counsellor(open_session)
    expect(desk.page.get_by_text("已经由别人接着办")).to_be_visible(timeout=4000)
    desk.shoots("8-taken")
    desk.page.get_by_role("link", name="回到工作台").click()
    expect(desk.page.get_by_role("heading", name="在等的")).to_be_visible()


def pass_to_a_counsellor(open_session: OpenSession) -> None:
    """Let the ticket leave the lawyers, as on another device of the volunteer."""
    with open_session() as session:
        li = session.exec(select(Volunteer).where(Volunteer.username == "li")).one()
        skill, now = Skill.COUNSELOR, system_clock()
        release(session, ticket_id=1, volunteer_id=li.id or 0, skill=skill, now=now)


def test_a_note_looks_different_and_stays_here(story: Story) -> None:
    phone, desk = story.phone, story.desk
    ask_for_a_lawyer(phone)
    desk.logs_in("li")
    desk.page.get_by_role("button", name="接下一位").click()
    desk.page.get_by_text("写备注（他看不见）").click()
    desk.page.get_by_label("备注只给志愿者看").fill("先问清合同")
    desk.page.get_by_role("button", name="记下备注").click()

    expect(desk.page.get_by_text("备注 · 李律师（他看不见）")).to_be_visible()
    desk.shoots("9-note")


def test_who_is_logged_out_elsewhere_is_told_on_the_open_page(story: Story) -> None:
    desk = story.desk
    desk.logs_in("li")
    expect(desk.page.get_by_role("button", name="接下一位")).to_be_visible()
    other = desk.page.context.browser
    assert other is not None
    context = other.new_context(locale="zh-CN")
    there = Desk(context.new_page(), desk.address, desk.size)
    there.logs_in("li")
    there.page.get_by_role("link", name="李律师").click()
    there.shoots("10-account")
    there.page.get_by_role("button", name=re.compile("让别的设备都退出")).click()

    expect(desk.page.get_by_text("登录到期了")).to_be_visible(timeout=4000)
    context.close()


def test_every_page_fits_a_small_phone_in_the_dark(
    story: Story, browser: Browser, open_session: OpenSession
) -> None:
    ask_for_a_lawyer(story.phone)
    story.phone.send("我电话13912345678，老板说再闹就弄死我")
    small = browser.new_context(
        viewport={"width": 360, "height": 640}, locale="zh-CN", color_scheme="dark"
    )
    helper = Desk(small.new_page(), story.desk.address, f"dark-{story.desk.size}")
    helper.logs_in("qin")
    expect(helper.page.get_by_role("button", name="接下一位")).to_be_enabled()
    helper.shoots("20-supervisor")
    numbers = [ticket.id for ticket in stored.tickets(open_session)]
    for number in numbers:
        helper.page.goto(f"{helper.address}/console/tickets/{number}")
        for summary in helper.page.locator("details.more > summary").all():
            summary.click()
        helper.shoots(f"21-ticket-{number}")
    pages = ("replies", "replies?find=gzt", "replies/2", "people", "audit", "account", "nowhere")
    for path in (f"tickets/{numbers[0]}/reveal", *pages):
        helper.page.goto(f"{helper.address}/console/{path}")
        helper.shoots(f"22-{re.sub('[/?=]', '-', path)}")
    small.close()
    assert len(numbers) >= 1


def send_picture(phone: Phone, name: str) -> None:
    phone.page.get_by_role("button", name="更多功能").click()
    phone.page.locator("#plus-panel").get_by_role("button", name="相册").click()
    phone.page.get_by_role("button", name=name).click()


def speak(phone: Phone, heard: str) -> None:
    phone.page.get_by_role("button", name="更多功能").click()
    phone.page.locator("#plus-panel").get_by_role("button", name="语音").click()
    phone.page.get_by_label("微信听出来的文字").fill(heard)
    phone.page.get_by_role("button", name="发送语音").click()


def listen(desk: Desk) -> None:
    """Press play on what was spoken, and hear it to its end."""
    voice = desk.page.get_by_label("他发来的语音")
    expect(voice).to_be_visible(timeout=8000)
    told = voice.evaluate(
        """async (it) => {
            await it.play();
            const told = [it.readyState, it.duration];
            await new Promise((ended) => it.addEventListener("ended", ended));
            return [...told, it.currentTime, it.error];
        }"""
    )
    ready, seconds, heard, error = told
    assert (ready, error) == (4, None)  # everything is there to be played
    assert 2.3 < seconds < 2.6
    assert heard == pytest.approx(seconds, abs=0.1)


def set_account(desk: Desk, kind: str) -> None:
    conditions = {"account_type": kind, "faults": []}
    desk.page.request.put(f"{desk.address}/simulator/api/conditions", data=conditions)


def test_a_picture_and_a_voice_reach_the_volunteer(story: Story) -> None:
    phone, desk = story.phone, story.desk
    ask_for_a_lawyer(phone)
    desk.logs_in("li")
    desk.page.get_by_role("button", name="接下一位").click()
    expect(desk.page.get_by_label("给他回话")).to_be_visible()

    send_picture(phone, "合同照片")
    picture = desk.page.get_by_role("img", name="他发来的图片，点开看大图")
    expect(picture).to_be_visible(timeout=8000)
    picture.scroll_into_view_if_needed()
    desk.page.wait_for_function("document.querySelector('.picture img').naturalWidth === 600")
    speak(phone, "这是他让俺签的")
    listen(desk)
    expect(desk.page.get_by_text("这是他让俺签的").first).to_be_visible()
    set_account(desk, "unverified")
    speak(phone, "")
    expect(desk.page.get_by_text("语音没取到")).to_be_visible(timeout=8000)
    desk.shoots("12-media")
    desk.page.locator(".line").last.scroll_into_view_if_needed()
    desk.page.locator(".line").last.screenshot(path=SHOTS / f"14-missing-{desk.size}.png")

    set_account(desk, "verified")
    desk.page.get_by_role("button", name="请他再发一次").click()
    expect(phone.sees("李律师：您刚才那段语音我这边没收到")).to_be_visible()
    desk.page.locator("a.picture").click()
    desk.page.wait_for_load_state()
    assert desk.page.evaluate("document.images[0].naturalWidth") == 600
    desk.page.screenshot(path=SHOTS / f"13-picture-{desk.size}.png")
    desk.page.go_back()
    expect(desk.page.get_by_text("已经请他再发一次")).to_be_visible()
