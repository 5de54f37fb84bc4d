"""I want to talk to a person: which kind, one line about what, a ticket, an honest time."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from handlers.base import Context
from handlers.forms import FormHandler, Question
from handlers.promises import say_when
from handlers.received import forget, hand_over, list_received
from handlers.wording import say_ahead, say_duty, shorten
from knowledge.intents import Intent
from models.inbox import hold_back, hold_back_all
from models.messages import Choice, InboundMessage, Reply
from models.roster import find_next_duty
from models.ticket import TicketKind, list_open_tickets
from models.ticket_flow import ask_again
from models.volunteer import Skill

LAWYER, COUNSELOR, CAREER, STAFF = "律师", "心理顾问", "职业顾问", "工作人员"

_SKILLS = {
    LAWYER: Skill.LAWYER,
    COUNSELOR: Skill.COUNSELOR,
    CAREER: Skill.CAREER,
    STAFF: Skill.STAFF,
}
_WORDS = {
    LAWYER: ("律师", "懂法", "法律顾问", "打官司"),
    COUNSELOR: ("心理", "咨询师", "谈心", "说说话", "聊聊", "说说心里话", "唠唠", "陪我说"),
    CAREER: ("职业", "就业", "简历", "创业", "找工作的老师"),
    STAFF: ("工作人员", "管事", "客服", "负责人", "领导", "管理员", "真人", "人工"),
}
_ENOUGH = frozenset(
    (
        *("好", "好的", "行", "可以", "嗯", "是", "是的", "对", "ok", "转吧"),
        *("没有", "没了", "没有了", "没别的", "就这些", "就这"),
    )
)
_NOT_THIS = re.compile(r"不是.{0,3}找|不(找|用|要)|[别没甭].{0,3}找|(找|弄|搞)错")
_TAKES_OUT = re.compile(
    r"(前面|刚才|上面|之前)(说|写|讲|发)?的?(话|那些|都|全|就|先)*(别|不|甭)(要|用)?(转|发|带)(了|过去|给.{1,4})?|"
    r"(都|先|就)*(别|不要|甭)转(前面|刚才|上面|之前|那些)?(说|写|讲|发)?的?(话|那些|了|吧|过去)*"
)
_STORY = 120
_WITHOUT, _ALL = "without:", ""
_EACH, _TITLE = 3, 12
"""So many of the last things told can be taken out one by one, named by so many characters."""
_WHILE_WAITING = (
    Choice("再找个工作人员", topic="human", value="staff"),
    Choice("提意见", topic="opinions", value=""),
)
SHORT_QUESTION = 12
_WAITED = re.compile(
    r"(天|周|礼拜|星期|个月|小时|钟头|半天|好久).{0,6}没(人(理|回|管|搭理|联系)|信|动静|消息)|"
    r"(还|咋|怎么)(是|都)?没(人(理|回|管|搭理|联系)|信|动静|消息)|"
    r"(还|得|要)等(多久|多长|到?(啥|什么)时候)|等了?(老?半天|好久|大半天|这么久)"
)
_ASKS_STATE = re.compile(r"办到哪|编号(是)?(多少|几|啥)|(有|来)信儿?了?[没吗]")
_NOT_US = re.compile(
    r"心里|难受|难过|老板|厂|矿|公司|单位|工头|儿子|闺女|孩子|[他她]|"
    r"工资|工钱|赔|补偿|补助|退休|仲裁|鉴定|认定|法院|判|开庭|官司|社保|医院"
)
_MATTERS = frozenset({Intent.AID, Intent.STATION, Intent.CLASS_SCHEDULE, Intent.JOB_SEARCH})
_SURELY = 0.8
_ASKS_SEEN = re.compile(
    r"(谁|志愿者|律师|顾问|工作人员|你们|别人|人家)(都|能|会|可以)+(看见|看到|看得见|看得到|知道)"
)
_ONLY_THEY = "只有接手的志愿者看得到，老板、邻居、别的工友都看不到。\n"
_ASKS_TIME = ("多久", "好久", "啥时候", "什么时候", "几点", "等多长", "几时")


def _label_of(kind: TicketKind) -> str | None:
    return next((label for label, skill in _SKILLS.items() if skill.value == kind.value), None)


def find_kind(text: str) -> str | None:
    """Return the kind of person a sentence asks for; staff only where nothing closer is named."""
    return next((kind for kind, words in _WORDS.items() if any(w in text for w in words)), None)


def read_kind(text: str) -> str | None:
    """Return the kind of person an answer names, also in a form such as 法律的."""
    if text in _SKILLS:
        return text
    short = {"法": LAWYER, "心": COUNSELOR, "情绪": COUNSELOR, "工作的": CAREER, "谁都": STAFF}
    return find_kind(text) or next((kind for w, kind in short.items() if w in text), None)


def read_about(text: str) -> str | None:
    """Return what it is about; a bare number says nothing."""
    return None if text.strip(" 。，.,!！").isdecimal() else text.strip() or None


def _list_told(ctx: Context, kind: str | None) -> list[str]:
    """Return what goes along: what was confided to a counsellor goes to no other."""
    if kind == COUNSELOR:
        return ctx.conversation.said
    return [said for said in ctx.conversation.said if said not in ctx.conversation.confided]


class Human(FormHandler):
    """Hands the person over to people."""

    name: ClassVar[str] = "human"
    is_sensitive: ClassVar[bool] = True
    title: ClassVar[str] = "找人"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.HUMAN})
    menu_keys: ClassVar[Mapping[str, str]] = {"MENU_LAWYER": "lawyer", "MENU_HUMAN": ""}
    questions: ClassVar[tuple[Question, ...]] = (
        Question(
            "kind",
            "您想找哪一位？都是志愿者，不收钱。",
            read=read_kind,
            hint="我没分清您想找谁，",
            options=(LAWYER, COUNSELOR, CAREER, STAFF),
        ),
        Question(
            "about",
            "用一句话说说是什么事，我好转给对的人。",
            read=read_about,
            hint="光一个数我不知道是什么事，",
            open_ended=True,
        ),
    )

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take also the question of somebody who has been waiting."""
        return super().matches(message, ctx) or self._asks_after_ticket(ctx)

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Ask what is still needed, or tell how the waiting ticket stands."""
        if self._asks_after_ticket(ctx):
            sorry = "让您久等了，对不住。" if _WAITED.search(ctx.understanding.plain) else ""
            state = self.how_long(ctx)
            return replace(state, text=f"{sorry}{state.text}", choices=_WHILE_WAITING)
        waiting = list_open_tickets(ctx.session, contact_id=ctx.contact.id)
        text = ctx.understanding.plain
        kind = find_kind(text)
        is_same = bool(waiting) and kind in (None, _label_of(waiting[0].kind))
        if is_same and "多久" in text:
            return self.how_long(ctx)
        answers = {} if kind in (None, STAFF) else {"kind": kind or STAFF}
        return self.start(ctx, answers)

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Answer how long it takes, once somebody has been asked for."""
        asks_time = any(word in ctx.understanding.plain for word in _ASKS_TIME)
        if (
            asks_time
            and ctx.contact.has_open_ticket
            and len(ctx.understanding.plain) <= _STORY // 8
        ):
            return self.how_long(ctx)
        return None

    def answer(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Tell when somebody is there where that is asked instead; else take the answer."""
        form = ctx.conversation.forms[-1]
        text = ctx.understanding.plain
        if self._is_mistaken(ctx):
            ctx.conversation.forms.pop()
            return None
        if len(text) <= SHORT_QUESTION and _ASKS_SEEN.search(text) and not _NOT_US.search(text):
            return self._ask(self._question(form.step), ctx, before=_ONLY_THEY)
        if form.step == "about" and _TAKES_OUT.fullmatch(text):
            return self._without(_ALL, ctx)
        asks_time = any(word in text for word in _ASKS_TIME) and not self._is_other(ctx)
        if len(text) > SHORT_QUESTION or not asks_time:
            return super().answer(message, ctx)
        skills = (_SKILLS[form.answers["kind"]],) if form.answers.get("kind") else tuple(Skill)
        duty = find_next_duty(ctx.session, skills=skills, now=ctx.now)
        said = say_duty(duty, now=ctx.now, timezone=ctx.timezone)
        return self._ask(self._question(form.step), ctx, before=f"{said}\n")

    def _asks_after_ticket(self, ctx: Context) -> bool:
        """Tell somebody who waits for us from one who tells of a boss that keeps silent."""
        text = ctx.understanding.plain
        if not ctx.contact.has_open_ticket or len(text) > _STORY // 5:
            return False
        is_about_us = _WAITED.search(text) is not None and not _NOT_US.search(text)
        return is_about_us or _ASKS_STATE.search(text) is not None

    def _is_mistaken(self, ctx: Context) -> bool:
        """Tell whether the person never wanted this and says what they want instead."""
        wishes = (ctx.understanding.intent, *ctx.understanding.also)
        wants_else = any(wish not in self.intents for wish in wishes)
        return wants_else and _NOT_THIS.match(ctx.understanding.plain) is not None

    def _is_other(self, ctx: Context) -> bool:
        """Tell whether the message is surely about another matter."""
        return ctx.understanding.intent in _MATTERS and ctx.understanding.score >= _SURELY

    def how_long(self, ctx: Context) -> Reply:
        """Say when somebody who can help is on duty."""
        ticket = list_open_tickets(ctx.session, contact_id=ctx.contact.id)[0]
        said = say_when(ticket, ctx)
        ahead = say_ahead(ctx.session, ticket, now=ctx.now)
        return Reply(
            f"您的求助编号是 {ticket.id}，还在排队。{ahead}{said}准确几分钟我说不准，不骗您。"
            "不想等了，回复「取消排队」。"
        )

    def choose(self, value: str, ctx: Context) -> Reply:
        """Start for the kind that was tapped elsewhere ("lawyer"), or take a form's option."""
        form = ctx.conversation.open_form
        is_asked = form is not None and (form.handler, form.step) == (self.name, "about")
        if value.startswith(_WITHOUT) and is_asked:
            return self._without(value.removeprefix(_WITHOUT), ctx)
        kind = next((label for label, skill in _SKILLS.items() if skill == value), None)
        if kind is not None:
            return self.start(ctx, {"kind": kind})
        return super().choose(value, ctx)

    def word(self, question: Question, ctx: Context) -> str:
        """Spare the person from telling again what they have just told."""
        form = ctx.conversation.forms[-1]
        story, along = self._story(ctx, form.answers.get("kind")), self._say_along(ctx)
        if question.name != "about" or not story:
            return f"{question.text}{along if question.name == 'about' else ''}"
        kind = form.answers.get("kind", STAFF)
        return (
            f"我会把您刚才说的转给{kind}：\n「{story}」\n{along}"
            "还要补充就接着写一句；不用补充，回复「好」。不想转的，回复「取消」。"
        )

    def _ask(self, question: Question, ctx: Context, before: str = "") -> Reply:
        """Let the person send what was told, or take some of it out first."""
        reply = super()._ask(question, ctx, before)
        told = _list_told(ctx, ctx.conversation.forms[-1].answers.get("kind"))
        if question.name != "about" or not told:
            return reply
        choices = [Choice("好，转过去", topic=self.name, value="about:好")]
        if len(told) > 1:
            choices += [self._take_out(f"别转「{shorten(t, _TITLE)}」", t) for t in told[-_EACH:]]
        return replace(reply, choices=[*choices, self._take_out("刚才说的都别转", _ALL)])

    def _take_out(self, label: str, said: str) -> Choice:
        return Choice(label, topic=self.name, value=f"{_WITHOUT}{said}")

    def _without(self, said: str, ctx: Context) -> Reply:
        """Hand over all but this, and let no volunteer read it."""
        if said == _ALL:
            hold_back_all(ctx.session, contact_id=ctx.contact.id, but="safety")
            ctx.conversation.said, ctx.conversation.confided = [], []
            forget(ctx)
        else:
            hold_back(ctx.session, contact_id=ctx.contact.id, said=said, quoted_by=self.name)
            ctx.conversation.said = [s for s in ctx.conversation.said if s != said]
            ctx.conversation.confided = [s for s in ctx.conversation.confided if s != said]
        return self._ask(self._question("about"), ctx, before="好，这个不转，志愿者看不到。\n")

    def submit(self, answers: Mapping[str, str], ctx: Context) -> Reply:
        """Open the ticket and say honestly when somebody is there."""
        kind = answers.get("kind") or STAFF
        skill = _SKILLS.get(kind, Skill.STAFF)
        about = self._summary(answers.get("about", ""), kind, ctx)
        ticket = ask_again(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=TicketKind(skill.value),
            summary="\n".join([about, *list_received(ctx)]),
            now=ctx.now,
        )
        hand_over(ctx, ticket)
        ctx.conversation.said, ctx.conversation.confided = [], []
        said = say_when(ticket, ctx)
        extra = "\n心里难受撑不住，随时可以打12356。" if skill is Skill.COUNSELOR else ""
        return Reply(
            f"转给{kind}了，编号 {ticket.id}。{say_ahead(ctx.session, ticket, now=ctx.now)}{said}"
            f"回复会发在这里。想起什么接着写，我都加进去。{extra}"
        )

    def _say_along(self, ctx: Context) -> str:
        """Say that pictures or recordings that were sent before go along."""
        things = list_received(ctx)
        is_plain = all(thing == "[图片]" for thing in things)
        what = f"{len(things)}张图片" if is_plain else f"{len(things)}样东西"
        return f"您刚发的{what}也一起转过去。" if things else ""

    def _story(self, ctx: Context, kind: str | None) -> str:
        return shorten("；".join(_list_told(ctx, kind)), _STORY)

    def _summary(self, about: str, kind: str, ctx: Context) -> str:
        story = "；".join(_list_told(ctx, kind))
        if about.strip().lower() in _ENOUGH:
            return story or about
        return f"{about}（之前说过：{story}）" if story else about
