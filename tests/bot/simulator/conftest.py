import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from bot.simulator.client import Exchange, SimulatedWeChat
from bot.simulator.gestures import Gesture
from bot.simulator.wire import Account
from tests.support.fake_webhook import FakeWebhook

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
NOW = 1_795_000_000.25


@dataclass
class Phone:
    """One simulated WeChat in front of a fake account; pauses are written down, not waited for."""

    webhook: FakeWebhook
    transport: httpx.AsyncBaseTransport
    pauses: list[float] = field(default_factory=list)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    @property
    def wechat(self) -> SimulatedWeChat:
        return SimulatedWeChat(
            self.webhook.account,
            webhook_url="http://service.test/wechat",
            transport=self.transport,
            now=lambda: NOW,
            pause=self._pause,
        )

    def send(self, **fields: object) -> Exchange:
        gesture = Gesture.model_validate({"follower": "lao-zhang", **fields})
        return asyncio.run(self.wechat.send(gesture))


@pytest.fixture(params=["", KEY], ids=["plain", "safe-mode"])
def account(request: pytest.FixtureRequest) -> Account:
    return Account("a-token", "wx0000000000000001", request.param)


@pytest.fixture
def phone(account: Account) -> Phone:
    webhook = FakeWebhook(account)
    return Phone(webhook, httpx.ASGITransport(app=webhook.app))


@pytest.fixture
def phone_before() -> Callable[[httpx.AsyncBaseTransport], Phone]:
    """Return a maker of phones in front of any transport."""
    return lambda transport: Phone(FakeWebhook(Account("a-token", "wx1")), transport)
