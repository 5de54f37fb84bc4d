"""继续: a parked reply first, else the rest of a long reply, else the open form."""

from typing import ClassVar

from handlers.base import Context, ResumeHandler
from models.messages import InboundMessage, Reply
from models.outbox import OutboxKind, OutboxMessage, list_parked, mark_said, words_of
from models.pending import is_awaited

STILL_AT_IT = Reply("还在查，没丢。过一会儿再回复「好」看结果。")
"""What they hear who ask for an answer that is not there yet."""


class Resume(ResumeHandler):
    """Goes on where something was left."""

    name: ClassVar[str] = "resume"
    holds_the_floor: ClassVar[bool] = False

    def handle(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Fetch the oldest parked reply, else the rest of a long one, else None."""
        parked = list_parked(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
        if parked:
            return self._deliver(parked[0], left=len(parked) - 1, ctx=ctx)
        if ctx.conversation.rest:
            rest, ctx.conversation.rest = ctx.conversation.rest, ""
            choices = ctx.conversation.rest_choices or ctx.conversation.choices
            ctx.conversation.rest_choices = []
            return Reply(rest, choices=choices, closing=self._what_next(ctx))
        return None

    def bring_answer(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Fetch the answer that came too late for its own message; None where none is awaited."""
        if ctx.contact.has_parked_reply:
            parked = list_parked(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
            answer = next((m for m in parked if m.kind is OutboxKind.ANSWER), None)
            if answer is not None:
                return self._deliver(answer, left=len(parked) - 1, ctx=ctx)
        awaits = ctx.contact.awaits_answer or (
            ctx.contact.is_new and is_awaited(ctx.session, openid=message.openid)
        )
        return STILL_AT_IT if awaits else None

    def _deliver(self, parked: OutboxMessage, *, left: int, ctx: Context) -> Reply:
        mark_said(ctx.session, [parked], now=ctx.now)
        words = words_of(ctx.session, parked)
        return Reply(words, closing=self._what_next(ctx, parked_left=left))

    def _what_next(self, ctx: Context, parked_left: int = 0) -> str:
        if parked_left:
            return f"（还有{parked_left}条留言，回复「继续」看）"
        if ctx.conversation.rest:
            return "（前面没说完的，回复「继续」看）"
        return "（没填完的给您留着，回复「继续」接着填）" if ctx.conversation.forms else ""
