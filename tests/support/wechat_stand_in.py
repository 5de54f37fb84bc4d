"""The simulator's stand-in of WeChat's API, served over real HTTP for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from bot.simulator.gestures import Gesture, openid_of
from bot.simulator.wechat_api import StandIn, create_stand_in
from bot.wechat.api import ApiAccount
from tests.support.server import free_port, serving

APP_ID = "wx0000000000000001"
APP_SECRET = "5ec2e7a11ca55e77e5ec2e7a11ca55e7"


@dataclass(frozen=True)
class Served:
    """The stand-in and the way to it."""

    stand_in: StandIn
    account: ApiAccount

    def writes(self, follower: str, **gesture: object) -> str:
        """Let a follower do something (write, unless told otherwise); return the openid."""
        self.stand_in.observe(Gesture.model_validate({"follower": follower, **gesture}))
        return openid_of(follower, APP_ID)

    def texts(self) -> list[str]:
        """Return what arrived on the phones."""
        return [arrival.text for arrival in self.stand_in.arrivals]


@contextmanager
def serving_wechat(*, slow: float = 3.0) -> Iterator[Served]:
    """Serve the stand-in on a free port of this machine."""
    stand_in = StandIn(app_id=APP_ID, secret=APP_SECRET, slow=slow)
    app = FastAPI()
    app.include_router(create_stand_in(stand_in, prefix=""))
    with serving(app, free_port()) as address:
        yield Served(stand_in, ApiAccount(address, APP_ID, APP_SECRET))
