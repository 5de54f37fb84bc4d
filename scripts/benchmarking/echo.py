"""The floor: the least that FastAPI and wechatpy can do for a message, without remembering it.

It checks the signature, parses, and answers with the sender's own words, as wechatpy's manual
shows it; what the product needs above this is the price of everything the product does.
"""

import sys

import uvicorn
from fastapi import FastAPI, Request, Response
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

from scripts.benchmarking.load import AES_KEY, APP_ID, HOST, TOKEN


def create_app(*, is_safe: bool) -> FastAPI:
    """Return an app that answers each message at `/wechat` with its own text."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/healthz", _alive)
    app.add_api_route("/wechat", _echo_sealed if is_safe else _echo, methods=["POST"])
    return app


async def _alive() -> str:
    return "alive"


async def _echo(request: Request) -> Response:
    query = request.query_params
    check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
    return Response(_answer(await request.body()), media_type="application/xml")


async def _echo_sealed(request: Request) -> Response:
    query = request.query_params
    timestamp, nonce = query["timestamp"], query["nonce"]
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    xml = crypto.decrypt_message(await request.body(), query["msg_signature"], timestamp, nonce)
    sealed = crypto.encrypt_message(_answer(xml), nonce, timestamp)
    return Response(sealed, media_type="application/xml")


def _answer(xml: bytes | str) -> str:
    message = parse_message(xml)
    answer: str = TextReply(content=message.content, message=message).render()
    return answer


def main() -> None:
    """Serve on the port of the first argument; a second one, `safe`, asks for encryption."""
    app = create_app(is_safe=sys.argv[2:] == ["safe"])
    uvicorn.run(
        app,
        host=HOST,
        port=int(sys.argv[1]),
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
