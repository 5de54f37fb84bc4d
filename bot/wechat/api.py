"""The few calls to WeChat's API: a token that several processes may share, messages, media, menu.

Nothing here tells the AppSecret or a token: not an error, not a log line. WeChat wants the token in
the address, and httpx logs addresses; so it is added below httpx, at the door to the network.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Protocol, Self
from urllib.parse import urlencode

import httpx

TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
ATTEMPTS: Final = 3
"""How often a call is tried while WeChat does not answer or is busy."""
PAUSES: Final = (0.5, 2.0)

BUSY: Final = -1
NO_MENU: Final = 46003
MAX_ANSWER: Final = 10 * 1024 * 1024
"""WeChat's largest picture; nothing larger is read."""
TOKEN_MARGIN: Final = timedelta(minutes=2)
"""A token is renewed this long before its end: the old one stays good for five minutes."""
NOT_ALLOWED: Final = 48001
IP_NOT_LISTED: Final = 40164
BAD_SECRET: Final = 40125
BAD_APP_ID: Final = 40013
TOKEN_IS_OLD: Final = frozenset({40001, 40014, 42001})
_TOKEN: Final = "access_token"  # noqa: S105 - the name of a parameter
_NO_MEDIA: Final = frozenset({"", "application/json", "text/plain", "text/html"})
_NOT_WRITTEN: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""After these WeChat cannot have got the whole call."""


class WeChatApiError(Exception):
    """WeChat refused a call; the message has WeChat's number and words, and no secret."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"WeChat answered {errcode}: {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg


class WeChatUnreachableError(Exception):
    """WeChat's API did not answer, or not as it should; the message says how."""


class WeChatAnswerLostError(WeChatUnreachableError):
    """WeChat has got the call, but its answer did not arrive: it may have done it or not."""


class WeChatAnswerTooLargeError(WeChatAnswerLostError):
    """What WeChat answered is larger than anything that is read."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A picture or recording that a follower sent."""

    content: bytes
    media_type: str


class TokenKeeper(Protocol):
    """Keeps the access token between calls."""

    def find(self) -> str | None:
        """Return the token, if there is one that is still good."""

    def keep(self, token: str, lasts: timedelta) -> None:
        """Store a new token."""

    def drop(self, token: str) -> None:
        """Forget this token, unless another one has taken its place."""


class TokenInMemory:
    """Keeps the token as long as the process needs it."""

    def __init__(self) -> None:
        self._token: str | None = None

    def find(self) -> str | None:
        """Return the token that was kept."""
        return self._token

    def keep(self, token: str, lasts: timedelta) -> None:  # noqa: ARG002 - shorter lived than it
        """Store a new token."""
        self._token = token

    def drop(self, token: str) -> None:
        """Forget this token."""
        if self._token == token:
            self._token = None


@dataclass(frozen=True, slots=True)
class ApiAccount:
    """What an account calls the API with."""

    base_url: str
    app_id: str
    app_secret: str = field(repr=False)


