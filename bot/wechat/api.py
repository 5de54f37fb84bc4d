"""The few calls to WeChat's API: a token that several processes may share, and the menu.

Nothing here tells the AppSecret or a token: not an error, not a log line. WeChat wants the token in
the address, and httpx logs addresses; so it is added below httpx, at the door to the network.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import httpx

TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
ATTEMPTS: Final = 3
"""How often a call is tried while WeChat does not answer or is busy."""
PAUSES: Final = (0.5, 2.0)

BUSY: Final = -1
NO_MENU: Final = 46003
NOT_ALLOWED: Final = 48001
IP_NOT_LISTED: Final = 40164
BAD_SECRET: Final = 40125
BAD_APP_ID: Final = 40013
_TOKEN_IS_OLD: Final = frozenset({40001, 40014, 42001})
_TOKEN: Final = "access_token"  # noqa: S105 - the name of a parameter


class WeChatApiError(Exception):
    """WeChat refused a call; the message has WeChat's number and words, and no secret."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"WeChat answered {errcode}: {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg


class WeChatUnreachableError(Exception):
    """WeChat's API did not answer, or not as it should; the message says how."""


@dataclass(frozen=True, slots=True)
class ApiAccount:
    """What an account calls the API with."""

    base_url: str
    app_id: str
    app_secret: str = field(repr=False)


class WeChatApi:
    """Calls WeChat's API for one account; use it in a `with` block."""

    def __init__(
        self,
        account: ApiAccount,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._account = account
        self._pause = pause
        self._token: str | None = None
        self._door = _Door(transport or httpx.HTTPTransport())
        self._client = httpx.Client(
            base_url=account.base_url, timeout=TIMEOUT, transport=self._door
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

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call with a token; where WeChat calls it old, once more with a new one."""
        try:
            return self._try(method, path, body, with_token=True)
        except WeChatApiError as error:
            if error.errcode not in _TOKEN_IS_OLD:
                raise
        self._token = None
        return self._try(method, path, body, with_token=True)

    def _get_token(self) -> str:
        if self._token is None:
            body = {
                "grant_type": "client_credential",
                "appid": self._account.app_id,
                "secret": self._account.app_secret,
            }
            answer = self._try("POST", "/cgi-bin/stable_token", body)
            token = answer.get(_TOKEN)
            if not isinstance(token, str) or not token:
                msg = "WeChat's API answered without a token"
                raise WeChatUnreachableError(msg)
            self._token = token
        return self._token

    def _try(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        with_token: bool = False,
    ) -> dict[str, Any]:
        extensions = {_TOKEN: self._get_token()} if with_token else {}
        for pause in (*PAUSES, None):
            try:
                return self._once(method, path, body, extensions)
            except WeChatUnreachableError:
                if pause is None:
                    raise
            except WeChatApiError as error:
                if pause is None or error.errcode != BUSY:
                    raise
            self._pause(pause)
        raise AssertionError

    def _once(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        extensions: dict[str, Any],
    ) -> dict[str, Any]:
        # WeChat refuses \uXXXX: the letters themselves have to be in the body.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            response = self._client.request(
                method,
                path,
                content=content,
                headers={"Content-Type": "application/json; charset=utf-8"} if content else None,
                extensions=extensions,
            )
        except httpx.HTTPError as error:
            # Not chained: the request that httpx's error holds has the secret in its body.
            msg = f"WeChat's API at {self._account.base_url}: {_reason(error)}"
            raise WeChatUnreachableError(msg) from None
        return self._read(response)

    def _read(self, response: httpx.Response) -> dict[str, Any]:
        if response.status_code != HTTPStatus.OK:
            msg = f"WeChat's API at {self._account.base_url}: HTTP {response.status_code}"
            raise WeChatUnreachableError(msg)
        try:
            answer = json.loads(response.content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            msg = f"WeChat's API at {self._account.base_url} did not answer with a JSON object"
            raise WeChatUnreachableError(msg)
        errcode = answer.get("errcode", 0)
        if errcode != 0:
            raise WeChatApiError(errcode, self._without_secrets(str(answer.get("errmsg", ""))))
        return answer

    def _without_secrets(self, text: str) -> str:
        for secret in (self._account.app_secret, self._token):
            if secret:
                text = text.replace(secret, "***")
        return text


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
