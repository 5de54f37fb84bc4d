"""An employer posts work: the fields that must be there, refused terms, then a review by people."""

import re
from collections.abc import Mapping
from typing import ClassVar

from handlers.base import Context
from handlers.forms import FormHandler, Question
from handlers.posting_rules import NO_FEE, find_objection
from handlers.promises import say_when
from knowledge.intents import Intent
from knowledge.posting_fields import (
    INSURED,
    PAY_IS_RIGHT,
    find_age,
    find_employer,
    find_headcount,
    find_insurance,
    find_pay,
    find_phone,
    find_place,
    find_trade,
    find_until,
    lacks_insurance,
    month_of,
    read_age,
    read_employer,
    read_headcount,
    read_insurance,
    read_pay,
    read_place,
    read_trade,
    read_until,
)
from models.conversation import OpenForm
from models.messages import Choice, InboundMessage, Reply
from models.ticket import TicketKind, find_waiting_ticket, open_ticket

LEAST_PAY = 2200
"""Below this a month the figure is asked about once more."""

CONFIRMED = "确认，交去审核"
_YES = re.compile(
    r"(?:那|就|都)?(?:发吧?|发出去|发上|对|好|行|可以|中|没问题|没错|确认|提交|是|嗯|就这样|就这些|上吧|挂上)"
    r"(?:的|了|吧|啊|呗|发|啦|去审核|,| )*"
)
_SEND = re.compile(
    r"(?:那|就|快|先)*(?:发(?:吧|出去|上|了)|提交|就这样(?:发)?|就这些|没(?:别的)?了)(?:吧|了|啊|呗)*"
)
_CHANGES = re.compile(r"改|不对|换成|写错|应该是|不是|那[给就]")
_EARLIER = re.compile(
    r"还没(?:上|发|审)|没上架|审核|催|删|下架|上架|多少人(?:投|应聘|报名)|收到.{0,3}简历|置顶|过期|招到人|招满|招够"
)
_WORK = frozenset(
    {Intent.JOB_POST, Intent.JOB_SEARCH, Intent.JOB_DETAIL, Intent.JOB_REGISTER, Intent.OTHER}
)
_LABELS = {
    "单位": "employer",
    "工种": "trade",
    "人数": "headcount",
    "地点": "place",
    "基本工资": "pay",
    "社保": "insurance",
    "年龄": "age",
    "电话": "phone",
    "有效期": "until",
}


def read_confirmation(text: str) -> str | None:
    """Return that the posting is right as it was shown."""
    return CONFIRMED if text == CONFIRMED or _YES.fullmatch(text.strip()) else None


