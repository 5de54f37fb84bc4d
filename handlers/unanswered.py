"""Remembers the questions that found no answer, for the people who write answers."""

from handlers.base import Context
from models.faq import UnansweredQuestion
from models.messages import InboundMessage


def record_unanswered(message: InboundMessage, ctx: Context) -> None:
    """Store the question, unless an alarm is latched: then every word is for the ticket alone."""
    until = ctx.contact.crisis_until
    if not message.text or (until is not None and until > ctx.now):
        return
    best = ctx.understanding.intents[0] if ctx.understanding.intents else None
    ctx.session.add(
        UnansweredQuestion(
            contact_id=ctx.contact.id,
            text=message.text,
            guess=best.intent.value if best else "",
            score=best.score if best else 0.0,
            asked_at=ctx.now,
        )
    )
