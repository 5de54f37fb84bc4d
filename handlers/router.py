"""Picks exactly one handler for a message, in a fixed order.

Safety first, in every state. Then the single-speaker gate, the gate for who is blocked, the words
that work everywhere, the answer to what was asked by a message of its own, the choice just offered,
the open dialogue, a follow-up to the last topic, the topics in their order, and the fallback.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import or_, update
from sqlmodel import col

from handlers.base import (
    Context,
    DialogueHandler,
    Handler,
    OfferingHandler,
    ResumeHandler,
    SafetyHandler,
    Staying,
)
from knowledge.intents import Intent
from knowledge.notice import Notice
from knowledge.numbers import LAST, parse_choice
from models.contact import Contact
from models.messages import Choice, InboundMessage, MessageKind, Reply

_HUMAN_WORDS = re.compile(r"0|人工|转?人工(客服|服务)?|(找|转|要|接)人工|真人|人工客服")
_CONTINUE_WORDS = re.compile(
    r"(嗯|好|好的|那|行|咱)?[ ,]?(继续|接着|下一页|后面的?呢?)"
    r"(说|看|填|登记|报名|办|来|讲|往下|弄|求职|找人|转交)*"
    r"(吧|呗|啊|一下)?"
)
_GO_ON = re.compile(r"(好|好的|好啊|好吧|好了吗?|行|嗯)")
"""How people ask for an answer that they were told to ask for."""

_SEVERAL_MATTERS = "您说了好几件事，都列在上面，先点哪件都行。"
_LONG_LETTER = 40

NOTHING_LEFT = Reply(
    "没有说到一半的事了，之前填的没有留着。您想办什么，直接跟我说就行。",
    choices=(
        Choice("登记求职", topic="register", value=""),
        Choice("找工作", topic="jobs", value=""),
    ),
)


BLOCKED = Reply(
    "先前的话伤着人了，这边暂停为您服务一段时间，到时会自动恢复。\n"
    "有危险随时打110、120；心里难受打12356，一直有人接。"
)
"""What a blocked contact is told; the words of safety come before it."""


class Command(StrEnum):
    """A word that steers an open dialogue."""

    CANCEL = "cancel"
    BACK = "back"
    SKIP = "skip"


_COMMANDS = {
    Command.CANCEL: re.compile(
        r"取消(登记|报名|求助)?|退出|不(填|登记|办|弄|问)了|算了(吧|不填了)?"
    ),
    Command.BACK: re.compile(r"返回|上一步|回(到)?上一步|后退|退回去|重(新)?填上一个"),
    Command.SKIP: re.compile(r"跳过|(先)?不(想)?(填|说|答)(这个|这一?项)?|下一(个|项|题)|略过|过"),
}


@dataclass(frozen=True, slots=True)
class Routed:
    """Which topic answered, and what it said (None: nothing is to be shown)."""

    topic: str
    reply: Reply | None


@dataclass(frozen=True, slots=True)
class SpecialHandlers:
    """Topics that the router calls by their part, apart from the ordered list."""

    safety: SafetyHandler
    human: Handler
    resume: ResumeHandler
    media: Handler
    fallback: OfferingHandler


class Router:
    """Finds the handler for a message among `topics` and the special ones."""

    def __init__(
        self,
        *,
        topics: Sequence[Handler],
        special: SpecialHandlers,
        notice: Notice | None = None,
    ) -> None:
        self._topics = tuple(topics)
        self._notice = notice
        self._special = special
        self._small_talk = [t for t in topics if Intent.SMALLTALK in t.intents]
        self._by_name = {
            handler.name: handler
            for handler in (
                *topics,
                special.safety,
                special.human,
                special.resume,
                special.media,
                special.fallback,
            )
        }

    @property
    def menu_keys(self) -> frozenset[str]:
        """Return the keys of the custom menu that lead to a topic."""
        return frozenset(key for topic in self._topics for key in topic.menu_keys)

    def route(self, message: InboundMessage, ctx: Context) -> Routed:
        """Answer the message."""
        safety = self._special.safety
        if safety.matches(message, ctx):
            return Routed(safety.name, self._tidy(safety.handle(message, ctx), ctx, safety))
        if ctx.contact.is_in_hands and message.kind is not MessageKind.EVENT:
            return Routed("in_hands", None)
        if ctx.contact.is_blocked and message.event in (None, "click"):
            return Routed("blocked", BLOCKED)
        handler, reply = self._find(message, ctx)
        reply = self._with_other_wishes(handler, reply, ctx)
        staying = safety.stay(ctx)
        if staying is not None and reply is not None:
            reply = self._stay_first(staying, handler, reply, ctx)
        elif handler.is_sensitive and reply is not None:
            reply = self._after_notice(reply, ctx)
        return Routed(handler.name, self._tidy(reply, ctx, handler))

    def _with_other_wishes(
        self, handler: Handler, reply: Reply | None, ctx: Context
    ) -> Reply | None:
        """Offer the further wishes of a message beside the answer to the first."""
        if reply is None or ctx.understanding.intent not in handler.intents:
            return reply
        others = self._other_wishes(handler, ctx)
        if not others:
            return reply
        if not isinstance(handler, DialogueHandler):
            said = _SEVERAL_MATTERS if len(others) > 1 else ""
            closing = f"{said}\n{reply.closing}".strip()
            return replace(reply, choices=[*reply.choices, *others], closing=closing)
        if len(ctx.understanding.plain) < _LONG_LETTER:
            return reply
        # A number answers the form's question: here they are only named.
        named = "、".join(other.label for other in others)
        return replace(reply, closing=f"{reply.closing}\n您还说到：{named}。一件一件来。".strip())

    def _other_wishes(self, handler: Handler, ctx: Context) -> list[Choice]:
        offers = [self._special.fallback.offer(wish, ctx) for wish in ctx.understanding.also]
        by_topic = {o.topic: o for o in reversed(offers) if o and o.topic != handler.name}
        return list(by_topic.values())[::-1]

    def _stay_first(self, staying: Staying, handler: Handler, answer: Reply, ctx: Context) -> Reply:
        """Put the words of safety before the answer, or hold it back; a person comes at once."""
        if handler in self._small_talk:
            return staying.reply
        goes_on = isinstance(handler, DialogueHandler) or handler is self._special.resume
        if not staying.alone or goes_on:
            return replace(answer, text=f"{staying.reply.text}\n————\n{answer.text}")
        if handler is self._special.fallback:
            return replace(staying.reply, closing="这句话我也记下了，留给值班的人看。")
        ctx.conversation.rest = f"{answer.text}\n{answer.closing}".strip()
        ctx.conversation.rest_choices = list(answer.choices)
        return replace(staying.reply, closing="您刚才说的那件事，回复「继续」接着看。")

    def _after_notice(self, reply: Reply, ctx: Context) -> Reply:
        """Put the notice before the first answer to something private, once for each version."""
        notice = self._notice
        if notice is None or ctx.contact.notice_version >= notice.version:
            return reply
        until = col(Contact.crisis_until)
        noted = ctx.session.connection().execute(
            update(Contact)
            .where(col(Contact.id) == ctx.contact.id)
            # The very answer may have raised an alarm: nothing comes before words of safety.
            .where(or_(until.is_(None), until <= ctx.now))
            .values(notice_version=notice.version, notice_at=ctx.now)
        )
        if noted.rowcount == 0:
            return reply
        return replace(reply, text=f"{notice.text}\n{reply.text}")

    def _find(self, message: InboundMessage, ctx: Context) -> tuple[Handler, Reply | None]:
        if message.kind is MessageKind.EVENT:
            return self._event(message, ctx)
        if message.kind is not MessageKind.TEXT and not message.text:
            return self._special.media, self._special.media.handle(message, ctx)
        return (
            self._everywhere(message, ctx)
            or self._asked_by_itself(message, ctx)
            or self._chosen(message, ctx)
            or self._dialogue(message, ctx)
            or self._follow_up(message, ctx)
            or self._topic(message, ctx)
        )

    def _event(self, message: InboundMessage, ctx: Context) -> tuple[Handler, Reply | None]:
        for handler in self._topics:
            if message.event in handler.events:
                return handler, handler.handle(message, ctx)
            if message.event == "click" and message.event_key in handler.menu_keys:
                _pause(ctx)
                return handler, handler.choose(handler.menu_keys[message.event_key], ctx)
        if message.event == "click":
            return self._special.fallback, self._special.fallback.handle(message, ctx)
        return self._special.fallback, None

    def _everywhere(
        self, message: InboundMessage, ctx: Context
    ) -> tuple[Handler, Reply | None] | None:
        text = ctx.understanding.plain
        if _HUMAN_WORDS.fullmatch(text):
            _pause(ctx)
            return self._special.human, self._special.human.handle(message, ctx)
        if _GO_ON.fullmatch(text):
            answer = self._special.resume.bring_answer(message, ctx)
            if answer is not None:
                return self._special.resume, answer
        dialogue = self._open_dialogue(ctx)
        command = _command(text)
        if command is not None and dialogue is not None:
            return dialogue, _steer(dialogue, command, ctx)
        if _CONTINUE_WORDS.fullmatch(text):
            return self._continue(message, ctx)
        paused = self._any_dialogue(ctx)
        if command is Command.CANCEL and paused is not None:
            return paused, paused.cancel(ctx)
        return None

    def _continue(self, message: InboundMessage, ctx: Context) -> tuple[Handler, Reply | None]:
        reply = self._special.resume.handle(message, ctx)
        if reply is not None:
            return self._special.resume, reply
        dialogue = self._any_dialogue(ctx)
        if dialogue is not None:
            return dialogue, dialogue.resume(ctx)
        return self._special.resume, NOTHING_LEFT

    def _asked_by_itself(
        self, message: InboundMessage, ctx: Context
    ) -> tuple[Handler, Reply | None] | None:
        handler = next((t for t in self._topics if t.is_answer(message, ctx)), None)
        return (handler, handler.handle(message, ctx)) if handler else None

    def _chosen(self, message: InboundMessage, ctx: Context) -> tuple[Handler, Reply | None] | None:
        choice = _find_choice(message, ctx)
        handler = self._by_name.get(choice.topic) if choice else None
        if choice is None or handler is None:
            return None
        return handler, handler.choose(choice.value, ctx)

    def _dialogue(
        self, message: InboundMessage, ctx: Context
    ) -> tuple[Handler, Reply | None] | None:
        dialogue = self._any_dialogue(ctx)
        if dialogue is None:
            return None
        if ctx.conversation.open_form is None and not dialogue.answers_paused(message, ctx):
            return None
        _unpause(ctx)
        reply = dialogue.answer(message, ctx)
        if reply is not None:
            return dialogue, reply
        _pause(ctx)
        return None

    def _follow_up(
        self, message: InboundMessage, ctx: Context
    ) -> tuple[Handler, Reply | None] | None:
        handler = self._by_name.get(ctx.conversation.topic)
        reply = handler.follow_up(message, ctx) if handler else None
        return None if handler is None or reply is None else (handler, reply)

    def _topic(self, message: InboundMessage, ctx: Context) -> tuple[Handler, Reply | None]:
        for handler in self._topics:
            if handler.matches(message, ctx):
                return handler, handler.handle(message, ctx)
        if _command(ctx.understanding.plain) is not None:
            return self._special.resume, NOTHING_LEFT
        return self._special.fallback, self._special.fallback.handle(message, ctx)

    def _open_dialogue(self, ctx: Context) -> DialogueHandler | None:
        return self._any_dialogue(ctx) if ctx.conversation.open_form else None

    def _any_dialogue(self, ctx: Context) -> DialogueHandler | None:
        form = ctx.conversation.forms[-1] if ctx.conversation.forms else None
        handler = self._by_name.get(form.handler) if form else None
        return handler if isinstance(handler, DialogueHandler) else None

    def _tidy(self, reply: Reply | None, ctx: Context, handler: Handler) -> Reply | None:
        """Keep what was offered, and name the form that was left in the middle."""
        if reply is None:
            return None
        ctx.conversation.choices = list(reply.choices)
        if handler.holds_the_floor:
            ctx.conversation.topic = handler.name
        if ctx.conversation.paused_form is None:
            return reply
        dialogue = self._any_dialogue(ctx)
        if dialogue is None or handler in (dialogue, self._special.safety):
            return reply
        reminder = f"（{dialogue.title}给您留着，回复「继续」接着填）"
        return replace(reply, closing=f"{reply.closing}\n{reminder}".strip())


def _command(text: str) -> Command | None:
    return next((c for c, words in _COMMANDS.items() if words.fullmatch(text)), None)


def _steer(dialogue: DialogueHandler, command: Command, ctx: Context) -> Reply:
    if command is Command.CANCEL:
        return dialogue.cancel(ctx)
    return dialogue.back(ctx) if command is Command.BACK else dialogue.skip(ctx)


def _find_choice(message: InboundMessage, ctx: Context) -> Choice | None:
    choices = ctx.conversation.choices
    text = _same_width(message.text)
    for choice in choices:
        label = _same_width(choice.label)
        if text in (label, label.split(",")[0]):  # who types says the first half
            return choice
    number = parse_choice(ctx.understanding.plain, count=len(choices)) if choices else None
    if number is LAST:
        return choices[-1]
    return None if number is None else choices[number - 1]


def _same_width(label: str) -> str:
    """Fold what the wire may have changed in a label on its way to the phone and back."""
    return " ".join(unicodedata.normalize("NFKC", label).split())


def _pause(ctx: Context) -> None:
    if ctx.conversation.forms:
        ctx.conversation.forms[-1].paused = True


def _unpause(ctx: Context) -> None:
    ctx.conversation.forms[-1].paused = False