class JobPost(FormHandler):
    """Collects a posting and hands it to the people who check it; publishes nothing itself."""

    name: ClassVar[str] = "job_post"
    title: ClassVar[str] = "发招工"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.JOB_POST})
    intro: ClassVar[str] = (
        "发招工不收钱。单位、工种、人数、地点、工资、社保都得写明，审核过了才登。"
        "可以一条全说，例如：「缝纫工10个，50岁以下，3000到4000，王瓜店，交社保」。\n"
    )
    asides: ClassVar[tuple[tuple[str, str], ...]] = (
        ("收费吗", "发招工不收钱。\n"),
        ("要钱吗", "发招工不收钱。\n"),
        ("面议", "工资要写个数，「面议」不能登。\n"),
        ("面谈", "工资要写个数，「面谈」不能登。\n"),
        ("多久能", "工作人员核实完就登，准确几天我说不准。\n"),
    )
    questions: ClassVar[tuple[Question, ...]] = (
        Question("trade", "招什么工种？", read_trade, "写个工种，", find=find_trade),
        Question(
            "headcount",
            "招几个人？",
            read_headcount,
            "请回复一个数，例如：5。",
            find=find_headcount,
        ),
        Question("place", "在哪儿上班？例如：王瓜店。", read_place, "写个地方，", find=find_place),
        Question(
            "pay",
            "基本工资多少？写数和单位，例如：一个月3000、一天180、一小时20。",
            read_pay,
            "要写个数，「面议」不能登。",
            find=find_pay,
        ),
        Question(
            "insurance",
            "交不交社保？",
            read_insurance,
            "没分清交还是不交，",
            options=(INSURED, "不交"),
            find=find_insurance,
        ),
        Question(
            "employer", "单位叫什么名字？", read_employer, "写单位的名字，", find=find_employer
        ),
        Question(
            "age",
            "年龄有要求吗？没有就回复「不限」。",
            read_age,
            "例如：50岁以下。",
            options=("不限",),
            find=find_age,
        ),
        Question(
            "phone",
            "联系电话？",
            find_phone,
            "写手机号，或者区号加电话。",
            find=find_phone,
        ),
        Question(
            "until",
            "招到什么时候？",
            read_until,
            options=("一个月", "三个月"),
            find=find_until,
        ),
        Question(
            "confirm",
            "没问题就回复「发吧」；哪样不对直接说，例如「工资改成4000」。",
            read_confirmation,
            "哪样要改？直接说，例如「工资改成4000」。\n",
            options=(CONFIRMED,),
        ),
    )

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Start with what was just told, or say how an earlier posting stands."""
        text = ctx.understanding.plain
        if _EARLIER.search(text):
            return self._say_earlier(ctx)
        reply = self.start(ctx, self._found_in(text))
        form = ctx.conversation.forms[-1]
        return self._refuse(form, text, ctx) or reply

    def answer(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take what the message says, whatever was asked; refuse what is never listed."""
        form = ctx.conversation.forms[-1]
        text = ctx.understanding.plain
        found = self._found_in(text)
        refusal = self._refuse(form, text, ctx)
        if refusal is not None:
            return refusal
        if _SEND.fullmatch(text) and form.step != "confirm":
            return self._show_early(form, ctx)
        is_correction = _CHANGES.search(text) is not None or form.step == "confirm"
        if found and (is_correction or form.step not in found):
            return self._note(form, found, ctx, overwrite=is_correction)
        return super().answer(message, ctx)

    def skip(self, ctx: Context) -> Reply:
        """Leave the question open, but for the one that no posting goes without."""
        form = ctx.conversation.forms[-1]
        if form.step in ("insurance", "confirm"):
            must = "这一项不能跳过，交社保的才能登。\n" if form.step == "insurance" else ""
            return self._ask(self._question(form.step), ctx, before=must)
        return super().skip(ctx)

    def choose(self, value: str, ctx: Context) -> Reply:
        """Take a tapped option; a no to insurance is a refusal here too."""
        form = ctx.conversation.open_form or ctx.conversation.paused_form
        if value == "insurance:不交" and form is not None and form.handler == self.name:
            form.paused = False
            return self._without_insurance(form)
        return super().choose(value, ctx)

    def word(self, question: Question, ctx: Context) -> str:
        """Show the whole posting before it is confirmed."""
        if question.name != "confirm":
            return question.text
        answers = ctx.conversation.forms[-1].answers
        return f"您要登的招工：\n{_list(answers)}\n{NO_FEE}\n先审核，过了才登。{question.text}"

    def submit(self, answers: Mapping[str, str], ctx: Context) -> Reply:
        """Hand the posting to the people who check it."""
        doubt = "（工资偏低，单位说没写错）" if answers.get("pay_checked") else ""
        ticket = open_ticket(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=TicketKind.POSTING,
            summary=f"{_list(answers)}{doubt}",
            now=ctx.now,
        )
        when = say_when(ticket, ctx)
        return Reply(
            f"交去审核了，编号 {ticket.id}，还没登出来。{when}"
            f"核实时会跟您联系，登没登上都在这里告诉您。{NO_FEE}"
        )

    def _take(self, form: OpenForm, question: Question, value: str, ctx: Context) -> Reply:
        if question.name != "pay" or value != PAY_IS_RIGHT:
            return super()._take(form, question, value, ctx)
        if "pay" not in form.answers:
            return self._ask(question, ctx, before=question.hint)
        form.answers["pay_checked"] = form.answers["pay"]
        return self._ask_next(form, ctx)

    def _ask_next(self, form: OpenForm, ctx: Context, before: str = "") -> Reply:
        pay = form.answers.get("pay", "")
        month = month_of(pay) if pay else None
        if month is None or month >= LEAST_PAY or form.answers.get("pay_checked") == pay:
            return super()._ask_next(form, ctx, before=before)
        form.step = "pay"
        return Reply(
            f"{before}「{pay}」合一个月{month}元，低于{LEAST_PAY}元，您再看看是不是写错了？"
            "写错了就重写一个数。",
            choices=[Choice(PAY_IS_RIGHT, topic=self.name, value=f"pay:{PAY_IS_RIGHT}")],
        )

    def _is_digression(self, question: Question, value: str | None, ctx: Context) -> bool:
        if value is not None and ctx.understanding.intent in _WORK:
            return False
        return super()._is_digression(question, value, ctx)

    def _note(
        self, form: OpenForm, found: Mapping[str, str], ctx: Context, *, overwrite: bool
    ) -> Reply:
        """Write down what the message says besides the question, and go on."""
        form.answers = form.answers | dict(found) if overwrite else dict(found) | form.answers
        form.answers.pop("confirm", None)
        return self._ask_next(form, ctx, before="记下了。")

    def _refuse(self, form: OpenForm, text: str, ctx: Context) -> Reply | None:
        """Answer what may not stand in a posting; everything else in the message is kept."""
        found = self._found_in(text)
        if lacks_insurance(text, is_asked=form.step == "insurance"):
            found.pop("insurance", None)
            form.answers = dict(found) | form.answers
            return self._without_insurance(form)
        objection = find_objection(text)
        if objection is None:
            return None
        form.answers = dict(found) | form.answers
        return self._ask_next(form, ctx, before=f"{objection}这条请去掉，我没记。\n")

    def _without_insurance(self, form: OpenForm) -> Reply:
        form.answers.pop("insurance", None)
        form.step = "insurance"
        return Reply(
            "对不住，不交社保的招工我们不登：来干活的多是老矿工，受了伤、到了退休，没社保就没着落。"
            "能交的话，说一声「给交」，接着往下填。",
            choices=[
                Choice("那给交", topic=self.name, value=f"insurance:{INSURED}"),
                Choice("问工作人员", topic="human", value="staff"),
            ],
        )

    def _show_early(self, form: OpenForm, ctx: Context) -> Reply:
        """Show the posting as far as it is written; the reviewers ask for the rest."""
        if not form.answers.get("insurance"):
            form.step = "insurance"
            return self._ask(self._question("insurance"), ctx, before="还差一样要紧的。")
        for question in self.questions[:-1]:
            form.answers.setdefault(question.name, "")
        return self._ask_next(form, ctx, before="没写的，审核时工作人员会问您。\n")

    def _say_earlier(self, ctx: Context) -> Reply:
        """Say how the posting handed in earlier stands."""
        ticket = find_waiting_ticket(
            ctx.session, contact_id=ctx.contact.id, kind=TicketKind.POSTING
        )
        staff = Choice("问工作人员", topic="human", value="staff")
        new = Choice("发一条新的", topic=self.name, value="")
        if ticket is None:
            text = "已经登出来的招工，改、撤、看有谁应聘，要工作人员来办。"
            return Reply(text, choices=[staff, new])
        when = say_when(ticket, ctx)
        text = f"您的招工（编号 {ticket.id}）还在审核。{when}"
        return Reply(text, choices=[staff, new])


def _list(answers: Mapping[str, str]) -> str:
    return "\n".join(f"{label}：{answers.get(key) or '没写'}" for label, key in _LABELS.items())