class WeChatApi:
    """Calls WeChat's API for one account; use it in a `with` block. Threads may share it."""

    def __init__(
        self,
        account: ApiAccount,
        *,
        tokens: TokenKeeper | None = None,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._account = account
        self._pause = pause
        self._tokens = tokens or TokenInMemory()
        self._client = httpx.Client(
            base_url=account.base_url, timeout=TIMEOUT, transport=_Door(transport or _transport())
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get_menu(self) -> dict[str, Any] | None:
        """Return the answer of menu/get (`menu`, perhaps `conditionalmenu`); None for no menu."""
        try:
            return self._call("GET", "/cgi-bin/menu/get")
        except WeChatApiError as error:
            if error.errcode == NO_MENU:
                return None
            raise

    def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Replace the account's menu. To repeat it does no harm."""
        self._call("POST", "/cgi-bin/menu/create", menu)

    def send_text(self, openid: str, text: str) -> None:
        """Send a text as customer service; tried once, for a second time could be seen twice.

        Raises WeChatApiError; WeChatAnswerLostError where it may have been sent, and
        WeChatUnreachableError where it was not.
        """
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        self._call("POST", "/cgi-bin/message/custom/send", body, pauses=())

    def fetch_media(self, media_id: str) -> MediaFile:
        """Return what a follower sent; WeChat keeps it for three days.

        Raises WeChatAnswerTooLargeError besides the others.
        """
        answer = self._ask("GET", f"/cgi-bin/media/get?{urlencode({'media_id': media_id})}")
        if answer.media_type in _NO_MEDIA:
            self._read(answer)
            msg = "WeChat answered without the file"
            raise WeChatUnreachableError(msg)
        return MediaFile(answer.content, answer.media_type)

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        pauses: tuple[float, ...] | None = None,
    ) -> dict[str, Any]:
        return self._read(self._ask(method, path, body, pauses=pauses))

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        pauses: tuple[float, ...] | None = None,
    ) -> "_Answer":
        """Call with a token; where WeChat calls it old, once more with a new one."""
        waits = PAUSES if pauses is None else pauses
        token = self._get_token(waits)
        try:
            return self._try(method, path, body, token=token, pauses=waits)
        except WeChatApiError as error:
            if error.errcode not in TOKEN_IS_OLD:
                raise
        self._tokens.drop(token)
        return self._try(method, path, body, token=self._get_token(waits), pauses=waits)

    def _get_token(self, pauses: tuple[float, ...]) -> str:
        token = self._tokens.find()
        return token if token is not None else self._fetch_token(pauses)

    def _fetch_token(self, pauses: tuple[float, ...]) -> str:
        body = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.app_secret,
        }
        try:
            answer = self._read(self._try("POST", "/cgi-bin/stable_token", body, pauses=pauses))
        except WeChatAnswerLostError as error:
            # What the token was wanted for was not done.
            raise WeChatUnreachableError(str(error)) from None
        token, seconds = answer.get(_TOKEN), answer.get("expires_in")
        if not isinstance(token, str) or not token:
            msg = "WeChat's API answered without a token"
            raise WeChatUnreachableError(msg)
        lasts = timedelta(seconds=seconds) if isinstance(seconds, int) else timedelta()
        self._tokens.keep(token, lasts - TOKEN_MARGIN)
        return token

    def _try(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        pauses: tuple[float, ...],
        token: str | None = None,
    ) -> "_Answer":
        for pause in (*pauses, None):
            try:
                answer = self._once(method, path, body, token)
                if answer.may_be_json:
                    self._read(answer)
            except WeChatUnreachableError as error:
                # What is too large does not become smaller.
                if pause is None or isinstance(error, WeChatAnswerTooLargeError):
                    raise
            except WeChatApiError as error:
                if pause is None or error.errcode != BUSY:
                    raise
            else:
                return answer
            self._pause(pause)
        raise AssertionError

    def _once(
        self, method: str, path: str, body: Mapping[str, Any] | None, token: str | None
    ) -> "_Answer":
        # WeChat refuses \uXXXX: the letters themselves have to be in the body.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            with self._client.stream(
                method,
                path,
                content=content,
                headers={"Content-Type": "application/json; charset=utf-8"} if content else None,
                extensions={} if token is None else {_TOKEN: token},
            ) as response:
                return _Answer(
                    response.status_code,
                    response.headers.get("content-type", "").partition(";")[0].strip().lower(),
                    _collect(response),
                    secrets=(self._account.app_secret, token or ""),
                )
        except _NOT_WRITTEN as error:
            # Not chained, here and below: the request in httpx's error has the secret in its body.
            raise WeChatUnreachableError(self._say(_reason(error))) from None
        except httpx.HTTPError as error:
            raise WeChatAnswerLostError(self._say(_reason(error))) from None

    def _read(self, answer: "_Answer") -> dict[str, Any]:
        if answer.status != HTTPStatus.OK:
            raise WeChatUnreachableError(self._say(f"HTTP {answer.status}"))
        try:
            found = json.loads(answer.content)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise WeChatAnswerLostError(self._say("the answer is no JSON object"))
        errcode = found.get("errcode", 0)
        if errcode != 0:
            raise WeChatApiError(errcode, answer.without_secrets(str(found.get("errmsg", ""))))
        return found

    def _say(self, what: str) -> str:
        return f"WeChat's API at {self._account.base_url}: {what}"


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back; `secrets` are what its words must not repeat."""

    status: int
    media_type: str
    content: bytes
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def may_be_json(self) -> bool:
        """Tell whether it is an answer in words, or an error."""
        return self.status != HTTPStatus.OK or self.media_type in _NO_MEDIA

    def without_secrets(self, text: str) -> str:
        """Return a text of WeChat's with no secret of ours in it."""
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "***")
        return text


def _transport() -> httpx.HTTPTransport:
    # Proxies of this machine are not asked: the AppSecret goes to WeChat alone.
    return httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=8, keepalive_expiry=4))


def _collect(response: httpx.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_ANSWER:
            msg = f"an answer of more than {MAX_ANSWER} bytes"
            raise WeChatAnswerTooLargeError(msg)
    return bytes(content)


class _Door(httpx.BaseTransport):
    """Adds the token to the address when nobody who logs it looks any more."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        token = request.extensions.pop(_TOKEN, None)
        if token is None:
            return self._inner.handle_request(request)
        return self._inner.handle_request(
            httpx.Request(
                request.method,
                request.url.copy_merge_params({_TOKEN: token}),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    def close(self) -> None:
        self._inner.close()


def _reason(error: httpx.HTTPError) -> str:
    return "no answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
