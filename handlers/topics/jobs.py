"""Looking for work: five postings at a time, one in detail, questions about those just shown."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, Field, JsonValue
from sqlmodel import col, select

from handlers.base import Context, Handler, is_only_found
from handlers.wording import shorten
from knowledge.engine import is_question
from knowledge.intents import Intent
from knowledge.job_search import Found, has_night_shift, search_postings
from knowledge.numbers import parse_choice
from knowledge.posting_questions import NAMES, Aspect, find_aspect, say_age, say_aspect, say_pay
from knowledge.slots import JobWish, parse_wish
from models.job import JobPosting, JobSeeker
from models.messages import Choice, InboundMessage, Reply
from models.ticket import TicketKind, open_ticket

PAGE = 5
ADULT, MAY_WORK = 18, 16
LONGEST_QUESTION = 16
_BARE_QUESTION = 8
WARNING = "正规招聘不收任何费用，让您先交钱的都别信。"
_MORE = re.compile(
    r"换一?批|下一?批|再来(几个|一批|点)|还有(别的|吗|没|不|其他|其它)|别的(呢|吗|活|岗位)?|更多|再看看"
)
_HIGHER = re.compile(
    r"(工资|钱|薪|待遇)?.{0,3}(再|更|能不能|有没有)?(高|多)(一?点|些|的)|太低|太少|嫌(少|低)"
)
_NEARER = re.compile(r"(再|更)?近(一?点|些|的)|太远|嫌远|离家近")
_NONE_FIT = re.compile(r"都不(合适|行|好|中|满意|想)|没(有)?(合适|相中|看上|一个)|不合适")
_ASKS = re.compile(r"[吗呢么?？啥咋怎哪谁几]|有没有|(.)不\1|多[少大远久长]|[不没]$|限制")
_BACK = re.compile(r"返回|回去|退回去?|上一步|看?(刚才|前面|上面)(的|那几个)")
_MISTAKEN = re.compile(r"不是(让|叫|要|找|说)|[没别甭](让|叫)[你您]|谁让[你您]")
_NTH = re.compile(r"第([一二三四五六1-6])(个|家|条)")
_DIGITS = {char: index for index, char in enumerate("一二三四五六", start=1)}
_OTHERS = frozenset(Intent) - {
    Intent.JOB_SEARCH,
    Intent.JOB_DETAIL,
    Intent.OTHER,
    Intent.SMALLTALK,
    Intent.HELP,
}
_ELSEWHERE = frozenset({Intent.SMALLTALK, Intent.HELP})
_PERSONS = ("律师", "顾问", "老师", "真人", "人工", "客服", "工作人员", "志愿者")
_POPULAR = ("保安", "保洁", "司机", "电工", "工厂普工")
_NIGHT = frozenset({"night_ok", "night_only"})
_MINOR = "16到18岁不能上夜班、不能下井，也不能干重活，我只挑能干的。"
_FORBIDDEN = re.compile(r"夜班|下井|井下|重活")
_HINTS = {
    "salary_min": "工资高点",
    "shift": "不要夜班",
    "light_work": "轻省的活",
    "lodging": "管住的",
}
"""What more somebody may wish for, by the slot that it fills."""
_FREE = {"place": "不限地点", "salary_min": "不限工资", "shift": "不限班次"}


class JobMemory(BaseModel):
    """What was wished for, what was shown, and which posting is spoken of."""

    wish: dict[str, JsonValue] = Field(default_factory=dict)
    shown: list[int] = Field(default_factory=list)
    seen: list[int] = Field(default_factory=list)
    focus: int | None = None
    question: str = ""

    def read_wish(self) -> JobWish:
        """Return the wish as knowledge understands it."""
        return JobWish(**{k: tuple(v) if isinstance(v, list) else v for k, v in self.wish.items()})  # type: ignore[arg-type]


class Jobs(Handler):
    """Finds postings and answers questions about them."""

    name: ClassVar[str] = "jobs"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.JOB_SEARCH, Intent.JOB_DETAIL})
    menu_keys: ClassVar[dict[str, str]] = {"MENU_JOBS": ""}

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Search for what was asked, or ask what is wanted."""
        wish = ctx.understanding.wish
        return self._ask(ctx) if wish.is_empty else self._search(wish, ctx)

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take refinements and questions about the postings just shown."""
        memory = ctx.recall(self.name, JobMemory)
        understanding = ctx.understanding
        text = understanding.plain
        if memory.shown and not understanding.wish.is_empty and _MISTAKEN.search(text):
            return self._without(understanding.wish, memory.read_wish(), ctx)
        if _is_minor(memory.read_wish()) and _FORBIDDEN.search(text) and _ASKS.search(text):
            return Reply(_MINOR)
        if self._is_elsewhere(ctx, asked=find_aspect(text) if memory.shown else None):
            return None
        again = self._list_again(text, memory, ctx)
        if again is not None:
            return again
        aspect = find_aspect(text) if memory.shown and not self._states_wish(ctx) else None
        if aspect is not None and not self._is_new_search(ctx, aspect):
            return self._question(aspect, memory, message, ctx)
        return self._refined(text, memory, ctx) or self._unsure(text, memory, ctx)

    def _is_elsewhere(self, ctx: Context, *, asked: Aspect | None) -> bool:
        """Tell whether another topic is meant; "交保险不" is about the posting, not about law."""
        understanding = ctx.understanding
        is_sure = understanding.is_sure and understanding.intent in _OTHERS
        if asked is Aspect.CONTACT and understanding.intent is Intent.HUMAN:
            return any(person in understanding.plain for person in _PERSONS)
        plain = understanding.plain
        is_brief = len(plain) <= _BARE_QUESTION and _ASKS.search(plain) is not None
        is_bare = is_only_found(understanding) or is_brief
        wish = understanding.wish
        is_refined = bool(wish.salary_min or wish.shift) and not is_question(plain)
        if understanding.intent is Intent.LEGAL and is_refined:
            return False  # "得六千五以上 还得交社保" goes on with the search
        return is_sure and not (asked not in (None, Aspect.OTHER) and is_bare)

    def _list_again(self, text: str, memory: JobMemory, ctx: Context) -> Reply | None:
        """Take a number or "返回" for the list shown last, also when it is not on screen now."""
        if memory.shown and _BACK.fullmatch(text):
            earlier = [i for i in memory.seen if i not in memory.shown]
            return self._search(memory.read_wish(), ctx, skip=earlier)
        number = parse_choice(text, count=len(memory.shown)) if memory.shown else None
        return self._detail(memory.shown[number - 1], ctx) if isinstance(number, int) else None

    def choose(self, value: str, ctx: Context) -> Reply:
        """Do what was tapped: a posting, another page, fewer conditions, a trade."""
        action, _, argument = value.partition(":")
        memory = ctx.recall(self.name, JobMemory)
        acts: dict[str, Callable[[], Reply]] = {
            "show": lambda: self._detail(int(argument), ctx),
            "more": lambda: self._more(memory, ctx),
            "free": lambda: self._search(_freed(memory.read_wish(), argument), ctx),
            "ask": lambda: self._question(Aspect(argument), memory, None, ctx),
            "employer": lambda: self._ask_employer(Aspect.OTHER, memory.question, ctx),
            "trade": lambda: self._search(JobWish(title_keywords=(argument,)), ctx),
            "all": lambda: self._search(JobWish(), ctx),
            "registered": lambda: self._registered(ctx),
        }
        return acts.get(action, lambda: self._ask(ctx))()

    def _states_wish(self, ctx: Context) -> bool:
        """Tell "不要夜班" (a wish) from "夜班不" (a question about the postings shown)."""
        understanding = ctx.understanding
        return not understanding.wish.is_empty and _ASKS.search(understanding.plain) is None

    def _is_new_search(self, ctx: Context, aspect: Aspect) -> bool:
        wish = ctx.understanding.wish
        names_work = bool(wish.category or wish.title_keywords)
        return names_work and aspect not in (Aspect.CONTACT, Aspect.OVERTIME)

    def _refined(self, text: str, memory: JobMemory, ctx: Context) -> Reply | None:
        if _MORE.search(text) and ctx.understanding.wish.is_empty:
            return self._more(memory, ctx)
        former = memory.read_wish()
        if _HIGHER.search(text) and ctx.understanding.wish.salary_min is None:
            return self._higher(former, memory, ctx)
        if _NEARER.search(text) and not ctx.understanding.wish.place:
            return Reply("您在哪个县市或者乡镇？告诉我地名，我按近的找。例如：肥城、石横、王瓜店。")
        if _NONE_FIT.search(text):
            return self._none_fits(former)
        if ctx.understanding.wish.is_empty:
            return None
        return self._search(former.merged_with(ctx.understanding.wish), ctx)

    def _without(self, mistaken: JobWish, former: JobWish, ctx: Context) -> Reply:
        """Search again without what was never asked for."""
        refused = JobWish(negated=mistaken.title_keywords or mistaken.category)
        reply = self._search(former.merged_with(refused), ctx)
        return replace(reply, text=f"对不住，是我弄拧了。\n{reply.text}")

    def _ask(self, ctx: Context) -> Reply:
        choices = [Choice(t, topic=self.name, value=f"trade:{t}") for t in _POPULAR]
        return Reply(
            "想找什么活？在哪儿？要求也可以一起说，例如：「肥城的保安，不上夜班，三千以上」。",
            choices=[*choices, Choice("都看看", topic=self.name, value="all")],
        )

    def _search(self, wish: JobWish, ctx: Context, skip: Sequence[int] = ()) -> Reply:
        if wish.age is not None and wish.age < MAY_WORK:
            return self._too_young()
        if _is_minor(wish):
            wish = replace(wish, shift=tuple(s for s in wish.shift if s not in _NIGHT))
        today = ctx.now.astimezone(ctx.timezone).date()
        found = search_postings(ctx.session, wish, today=today, skip=skip, limit=PAGE)
        shown = [p.id for p in found.postings if p.id is not None]
        memory = JobMemory(
            wish=_wish_json(wish),
            shown=shown,
            seen=[*skip, *shown],
            focus=shown[0] if len(shown) == 1 else None,
        )
        ctx.remember(self.name, memory)
        if not found.postings:
            return self._nothing(wish, was_more=bool(skip))
        return self._list(found, wish, left=found.total - len(skip) - len(shown))

    def _list(self, found: Found, wish: JobWish, *, left: int) -> Reply:
        said = _searched(wish).describe()
        lines = [
            f"按「{said}」找到{found.total}个：" if said else f"现在有{found.total}个岗位在招："
        ]
        if found.loosened:
            what = "、".join(found.loosened)
            none = "正好的就这些了" if found.total > len(found.postings) + left else "正好的没有"
            lines = [f"「{said}」{none}，我把{what}放宽了一点："]
        if _is_minor(wish):
            lines.append(_MINOR)
        if any(p.is_demo for p in found.postings):
            lines.append("（演示数据，不是真实招聘）")
        choices = [
            Choice(_label(p, wish), topic=self.name, value=f"show:{p.id}") for p in found.postings
        ]
        if left > 0:
            choices.append(Choice("换一批", topic=self.name, value="more"))
        closing = f"点一下或回复数字看详情。还可以接着说要求{_hint(wish)}。"
        return Reply("\n".join(lines), choices=choices, closing=closing)

    def _detail(self, posting_id: int, ctx: Context) -> Reply:
        posting = ctx.session.get(JobPosting, posting_id)
        today = ctx.now.astimezone(ctx.timezone).date()
        if posting is None or not _is_open(posting, today):
            return Reply("这个岗位刚刚下架了，换别的看看吧。", choices=[_more_choice()])
        memory = ctx.recall(self.name, JobMemory)
        ctx.remember(self.name, memory.model_copy(update={"focus": posting.id}))
        choices = [
            Choice("怎么联系", topic=self.name, value=f"ask:{Aspect.CONTACT}"),
            _more_choice(),
            Choice("找职业顾问问问", topic="human", value="career"),
        ]
        return Reply(_describe(posting), choices=choices, closing=WARNING)

    def _question(
        self, aspect: Aspect, memory: JobMemory, message: InboundMessage | None, ctx: Context
    ) -> Reply:
        postings = self._meant(memory, ctx)
        if not postings:
            return Reply("您问的是哪个岗位？回复它的数字就行。")
        answers = [(p, say_aspect(p, aspect)) for p in postings]
        if len(postings) > 1:
            return self._compare(aspect, answers)
        posting, said = answers[0]
        ctx.remember(self.name, memory.model_copy(update={"focus": posting.id}))
        if said is None:
            asked = message.text if message is not None else NAMES[aspect]
            return self._ask_employer(aspect, asked, ctx)
        return Reply(f"《{posting.title}》（{posting.employer}）{NAMES[aspect]}：{said}。")

    def _compare(self, aspect: Aspect, answers: Sequence[tuple[JobPosting, str | None]]) -> Reply:
        """Answer for every posting of the list, to be narrowed down by a number."""
        choices = [
            Choice(
                shorten(f"{posting.title}：{said or '没写'}", 36),
                topic=self.name,
                value=f"show:{posting.id}",
            )
            for posting, said in answers
        ]
        closing = "看中哪个就回复它的数字；没写的，选定了我帮您问。"
        return Reply(f"{NAMES[aspect]}，这几个是这么写的：", choices=choices, closing=closing)

    def _meant(self, memory: JobMemory, ctx: Context) -> list[JobPosting]:
        nth = _NTH.search(ctx.understanding.plain)
        ids = memory.shown if memory.focus is None else [memory.focus]
        if nth is not None:
            position = _DIGITS.get(nth[1]) or int(nth[1])
            ids = memory.shown[position - 1 : position]
        rows = ctx.session.exec(select(JobPosting).where(col(JobPosting.id).in_(ids))).all()
        return sorted(rows, key=lambda p: ids.index(p.id or 0))

    def _unsure(self, text: str, memory: JobMemory, ctx: Context) -> Reply | None:
        """Offer to pass on a short question that may well be about the posting just read."""
        is_question = len(text) <= LONGEST_QUESTION and any(mark in text for mark in "吗么不没?")
        if memory.focus is None or not is_question or ctx.understanding.intent in _ELSEWHERE:
            return None
        ctx.remember(self.name, memory.model_copy(update={"question": text}))
        choices = [Choice("帮我问问这个岗位", topic=self.name, value="employer"), _more_choice()]
        return Reply("您是问刚才那个岗位吗？招聘信息里没写这一点，要我帮您问吗？", choices=choices)

    def _ask_employer(self, aspect: Aspect, asked: str, ctx: Context) -> Reply:
        postings = self._meant(ctx.recall(self.name, JobMemory), ctx)
        if not postings:
            return self._ask(ctx)
        posting = postings[0]
        ticket = open_ticket(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=TicketKind.CAREER,
            summary=f"岗位 {posting.source_id}《{posting.title}》{posting.employer}：{asked}",
            now=ctx.now,
        )
        what = "这一点" if aspect is Aspect.OTHER else NAMES[aspect]
        return Reply(
            f"《{posting.title}》{what}，招聘信息里没写，我帮您问（编号 {ticket.id}），"
            "问到了在这里告诉您。"
        )

    def _more(self, memory: JobMemory, ctx: Context) -> Reply:
        return self._search(memory.read_wish(), ctx, skip=memory.seen)

    def _higher(self, wish: JobWish, memory: JobMemory, ctx: Context) -> Reply:
        rows = ctx.session.exec(select(JobPosting).where(col(JobPosting.id).in_(memory.shown)))
        lowest = min((p.monthly_min for p in rows if p.monthly_min is not None), default=None)
        if lowest is None:
            return Reply("您想要多少？给个数，例如「5000以上」。")
        return self._search(
            replace(wish, salary_min=lowest + 1, salary_max=None, salary_unit="month"), ctx
        )

    def _none_fits(self, wish: JobWish) -> Reply:
        return Reply(
            "不合适不要紧。是哪样不合适：工资、地点，还是活太累？跟我说一样，我再找。",
            choices=[*self._freeing(wish), *_people()],
        )

    def _nothing(self, wish: JobWish, *, was_more: bool) -> Reply:
        if was_more:
            text = "按您的要求，就这些了，没有更多的。换个条件再找找？"
        else:
            said = _searched(wish).describe() or "这样"
            text = f"现在没有「{said}」的岗位，不糊弄您。可以松一松条件："
        if _is_minor(wish):
            aid = Choice("家里有困难", topic="aid", value="")
            text = f"{_MINOR}家里急等钱用，也可以跟我说。\n{text}"
            return Reply(text, choices=[*self._freeing(wish), aid, *_people()])
        return Reply(text, choices=[*self._freeing(wish), *_people()])

    def _freeing(self, wish: JobWish) -> list[Choice]:
        return [
            Choice(label, topic=self.name, value=f"free:{slot}")
            for slot, label in _FREE.items()
            if getattr(wish, slot)
        ]

    def _too_young(self) -> Reply:
        return Reply(
            "不满16岁还不能出来打工，招你的单位是违法的。家里有难处跟我说，我找人帮你。",
            choices=[
                Choice("家里有困难", topic="aid", value=""),
                Choice("找人说说话", topic="human", value="counselor"),
            ],
        )

    def _registered(self, ctx: Context) -> Reply:
        seeker = ctx.session.exec(
            select(JobSeeker).where(JobSeeker.contact_id == ctx.contact.id)
        ).first()
        said = f"{seeker.trade} {seeker.place}" if seeker else ""
        wish = parse_wish(said)
        return self._ask(ctx) if wish.is_empty else self._search(wish, ctx)


def _is_minor(wish: JobWish) -> bool:
    return wish.age is not None and wish.age < ADULT


def _hint(wish: JobWish) -> str:
    """Give two examples of what was not said yet; minors work at no night anyway."""
    known = {"shift"} if _is_minor(wish) else set()
    open_ = [
        f"「{t}」" for slot, t in _HINTS.items() if not getattr(wish, slot) and slot not in known
    ]
    return f"，比如{''.join(open_[:2])}" if open_ else ""


def _freed(wish: JobWish, slot: str) -> JobWish:
    """Return the wish without one of its conditions."""
    if slot == "place":
        return replace(wish, place=())
    if slot == "shift":
        return replace(wish, shift=())
    return replace(wish, salary_min=None, salary_max=None, salary_unit=None)


def _searched(wish: JobWish) -> JobWish:
    """Return the wish without what postings are not searched by: nothing else may be claimed."""
    return replace(wish, education=None, experience=None, gender=None)


def _wish_json(wish: JobWish) -> dict[str, JsonValue]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(wish).items()}


def _more_choice() -> Choice:
    return Choice("换一批", topic=Jobs.name, value="more")


def _people() -> list[Choice]:
    return [
        Choice("登记求职", topic="register", value=""),
        Choice("找职业顾问聊聊", topic="human", value="career"),
    ]


def _is_open(posting: JobPosting, today: date) -> bool:
    is_valid = posting.valid_until is None or posting.valid_until >= today
    return is_valid and posting.withdrawn_at is None


def _label(posting: JobPosting, wish: JobWish) -> str:
    parts = [posting.title, posting.district, say_pay(posting), posting.insurance]
    if wish.shift and has_night_shift(posting.shift) is None:
        parts.append("班次没写")
    return shorten(" ".join(part for part in parts if part), 36)


def _describe(posting: JobPosting) -> str:
    base = f"，其中基本工资{posting.base_pay}元" if posting.base_pay else ""
    pay = say_pay(posting)
    fields = {
        "单位": posting.employer,
        "工资": f"{pay}{base}" if pay else "",
        "社保": posting.insurance,
        "班次": posting.shift,
        "吃住": posting.lodging,
        "年龄": say_age(posting),
        "经验": posting.experience,
        "学历": posting.education,
        "人数": f"{posting.headcount}人" if posting.headcount else "",
        "地区": posting.district,
        "电话": posting.contact_phone,
        "有效期": f"到{posting.valid_until}" if posting.valid_until else "",
    }
    demo = "（演示数据，不是真实招聘）" if posting.is_demo else ""
    stated = [f"{name}：{value}" for name, value in fields.items() if value]
    missing = "、".join(name for name, value in fields.items() if not value)
    lines = [f"【{posting.title}】{demo}", *stated, posting.text]
    return "\n".join([*lines, f"没写的：{missing}（想知道就问我）"] if missing else lines)
