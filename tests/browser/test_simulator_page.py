"""The simulated phone in a real browser, in front of a small account of its own."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from playwright.sync_api import Locator, Page, Route, expect

from bot.simulator.gestures import openid_of
from bot.simulator.routes import create_simulator
from bot.simulator.wire import Account
from tests.support.fake_webhook import FakeWebhook
from tests.support.server import free_port, serving

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("socket_enabled")]

FAILURE = "该公众号提供的服务出现故障，请稍后再试"
SECRET = "a-secret-of-the-stand-in"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@dataclass
class Phone:
    """What a person does with the page."""

    page: Page
    webhook: FakeWebhook
    webhook_server: ExitStack

    def follow(self) -> None:
        self.page.get_by_role("button", name="关注", exact=True).click()
        expect(self.says("不收一分钱")).to_be_visible()

    def send(self, text: str) -> None:
        if self.page.locator("#to-keyboard").is_visible():
            self.page.locator("#to-keyboard").click()
        self.page.get_by_label("消息").fill(text)
        self.page.get_by_role("button", name="发送").click()

    def says(self, text: str) -> Locator:
        return self.page.get_by_role("log").get_by_text(text)

    def open_raw(self) -> Locator:
        if not self.page.locator("#raw").is_visible():
            self.page.get_by_role("button", name="更多", exact=True).click()
            self.page.get_by_role("button", name="原始报文和重复投递").click()
        return self.page.get_by_label("原始报文", exact=True)

    def close_raw(self) -> None:
        if self.page.locator("#close-raw").is_visible():
            self.page.locator("#close-raw").click()

    def open_people(self) -> None:
        slides_in = self.page.locator("#close-people").evaluate("b => getComputedStyle(b).display")
        if slides_in != "none":
            self.page.get_by_role("button", name="返回，换一个人").click()


@pytest.fixture
def encoding_aes_key() -> str:
    return ""


@pytest.fixture
def phone(page: Page, encoding_aes_key: str, socket_enabled: None) -> Iterator[Phone]:  # noqa: ARG001
    account = Account("a-token", "wx0000000000000001", encoding_aes_key)
    webhook = FakeWebhook(account)
    port, webhook_port = free_port(), free_port()
    simulator = create_simulator(
        webhook_url=f"http://127.0.0.1:{webhook_port}/wechat",
        token=account.token,
        app_id=account.app_id,
        encoding_aes_key=account.encoding_aes_key,
        secret=SECRET,
    )
    app = FastAPI()
    app.include_router(simulator)
    with ExitStack() as webhook_server, serving(app, port) as address:
        webhook_server.enter_context(serving(webhook.app, webhook_port))
        page.goto(f"{address}/simulator")
        yield Phone(page, webhook, webhook_server)


def test_first_open_asks_to_follow_and_following_shows_the_welcome(phone: Phone) -> None:
    expect(phone.page.get_by_text("点“关注”开始")).to_be_visible()

    phone.follow()

    expect(phone.page.get_by_role("button", name="关注", exact=True)).to_be_hidden()
    assert phone.webhook.pushes[0]["Event"] == "subscribe"


def test_a_text_is_answered(phone: Phone) -> None:
    phone.follow()

    phone.send("想找个保安的活")

    expect(phone.says("收到：想找个保安的活")).to_be_visible()


def test_markup_in_a_message_stays_text(phone: Phone) -> None:
    phone.follow()

    phone.send("<img src=x onerror=alert(1)>")

    expect(phone.says("收到：<img src=x onerror=alert(1)>")).to_be_visible()
    expect(phone.page.locator("#messages img[src=x]")).to_have_count(0)


def test_a_choice_can_be_tapped(phone: Phone) -> None:
    phone.follow()

    phone.page.get_by_role("log").get_by_role("button", name="问法律").click()

    expect(phone.says("您选了 问法律（102）")).to_be_visible()


def test_the_menu_opens_and_sends_its_key(phone: Phone) -> None:
    phone.follow()

    phone.page.locator("#menu-buttons").get_by_role("button", name="找人帮").click()
    phone.page.get_by_role("menuitem", name="困难帮扶").click()

    expect(phone.says("您点了菜单 MENU_AID")).to_be_visible()


def test_the_menu_works_with_the_keyboard(phone: Phone) -> None:
    phone.follow()
    phone.page.locator("#menu-buttons").get_by_role("button", name="找工作").focus()

    for key in ("Enter", "ArrowDown", "ArrowDown", "Enter"):
        phone.page.keyboard.press(key)

    expect(phone.says("您点了菜单 MENU_REGISTER")).to_be_visible()


def test_repeated_deliveries_show_that_the_answers_agree(phone: Phone) -> None:
    phone.follow()
    raw = phone.open_raw()
    raw.get_by_role("radio", name="3 次").check()
    raw.get_by_label("同时到达").check()
    phone.close_raw()

    phone.send("老板欠我工资")

    expect(phone.says("投递 3 次，回答完全相同")).to_be_visible()
    expect(phone.says("收到：老板欠我工资")).to_have_count(1)
    assert [push.get("Content") for push in phone.webhook.pushes][1:] == ["老板欠我工资"] * 3


@pytest.mark.parametrize("encoding_aes_key", ["", KEY], ids=["plain", "safe-mode"])
def test_the_raw_messages_can_be_read(phone: Phone) -> None:
    phone.follow()
    phone.send("这周四讲啥")
    expect(phone.says("收到：这周四讲啥")).to_be_visible()

    raw = phone.open_raw()

    expect(raw.get_by_label("微信推送的内容")).to_contain_text("<![CDATA[这周四讲啥]]>")
    expect(raw.get_by_role("tab")).to_have_text(re.compile(r"第 1 次 · 200 · \d+ 毫秒"))
    sealed = raw.get_by_label("加密后实际发出的内容")
    expect(sealed).to_have_count(1 if phone.webhook.account.is_sealed else 0)


def test_a_stopped_service_shows_wechats_failure_line(phone: Phone) -> None:
    phone.follow()
    phone.webhook_server.close()

    phone.send("有人吗")

    expect(phone.says(FAILURE)).to_be_visible()
    expect(phone.open_raw().get_by_role("tab")).to_have_count(3)


def test_without_a_network_the_message_is_marked_and_can_be_sent_again(phone: Phone) -> None:
    phone.follow()
    phone.page.context.set_offline(True)
    phone.send("有人吗")
    again = phone.page.get_by_role("button", name="没发出去，点这里重发")
    expect(again).to_be_visible()

    phone.page.context.set_offline(False)
    again.click()

    expect(phone.says("收到：有人吗")).to_be_visible()
    expect(again).to_have_count(0)


def test_each_person_has_a_chat_of_their_own_that_survives_a_reload(phone: Phone) -> None:
    phone.follow()
    phone.send("我是老张")
    expect(phone.says("收到：我是老张")).to_be_visible()

    phone.open_people()
    phone.page.get_by_role("button", name=re.compile("王大姐")).click()
    expect(phone.page.get_by_text("点“关注”开始")).to_be_visible()
    phone.open_people()
    phone.page.get_by_role("button", name=re.compile("老张")).click()
    phone.page.reload()

    expect(phone.says("收到：我是老张")).to_be_visible()


def test_an_answer_that_comes_in_another_chat_counts_as_unread(phone: Phone) -> None:
    phone.follow()
    held: list[Route] = []
    phone.page.route("**/api/send", lambda route: held.append(route))  # noqa: PLW0108
    phone.send("我先走开一下")
    phone.open_people()
    old_zhang = phone.page.get_by_role("button", name=re.compile("老张"))
    expect(old_zhang).to_contain_text("正在输入…")
    phone.page.get_by_role("button", name=re.compile("王大姐")).click()

    held[0].continue_()

    phone.open_people()
    expect(old_zhang).to_contain_text("1 条未读")


def test_leaving_and_coming_back(phone: Phone) -> None:
    phone.follow()

    phone.page.get_by_role("button", name="更多", exact=True).click()
    phone.page.get_by_role("button", name="不再关注").click()
    phone.page.get_by_role("dialog").get_by_role("button", name="不再关注").click()

    expect(phone.page.get_by_text("已取消关注，点“关注”再来")).to_be_visible()
    expect(phone.page.get_by_label("消息")).to_be_hidden()


@pytest.mark.parametrize(
    ("button", "choice", "kind"),
    [("相册", "招工启事", "image"), ("位置", re.compile("石横镇"), "location")],
)
def test_pictures_and_places_can_be_sent(
    phone: Phone, button: str, choice: str | re.Pattern[str], kind: str
) -> None:
    phone.follow()
    phone.page.locator("#to-keyboard").click()

    phone.page.get_by_role("button", name="更多功能").click()
    phone.page.get_by_role("button", name=button).click()
    phone.page.get_by_role("dialog").get_by_role("button", name=choice).click()

    expect(phone.says(f"收到：{kind}")).to_be_visible()


def test_voice_carries_what_was_understood(phone: Phone) -> None:
    phone.follow()
    phone.page.locator("#to-keyboard").click()
    phone.page.get_by_role("button", name="换成语音").click()
    phone.page.get_by_role("button", name="按住 说话").click()

    phone.page.get_by_label("微信听出来的文字").fill("我想找个离家近的活")
    phone.page.get_by_role("button", name="发送语音").click()

    expect(phone.says("收到：我想找个离家近的活")).to_be_visible()
    assert phone.webhook.pushes[-1]["Recognition"] == "我想找个离家近的活"


def test_nothing_sticks_out_sideways_and_targets_fit_a_thumb(phone: Phone) -> None:
    phone.follow()

    overflow = phone.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    low = phone.page.evaluate(
        """[...document.querySelectorAll("main button")].filter((b) => b.offsetParent)
        .map((b) => [b.textContent || b.ariaLabel, b.getBoundingClientRect().height])
        .filter(([, height]) => height < 44)"""
    )

    assert overflow <= 0
    assert low == []


def test_what_the_account_sends_by_itself_appears_on_the_phone(phone: Phone) -> None:
    phone.follow()
    token = phone.page.request.post(
        f"{phone.page.url}/wechat/cgi-bin/stable_token",
        data={"appid": "wx0000000000000001", "secret": SECRET},
    ).json()["access_token"]
    body = {
        "touser": openid_of("lao-zhang", "wx0000000000000001"),
        "text": {"content": "王律师：在的，您说。"},
    }

    phone.page.request.post(
        f"{phone.page.url}/wechat/cgi-bin/message/custom/send?access_token={token}",
        data=json.dumps(body, ensure_ascii=False).encode(),
    )

    expect(phone.says("王律师：在的，您说。")).to_be_visible()


def test_the_kind_of_account_is_chosen_beside_the_raw_messages(phone: Phone) -> None:
    phone.follow()
    phone.open_raw()

    with phone.page.expect_response("**/api/conditions"):
        phone.page.get_by_label("这个公众号").select_option("unverified")

    found = phone.page.request.get(f"{phone.page.url}/api/conditions").json()
    assert found == {"account_type": "unverified", "faults": []}
