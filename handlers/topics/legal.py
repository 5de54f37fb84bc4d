"""Legal questions: a reviewed answer with the statute cited, or an honest "I do not know"."""

import re
from collections.abc import Sequence
from typing import ClassVar

from handlers.base import Context, Handler, is_only_found
from handlers.citing import cite, cite_each, name_source, say_basis
from handlers.unanswered import record_unanswered
from handlers.wording import shorten
from knowledge.engine import Action, Understanding, is_question
from knowledge.intents import Intent
from knowledge.retrieval import CLOSE, OWN_WORDING, SURE, Passage
from knowledge.statutes import Reference, find_reference, parse_document_id
from models.faq import FaqEntry
from models.messages import Choice, InboundMessage, Reply
from models.statute import StatuteArticle, list_statutes

_LAWYER = Choice("找律师问问", topic="human", value="lawyer")
_AID = Choice("替我申请困难帮扶", topic="aid", value="")
_UNHELPFUL = "这个回答没帮上忙"
_GENERAL = "（这是一般信息，具体以当地部门和律师的意见为准）"
_COMMON = ("拖欠工资", "被辞退的补偿", "工伤认定", "尘肺病", "失业金", "合同怎么看")
_A_QUESTION = 7
"""Fewer characters without a word of law ("一直拖着") say too little to be answered from law."""
_OWN_NEED = re.compile(r"我|俺|咱|家|孩子|娃|多少钱|帮")
_CLEARLY_AHEAD, _WELL_AHEAD = 0.04, 0.1
_NEARLY_AS_LIKELY = 0.8
"""From this share of the best entry's score on, what decides another question is cited too."""
_OFFERED = 3
_EXCERPT = 90
_A_SENTENCE = 5
_SURELY_ELSEWHERE = 0.6


