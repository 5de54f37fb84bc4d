"""What the law gives in figures: says at once what can be said, asks for the rest one by one."""

import re
from dataclasses import replace
from datetime import date
from typing import ClassVar, Final

from pydantic import BaseModel

from handlers.base import Context, DialogueHandler
from handlers.calculations import readers
from handlers.calculations.catalogue import SHEETS, find_sheet
from handlers.calculations.sheet import Ask, Facts, Sheet
from knowledge.calculators.base import CalculatorError
from knowledge.engine import Action, is_question
from knowledge.intents import Intent
from knowledge.retrieval import SURE
from models.conversation import OpenForm
from models.messages import Choice, InboundMessage, Reply

_LAWYER: Final = Choice("找律师问问", topic="human", value="lawyer")
_SHEET: Final = "sheet"
_ELSEWHERE: Final = frozenset(
    {
        Intent.CRISIS,
        Intent.COUNSEL,
        Intent.HUMAN,
        Intent.PRIVACY,
        Intent.JOB_REGISTER,
        Intent.JOB_POST,
    }
)
_ABOUT_IT: Final = frozenset({Intent.LEGAL, Intent.SMALLTALK, Intent.OTHER, Intent.HELP})
_SURELY: Final = 0.75
_LONG: Final = 10
_SHORT: Final = 10
_CORRECTS: Final = re.compile(
    r"^(?:(?:不对|不是|错了|更正|纠正|改一下|哦|噢|啊|等等|应该是|是)[ ,。]*)+(?:应该)?是?"
    r"|(?:我|俺)?(?:说|记|弄|搞|打|写)错了?[ ,。]*(?:应该)?是?|(?:改成|应该是|不对)[ ,。]*"
)
_WRONG: Final = re.compile(
    r"不对|不是|错|改成|改一下|更正|纠正|应该是|^是(?=[0-9一二三四五六七八九十])|^那?(?:要是|如果|换成|按).{1,20}(?:呢|算)"
)
_HOW: Final = re.compile(r"(?:怎么|咋|如何)(?:算|来|得)(?:出来)?的|再(?:说|发)一遍|没看懂")
_LONGEST_FOLLOW_UP: Final = 30


class Remembered(BaseModel):
    """The calculation that was finished last."""

    answers: dict[str, str] = {}


