"""Fetches a picture from the address that came with it: from WeChat's hosts and nowhere else.

Who can sign a message could put any address into it. So the host has to be one of the listed ones,
it is asked by https alone, at the very address that was checked to be a public one, and whatever it
redirects to is checked the same way.
"""

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from types import TracebackType
from typing import Final, Self
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

MAX_PICTURE: Final = 10 * 1024 * 1024
REDIRECTS: Final = 3
TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
WHOLE_TIME: Final = 60.0
"""How many seconds a picture may take, however steadily it drips."""

_PORTS: Final = {"http": (None, 80), "https": (None, 443)}
_MISSING: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

Resolve = Callable[[str], Sequence[str]]


class PictureError(Exception):
    """A picture cannot be had; the message says why, without its address."""


class PictureRefusedError(PictureError):
    """We do not fetch from there."""


class PictureGoneError(PictureError):
    """It is not there any more."""


class PictureTooLargeError(PictureError):
    """It is larger than what is kept."""


class PictureUnreachableError(PictureError):
    """It may be had later."""


@dataclass(frozen=True, slots=True)
class _Target:
    """Where to connect to, and under which name."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, str] = field(default_factory=dict)


class Pictures:
    """Fetches pictures; use it in a `with` block. Threads may share it.

    `own` is the demonstration's own origin, whose pictures are fetched without any of these rules.
    """

    def __init__(
        self,
        *,
        hosts: frozenset[str],
        own: str = "",
        resolve: Resolve | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._hosts = hosts
        self._own = own
        self._resolve = resolve or resolve_host
        # No proxy of this machine: it would connect to another address than the one checked.
        self._client = httpx.Client(timeout=TIMEOUT, trust_env=False, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def fetch(self, url: str) -> bytes:
        """Return the bytes behind an address; raise one of the PictureErrors."""
        deadline = time.monotonic() + WHOLE_TIME
        try:
            for _ in range(REDIRECTS + 1):
                found = self._ask(url, deadline)
                if isinstance(found, bytes):
                    return found
                url = urljoin(url, found)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PictureUnreachableError(type(error).__name__) from None
        msg = "too many redirects"
        raise PictureRefusedError(msg)

    def _ask(self, url: str, deadline: float) -> bytes | str:
        """Return the bytes, or where else they are said to be."""
        target = self._check(url)
        with self._client.stream(
            "GET", target.url, headers=target.headers, extensions=target.extensions
        ) as response:
            if response.has_redirect_location:
                return response.headers["location"]
            if response.status_code in _MISSING:
                msg = f"HTTP {response.status_code}"
                raise PictureGoneError(msg)
            if response.status_code != HTTPStatus.OK:
                msg = f"HTTP {response.status_code}"
                raise PictureUnreachableError(msg)
            return _collect(response, deadline)

    def _check(self, url: str) -> _Target:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            msg = "not an address"
            raise PictureRefusedError(msg) from None
        if self._own and f"{parts.scheme}://{parts.netloc}" == self._own:
            return _Target(url)
        if parts.username is not None or port not in _PORTS.get(parts.scheme, ()):
            msg = "not an address of the web"
            raise PictureRefusedError(msg)
        host = parts.hostname or ""
        if host not in self._hosts:
            msg = "the host is not in WECHAT_MEDIA_HOSTS"
            raise PictureRefusedError(msg)
        return _target(parts, host, self._public_address(host))

    def _public_address(self, host: str) -> str:
        addresses = self._resolve(host)
        if not addresses:
            msg = "the host has no address"
            raise PictureUnreachableError(msg)
        if not all(is_public(address) for address in addresses):
            msg = "the host has a private address"
            raise PictureRefusedError(msg)
        return addresses[0]


def resolve_host(host: str) -> Sequence[str]:
    """Return the addresses of a host; none where it is not known."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    addresses = {str(address[0]) for *_, address in found}
    # Many a server has no way out by the newer kind of address.
    return sorted(addresses, key=lambda address: (":" in address, address))


def is_public(address: str) -> bool:
    """Tell whether an address is one of the open internet."""
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_global and not found.is_multicast


def _target(parts: SplitResult, host: str, address: str) -> _Target:
    # WeChat writes http:// into its messages; the same is there by https.
    place = f"[{address}]" if ":" in address else address
    query = f"?{parts.query}" if parts.query else ""
    return _Target(
        f"https://{place}{parts.path or '/'}{query}", {"Host": host}, {"sni_hostname": host}
    )


def _collect(response: httpx.Response, deadline: float) -> bytes:
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdecimal() and int(declared) > MAX_PICTURE:
        raise PictureTooLargeError
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_PICTURE:
            raise PictureTooLargeError
        if time.monotonic() > deadline:
            msg = "too slow"
            raise PictureUnreachableError(msg)
    return bytes(content)