class Legal(Handler):
    """Answers from the FAQ, never from guesses."""

    name: ClassVar[str] = "legal"
    is_sensitive: ClassVar[bool] = True
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.LEGAL})
    menu_keys: ClassVar[dict[str, str]] = {"MENU_LEGAL": ""}

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Answer the entry that fits, name it where that is less sure, offer three where close.

        Where no entry fits, say so, with the articles that may matter if their texts are there.
        """
        reference = find_article(ctx)
        if reference is not None:
            return self._article(reference, ctx)
        near = [p for p in ctx.understanding.passages if p.score >= CLOSE][:_OFFERED]
        is_thin = is_only_found(ctx.understanding) and len(ctx.understanding.plain) < _A_QUESTION
        if not near:
            return self._unknown(message, ctx)
        if is_thin or self._is_close(near):
            return self._offer(near, ctx)
        is_own = near[0].score >= OWN_WORDING and self._leads(near)
        return self._answer(near[0].id, ctx, others=[] if is_own else near[1:])

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take also what only may be law, where an entry fits it: the answer names its question."""
        guess = ctx.understanding
        may_be = guess.action is Action.ASK and guess.intent in self.intents
        fits = bool(guess.passages) and guess.passages[0].score >= CLOSE
        return super().matches(message, ctx) or (may_be and fits) or _asks_of_aid(guess)

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

    def _is_close(self, near: Sequence[Passage]) -> bool:
        """Tell whether two entries fit equally, and neither surely."""
        return (
            len(near) > 1
            and near[0].score < SURE
            and near[0].score - near[1].score < _CLEARLY_AHEAD
        )

    def _leads(self, near: Sequence[Passage]) -> bool:
        return len(near) == 1 or near[0].score - near[1].score >= _WELL_AHEAD

    def _answer(self, entry_id: str, ctx: Context, others: Sequence[Passage] = ()) -> Reply:
        """Show an entry; with `others` it is a guess, so its question is named and they follow."""
        entry = ctx.session.get(FaqEntry, entry_id)
        if entry is None:
            return Reply("这一条刚刚撤下去修改了，我先给您转律师？", choices=[_LAWYER])
        best = max((p.score for p in ctx.understanding.passages), default=0.0)
        today = ctx.now.astimezone(ctx.timezone).date()
        if entry.valid_until is not None and entry.valid_until < today:
            text = "这一条里的数字过了有效期，怕说错误了您的事，请打12333问最新的规定。"
            return Reply(f"{entry.question}\n{text}", choices=[_LAWYER])
        ids = [entry_id, *(p.id for p in others if p.score >= _NEARLY_AS_LIKELY * best)]
        law = say_basis(cite(ctx.session, ids))
        unhelpful = Choice(_UNHELPFUL, topic="helpfulness", value=f"{self.name}:{entry_id}")
        named = f"您问的像是「{entry.question}」：\n" if others else ""
        instead = [Choice(p.title, topic=self.name, value=p.id) for p in others]
        aid = [_AID] if ctx.understanding.intent is Intent.AID else []
        return Reply(
            f"{named}{entry.answer.strip()}{law}\n{_GENERAL}",
            choices=[*instead, *aid, _LAWYER, unhelpful],
            source="faq:" + ",".join(ids),
        )

    def _offer(self, near: list[Passage], ctx: Context) -> Reply:
        """Let the person choose; what decides each question is told at the end."""
        choices = [Choice(p.title, topic=self.name, value=p.id) for p in near]
        ids = [passage.id for passage in near]
        first = cite_each(ctx.session, ids)
        return Reply(
            "您问的是哪一个？都不是的话，可以找律师。",
            choices=[*choices, _LAWYER],
            closing=f"（分别看：{'、'.join(c.label for c in first)}）" if first else "",
            source="offer:" + ",".join(ids),
        )

    def _article(self, reference: Reference, ctx: Context) -> Reply:
        """Show the article that was named, with the version of the text."""
        article = ctx.session.get(StatuteArticle, (reference.statute, reference.article))
        if article is None:
            return Reply(
                f"手头的《{reference.statute}》里没有第{reference.article}条，您再核对一下条号？"
                "也可以直接说您遇到的事。",
                choices=[_LAWYER],
            )
        return Reply(
            f"《{article.statute}》（{article.version}）\n{article.text}\n{_GENERAL}",
            choices=[_LAWYER],
            source=name_source([reference]),
        )

    def _unknown(self, message: InboundMessage, ctx: Context) -> Reply:
        record_unanswered(message, ctx)
        found = [parse_document_id(p.id) for p in ctx.understanding.articles]
        if found:
            return self._perhaps(found, ctx)
        return Reply(
            "这个问题我没有核实过的答案，不敢乱说。可以打12348（免费法律热线），或者我给您转志愿律师。",
            choices=[_LAWYER],
        )

    def _perhaps(self, found: Sequence[Reference], ctx: Context) -> Reply:
        """Show the articles that may matter, marked as not checked by anybody."""
        rows = (ctx.session.get(StatuteArticle, (r.statute, r.article)) for r in found)
        told = [
            f"《{row.statute}》第{row.article}条：{shorten(_without_heading(row.text), _EXCERPT)}"
            for row in rows
            if row is not None
        ]
        return Reply(
            "这个问题我没有核实过的答案。可能相关的法条（自动找的，没有人核对过）：\n"
            + "\n".join(told)
            + "\n拿不准就打12348（免费法律热线），或者我给您转志愿律师。",
            choices=[_LAWYER],
            source=name_source(found),
        )


def find_article(ctx: Context) -> Reference | None:
    """Return the article that the message names, if the text of its statute is loaded."""
    plain = ctx.understanding.plain
    if "条" not in plain:
        return None
    return find_reference(plain, list_statutes(ctx.session))


def _asks_of_aid(guess: Understanding) -> bool:
    """Tell a question of the rules of relief that an entry answers from somebody's own need."""
    is_own = _OWN_NEED.search(guess.plain) is not None
    is_asked = guess.intent is Intent.AID and is_question(guess.plain) and not is_own
    return is_asked and bool(guess.passages) and guess.passages[0].score >= SURE


def _without_heading(text: str) -> str:
    return text.partition("\u3000")[2] or text
