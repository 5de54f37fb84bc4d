"""Greetings, thanks and goodbyes: a short kind word, and no menu when it is not wanted."""

import re
from typing import ClassVar

from handlers.base import Context, Handler
from knowledge.intents import Intent
from models.messages import Choice, InboundMessage, Reply

_ANSWERS = (
    (r"机器人|真人吗|是人吗|你是谁|叫啥|叫什么|ai",
     "我是矿友互助的机器人，不是真人，答得快但懂得少。要找真人，回复「人工」。"),
    (r"谢|感谢|辛苦|多亏|麻烦你|thank", "不客气，能帮上您就好。有事随时来。"),
    (r"再见|拜拜|88|先这样|回聊|下了|睡了|晚安|走了", "好，您忙。有事随时找我，路上慢点。"),
    (r"收到|知道了|明白|(?<![你您])好的?|行|[嗯哦噢]|中|ok|可以|晓得",
     "好嘞。还有啥要问的，直接说就行。"),
)  # fmt: skip
_MENU = (
    Choice("找工作", topic="jobs", value=""),
    Choice("问法律", topic="legal", value=""),
    Choice("找人帮忙", topic="human", value=""),
)


class Smalltalk(Handler):
    """Answers politeness with politeness."""

    name: ClassVar[str] = "smalltalk"
    holds_the_floor: ClassVar[bool] = False
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.SMALLTALK})

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Return a word that fits; a greeting is answered with what can be done here."""
        text = ctx.understanding.plain
        for pattern, answer in _ANSWERS:
            if re.search(pattern, text):
                return Reply(answer)
        return Reply("您好，我在呢。您想办点啥？", choices=_MENU)
