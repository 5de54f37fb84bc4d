"""取消排队: whoever asked for a person leaves the queue, and may come back to the same place."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from handlers.base import Context, Handler
from handlers.promises import say_when
from handlers.wording import say_ahead
from models.media import list_media
from models.messages import Choice, InboundMessage, Reply
from models.ticket import Ticket, list_events
from models.ticket_flow import PLACE_KEPT, cancel_waiting, list_left, reopen

_LEAVE = re.compile(
    r"(我|那)?(要|想|先)?(取消|退出|不|别|不用|不想)(再)?(给我)?(排队|排号|排|求助)(了|吧|啦)*"
)
_LEAVE_LOOSELY = re.compile(r"(我|那)?(不等|不找|不用找|不用等)(人|律师|心理顾问|你们)?(了|啦)+")
_RETURN = re.compile(r"(我|那|还是)*(要|想)?(接着|重新|继续|再|还)(排队|排号|排)(了|吧|啦)*")
_THINGS = ("[图片]", "[语音]")


class Queue(Handler):
    """Lets people leave the queue and return to it."""

    name: ClassVar[str] = "queue"
    holds_the_floor: ClassVar[bool] = False

    def is_answer(self, message: InboundMessage, ctx: Context) -> bool:
        """Take the words for leaving while somebody waits, those for returning after it."""
        text = ctx.understanding.plain
        if ctx.contact.has_open_ticket:
            is_loose = ctx.conversation.open_form is None and _LEAVE_LOOSELY.fullmatch(text)
            return _LEAVE.fullmatch(text) is not None or bool(is_loose)
        return _RETURN.fullmatch(text) is not None and bool(self._list_left(ctx))

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take nothing else."""
        return False

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Leave, or return."""
        return self._leave(ctx) if ctx.contact.has_open_ticket else self._return(ctx)

    def choose(self, value: str, ctx: Context) -> Reply:
        """Return, where that was offered."""
        return self._return(ctx)

    def _leave(self, ctx: Context) -> Reply:
        closed = cancel_waiting(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
        if not closed:
            return Reply("这件求助先给您留着，值班的人会看到。有什么想说的，接着写就行。")
        minutes = int(PLACE_KEPT.total_seconds()) // 60
        kept = "位置和您发的图片、语音" if _has_media(ctx, closed) else "位置"
        return Reply(
            f"好，不排了，{_say_numbers(closed)} 撤下来了。"
            f"要是改了主意，{minutes}分钟内{kept}都给您留着，点「接着排队」就行。",
            choices=[Choice("接着排队", topic=self.name, value="return")],
        )

    def _return(self, ctx: Context) -> Reply:
        left = self._list_left(ctx)
        if not left:
            return Reply("没有排到一半的求助了。想找人，回复「0」，重新排上就行。")
        is_in_time = all(_is_kept(ticket, ctx.now) for ticket in left)
        has_media = _has_media(ctx, left)
        lost = not has_media and any(_sent_something(ctx, ticket) for ticket in left)
        back = [reopen(ctx.session, ticket_id=ticket.id or 0, now=ctx.now) for ticket in left]
        place = "还是原来的位置" if is_in_time else "过了十分钟，原来的位置没留住，从后面接着排"
        return Reply(
            f"好，给您排上了，{_say_numbers(back)}，{place}。{self._say_when(back[0], ctx)}"
            f"{'先前发的图片、语音已经删了，还要用就再发一遍。' if lost else ''}"
        )

    def _list_left(self, ctx: Context) -> Sequence[Ticket]:
        return list_left(ctx.session, contact_id=ctx.contact.id, now=ctx.now)

    def _say_when(self, ticket: Ticket, ctx: Context) -> str:
        return f"{say_ahead(ctx.session, ticket, now=ctx.now)}{say_when(ticket, ctx)}"


def _is_kept(ticket: Ticket, now: datetime) -> bool:
    return ticket.closed_at is not None and now - ticket.closed_at <= PLACE_KEPT


def _has_media(ctx: Context, tickets: Sequence[Ticket]) -> bool:
    return any(list_media(ctx.session, ticket_id=ticket.id or 0) for ticket in tickets)


def _sent_something(ctx: Context, ticket: Ticket) -> bool:
    events = list_events(ctx.session, ticket_id=ticket.id or 0)
    return any(thing in event.body for event in events for thing in _THINGS)


def _say_numbers(tickets: Sequence[Ticket]) -> str:
    return "编号 " + "、".join(str(ticket.id) for ticket in tickets)
