"""Danger: heard before everything else, in every state, answered with fixed, approved wording."""

from typing import ClassVar

from handlers.alarm import is_latched, raise_alarm
from handlers.base import Context, SafetyHandler, Staying
from knowledge.intents import Intent
from models.messages import Choice, InboundMessage, Reply


class Safety(SafetyHandler):
    """Answers signs of danger and raises the alarm for people."""

    name: ClassVar[str] = "safety"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.CRISIS})

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Tell whether the person, or somebody near them, is in danger."""
        return ctx.understanding.danger.is_crisis

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Raise the alarm and say the words for the situation."""
        return raise_alarm(ctx, ctx.understanding.danger, said=message.text)

    def stay(self, ctx: Context) -> Staying | None:
        """Repeat the ways to get help while the alarm is latched; fully the first time."""
        if not is_latched(ctx):
            return None
        is_first = not ctx.conversation.stayed
        ctx.conversation.stayed = True
        if is_first:
            text = ctx.safety_texts.get(ctx.contact.crisis_situation)
            choices = [Choice("想找人说说话", topic="human", value="counselor")]
            return Staying(Reply(text.still_here, choices=choices), alone=True)
        short = "我还惦记着您。撑不住就打12356，有危险打110或120，也可以回复「人工」。"
        return Staying(Reply(short), alone=False)
