"""Waiting for a person: the place in the queue, what will be seen, leaving, and coming back."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from handlers.base import Context, Handler
from handlers.promises import say_when
from handlers.wording import say_ahead, shorten
from models.media import list_media
from models.messages import Choice, InboundMessage, Reply
from models.ticket import Ticket, list_events, list_open_tickets
from models.ticket_flow import PLACE_KEPT, cancel_waiting, list_left, reopen
from models.volunteer import Skill

_LEAVE = re.compile(
    r"(我|那)?(要|想|先)?(取消|退出|不|别|不用|不想)(再)?(给我)?(排队|排号|排|求助)(了|吧|啦)*"
)
_LEAVE_LOOSELY = re.compile(r"(我|那)?(不等|不找|不用找|不用等)(人|律师|心理顾问|你们)?(了|啦)+")
_RETURN = re.compile(r"(我|那|还是)*(要|想)?(接着|重新|继续|再|还)(排队|排号|排)(了|吧|啦)*")
_LATER = re.compile(
    r"(让我|我|那|先|再|还是|想想|考虑|一下|算了|吧|[ ,])*(先)?(不找|不用找|别找)"
    r"(人|律师|心理顾问|职业顾问|工作人员|你们|他们)?(了|啦|吧)+"
)
_ASKS_PLACE = re.compile(
    r"(前面|前头|前边)(还)?(有|剩|排)?(着|了)?(几|多少)(个|位)?(人)?|排(到|在)?(第)?(几|哪)(个|位|儿|里)?(了|啊)?|"
    r"(啥时候|什么时候|多会儿|多久)(才)?(能)?轮(到|着)(我|俺)|轮(到|着)(我|俺)(了|没|吗)"
)
_ASKS_SEEN = re.compile(
    r"(志愿者|律师|顾问|工作人员|你们|人家|那边|他们?)(都|能|会|可以)*(看见|看到|看得见|看得到|瞧见)"
    r"(我|俺)?.{0,6}(啥|什么|哪些|吗|不)|谁(都|能|会|可以)+(看见|看到|看得见|看得到)|"
    r"(转|交|发)(过去|给(他们?|律师|志愿者))(的|了)?(是)?(啥|什么|哪些)"
)
_SHORT = 16
_ELSE = re.compile(r"课|岗|招|报名|法院|仲裁|医院|号贩|老板|矿上|单位")
_SHOWN, _MOST_SHOWN = 60, 5
_THINGS = ("[图片]", "[语音]")
_ALSO_SEEN: Mapping[Skill, str] = {
    Skill.LAWYER: "问过我的法律上的事",
    Skill.COUNSELOR: "跟我说过的心里话",
    Skill.CAREER: "跟我找活、登记、报课说过的",
    Skill.STAFF: "跟我说过的帮扶、驿站这类事",
}


class Queue(Handler):
    """Lets people leave the queue and return to it."""

    name: ClassVar[str] = "queue"
    holds_the_floor: ClassVar[bool] = False

    def is_answer(self, message: InboundMessage, ctx: Context) -> bool:
        """Take what people say and ask while they wait, and the words for returning after it."""
        text = ctx.understanding.plain
        if ctx.contact.has_open_ticket:
            return self._leaves(ctx) or _asks(_ASKS_PLACE, text) or _asks(_ASKS_SEEN, text)
        return _RETURN.fullmatch(text) is not None and bool(self._list_left(ctx))

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take nothing else."""
        return False

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Tell the place or what will be seen, leave, or return."""
        if not ctx.contact.has_open_ticket:
            return self._return(ctx)
        if self._leaves(ctx):
            return self._leave(ctx)
        waiting = list_open_tickets(ctx.session, contact_id=ctx.contact.id)[0]
        is_seen = _asks(_ASKS_SEEN, ctx.understanding.plain)
        return self._show(waiting, ctx) if is_seen else self._place(waiting, ctx)

    def choose(self, value: str, ctx: Context) -> Reply:
        """Return, where that was offered."""
        return self._return(ctx)

    def _leaves(self, ctx: Context) -> bool:
        text = ctx.understanding.plain
        if _LEAVE.fullmatch(text):
            return True
        is_free = ctx.conversation.open_form is None
        return is_free and bool(_LEAVE_LOOSELY.fullmatch(text) or _LATER.fullmatch(text))

    def _place(self, ticket: Ticket, ctx: Context) -> Reply:
        ahead = say_ahead(ctx.session, ticket, now=ctx.now) or "前面没有别人，就等值班的人来。"
        return Reply(
            f"您的求助编号是 {ticket.id}，还在排队。{ahead}{say_when(ticket, ctx)}"
            "不想等了，回复「取消排队」。"
        )

    def _show(self, ticket: Ticket, ctx: Context) -> Reply:
        """Say truly what whoever takes it sees, and how it is taken back."""
        events = list_events(ctx.session, ticket_id=ticket.id or 0)
        said = [event.body for event in events if event.body and event.actor_id is None]
        lines = "\n".join(f"「{shorten(one, _SHOWN)}」" for one in said[-_MOST_SHOWN:])
        return Reply(
            f"编号 {ticket.id}，接手的人会看到您写的：\n{lines}\n"
            f"还有您{_ALSO_SEEN[ticket.skill]}。老板、邻居、别的工友都看不到。\n"
            "写错了，再写一句对的，我加进去。整个撤下来，回复「取消排队」；都删掉，说「删除我的信息」。"
        )

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


def _asks(what: re.Pattern[str], text: str) -> bool:
    """Tell a short question to us from a story in which the same words stand."""
    return len(text) <= _SHORT and bool(what.search(text)) and not _ELSE.search(text)


def _is_kept(ticket: Ticket, now: datetime) -> bool:
    return ticket.closed_at is not None and now - ticket.closed_at <= PLACE_KEPT


def _has_media(ctx: Context, tickets: Sequence[Ticket]) -> bool:
    return any(list_media(ctx.session, ticket_id=ticket.id or 0) for ticket in tickets)


def _sent_something(ctx: Context, ticket: Ticket) -> bool:
    events = list_events(ctx.session, ticket_id=ticket.id or 0)
    return any(thing in event.body for event in events for thing in _THINGS)


def _say_numbers(tickets: Sequence[Ticket]) -> str:
    return "编号 " + "、".join(str(ticket.id) for ticket in tickets)
