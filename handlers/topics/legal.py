"""Legal questions: a reviewed answer with the statute cited, or an honest "I do not know"."""

from typing import ClassVar

from handlers.base import Context, Handler, is_only_found
from handlers.unanswered import record_unanswered
from knowledge.citations import Citation
from knowledge.engine import Action, is_question
from knowledge.intents import Intent
from knowledge.retrieval import CLOSE, SURE, Passage
from models.faq import FaqEntry
from models.messages import Choice, InboundMessage, Reply

_LAWYER = Choice("找律师问问", topic="human", value="lawyer")
_UNHELPFUL = "这个回答没帮上忙"
_GENERAL = "（这是一般信息，具体以当地部门和律师的意见为准）"
_COMMON = ("拖欠工资", "被辞退的补偿", "工伤认定", "尘肺病", "失业金", "合同怎么看")
_A_QUESTION = 7
"""Fewer characters without a word of law ("一直拖着") say too little to be answered from law."""
_CLEARLY_AHEAD = 0.12
_MOST_CITATIONS = 3
_A_SENTENCE = 5
_SURELY_ELSEWHERE = 0.6


class Legal(Handler):
    """Answers from the FAQ, never from guesses."""

    name: ClassVar[str] = "legal"
    is_sensitive: ClassVar[bool] = True
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.LEGAL})
    menu_keys: ClassVar[dict[str, str]] = {"MENU_LEGAL": ""}

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Answer the best entry, offer three where it is close, say so where there is none."""
        passages = ctx.understanding.passages
        best = passages[0] if passages else None
        is_thin = is_only_found(ctx.understanding) and len(ctx.understanding.plain) < _A_QUESTION
        if best is not None and best.score >= SURE and self._leads(passages) and not is_thin:
            return self._answer(best.id, ctx)
        near = [p for p in passages if p.score >= CLOSE][:3]
        if near:
            return self._offer(near)
        return self._unknown(message, ctx)

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take a further question ("那工伤呢") where an entry fits, and further facts as facts."""
        understanding = ctx.understanding
        if understanding.action is Action.ANSWER or understanding.score >= _SURELY_ELSEWHERE:
            return None
        if understanding.intent is Intent.PRIVACY:
            return None
        if not is_question(understanding.plain):
            return self._more_facts() if len(understanding.plain) >= _A_SENTENCE else None
        passages = understanding.passages
        return self.handle(message, ctx) if passages and passages[0].score >= CLOSE else None

    def choose(self, value: str, ctx: Context) -> Reply:
        """Show the entry that was chosen, or ask for the question."""
        if value:
            return self._answer(value, ctx)
        return Reply(
            "您说说是什么事，越具体越好。常问的有：" + "、".join(_COMMON) + "。",
            choices=[_LAWYER],
        )

    def _more_facts(self) -> Reply:
        return Reply(
            "这些我记下了，转给律师时一起带上。您想问哪一样，接着问就行。", choices=[_LAWYER]
        )

    def _leads(self, passages: tuple[Passage, ...]) -> bool:
        return (
            len(passages) == 1
            or passages[0].score - passages[1].score >= _CLEARLY_AHEAD
            or (passages[0].score >= (1 + SURE) / 2)
        )

    def _answer(self, entry_id: str, ctx: Context) -> Reply:
        entry = ctx.session.get(FaqEntry, entry_id)
        if entry is None:
            return Reply("这一条刚刚撤下去修改了，我先给您转律师？", choices=[_LAWYER])
        today = ctx.now.astimezone(ctx.timezone).date()
        if entry.valid_until is not None and entry.valid_until < today:
            text = "这一条里的数字过了有效期，怕说错误了您的事，请打12333问最新的规定。"
            return Reply(f"{entry.question}\n{text}", choices=[_LAWYER])
        cited = "、".join(
            Citation.from_json(raw).label for raw in entry.citations[:_MOST_CITATIONS]
        )
        law = f"\n依据：{cited}" if cited else ""
        unhelpful = Choice(_UNHELPFUL, topic="helpfulness", value=f"{self.name}:{entry_id}")
        return Reply(f"{entry.answer.strip()}{law}\n{_GENERAL}", choices=[_LAWYER, unhelpful])

    def _offer(self, near: list[Passage]) -> Reply:
        choices = [Choice(p.title, topic=self.name, value=p.id) for p in near]
        return Reply("您问的是哪一个？都不是的话，可以找律师。", choices=[*choices, _LAWYER])

    def _unknown(self, message: InboundMessage, ctx: Context) -> Reply:
        record_unanswered(message, ctx)
        return Reply(
            "这个问题我没有核实过的答案，不敢乱说。可以打12348（免费法律热线），或者我给您转志愿律师。",
            choices=[_LAWYER],
        )
