"""A picture is fetched from WeChat's hosts and from nowhere else, over real HTTP."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from bot.wechat import pictures as pictures_module
from bot.wechat.pictures import (
    PictureError,
    PictureGoneError,
    PictureRefusedError,
    Pictures,
    PictureTooLargeError,
    PictureUnreachableError,
    is_public,
    resolve_host,
)
from tests.support.server import free_port, serving

pytestmark = pytest.mark.usefixtures("socket_enabled")

JPEG = b"\xff\xd8\xff\xe0 a picture"
HOSTS = frozenset({"mmbiz.qpic.cn"})
PUBLIC = "203.205.219.1"


REDIRECTS = {
    "again": "/ok",
    "round": "/round",
    "elsewhere": "http://localhost:1/secret",
    "metadata": "http://169.254.169.254/latest",
}
ANSWERS: dict[str, Callable[[], Response]] = {
    "ok": lambda: Response(JPEG, media_type="text/html"),
    "announced": lambda: Response(b"x" * 2000),
    "endless": lambda: StreamingResponse(iter(lambda: b"x" * 500, b"")),
    "broken": lambda: Response(status_code=502),
}


def create_host() -> FastAPI:
    app = FastAPI()

    @app.get("/{name}")
    def answer(name: str) -> Response:
        if name in REDIRECTS:
            return RedirectResponse(REDIRECTS[name])
        return ANSWERS[name]() if name in ANSWERS else Response(status_code=404)

    return app


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with serving(create_host(), free_port()) as address:
        yield address


@pytest.fixture
def own(host: str) -> Iterator[Pictures]:
    """The rules with an origin of our own, as in the demonstration."""
    with Pictures(hosts=HOSTS, own=host) as pictures:
        yield pictures


@pytest.mark.parametrize("path", ["/ok", "/again"])
def test_a_picture_is_fetched(own: Pictures, host: str, path: str) -> None:
    assert own.fetch(host + path) == JPEG


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/missing", PictureGoneError),
        ("/broken", PictureUnreachableError),
        ("/announced", PictureTooLargeError),
        ("/endless", PictureTooLargeError),
        ("/elsewhere", PictureRefusedError),
        ("/metadata", PictureRefusedError),
        ("/round", PictureRefusedError),
    ],
)
def test_what_cannot_be_had_is_told_apart(
    own: Pictures,
    host: str,
    path: str,
    error: type[PictureError],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures_module, "MAX_PICTURE", 1000)

    with pytest.raises(PictureError) as caught:
        own.fetch(host + path)

    assert caught.type is error
    assert path not in str(caught.value)


def test_a_host_that_does_not_answer_may_answer_later() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with Pictures(hosts=HOSTS, own=nobody) as pictures, pytest.raises(PictureUnreachableError):
        pictures.fetch(f"{nobody}/ok")


def test_what_drips_for_too_long_is_left(
    own: Pictures, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures_module, "WHOLE_TIME", -1.0)

    with pytest.raises(PictureUnreachableError):
        own.fetch(f"{host}/ok")


class Wire:
    """Stands where the network begins and writes down who was to be connected to."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[httpx.Request] = []

    def pictures(self) -> Pictures:
        transport = httpx.MockTransport(self._answer)
        return Pictures(hosts=HOSTS, resolve=lambda _: self.addresses, transport=transport)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(200, content=JPEG)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_wechats_host_is_asked_by_https_at_the_address_that_was_checked(scheme: str) -> None:
    wire = Wire(PUBLIC)

    assert wire.pictures().fetch(f"{scheme}://mmbiz.qpic.cn/pic/1?wx_fmt=jpeg") == JPEG

    [request] = wire.asked
    assert str(request.url) == f"https://{PUBLIC}/pic/1?wx_fmt=jpeg"
    assert request.headers["host"] == "mmbiz.qpic.cn"
    assert request.extensions["sni_hostname"] == "mmbiz.qpic.cn"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/x.jpg",
        "https://mmbiz.qpic.cn.example.org/x.jpg",
        "https://mmbiz.qpic.cn@example.org/x.jpg",
        "https://someone@mmbiz.qpic.cn/x.jpg",
        "https://mmbiz.qpic.cn:8443/x.jpg",
        "https://mmbiz.qpic.cn:99999/x.jpg",
        "https://127.0.0.1/x.jpg",
        "file:///etc/passwd",
        "ftp://mmbiz.qpic.cn/x.jpg",
        "//mmbiz.qpic.cn/x.jpg",
        "",
    ],
)
def test_other_addresses_are_never_asked(url: str) -> None:
    wire = Wire(PUBLIC)

    with pytest.raises(PictureRefusedError):
        wire.pictures().fetch(url)

    assert wire.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.5", "127.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "224.0.0.1"),
        *("::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.5"),
    ],
)
def test_a_listed_host_that_points_inside_is_never_asked(address: str) -> None:
    wire = Wire(PUBLIC, address)

    with pytest.raises(PictureRefusedError):
        wire.pictures().fetch("https://mmbiz.qpic.cn/x.jpg")

    assert wire.asked == []


def test_a_host_without_an_address_may_have_one_later() -> None:
    with pytest.raises(PictureUnreachableError):
        Wire().pictures().fetch("https://mmbiz.qpic.cn/x.jpg")


def test_names_are_resolved_by_this_machine() -> None:
    addresses = resolve_host("localhost")

    assert "127.0.0.1" in addresses
    assert not any(is_public(address) for address in addresses)
    assert resolve_host("no-such-host.invalid") == ()
