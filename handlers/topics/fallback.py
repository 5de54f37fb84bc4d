"""Not understood: says so, offers the nearest things, and remembers the question for people."""

import re
from typing import ClassVar

from handlers.alarm import is_latched
from handlers.base import Context, OfferingHandler
from handlers.unanswered import record_unanswered
from knowledge.engine import Action, is_question
from knowledge.intents import PLAUSIBLE, Intent
from knowledge.numbers import parse_choice
from knowledge.retrieval import CLOSE
from models.conversation import Piece
from models.messages import Choice, InboundMessage, Reply
from models.ticket import add_to_ticket, list_open_tickets

_NEAREST = {
    Intent.JOB_SEARCH: Choice("找工作", topic="jobs", value=""),
    Intent.JOB_REGISTER: Choice("登记求职", topic="register", value=""),
    Intent.CLASS_SCHEDULE: Choice("看公开课", topic="classes", value=""),
    Intent.LEGAL: Choice("问法律", topic="legal", value=""),
    Intent.COUNSEL: Choice("找人说说话", topic="human", value="counselor"),
    Intent.HUMAN: Choice("找工作人员", topic="human", value="staff"),
    Intent.AID: Choice("困难帮扶", topic="aid", value=""),
    Intent.FEEDBACK: Choice("提意见", topic="opinions", value=""),
    Intent.MUTUAL_HELP: Choice("邻里互助", topic="mutual_help", value=""),
    Intent.PRIVACY: Choice("管我的信息和推送", topic="privacy", value=""),
    Intent.JOB_POST: Choice("我要招人", topic="job_post", value=""),
    Intent.STATION: Choice("找服务站", topic="stations", value=""),
}
_USUAL = (Intent.JOB_SEARCH, Intent.LEGAL, Intent.HUMAN)
_HANDED_OVER = frozenset(
    {"human", "aid", "mutual_help", "opinions", "job_post", "privacy", "media", "jobs"}
)
_HINT = 0.15
_FOREIGN = 0.4
"""From here on a text is surely about something else than our subjects."""

_SHORT, _WORDS = 14, 5
_PATIENCE = 2
_HIGHEST = 99
_FACE = re.compile(r"\[[^\[\]]{1,8}\]")
"""A face of WeChat as it arrives: [微笑]."""

_WORD = re.compile(r"\w")
_QUESTION = "吗呢么?？啥咋怎哪谁几"


class Fallback(OfferingHandler):
    """Answers what nobody else took."""

    name: ClassVar[str] = "fallback"
    holds_the_floor: ClassVar[bool] = False

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Mend a wrong number, let a vague piece go on, keep words for a ticket, offer choices."""
        offered = ctx.conversation.choices
        if offered and isinstance(parse_choice(ctx.understanding.plain, count=_HIGHEST), int):
            return Reply(f"上面只有{len(offered)}个，回复1到{len(offered)}：", choices=offered)
        if _is_wordless(message.text) and not is_latched(ctx):
            return Reply(
                "我在呢。有啥事，打几个字、按住说句话都行，也可以点下面的：",
                choices=[_NEAREST[intent] for intent in _USUAL],
            )
        if self._is_for_the_ticket(ctx):
            return self._added(message, ctx)
        goes_on = self._goes_on(ctx)
        ctx.conversation.pieces.append(Piece(text=message.text, at=ctx.now))
        if goes_on:
            return Reply("您接着说，我听着呢。")
        ctx.conversation.misses += 1
        record_unanswered(message, ctx)
        return Reply(self._apology(ctx), choices=self._nearest(ctx))

    def offer(self, intent: Intent, ctx: Context) -> Choice | None:
        """Return the choice for a further wish: for law the entry that fits it best.

        Of a letter with many matters an entry would fit the mixture, and none of them.
        """
        passages = ctx.understanding.passages
        is_one = len(ctx.understanding.also) == 1
        if intent is Intent.LEGAL and is_one and passages and passages[0].score >= CLOSE:
            return Choice(passages[0].title, topic="legal", value=passages[0].id)
        return _NEAREST.get(intent)

    def _goes_on(self, ctx: Context) -> bool:
        """Tell whether this looks like the first part of something longer."""
        text = ctx.understanding.plain
        is_vague = 1 < len(text) <= _SHORT and not any(mark in text for mark in _QUESTION)
        is_other = ctx.understanding.intent is Intent.OTHER and ctx.understanding.score > _FOREIGN
        is_early = len(ctx.conversation.recent_pieces(ctx.now)) < _PATIENCE
        guess = ctx.understanding
        has_hint = guess.action is Action.ASK and guess.score >= PLAUSIBLE and len(text) >= _WORDS
        return is_vague and is_early and not (is_other or has_hint or ctx.conversation.misses)

    def _is_for_the_ticket(self, ctx: Context) -> bool:
        """Tell whether this goes on with what was just handed over, or is meant for an alarm."""
        if not ctx.contact.has_open_ticket:
            return False
        was_handed_over = ctx.conversation.topic in _HANDED_OVER
        return is_latched(ctx) or (was_handed_over and not is_question(ctx.understanding.plain))

    def _added(self, message: InboundMessage, ctx: Context) -> Reply:
        ticket = list_open_tickets(ctx.session, contact_id=ctx.contact.id)[0]
        add_to_ticket(ctx.session, ticket, body=message.text, now=ctx.now)
        return Reply(f"记下了，已加到您的求助（编号 {ticket.id}）里，志愿者上线能看到。")

    def _apology(self, ctx: Context) -> str:
        if ctx.understanding.action is Action.ASK:
            return "我没太听明白，您是想："
        if ctx.conversation.misses > 1:
            return "对不住，我还是没听明白，不耽误您，找个人来说吧："
        return "对不住，这个我没听明白，不敢乱答。您是不是想："

    def _nearest(self, ctx: Context) -> list[Choice]:
        likely = [s.intent for s in ctx.understanding.intents if s.score > _HINT]
        order = [*likely, *_USUAL]
        if ctx.conversation.misses > 1:
            order = [Intent.HUMAN, *order]
        wanted = list(dict.fromkeys(intent for intent in order if intent in _NEAREST))[:3]
        if Intent.HUMAN not in wanted:
            wanted[-1] = Intent.HUMAN
        return [_NEAREST[intent] for intent in wanted]


def _is_wordless(text: str) -> bool:
    """Tell a message of nothing but faces and punctuation; an event has no text at all."""
    return bool(text) and _WORD.search(_FACE.sub("", text)) is None
