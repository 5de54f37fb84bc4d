"""One's own data and the messages one gets: seen, put right, taken away, stopped, by asking."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import update
from sqlmodel import col, select

from handlers.base import Context, Handler
from handlers.citing import cite, name_source, say_basis
from handlers.own_data import FIELDS, NEWS, say_holdings, say_kept, say_news, say_seeker
from handlers.pushing import may_push
from handlers.seats import tell_moved_up
from knowledge.intents import Intent
from knowledge.own_data import (
    Wish,
    find_wish,
    is_clear,
    names_all,
    read_kinds,
    says_what_stays,
    wants_again,
    wants_no_reminder,
    wants_silence,
)
from knowledge.statutes import Reference
from models import erasure
from models.announcement import NewsKind
from models.contact import Contact
from models.conversation import Conversation, OpenForm
from models.job import JobSeeker
from models.messages import Choice, InboundMessage, Reply
from models.open_class import list_enrolments
from models.outbox import withdraw_news
from models.ticket import TicketKind, open_ticket

_YES = re.compile(
    r"(?:确[定认]|是的?|对|嗯|好的?|行|中|可以|都?全?部?删(?:除|掉|了|吧)*|[ ,吧呗啊了])+"
)
_NO = re.compile(r"(?:先)?(?:不|别|算了|留着|等等|我再想想).{0,6}")

_ERASE_IT = re.compile(r"(那|就|都|全|给我|把?它们?|还是|,| )*(删|清)(掉|除|空)?(了|吧|呗|[ ,])*")

_HONEST = "跟您说实话：这个号眼下不能主动给您发消息，这个意思先记下，往后也照办。"
_OWN_CLASSES = "您自己报的课，开课前照样提醒您；不想要，说「别提醒」。"
_FIELD_WORDS = {
    "name": r"姓|名|叫", "age": r"岁|年龄|年纪|多大", "trade": r"工种|手艺|干的活",
    "place": r"地方|地点|在哪", "pay": r"工资|待遇|薪",
}  # fmt: skip


_BASIS = {
    Wish.ERASE: "privacy-deletion-right",
    Wish.COLLECT: "privacy-sensitive-consent",
    Wish.HOW_LONG: "privacy-keep-how-long",
}
"""The FAQ entry whose articles give somebody the right that is asked for."""


class Told(BaseModel):
    """What was said, kept for the people it may be handed to."""

    text: str = ""


class Privacy(Handler):
    """Lets everybody rule over what is kept of them and what they are sent."""

    name: ClassVar[str] = "privacy"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.PRIVACY})

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take also a short order to stop; "再给我发岗位" where the postings were stopped."""
        text = ctx.understanding.plain
        if wants_no_reminder(text) and self._comes_to_a_class(ctx):
            return False  # that is about a class of theirs
        if super().matches(message, ctx) or wants_silence(text) or is_clear(text):
            return True
        if ctx.understanding.intent is Intent.PRIVACY and find_wish(text) is not Wish.ANY:
            return True
        return wants_again(text) and not all(self._news(ctx).values())

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Do what is asked, or say what can be asked."""
        text = ctx.understanding.plain
        ctx.remember(self.name, Told(text=message.text))
        acts: dict[Wish, Callable[[], Reply]] = {
            Wish.NEWS: lambda: self._news_wish(text, ctx),
            Wish.CORRECT: lambda: self._correct(text, ctx),
            Wish.ERASE: lambda: self._confirm(text, ctx),
            Wish.HOW_LONG: self._how_long,
            Wish.WHO: lambda: self._who(text),
            Wish.SHOW: lambda: self._show(ctx),
            Wish.COLLECT: self._collect,
            Wish.ANY: self._overview,
        }
        wish = find_wish(text)
        return _with_basis(acts[wish](), wish, ctx)

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take the answer to the question just asked, in whatever words."""
        offered = {choice.value for choice in ctx.conversation.choices}
        text = ctx.understanding.plain
        if "erase" in offered:
            return self._answer_confirm(text, ctx)
        if "ask_erase" in offered and _ERASE_IT.fullmatch(text):
            return self._confirm(text, ctx)
        kinds = read_kinds(text) if "news:none" in offered else {}
        if kinds and all(kinds.values()):
            kinds = {"class": False, "job": False} | kinds  # what is not kept is not wanted
        is_answer = says_what_stays(text) or self.matches(message, ctx)
        is_other = ctx.understanding.is_sure and not is_answer
        return self._set_news(kinds, ctx) if kinds and not is_other else None

    def choose(self, value: str, ctx: Context) -> Reply:
        """Do what was tapped."""
        acts: dict[str, Callable[[], Reply]] = {
            "erase": lambda: self._erase(ctx) if self._is_sure(ctx) else self._confirm("", ctx),
            "erase_registration": lambda: self._erase_registration(ctx),
            "leave": lambda: Reply("好，都给您留着，啥也没动。"),
            "ask_erase": lambda: self._confirm("", ctx),
            "show": lambda: self._show(ctx),
            "who": lambda: self._who(""),
            "news": self._ask_news,
            "news:none": lambda: self._set_news({"class": False, "job": False}, ctx),
            "news:class": lambda: self._set_news({"class": True, "job": False}, ctx),
            "news:job": lambda: self._set_news({"class": False, "job": True}, ctx),
            "staff": lambda: self._hand_over(ctx),
        }
        return acts.get(value, self._overview)()

    def _overview(self) -> Reply:
        return Reply(
            "您的信息您说了算。您想：",
            choices=[
                self._choice("看看存了我啥", "show"),
                self._choice("删除我的信息", "ask_erase"),
                self._choice("谁能看到我写的", "who"),
                self._choice("管消息推送", "news"),
                self._choice("转给工作人员", "staff"),
            ],
        )

    def _show(self, ctx: Context) -> Reply:
        held = erasure.take_stock(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
        return Reply(
            "这个微信号在我这儿存着的，就这些：\n"
            + "\n".join([*say_holdings(held), say_news(self._news(ctx))])
            + "\n都是加密存的。手机号、身份证号我们不收，除非您自己写在了聊天里。",
            choices=[
                self._choice("删除我的信息", "ask_erase"),
                self._choice("谁能看到我写的", "who"),
            ],
        )

    def _who(self, text: str) -> Reply:
        family = re.search(r"爸|妈|爹|娘|父母|老婆|老公|媳妇|家里|孩子|儿|闺女|邻居", text)
        at_home = (
            "我们不会去找您家里人。只是这个聊天在您手机里，谁拿您手机谁看得见，可以长按删掉。\n"
            if family
            else ""
        )
        return Reply(
            f"{at_home}您写的都加密存着，不卖、不外传，老板、邻居、别的工友都看不到。\n"
            "登记只给职业顾问看；求助只给接手的志愿者看。\n"
            "有一样我不能瞒您：要是有人性命有危险，或者法律要求，就得告诉能救人、该管的人。",
            choices=[
                self._choice("看看存了我啥", "show"),
                self._choice("删除我的信息", "ask_erase"),
            ],
        )

    def _collect(self) -> Reply:
        return Reply(
            "我不收身份证、病历、银行卡，您别发在这里；登记求职只问姓名、年龄、工种、地方、工资，哪样都可以跳过。"
            "发来的图片只给接手的志愿者看。别处要这些，得先跟您说清做什么用，单独问您同意，您可以不给。",
            choices=[
                self._choice("看看存了我啥", "show"),
                self._choice("谁能看到我写的", "who"),
            ],
        )

    def _how_long(self) -> Reply:
        return Reply(
            "您不说删，就一直加密存着，好接着给您办事；您说删，当场就删。"
            "只有心理顾问的记录，按行业规定留三年。",
            choices=[self._choice("删除我的信息", "ask_erase")],
        )

    # Putting right

    def _correct(self, text: str, ctx: Context) -> Reply:
        held = erasure.take_stock(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
        if re.search(r"电话|手机|号码", text):
            return Reply("您的手机号我们没存，不用改。有消息就在这个微信里告诉您。")
        if held.seeker is None:
            return Reply(
                "您还没登记过求职，没有要改的。求助里写错了的，直接再写一句对的，志愿者看得到。",
                choices=[Choice("登记求职", topic="register", value="")],
            )
        wrong = [f for f, words in _FIELD_WORDS.items() if re.search(words, text)]
        if len(wrong) == 1:
            return self._ask_field(wrong[0], held.seeker, ctx)
        return Reply(
            f"{say_seeker(held.seeker)}\n要改就重新登记一遍，新的会换掉旧的。",
            choices=[Choice("重新登记", topic="register", value="")],
        )

    def _ask_field(self, field: str, seeker: JobSeeker, ctx: Context) -> Reply:
        """Open the registration at the one question whose answer is wrong."""
        forms = [form for form in ctx.conversation.forms if form.handler != "register"]
        answers = {name: str(getattr(seeker, name)) for name in FIELDS if name != field}
        ctx.conversation.forms = [
            *forms, OpenForm(handler="register", step=field, answers=answers)
        ]  # fmt: skip
        was = getattr(seeker, field) or "没填"
        return Reply(f"好，给您改。登记里{FIELDS[field]}写的是「{was}」，改成什么？只写新的就行。")

    # Taking away

    def _confirm(self, text: str, ctx: Context) -> Reply:
        held = erasure.take_stock(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
        kept = erasure.list_kept_tickets(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
        unread = "还有没看的留言，要看先回复「继续」。" if held.parked else ""
        choices = [self._choice("确定删除", "erase"), self._choice("先不删", "leave")]
        if held.seeker is not None and re.search(r"登记|简历", text) and not names_all(text):
            choices.insert(1, self._choice("只删求职登记", "erase_registration"))
        return Reply(
            "要删的：求职登记、聊天内容、没上的课的报名（位子让给别人）、"
            f"留言、没答上的问题、求助里写的话，还在排队的求助也撤掉。{unread}\n"
            f"{say_kept(kept)}只删这个微信号里的，删了找不回来。确定吗？",
            choices=choices,
        )

    def _answer_confirm(self, text: str, ctx: Context) -> Reply | None:
        if _NO.fullmatch(text):
            return self.choose("leave", ctx)
        if _YES.fullmatch(text):
            return self.choose("erase", ctx)
        return None

    def _is_sure(self, ctx: Context) -> bool:
        """Tell whether this is a clear yes: during an alarm a bare number may mean its choices."""
        until = ctx.contact.crisis_until
        is_calm = until is None or until <= ctx.now
        return is_calm or re.search(r"删|确", ctx.understanding.plain) is not None

    def _erase(self, ctx: Context) -> Reply:
        contact_id = ctx.contact.id
        gone = erasure.erase_person(ctx.session, contact_id=contact_id, now=ctx.now)
        tell_moved_up(ctx.session, gone.moved_up, now=ctx.now)
        # The dispatcher stores the dialogue again, and adds to tickets and replies what stands.
        stayed = ctx.conversation.stayed
        ctx.conversation.__dict__.update(Conversation(stayed=stayed).__dict__)
        is_open = any(t.because is not erasure.KeptBecause.COUNSELLING for t in gone.kept)
        ctx.contact = replace(ctx.contact, has_open_ticket=is_open, has_parked_reply=False)
        return Reply(
            f"删好了。{say_kept(gone.kept)}往后有事照样问我，不影响。您手机里的聊天，要自己长按删。"
        )

    def _erase_registration(self, ctx: Context) -> Reply:
        erasure.erase_registration(ctx.session, contact_id=ctx.contact.id)
        return Reply(
            "求职登记删了，职业顾问看不到了。聊天里说过的还在，要一起删就点：",
            choices=[self._choice("删除我的信息", "ask_erase")],
        )

    # Messages unasked

    def _news_wish(self, text: str, ctx: Context) -> Reply:
        kinds = read_kinds(text)
        if wants_again(text) and not wants_silence(text):
            kinds = dict.fromkeys(kinds, True)
            return self._set_news(kinds or {"class": True, "job": True}, ctx)
        return self._set_news(kinds, ctx) if kinds else self._ask_news()

    def _ask_news(self) -> Reply:
        return Reply(
            "好，您说了算。您想怎么收？",
            choices=[
                self._choice("都不要了", "news:none"),
                self._choice("只要课程", "news:class"),
                self._choice("只要岗位", "news:job"),
            ],
        )

    def _set_news(self, kinds: dict[str, bool], ctx: Context) -> Reply:
        ctx.session.connection().execute(
            update(Contact)
            .where(col(Contact.id) == ctx.contact.id)
            .values({f"wants_{kind}_news": wanted for kind, wanted in kinds.items()})
        )
        stopped = [NewsKind(kind) for kind, wanted in kinds.items() if not wanted]
        withdraw_news(ctx.session, contact_id=ctx.contact.id, kinds=stopped)
        news = self._news(ctx)
        off = "或".join(f"「再给我发{NEWS[kind]}」" for kind, wanted in news.items() if not wanted)
        again = f"想再收，说{off}。" if off else ""
        look = [Choice("现在就看岗位", topic="jobs", value="")] if kinds.get("job") else []
        return Reply(f"记下了。{say_news(news)}。\n{self._note(kinds, ctx)}{again}", choices=look)

    def _note(self, kinds: dict[str, bool], ctx: Context) -> str:
        """Say what still comes, or that nothing does."""
        if not may_push(ctx):
            return _HONEST
        is_less = not all(kinds.values())
        return _OWN_CLASSES if is_less and self._comes_to_a_class(ctx) else ""

    def _comes_to_a_class(self, ctx: Context) -> bool:
        return bool(list_enrolments(ctx.session, contact_id=ctx.contact.id, now=ctx.now))

    def _news(self, ctx: Context) -> dict[str, bool]:
        classes, jobs = ctx.session.exec(
            select(Contact.wants_class_news, Contact.wants_job_news).where(
                Contact.id == ctx.contact.id
            )
        ).one()
        return {"class": classes, "job": jobs}

    def _hand_over(self, ctx: Context) -> Reply:
        told = ctx.recall(self.name, Told)
        ticket = open_ticket(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=TicketKind.PRIVACY,
            summary=told.text,
            now=ctx.now,
        )
        return Reply(f"转给工作人员了，编号 {ticket.id}。还有什么要说的接着写，我都加进去。")

    def _choice(self, label: str, value: str) -> Choice:
        return Choice(label, topic=self.name, value=value)


def _with_basis(reply: Reply, wish: Wish, ctx: Context) -> Reply:
    """Name the article that gives the right, where the FAQ still has the entry that was checked."""
    entry_id = _BASIS.get(wish)
    decisive = cite(ctx.session, [entry_id])[:1] if entry_id else []
    if not decisive:
        return reply
    articles = [Reference(one.statute, one.article) for one in decisive]
    return replace(reply, text=reply.text + say_basis(decisive), source=name_source(articles))
