"""Neighbours helping each other: what, when and where, handed to people who bring them together."""

import re
from collections.abc import Mapping
from typing import ClassVar

from handlers.base import Context
from handlers.forms import FormHandler, Question, Reader
from handlers.promises import say_when
from knowledge.intents import Intent
from knowledge.places import find_places
from models.messages import InboundMessage, Reply
from models.ticket import TicketKind, open_ticket

_TIME = re.compile(
    r"(这|下|每)?(周|星期|礼拜)[一二三四五六日末天]"
    r"|(今|明|后)(天|儿|早|晚)(早上|上午|中午|下午|晚上)?|大后天"
    r"|(上|下)半周|每天|天天|一周[一二两三四五1-7][次回]|周末"
    r"|(早上|上午|中午|下午|晚上|半夜)?([0-9]{1,2}|[一二两三四五六七八九十]{1,3})点(半|多)?"
    r"|[0-9]{1,2}月[0-9]{1,2}[日号]?|初[一二三四五六七八九十]|随时|现在就?要?|马上|急用"
)
_BARE = re.compile(
    r"邻里|邻居|互助|互相|帮忙|帮个|找人|有没有|谁能|谁|想|要|我|俺|你们|能|可以|"
    r"吗|不|怎么|咋|的|[ ,。?!]"
)
_CHILD = re.compile(r"孩子|娃|宝宝|小的|小孩|孙|放学|幼儿园")
_QUESTION = re.compile(r"[吗呢么?？咋怎]|多少|什么")
_WISH = re.compile(r"(我|俺)?(还|就)?(想|要)(找|借|求|问|买|申请)|有没有?|谁")
_ANY = re.compile(r"都行|随便|啥时候都|不急|都可以|哪都|无所谓")
_LONGEST = 30
_ENOUGH_SAID = 2
_SAFE = "门牌号和电话先别写在这里，也别发到群里，工作人员牵上线再单独给。"
_SAFE_CHILD = "托人带孩子，头一回先在人多的地方见个面，看清楚是谁。"


def find_time(text: str) -> str | None:
    """Return the moments that a sentence names, in its own words."""
    return "、".join(dict.fromkeys(match[0] for match in _TIME.finditer(text))) or None


def read_time(text: str) -> str | None:
    """Return when it is about, in the person's own words."""
    return "都行" if _ANY.search(text) else _short(text, find_time)


def find_spot(text: str) -> str | None:
    """Return the places that a sentence names."""
    return "、".join(place.name for place in find_places(text)) or None


def read_spot(text: str) -> str | None:
    """Return where it is about, in the person's own words."""
    return "都行" if _ANY.search(text) else _short(text, find_spot)


def _short(text: str, find: Reader) -> str | None:
    """Take a few words as they are; a question or another wish is no answer."""
    said = text.strip()
    is_wish = _WISH.match(said) is not None and find(said) is None
    is_answer = 1 < len(said) <= _LONGEST and not _QUESTION.search(said)
    return said if is_answer and not is_wish else None


class MutualHelp(FormHandler):
    """Takes what somebody needs or offers among neighbours."""

    name: ClassVar[str] = "mutual_help"
    title: ClassVar[str] = "邻里互助"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.MUTUAL_HELP})
    intro: ClassVar[str] = f"邻里互助，我记下来，请工作人员帮您问、帮您牵线。{_SAFE}\n"
    asides: ClassVar[tuple[tuple[str, str], ...]] = (
        ("电话", "电话不用写，有消息就在这个微信里告诉您。\n"),
        ("手机号", "手机号不用写，有消息就在这个微信里告诉您。\n"),
    )
    questions: ClassVar[tuple[Question, ...]] = (
        Question("what", "您要人帮什么，或者能帮别人什么？一句话说说。", open_ended=True),
        Question(
            "time",
            "什么时候？例如：明天下午、每周三。",
            read_time,
            "说个大概时间，",
            find=find_time,
        ),
        Question(
            "spot",
            "大概在哪一片？写到乡镇、街道就行，例如：新城。",
            read_spot,
            "写个乡镇或者街道，",
            find=find_spot,
        ),
    )

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Start with what was just told."""
        text = ctx.understanding.plain
        is_told = len(_BARE.sub("", text)) >= _ENOUGH_SAID
        told = {"what": message.text.strip()} if is_told else {}
        return self.start(ctx, self._found_in(text) | told)

    def answer(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take the answer; the first sentence often says when and where as well."""
        form = ctx.conversation.forms[-1]
        if form.step == "what":
            form.answers = self._found_in(ctx.understanding.plain) | form.answers
        return super().answer(message, ctx)

    def submit(self, answers: Mapping[str, str], ctx: Context) -> Reply:
        """Hand it to the people who ask around."""
        labels = {"互助": "what", "时间": "time", "地方": "spot"}
        lines = [f"{label}：{answers.get(key) or '没说'}" for label, key in labels.items()]
        ticket = open_ticket(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=TicketKind.MUTUAL_HELP,
            summary="\n".join(lines),
            now=ctx.now,
        )
        when = say_when(ticket, ctx)
        child = f"\n{_SAFE_CHILD}" if _CHILD.search(answers.get("what", "")) else ""
        said = "\n".join(lines)
        return Reply(
            f"记好了，编号 {ticket.id}：\n{said}\n"
            f"{when}能不能找着人说不准，有信儿在这里告诉您。等不及的，先问问身边的邻居和社区。\n"
            f"{_SAFE}{child}"
        )
