"""A small account behind a webhook, for tests of the simulator alone."""

import hashlib
from dataclasses import dataclass, field

import xmltodict
from fastapi import FastAPI, Request, Response

from bot.simulator.wire import Account, decrypt, seal

WELCOME = (
    "您好，这里是矿友互助，工友自己人办的，不收一分钱。\n"
    "我是机器人，先替大伙接个头。您可以直接打字，也可以点下面的：\n"
    '1. <a href="weixin://bizmsgmenu?msgmenucontent=找工作&msgmenuid=101">找工作</a>\n'
    '2. <a href="weixin://bizmsgmenu?msgmenucontent=问法律&msgmenuid=102">问法律</a>\n'
    "要紧的事打 12351，或看 https://example.org/help"
)


@dataclass
class FakeWebhook:
    """Answers each message once and repeats that answer, as the real service must."""

    account: Account
    status: int = 200
    body: str | None = None
    requests: list[Request] = field(default_factory=list)
    pushes: list[dict[str, str]] = field(default_factory=list)
    _answers: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> FastAPI:
        """Return the web application."""
        app = FastAPI()

        @app.post("/wechat")
        async def receive(request: Request) -> Response:
            return self.answer(request, (await request.body()).decode())

        return app

    def answer(self, request: Request, body: str) -> Response:
        """Check, read and answer one push."""
        self.requests.append(request)
        query = request.query_params
        if query["signature"] != self._sign(query["timestamp"], query["nonce"]):
            return Response(status_code=403)
        push = self._read(body, query["timestamp"], query["nonce"], query.get("msg_signature"))
        self.pushes.append(push)
        if self.body is not None:
            return Response(self.body, status_code=self.status)
        return Response(self._reply(push), status_code=self.status, media_type="text/xml")

    def _read(self, body: str, timestamp: str, nonce: str, signature: str | None) -> dict[str, str]:
        fields: dict[str, str] = xmltodict.parse(body)["xml"]
        if not self.account.is_sealed:
            return fields
        assert signature == self._sign(timestamp, nonce, fields["Encrypt"])
        inner: dict[str, str] = xmltodict.parse(decrypt(self.account, fields["Encrypt"]))["xml"]
        return inner

    def _reply(self, push: dict[str, str]) -> str:
        if push.get("Event") == "unsubscribe":
            return "success"
        key = (
            push.get("MsgId") or f"{push['FromUserName']}{push['CreateTime']}{push.get('EventKey')}"
        )
        plain = self._answers.setdefault(key, _text_reply(push))
        if not self.account.is_sealed:
            return plain
        sealed = seal(self.account, plain, timestamp="1700000000", nonce="42")
        return (
            f"<xml><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{sealed.signature}]]></MsgSignature>"
            "<TimeStamp>1700000000</TimeStamp><Nonce><![CDATA[42]]></Nonce></xml>"
        )

    def _sign(self, *parts: str) -> str:
        joined = "".join(sorted([self.account.token, *parts])).encode()
        return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def _text_reply(push: dict[str, str]) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{push['FromUserName']}]]></ToUserName>"
        f"<FromUserName><![CDATA[{push['ToUserName']}]]></FromUserName>"
        f"<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{_words(push)}]]></Content></xml>"
    )


def _words(push: dict[str, str]) -> str:
    if push.get("Event") == "subscribe":
        return WELCOME
    if push.get("Event") == "CLICK":
        return f"您点了菜单 {push['EventKey']}"
    if "bizmsgmenuid" in push:
        return f"您选了 {push['Content']}（{push['bizmsgmenuid']}）"
    return f"收到：{push.get('Content') or push.get('Recognition') or push['MsgType']}"
