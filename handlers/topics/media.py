"""Pictures, voice without words, places, links: never a dead end."""

from typing import ClassVar

from handlers.base import Context, Handler
from handlers.promises import say_when
from handlers.received import TOPIC, Received, forget, hand_over, list_received, remember
from knowledge.engine import is_question
from knowledge.intents import Intent
from models import media
from models.messages import Choice, InboundMessage, MessageKind, Reply
from models.ticket import Ticket, TicketKind, add_to_ticket, list_open_tickets
from models.ticket_flow import ask_again

_NAMES = {
    MessageKind.VOICE: "语音",
    MessageKind.IMAGE: "图片",
    MessageKind.VIDEO: "视频",
    MessageKind.LOCATION: "位置",
    MessageKind.LINK: "链接",
}
_ASK = {
    MessageKind.VOICE: (
        "这段语音我没听清。您再说一遍，或者打几个字，也可以直接点下面的。"
        "要不要把这段语音转给志愿者听？"
    ),
    MessageKind.IMAGE: "图片收到了，我还看不懂图片。您想让谁看看？",
    MessageKind.VIDEO: "视频收到了，我还看不懂视频。您用一句话说说是什么事？",
    MessageKind.LINK: "链接收到了，我打不开。网上的招工要当心：让先交钱的都别信。您想让谁看看？",
}
_WHOM = {
    "voice": (TicketKind.STAFF, "请听这段语音", "工作人员"),
    "posting": (TicketKind.CAREER, "请看招工信息真假", "职业顾问"),
    "lawyer": (TicketKind.LAWYER, "请看合同或单据", "律师"),
    "staff": (TicketKind.STAFF, "请看看", "工作人员"),
}
_ABOUT = frozenset(
    {Intent.LEGAL, Intent.OTHER, Intent.AID, Intent.COUNSEL, Intent.FEEDBACK, Intent.JOB_DETAIL}
)
"""What a sentence about a picture or a voice may be taken for; the rest is another wish."""

_JOBS = Choice("找工作", topic="jobs", value="")
_LEGAL = Choice("问法律", topic="legal", value="")
_PERSON = Choice("转给工作人员", topic="human", value="staff")
_LISTEN = Choice("把这段语音转给志愿者听", topic="media", value="voice")
_IS_IT_REAL = Choice("看招工信息真假", topic="media", value="posting")
_LAWYER = Choice("给律师看合同或单据", topic="media", value="lawyer")
_STAFF = Choice("转给工作人员", topic="media", value="staff")
_CHOICES = {
    MessageKind.VOICE: (_JOBS, _LEGAL, _PERSON, _LISTEN),
    MessageKind.IMAGE: (_IS_IT_REAL, _LAWYER, _STAFF),
    MessageKind.VIDEO: (_STAFF, _JOBS, _LEGAL),
    MessageKind.LINK: (_IS_IT_REAL, _LAWYER, _STAFF),
}


class Media(Handler):
    """Answers what has no words in it; a place is answered by `places`."""

    name: ClassVar[str] = TOPIC
    holds_the_floor: ClassVar[bool] = False

    def __init__(self, *, places: Handler) -> None:
        self._places = places

    def handle(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Add it to the open ticket, or ask what to do with it."""
        if message.kind is MessageKind.LOCATION:
            return self._place(message, ctx)
        name = _NAMES.get(message.kind, "这条消息")
        thing = f"[{name}] {_reference(message)}".strip()
        tickets = list_open_tickets(ctx.session, contact_id=ctx.contact.id)
        if tickets:
            add_to_ticket(ctx.session, tickets[0], body=thing, now=ctx.now)
            self._receive(message, ctx, tickets[0])
            return Reply(f"{name}收到，记到您的求助（编号 {tickets[0].id}）里了，志愿者会看到。")
        self._receive(message, ctx)
        remember(ctx, thing, key=message.dedup_key)
        asked = _ASK.get(message.kind, "收到了，可这种消息我还打不开。您打几个字说说是什么事？")
        return Reply(asked, choices=_CHOICES.get(message.kind, (_JOBS, _LEGAL, _STAFF)))

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take the sentence that was asked for; a question in it is answered besides."""
        wanted = ctx.recall(self.name, Received).asked_for
        tickets = list_open_tickets(ctx.session, contact_id=ctx.contact.id)
        ticket = next((ticket for ticket in tickets if ticket.id == wanted), None)
        is_answer = ctx.understanding.is_sure
        if ticket is None or (is_answer and ctx.understanding.intent not in _ABOUT):
            return None
        add_to_ticket(ctx.session, ticket, body=message.text, now=ctx.now)
        forget(ctx)
        if is_answer and is_question(ctx.understanding.plain):
            return None
        return Reply(
            f"记下了，已加到您的求助（编号 {ticket.id}）里，志愿者会看到。", choices=[_LEGAL, _JOBS]
        )

    def choose(self, value: str, ctx: Context) -> Reply:
        """Open a ticket with what was sent, for the person who was chosen."""
        kind, wish, who = _WHOM.get(value, _WHOM["staff"])
        ctx.conversation.topic = self.name  # what is written next goes along
        ticket = ask_again(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=kind,
            summary="\n".join([f"{wish}：", *list_received(ctx)]),
            now=ctx.now,
        )
        hand_over(ctx, ticket)
        forget(ctx, asked_for=ticket.id or 0)
        when = say_when(ticket, ctx)
        careful = "没弄清以前，先别交钱、别给身份证。" if value == "posting" else ""
        return Reply(
            f"转给{who}了，编号 {ticket.id}。{when}{careful}"
            "用一句话说说是什么事，接着写就行，我都加进去。"
        )

    def _receive(self, message: InboundMessage, ctx: Context, ticket: Ticket | None = None) -> None:
        contact_id = ctx.contact.id
        media.receive(
            ctx.session, contact_id=contact_id, message=message, ticket=ticket, now=ctx.now
        )

    def _place(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Keep a place for the helpers only while an alarm is latched; show what is near."""
        until = ctx.contact.crisis_until
        tickets = list_open_tickets(ctx.session, contact_id=ctx.contact.id)
        crisis = next((t for t in tickets if t.kind is TicketKind.CRISIS), None)
        if crisis is not None and until is not None and until > ctx.now:
            add_to_ticket(ctx.session, crisis, body=f"[位置] {_spot(message)}", now=ctx.now)
            return Reply(f"位置收到，记到您的求助（编号 {crisis.id}）里了，值班的人会看到。")
        return self._places.handle(message, ctx)


def _reference(message: InboundMessage) -> str:
    # A picture or a recording is shown itself (models.media), a film cannot be.
    return message.details.get("url", "")


def _spot(message: InboundMessage) -> str:
    details = message.details
    return " ".join(details.get(name, "") for name in ("latitude", "longitude", "label")).strip()
