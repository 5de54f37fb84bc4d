"""绑定 123456: a volunteer shows that this WeChat account is theirs."""

import re
import unicodedata
from typing import ClassVar

from pydantic import BaseModel

from handlers.base import Context, Handler
from models.binding import bind_openid
from models.messages import InboundMessage, Reply

MOST_MISSES = 5
_CODE = re.compile(r"绑定\s*[:：,，]?\s*(\d{6})\s*[。.!！]?")


class Misses(BaseModel):
    """How often this account has named a code that was not good."""

    count: int = 0


class Binding(Handler):
    """Takes the code that the console showed; nobody else needs this topic."""

    name: ClassVar[str] = "binding"
    holds_the_floor: ClassVar[bool] = False

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take a message that is nothing but the word and six digits."""
        return _find_code(message) is not None

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Bind the account, or say that the code is not good; who guesses is stopped."""
        misses = ctx.recall(self.name, Misses)
        if misses.count >= MOST_MISSES:
            return Reply("试错太多次了，过半小时再来。绑定码在志愿者工作台的「我的」里要。")
        code = _find_code(message) or ""
        volunteer = bind_openid(ctx.session, code=code, openid=message.openid, now=ctx.now)
        if volunteer is None:
            ctx.remember(self.name, Misses(count=misses.count + 1))
            return Reply("这个绑定码不对，或者过了十分钟。请到志愿者工作台的「我的」里再要一个。")
        return Reply(
            f"绑好了，{volunteer.display_name}。有人等您时，我在这里叫您一声。"
            "要解绑，到工作台的「我的」里点一下。"
        )


def _find_code(message: InboundMessage) -> str | None:
    found = _CODE.fullmatch(unicodedata.normalize("NFKC", message.text).strip())
    return found[1] if found else None
