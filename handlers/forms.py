"""Topics that ask step by step."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from handlers.base import Context, DialogueHandler
from knowledge.engine import is_question
from knowledge.intents import Intent
from models.conversation import OpenForm
from models.messages import Choice, InboundMessage, Reply

Reader = Callable[[str], str | None]

SKIPPED = ""
SURE = 0.75
_SEVERAL = 3
"""So many answers in one message are surely meant for the form; one less in a terse one."""
LONG_ANSWER = 16
_SMALL = frozenset({Intent.SMALLTALK, Intent.OTHER, Intent.HELP})


def whole_text(text: str) -> str | None:
    """Take whatever was written as the answer."""
    return text.strip() or None


@dataclass(frozen=True, slots=True)
class Question:
    """One step of a form.

    `read` takes the value from an answer, or None to ask again with `hint`; `find` looks for the
    value inside any sentence, so that "38 电工" answers two questions at once. An `open_ended`
    question takes any sentence; the others let another wish interrupt the form.
    """

    name: str
    text: str
    read: Reader = whole_text
    hint: str = "没太听明白，"
    options: Sequence[str] = ()
    find: Reader | None = None
    open_ended: bool = False


class FormHandler(DialogueHandler):
    """A topic made of questions. `title` names it to people, as in "继续登记"."""

    title: ClassVar[str]
    intro: ClassVar[str] = ""
    questions: ClassVar[Sequence[Question]]
    asides: ClassVar[Sequence[tuple[str, str]]] = ()

    @abstractmethod
    def submit(self, answers: Mapping[str, str], ctx: Context) -> Reply:
        """Do what the form is for, with all questions answered or skipped."""

    def handle(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Start, with what the opening sentence already says."""
        return self.start(ctx, self._found_in(ctx.understanding.plain))

    def start(self, ctx: Context, answers: Mapping[str, str] | None = None) -> Reply:
        """Open the form and ask its first question; a form of this kind left open goes on."""
        left = next((f for f in ctx.conversation.forms if f.handler == self.name), None)
        if left is not None:
            ctx.conversation.forms.remove(left)
        form = left or OpenForm(handler=self.name, step="")
        form.answers |= dict(answers or {})
        form.paused = False
        ctx.conversation.forms.append(form)
        return self._ask_next(form, ctx, before="" if left else self.intro)

    def answer(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take the answer to the open question; None when the message is about something else."""
        form = ctx.conversation.forms[-1]
        question = self._question(form.step)
        text = ctx.understanding.plain
        aside = next((said for word, said in self.asides if word in text), None)
        if aside is not None:
            return self._ask(question, ctx, before=aside)
        found = {} if question.open_ended else self._found_in(text)
        is_terse = len(text) < LONG_ANSWER and not is_question(text)
        if len(found) >= (_SEVERAL if not is_terse else _SEVERAL - 1):
            form.answers = found | form.answers
            return self._ask_next(form, ctx)
        value = question.read(message.text if question.read is whole_text else text)
        if self._is_digression(question, value, ctx):
            return None
        if value is None:
            return self._ask(question, ctx, before=question.hint)
        return self._take(form, question, value, ctx)

    def answers_paused(self, message: InboundMessage, ctx: Context) -> bool:
        """Tell whether the message answers the question that the form was left at."""
        question = self._question(ctx.conversation.forms[-1].step)
        if question.open_ended or ctx.understanding.intent in self.intents:
            return False
        # Any words could answer a free question: only what is surely a value counts here.
        find = question.find or (question.read if question.options else None)
        return find is not None and find(ctx.understanding.plain) is not None

    def resume(self, ctx: Context) -> Reply:
        """Ask the question again that was open when the form was left."""
        form = ctx.conversation.forms[-1]
        form.paused = False
        return self._ask(self._question(form.step), ctx, before=f"好，接着{self.title}。\n")

    def cancel(self, ctx: Context) -> Reply:
        """Drop the form with its answers."""
        ctx.conversation.forms.pop()
        return Reply(f"好，{self.title}先不办了，刚才填的没有保存。什么时候想办，跟我说一声就行。")

    def back(self, ctx: Context) -> Reply:
        """Ask the question before the open one again."""
        form = ctx.conversation.forms[-1]
        names = [question.name for question in self.questions]
        answered = [name for name in names[: names.index(form.step)] if name in form.answers]
        if not answered:
            return self._ask(self._question(form.step), ctx, before="已经是第一步了。\n")
        del form.answers[answered[-1]]
        return self._ask_next(form, ctx, before="好，回到上一步。\n")

    def skip(self, ctx: Context) -> Reply:
        """Leave the open question unanswered."""
        form = ctx.conversation.forms[-1]
        form.answers[form.step] = SKIPPED
        return self._ask_next(form, ctx, before="好，这个先不填。\n")

    def choose(self, value: str, ctx: Context) -> Reply:
        """Take a tapped option, or start the form where it was offered elsewhere."""
        form = ctx.conversation.open_form or ctx.conversation.paused_form
        step, _, option = value.partition(":")
        if form is None or form.handler != self.name or not option or form.step != step:
            return self.start(ctx)
        form.paused = False
        return self._take(form, self._question(step), option, ctx)

    def word(self, question: Question, ctx: Context) -> str:
        """Return how the question is asked just now."""
        return question.text

    def _take(self, form: OpenForm, question: Question, value: str, ctx: Context) -> Reply:
        found = self._found_in(ctx.understanding.plain) if not question.open_ended else {}
        form.answers = found | form.answers | {question.name: value}
        return self._ask_next(form, ctx)

    def _ask_next(self, form: OpenForm, ctx: Context, before: str = "") -> Reply:
        waiting = next((q for q in self.questions if q.name not in form.answers), None)
        if waiting is not None:
            form.step = waiting.name
            return self._ask(waiting, ctx, before=before)
        ctx.conversation.forms.remove(form)
        return self.submit(form.answers, ctx)

    def _ask(self, question: Question, ctx: Context, before: str = "") -> Reply:
        choices = [
            Choice(option, topic=self.name, value=f"{question.name}:{option}")
            for option in question.options
        ]
        return Reply(before + self.word(question, ctx), choices=choices)

    def _question(self, name: str) -> Question:
        return next((q for q in self.questions if q.name == name), self.questions[0])

    def _found_in(self, text: str) -> dict[str, str]:
        found = {q.name: q.find(text) for q in self.questions if q.find is not None}
        return {name: value for name, value in found.items() if value is not None}

    def _is_digression(self, question: Question, value: str | None, ctx: Context) -> bool:
        understanding = ctx.understanding
        if question.open_ended or not understanding.is_sure:
            return False
        if understanding.intent in self.intents | _SMALL:
            return False
        if value is None:
            return True
        is_long = len(understanding.plain) >= LONG_ANSWER
        is_free = value == understanding.plain.strip() and not self._is_found(question, value)
        return understanding.score >= SURE and (is_free or is_long)

    def _is_found(self, question: Question, value: str) -> bool:
        """Tell whether the words are surely a value, not just taken as they stand."""
        return question.find is not None and question.find(value) is not None
