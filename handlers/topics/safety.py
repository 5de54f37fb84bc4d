"""Danger: heard before everything else, in every state, answered with fixed, approved wording."""

from datetime import timedelta
from typing import ClassVar

from sqlalchemy import update
from sqlmodel import col

from handlers.base import Context, SafetyHandler, Staying
from handlers.wording import say_moment
from knowledge.intents import Intent
from knowledge.safety import SafetyText, Situation
from models.contact import Contact
from models.messages import Choice, InboundMessage, Reply
from models.ticket import TicketKind, open_ticket
from models.volunteer import NextDuty, Skill, find_next_duty

LATCHED = timedelta(hours=24)
"""How long an alarm stays raised where no human lowers it (design: safety first)."""

DANGER = 2
WITHIN = "十分钟"


class Safety(SafetyHandler):
    """Answers signs of danger and raises the alarm for people."""

    name: ClassVar[str] = "safety"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.CRISIS})

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Tell whether the person, or somebody near them, is in danger."""
        return ctx.understanding.danger.level >= DANGER

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Say the words for the situation, open a ticket of top priority, latch the alarm."""
        danger = ctx.understanding.danger
        situation = danger.situation or Situation.SELF
        known = ctx.contact.crisis_situation if self._is_latched(ctx) else ""
        open_ticket(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=TicketKind.CRISIS,
            summary=message.text,
            risk=danger.level,
            now=ctx.now,
        )
        self._latch(ctx, situation)
        text = ctx.safety_texts.for_danger(danger)
        if known == situation:
            return Reply(text.still_here)
        return Reply(self._with_duty(text, ctx))

    def stay(self, ctx: Context) -> Staying | None:
        """Repeat the ways to get help while the alarm is latched; fully the first time."""
        if not self._is_latched(ctx):
            return None
        text = ctx.safety_texts.for_situation(Situation(ctx.contact.crisis_situation))
        is_first = not ctx.conversation.stayed
        ctx.conversation.stayed = True
        if is_first:
            choices = [Choice("想找人说说话", topic="human", value="counselor")]
            return Staying(Reply(text.still_here, choices=choices), alone=True)
        short = "我还惦记着您。撑不住就打12356，有危险打110或120，也可以回复「人工」。"
        return Staying(Reply(short), alone=False)

    def _is_latched(self, ctx: Context) -> bool:
        until = ctx.contact.crisis_until
        return until is not None and until > ctx.now

    def _latch(self, ctx: Context, situation: Situation) -> None:
        ctx.session.connection().execute(
            update(Contact)
            .where(col(Contact.id) == ctx.contact.id)
            .values(crisis_until=ctx.now + LATCHED, crisis_situation=situation.value)
        )
        ctx.conversation.stayed = False
        ctx.conversation.rest = ""
        for form in ctx.conversation.forms:
            form.paused = True

    def _with_duty(self, text: SafetyText, ctx: Context) -> str:
        duty = find_next_duty(ctx.session, skills=(Skill.COUNSELOR, Skill.STAFF), now=ctx.now)
        if duty is not None and duty.is_on(ctx.now):
            return text.with_duty(who=duty.who, within=WITHIN)
        return text.without_duty(next_duty=_say_next(duty, ctx))


def _say_next(duty: NextDuty | None, ctx: Context) -> str:
    if duty is None:
        return "还没有排定"
    return f"{say_moment(duty.starts_at, now=ctx.now, timezone=ctx.timezone)}（{duty.who}）"