class Calculate(DialogueHandler):
    """Works figures out by chat, and shows how they came about."""

    name: ClassVar[str] = "calculate"
    title: ClassVar[str] = "算账"
    is_sensitive: ClassVar[bool] = True

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take a message that asks for a figure with figures of its own."""
        understanding = ctx.understanding
        is_other = understanding.action is Action.ANSWER and understanding.intent in _ELSEWHERE
        return not is_other and find_sheet(understanding.plain, self._today(ctx)) is not None

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Begin with what the message already says."""
        sheet = find_sheet(ctx.understanding.plain, self._today(ctx))
        return self._start(sheet or SHEETS[0], ctx)

    def answer(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take the answer, or a correction; None when the message is about something else."""
        form = ctx.conversation.forms[-1]
        sheet, text, today = self._sheet(form), ctx.understanding.plain, self._today(ctx)
        other = find_sheet(text, today)
        if other is not None and other is not sheet:
            ctx.conversation.forms.remove(form)
            return self._start(other, ctx)
        corrected = self._correct(form, sheet, ctx)
        if corrected is not None:
            return corrected
        ask = self._ask(form, sheet)
        is_unknown = len(text) <= _SHORT and readers.UNKNOWN.search(text)
        value = None if is_unknown and ask.unknown else ask.read(text, today)
        if self._is_digression(value, ctx):
            return None
        if value is None:
            return self._without_answer(form, sheet, ask, ctx)
        form.answers = sheet.found(text, today) | form.answers | {ask.name: value}
        return self._go_on(form, sheet, ctx)

    def _without_answer(self, form: OpenForm, sheet: Sheet, ask: Ask, ctx: Context) -> Reply:
        """Take other figures than the one that was asked for, give up, or ask again."""
        text = ctx.understanding.plain
        if ask.unknown and readers.UNKNOWN.search(text):
            return self._give_up(form, ask, ctx)
        found = sheet.found(text, self._today(ctx))
        found = {name: value for name, value in found.items() if name not in form.answers}
        if not found:
            return self._repeat(ask, ctx)
        form.answers |= found
        return self._go_on(form, sheet, ctx, before="好，记下了。\n")

    def answers_paused(self, message: InboundMessage, ctx: Context) -> bool:
        """Tell whether the message surely answers the question that was left open."""
        understanding = ctx.understanding
        is_other = understanding.is_sure and understanding.intent not in _ABOUT_IT
        if is_other or len(understanding.plain) > _LONGEST_FOLLOW_UP:
            return False
        form = ctx.conversation.forms[-1]
        ask = self._ask(form, self._sheet(form))
        find = ask.find or (ask.read if ask.options else None)
        return find is not None and find(ctx.understanding.plain, self._today(ctx)) is not None

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take a correction of the last result, or show again how it came about."""
        text = ctx.understanding.plain
        answers = ctx.recall(self.name, Remembered).answers
        if not answers or len(text) > _LONGEST_FOLLOW_UP or ctx.conversation.forms:
            return None
        form = OpenForm(handler=self.name, step="", answers=answers)
        sheet = self._sheet(form)
        if _HOW.search(text):
            return self._go_on(form, sheet, ctx)
        corrected = self._correct(form, sheet, ctx, is_bare=len(text) <= _SHORT)
        return corrected or (None if is_question(text) else self._closer(form, sheet, text, ctx))

    def _closer(self, form: OpenForm, sheet: Sheet, text: str, ctx: Context) -> Reply | None:
        """Take what was asked under the result, as how the job ended."""
        for ask in sheet.after:
            value = ask.read(text, self._today(ctx))
            if value is not None:
                form.answers[ask.name] = value
                return self._go_on(form, sheet, ctx)
        return None

    def choose(self, value: str, ctx: Context) -> Reply:
        """Take a tapped option, "ask:option": of the open question, or of one under a result."""
        form = ctx.conversation.forms[-1] if ctx.conversation.forms else None
        name, _, option = value.partition(":")
        if form is None or form.handler != self.name or form.step != name:
            answers = ctx.recall(self.name, Remembered).answers
            form = OpenForm(handler=self.name, step=name, answers=answers)
        sheet = self._sheet(form)
        ask = next((a for a in (*sheet.asks, *sheet.after) if a.name == name), None)
        if ask is None or _SHEET not in form.answers:
            return Reply("您要算什么？把年数、工资这些数一块儿说，我给您算。", choices=[_LAWYER])
        form.paused = False
        form.answers[name] = ask.read(option, self._today(ctx)) or option
        return self._go_on(form, sheet, ctx)

    def resume(self, ctx: Context) -> Reply:
        """Ask the open question again."""
        form = ctx.conversation.forms[-1]
        form.paused = False
        return self._word(self._ask(form, self._sheet(form)), ctx, before="好，接着算。\n")

    def cancel(self, ctx: Context) -> Reply:
        """Drop the calculation."""
        ctx.conversation.forms.pop()
        return Reply("好，先不算了。什么时候想算，把数告诉我就行。")

    def back(self, ctx: Context) -> Reply:
        """Ask the question before again."""
        form = ctx.conversation.forms[-1]
        sheet = self._sheet(form)
        names = [ask.name for ask in sheet.asks]
        before = [n for n in names[: names.index(form.step)] if n in form.answers]
        if before:
            del form.answers[before[-1]]
        return self._go_on(form, sheet, ctx, before="好，回到上一步。\n")

    def skip(self, ctx: Context) -> Reply:
        """End without the figure: nothing is assumed in its place."""
        form = ctx.conversation.forms[-1]
        ask = self._ask(form, self._sheet(form))
        return self._give_up(form, ask, ctx)

    def _start(self, sheet: Sheet, ctx: Context) -> Reply:
        ctx.conversation.forms = [f for f in ctx.conversation.forms if f.handler != self.name]
        told = sheet.opening(ctx.understanding.plain, self._today(ctx))
        form = OpenForm(handler=self.name, step="", answers=told | {_SHEET: sheet.name})
        ctx.conversation.forms.append(form)
        return self._go_on(form, sheet, ctx)

    def _go_on(self, form: OpenForm, sheet: Sheet, ctx: Context, before: str = "") -> Reply:
        facts = self._facts(form, ctx)
        missing = (a for a in sheet.asks if a.name not in form.answers and a.needed(facts))
        waiting = next(missing, None)
        if waiting is not None:
            return self._wait(form, waiting, ctx, before=before)
        try:
            said = sheet.solve(facts)
        except CalculatorError as error:
            return self._ask_again(form, sheet, ctx, error=error)
        return self._show(form, sheet, ctx, said=before + said)

    def _show(self, form: OpenForm, sheet: Sheet, ctx: Context, *, said: str) -> Reply:
        """Show the result, and under it what would tell more; nothing has to be answered then."""
        self._close(form, ctx)
        source = f"calculator:{sheet.name}"
        more = next((ask for ask in sheet.after if ask.name not in form.answers), None)
        if more is None:
            return Reply(said, choices=[_LAWYER], source=source)
        choices = [*self._options(more), _LAWYER]
        return Reply(f"{said}\n{more.word(self._facts(form, ctx))}", choices, source=source)

    def _close(self, form: OpenForm, ctx: Context) -> None:
        """Keep the figures for corrections; the dialogue itself is over."""
        ctx.remember(self.name, Remembered(answers=form.answers))
        if form in ctx.conversation.forms:
            ctx.conversation.forms.remove(form)

    def _wait(self, form: OpenForm, ask: Ask, ctx: Context, *, before: str) -> Reply:
        form.step = ask.name
        if form not in ctx.conversation.forms:
            ctx.conversation.forms.append(form)
        return self._word(ask, ctx, before=before)

    def _ask_again(
        self, form: OpenForm, sheet: Sheet, ctx: Context, *, error: CalculatorError
    ) -> Reply:
        name = sheet.fields.get(error.field or "", sheet.asks[0].name)
        self._forget(form, sheet, {name})
        form.answers.pop(name, None)
        ask = next((a for a in sheet.asks if a.name == name), sheet.asks[0])
        return self._wait(form, ask, ctx, before=f"{error}。\n")

    def _correct(
        self, form: OpenForm, sheet: Sheet, ctx: Context, *, is_bare: bool = False
    ) -> Reply | None:
        """Put right what was said before, and work it out again."""
        text, today = ctx.understanding.plain, self._today(ctx)
        if not is_bare and not _WRONG.search(text):
            return None
        rest = _CORRECTS.sub("", text).strip(" ,。")
        found = sheet.found(rest, today)
        found = {name: value for name, value in found.items() if name in form.answers} or found
        if not found:
            return None
        self._forget(form, sheet, set(found))
        form.answers |= found
        return self._go_on(form, sheet, ctx, before="好，改过来了。\n")

    def _forget(self, form: OpenForm, sheet: Sheet, names: set[str]) -> None:
        """Drop what was asked only because of these figures."""
        for ask in sheet.asks:
            if names & set(ask.follows):
                form.answers.pop(ask.name, None)

    def _give_up(self, form: OpenForm, ask: Ask, ctx: Context) -> Reply:
        self._close(form, ctx)
        said = ask.unknown or "这个数少不了，没有它我算不准，不替您猜。想起来了再告诉我。"
        return Reply(said, choices=[_LAWYER])

    def _is_digression(self, value: str | None, ctx: Context) -> bool:
        understanding = ctx.understanding
        if not understanding.is_sure:
            return False
        if understanding.intent in _ABOUT_IT:
            passages = understanding.passages
            is_asked = is_question(understanding.plain) and bool(passages)
            return value is None and is_asked and passages[0].score >= SURE
        is_long = len(understanding.plain) >= _LONG
        return value is None or (understanding.score >= _SURELY and is_long)

    def _repeat(self, ask: Ask, ctx: Context) -> Reply:
        """Ask again with a hint, without what was told along with the question."""
        is_wrong = _WRONG.search(ctx.understanding.plain) is not None
        hint = "是哪个数不对？您再说一遍。\n" if is_wrong else ask.hint
        asked = self._word(ask, ctx)
        return replace(asked, text=hint + asked.text.rpartition("\n")[2])

    def _word(self, ask: Ask, ctx: Context, before: str = "") -> Reply:
        facts = self._facts(ctx.conversation.forms[-1], ctx)
        return Reply(before + ask.word(facts), choices=self._options(ask))

    def _options(self, ask: Ask) -> list[Choice]:
        return [
            Choice(option, topic=self.name, value=f"{ask.name}:{option}") for option in ask.options
        ]

    def _sheet(self, form: OpenForm) -> Sheet:
        name = form.answers.get(_SHEET, "")
        return next((sheet for sheet in SHEETS if sheet.name == name), SHEETS[0])

    def _ask(self, form: OpenForm, sheet: Sheet) -> Ask:
        return next((ask for ask in sheet.asks if ask.name == form.step), sheet.asks[0])

    def _facts(self, form: OpenForm, ctx: Context) -> Facts:
        return Facts(form.answers, self._today(ctx), ctx.session)

    def _today(self, ctx: Context) -> date:
        return ctx.now.astimezone(ctx.timezone).date()
