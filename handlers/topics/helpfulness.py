"""An answer did not help: counted for the people who write answers, and never a dead end."""

import re
from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel

from handlers.base import Context, Handler
from handlers.unanswered import record_unanswered
from knowledge.intents import Intent
from models.faq import FaqEntry
from models.helpfulness import count_unhelpful
from models.messages import Choice, InboundMessage, Reply

_LAWYER = Choice("找律师问问", topic="human", value="lawyer")
_NOTE = "note"
_SAID = re.compile(
    r"(这个?|刚才的?|你的?)?(回答|答案)?(也?没(有)?帮上忙|没(有)?用|不(管|顶)用|没答到点上)"
)
_LACKS = re.compile(r"没(有)?(说|写|讲|提)|(还|就)(缺|差|少)|想知道")
"""How people say what an answer lacks, whatever it is about."""

_ABOUT_LAW = frozenset({Intent.LEGAL, Intent.OTHER, Intent.SMALLTALK, Intent.FEEDBACK})


class Missed(BaseModel):
    """Which answer did not help, and whether the person was asked what is missing in it."""

    topic: str = ""
    ref: str = ""
    is_asked: bool = False


class Helpfulness(Handler):
    """Takes word that an answer did not help."""

    name: ClassVar[str] = "helpfulness"
    holds_the_floor: ClassVar[bool] = False  # a further question still follows the answer

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Tell whether somebody writes what the choice after an answer says, when it is gone."""
        return _SAID.fullmatch(ctx.understanding.plain) is not None

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Ask what is missing."""
        return self._ask(ctx)

    def choose(self, value: str, ctx: Context) -> Reply:
        """Count the answer that did not help, or ask what is missing in it."""
        if value == _NOTE:
            return self._ask(ctx)
        topic, _, ref = value.partition(":")
        count_unhelpful(ctx.session, topic=topic, ref=ref, now=ctx.now)
        ctx.remember(self.name, Missed(topic=topic, ref=ref))
        return Reply(
            "对不住，没帮上您。我记下了，写答案的人会看到。"
            "您换个说法、说细一点再问我一遍，或者点下面的：",
            choices=[_LAWYER, Choice("说说还缺啥", topic=self.name, value=_NOTE)],
        )

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take what is missing, once it was asked for; another wish is not swallowed."""
        missed = ctx.recall(self.name, Missed)
        understanding = ctx.understanding
        is_other = understanding.is_sure and understanding.intent not in _ABOUT_LAW
        says_what = _LACKS.search(understanding.plain) is not None
        if not missed.is_asked or (is_other and not says_what):
            return None
        self._record(missed, message, ctx)
        ctx.remember(self.name, Missed())
        ctx.conversation.topic = missed.topic
        return Reply(
            "记下了，谢谢您，补好了别的工友也用得上。您这事等不得的话，我给您转律师。",
            choices=[_LAWYER],
        )

    def _ask(self, ctx: Context) -> Reply:
        missed = ctx.recall(self.name, Missed)
        ctx.remember(self.name, missed.model_copy(update={"is_asked": True}))
        ctx.conversation.topic = self.name
        return Reply("您用一句话说说，还想知道啥？比如：去哪个窗口办、要带啥材料。")

    def _record(self, missed: Missed, message: InboundMessage, ctx: Context) -> None:
        entry = ctx.session.get(FaqEntry, missed.ref) if missed.ref else None
        about = f"（看过「{entry.question}」，还缺）" if entry else ""
        record_unanswered(replace(message, text=f"{about}{message.text}"), ctx)
