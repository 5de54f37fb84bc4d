"""Wishes that people, not the bot, can serve: an honest sentence and the offer of a person."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel

from handlers.base import Context, Handler, is_only_found
from handlers.wording import say_duty
from knowledge.engine import Action
from knowledge.intents import Intent
from models.messages import Choice, InboundMessage, Reply
from models.ticket import TicketKind, open_ticket
from models.volunteer import Skill, find_next_duty

_KINDS = {
    Intent.AID: TicketKind.AID,
    Intent.FEEDBACK: TicketKind.FEEDBACK,
    Intent.MUTUAL_HELP: TicketKind.MUTUAL_HELP,
    Intent.PRIVACY: TicketKind.PRIVACY,
    Intent.JOB_POST: TicketKind.POSTING,
    Intent.STATION: TicketKind.STAFF,
}
_HONEST = {
    TicketKind.AID: "困难帮扶要工作人员看情况办，我办不了，也不敢打包票，但能替您递上去。",
    TicketKind.FEEDBACK: "您的意见要紧，我作不了主，得请工作人员来答复您。",
    TicketKind.MUTUAL_HELP: "邻里互相帮忙，我还不能直接牵线，可以请工作人员帮着问问。",
    TicketKind.PRIVACY: "您的信息您说了算。查看、修改、删除和停发消息，由工作人员给您办。",
    TicketKind.POSTING: (
        "发招工要先核实：单位、工种、人数、基本工资和社保都得写明，不交社保的不能发。"
        "由工作人员跟您对接。"
    ),
    TicketKind.STAFF: "服务站的地址我这儿还没有现成的，不敢乱指路，可以让工作人员查了告诉您。",
}
_YES = re.compile(
    r"(好|行|要|可以|嗯|中|对|是)*[ ,]?((帮我|给我)?转(过去|给(他们|人))?)?(的|吧|啊|呀|呗|了)*"
    r"|麻烦(你|您)?了?"
)

_QUESTION = "吗呢么?？啥咋怎谁"


class Said(BaseModel):
    """What was asked, kept for the ticket."""

    kind: TicketKind = TicketKind.STAFF
    text: str = ""


class Referral(Handler):
    """Says what it cannot do itself, and hands the wish to people when the person agrees."""

    name: ClassVar[str] = "referral"
    intents: ClassVar[frozenset[Intent]] = frozenset(_KINDS)
    menu_keys: ClassVar[Mapping[str, str]] = {"MENU_AID": "aid", "MENU_STATION": "staff"}

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Say honestly who can serve this, and offer to hand it over."""
        kind = _KINDS.get(ctx.understanding.intent, TicketKind.STAFF)
        return self._offer(Said(kind=kind, text=message.text), ctx)

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take a yes for the offer just made."""
        said = ctx.recall(self.name, Said)
        is_offered = any(choice.topic == self.name for choice in ctx.conversation.choices)
        if (said.text or is_offered) and _YES.fullmatch(ctx.understanding.plain):
            return self._hand_over(said, ctx)
        if not said.text or not self._is_detail(said, ctx):
            return None
        reply = self._offer(Said(kind=said.kind, text=f"{said.text}；{message.text}"), ctx)
        return replace(reply, text=f"这句也记上了。{reply.text}")

    def _is_detail(self, said: Said, ctx: Context) -> bool:
        """Tell whether words that nobody else would understand belong to the wish just told."""
        understanding = ctx.understanding
        if any(mark in understanding.plain for mark in _QUESTION):
            return False
        if understanding.action is Action.ANSWER and _KINDS.get(understanding.intent) is said.kind:
            return True
        if said.kind is TicketKind.POSTING:
            is_about_work = understanding.intent in (Intent.JOB_SEARCH, Intent.JOB_POST)
            is_vague = understanding.action is not Action.ANSWER or is_only_found(understanding)
            return is_about_work or is_vague
        return understanding.action is Action.FALLBACK

    def choose(self, value: str, ctx: Context) -> Reply:
        """Hand over what was said, or make the offer that a menu entry stands for."""
        said = ctx.recall(self.name, Said)
        if value == "yes":
            return self._hand_over(said, ctx)
        return self._offer(Said(kind=TicketKind(value)), ctx)

    def _offer(self, said: Said, ctx: Context) -> Reply:
        ctx.remember(self.name, said)
        choice = Choice("转给工作人员", topic=self.name, value="yes")
        return Reply(f"{_HONEST[said.kind]}要转过去吗？", choices=[choice])

    def _hand_over(self, said: Said, ctx: Context) -> Reply:
        ticket = open_ticket(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=said.kind,
            summary=said.text,
            now=ctx.now,
        )
        ctx.remember(self.name, Said())
        duty = find_next_duty(ctx.session, skills=(Skill.STAFF,), now=ctx.now)
        when = say_duty(duty, now=ctx.now, timezone=ctx.timezone)
        ask = "" if said.text else "具体是什么情况，接着写给我就行，"
        return Reply(f"转给工作人员了，编号 {ticket.id}。{when}{ask}写的我都加进去。")
