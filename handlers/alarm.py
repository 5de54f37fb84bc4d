"""Raising the alarm: a ticket of top priority, a latch on the contact, and the fixed words."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from handlers.base import Context
from handlers.promises import promise_duty
from handlers.wording import say_moment
from knowledge.safety import Danger, SafetyText, name_for
from models.alarm import raise_for_holder
from models.contact import Contact
from models.messages import Reply
from models.roster import NextDuty
from models.ticket import Ticket, TicketKind, find_waiting_ticket, open_ticket

LATCHED = timedelta(hours=24)
"""How long an alarm stays raised where no human lowers it (design: safety first)."""


def is_latched(ctx: Context) -> bool:
    """Tell whether an alarm is raised for this contact."""
    until = ctx.contact.crisis_until
    return until is not None and until > ctx.now


def raise_alarm(ctx: Context, danger: Danger, *, said: str) -> Reply:
    """Call people and say the words for the danger; less of them only when nothing got graver."""
    before = find_waiting_ticket(ctx.session, contact_id=ctx.contact.id, kind=TicketKind.CRISIS)
    former_risk = before.risk if before is not None else 0
    name = name_for(danger)
    is_known = is_latched(ctx) and ctx.contact.crisis_situation == name
    if ctx.contact.is_in_hands:
        raise_for_holder(ctx.session, contact_id=ctx.contact.id, risk=danger.level, now=ctx.now)
    ticket = open_ticket(
        ctx.session,
        contact_id=ctx.contact.id,
        kind=TicketKind.CRISIS,
        summary=said,
        risk=danger.level,
        now=ctx.now,
    )
    _latch(ctx, name)
    text = ctx.safety_texts.get(name)
    if is_known and danger.level <= former_risk:
        return Reply(text.still_here)
    return Reply(_with_duty(text, ticket, ctx))


def latch_contact(session: Session, contact_id: int, name: str, *, now: datetime) -> None:
    """Keep the alarm raised for a day; `name` is that of the words that go with it."""
    session.connection().execute(
        update(Contact)
        .where(col(Contact.id) == contact_id)
        .values(crisis_until=now + LATCHED, crisis_situation=name)
    )


def _latch(ctx: Context, name: str) -> None:
    """Keep the alarm raised, and leave every open form for later."""
    latch_contact(ctx.session, ctx.contact.id, name, now=ctx.now)
    ctx.conversation.stayed = False
    ctx.conversation.rest = ""
    for form in ctx.conversation.forms:
        form.paused = True


def _with_duty(text: SafetyText, ticket: Ticket, ctx: Context) -> str:
    duty = promise_duty(ticket, ctx)
    if duty is not None and duty.is_on(ctx.now):
        return text.with_duty(who=duty.who)
    return text.without_duty(next_duty=_say_next(duty, ctx))


def _say_next(duty: NextDuty | None, ctx: Context) -> str:
    if duty is None:
        return "还没有排定"
    return f"{say_moment(duty.starts_at, now=ctx.now, timezone=ctx.timezone)}（{duty.who}）"
