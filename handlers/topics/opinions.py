"""An opinion, a complaint, a thank-you: one line, with or without being known."""

import re
from collections.abc import Mapping
from typing import ClassVar

from handlers.base import Context
from handlers.forms import SKIPPED, FormHandler, Question
from handlers.promises import say_when
from knowledge.engine import Action
from knowledge.intents import Intent
from models.messages import Choice, InboundMessage, Reply
from models.ticket import TicketKind, open_ticket

ANONYMOUS, OPEN = "匿名", "不匿名，可以回我"

_HIDDEN = re.compile(r"(?<!不)(?<!不用)匿名|(别|不要?|甭|莫)(写|留|提|说|记)(我|俺)?的?名|保密")
_KNOWN = re.compile(r"不(用|要|必)?匿|实名|可以(回|找|联系)|(回|找|联系)(我|俺)|都行|无所谓|随便")
_NO = re.compile(r"(不|不用|不要|甭|算了|没必要)(了|吧|啊)*")
_YES = re.compile(r"(要|好|行|嗯|是|中|对|可以)(的|吧|啊|呗)*")
_BARE = re.compile(
    r"(想|要|我|俺|给|你们|恁|提|个|点|条|些|几|意见|建议|投诉|反映|反馈|一下|问题|情况|怎么|咋|在哪|"
    r"可以|能|吗|不|匿名|举报|[ ,。?!])+"
)
_ANGRY = re.compile(
    r"你们?.{0,4}骗(人|子)|^骗(人|子)|(谁|鬼才?|不)(敢)?信你|滚(蛋|开|远|你|吧|$| )|"
    r"[滚操日去]你妈|^他?妈的|放屁|傻[逼bx]|王八|混蛋|狗屁|"
    r"(你们?|这|什么|啥).{0,3}[破烂](玩意|东西|机器|公众号)"
)
_OUTBURST = 16


def find_wish_to_hide(text: str) -> str | None:
    """Return "anonymous" where a sentence asks for it."""
    return ANONYMOUS if _HIDDEN.search(text) else None


def read_wish_to_hide(text: str) -> str | None:
    """Return whether somebody wants to stay unnamed."""
    said = text.strip()
    if said == OPEN or _KNOWN.search(said) or _NO.fullmatch(said):
        return OPEN
    return ANONYMOUS if _HIDDEN.search(said) or _YES.fullmatch(said) else None


_CALM = Reply(
    "您有火气，我听着。哪儿没办好，对不住。这里不收一分钱，也不要您的密码、验证码；谁打着我们的名要钱，都别给。"
    "我是机器人，说不明白的，找个真人跟您说：",
    choices=(
        Choice("找工作人员", topic="human", value="staff"),
        Choice("提意见", topic="opinions", value=""),
    ),
)


def _is_outburst(ctx: Context) -> bool:
    """Tell bare anger or mistrust from a complaint that says what is wrong."""
    text = ctx.understanding.plain
    return len(text) <= _OUTBURST and _ANGRY.search(text) is not None


class Opinions(FormHandler):
    """Takes an opinion and hands it to the people who can change something."""

    name: ClassVar[str] = "opinions"
    title: ClassVar[str] = "提意见"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.FEEDBACK})
    questions: ClassVar[tuple[Question, ...]] = (
        Question("line", "您说，哪儿好、哪儿不好，一句话就行，我原样转上去。", open_ended=True),
        Question(
            "hidden",
            "您的话我原样转给工作人员。要匿名吗？匿名的，意见里不写您是谁。",
            read_wish_to_hide,
            "没分清您要不要匿名。",
            options=(ANONYMOUS, OPEN),
            find=find_wish_to_hide,
        ),
    )

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take anger too where nothing else is understood."""
        is_clear = ctx.understanding.action is Action.ANSWER
        return super().matches(message, ctx) or (not is_clear and _is_outburst(ctx))

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Take what was just said as the opinion, unless it only says that there is one."""
        if _is_outburst(ctx):
            return _CALM
        text = ctx.understanding.plain
        told = {} if _BARE.fullmatch(text) else {"line": message.text.strip()}
        return self.start(ctx, self._found_in(text) | told)

    def submit(self, answers: Mapping[str, str], ctx: Context) -> Reply:
        """Open the ticket; who leaves the question open stays unnamed."""
        is_hidden = answers.get("hidden", SKIPPED) != OPEN
        line = answers.get("line") or "（没写内容）"
        ticket = open_ticket(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=TicketKind.FEEDBACK,
            summary=f"（匿名）{line}" if is_hidden else line,
            now=ctx.now,
        )
        when = say_when(ticket, ctx)
        how = "按匿名转的" if is_hidden else "转给工作人员了"
        return Reply(
            f"谢谢您肯说。{how}，编号 {ticket.id}。{when}改不改得了我作不了主，不糊弄您。",
            choices=[
                Choice("这事我想找人办", topic="human", value="staff"),
                Choice("问问法律", topic="legal", value=""),
            ],
        )
