"""Registering as a job seeker: a short form that an older worker finishes in two minutes."""

import re
from collections.abc import Mapping
from typing import ClassVar

from sqlmodel import select

from handlers.base import Context
from handlers.forms import FormHandler, Question
from knowledge.intents import Intent
from knowledge.slots import JobWish, parse_wish
from models.job import JobSeeker
from models.messages import Choice, Reply

_NAME = re.compile(r"(?:我叫|俺叫|叫|姓名[:：]?|我是)?\s*([\u4e00-\u9fa5·]{2,8})")
_NOT_A_NAME = re.compile(r"[吗呢么吧?？]|什么|怎么|多少|工作|登记|跳过|工资|岗位|找|要|啥|[你别]")
_AGE = re.compile(r"(?<!\d)(1[6-9]|[2-7]\d)(?!\d)\s*(?:岁|周岁|了)?")
_BARE_AGE = re.compile(r"(?:我|今年|俺)?\s*(1[6-9]|[2-7]\d)\s*(?:岁|周岁|了|岁了)?")
_QUESTION = re.compile(r"[吗呢么?？咋怎谁]|为啥|多少|什么|欠")
_LEADING_NAME = re.compile(r"[\u4e00-\u9fa5]{2,4}")
_LONGEST = 12
_ANYTHING = re.compile(r"都行|随便|不限|啥都|都可以|都中|无所谓|哪都|面议|面谈|看着(给|办)")


def read_name(text: str) -> str | None:
    """Return a name of two to eight characters."""
    match = _NAME.fullmatch(text.strip())
    return None if match is None or _NOT_A_NAME.search(match[1]) else match[1]


def find_name(text: str) -> str | None:
    """Return the name that a line such as "张建国 52 电工 肥城" begins with."""
    first, _, rest = text.strip().partition(" ")
    is_name = _LEADING_NAME.fullmatch(first) is not None and parse_wish(first).is_empty
    return first if rest and is_name and read_name(first) else None


def read_age(text: str) -> str | None:
    """Return an age between 16 and 79, from "52" or any sentence that states one."""
    age = parse_wish(text).age
    if age is None:
        match = _BARE_AGE.fullmatch(text.strip())
        age = int(match[1]) if match else None
    return None if age is None else str(age)


def find_age(text: str) -> str | None:
    """Return the age that a longer answer ("38 电工") mentions."""
    age = parse_wish(text).age
    match = _AGE.match(text.strip())
    return str(age) if age is not None else (match[1] if match else None)


def find_trade(text: str) -> str | None:
    """Return the kind of work that a sentence names."""
    wish = parse_wish(text)
    return "、".join(wish.title_keywords or wish.category) or None


def read_trade(text: str) -> str | None:
    """Return the kind of work, in the person's words where we know none."""
    if _ANYTHING.search(text):
        return "都行"
    return find_trade(text) or _short(text)


def find_place(text: str) -> str | None:
    """Return the places a sentence names."""
    return "、".join(parse_wish(text).place) or None


def read_place(text: str) -> str | None:
    """Return where the person wants to work, in their words where we know no such place."""
    if _ANYTHING.search(text):
        return "都行"
    return find_place(text) or (None if find_trade(text) else _short(text))


def _short(text: str) -> str | None:
    said = text.strip()
    is_answer = 1 < len(said) <= _LONGEST and not _QUESTION.search(said)
    return said if is_answer else None


def find_pay(text: str) -> str | None:
    """Return the pay that a sentence asks for."""
    wish = parse_wish(text)
    return _say_pay(wish) if wish.salary_min is not None else None


def read_pay(text: str) -> str | None:
    """Return the pay that is asked for; a bare number is yuan a month."""
    if _ANYTHING.search(text):
        return "面议"
    bare = re.fullmatch(r"(\d{3,5})\s*(?:块|元|左右|以上|多)*", text.strip())
    return find_pay(text) or (f"每月{bare[1]}元以上" if bare else None)


def _say_pay(wish: JobWish) -> str:
    units = {"month": "每月", "day": "每天", "hour": "每小时", "piece": "计件", "year": "每年"}
    return f"{units.get(wish.salary_unit or 'month', '每月')}{wish.salary_min}元以上"


class Register(FormHandler):
    """Collects what a career adviser needs to look for work for somebody."""

    name: ClassVar[str] = "register"
    is_sensitive: ClassVar[bool] = True
    title: ClassVar[str] = "登记"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.JOB_REGISTER})
    menu_keys: ClassVar[Mapping[str, str]] = {"MENU_REGISTER": ""}
    intro: ClassVar[str] = (
        "好，给您登记求职，五个小问题，哪个不想填就回复「跳过」。"
        "登记的内容只给职业顾问看，随时可以要求删除。\n"
    )
    asides: ClassVar[tuple[tuple[str, str], ...]] = (
        ("手机", "不用留手机号，有消息就在这个微信里告诉您。\n"),
        ("电话", "不用留电话，有消息就在这个微信里告诉您。\n"),
        ("身份证", "不用身份证号，我们也不收。\n"),
    )
    questions: ClassVar[tuple[Question, ...]] = (
        Question(
            "name", "怎么称呼您？（姓名）", read_name, "请只写姓名，例如：刘建国。", find=find_name
        ),
        Question("age", "您多大年纪？", read_age, "请回复一个岁数，例如：52。", find=find_age),
        Question(
            "trade", "想干什么活？会什么手艺也可以写。", read_trade, "请写工种，", find=find_trade
        ),
        Question("place", "想在哪儿干？例如：肥城、泰安、都行。", read_place, find=find_place),
        Question("pay", "一个月想要多少工资？例如：4000。", read_pay, "请写个数，", find=find_pay),
    )

    def submit(self, answers: Mapping[str, str], ctx: Context) -> Reply:
        """Store the registration, or bring the earlier one up to date."""
        seeker = ctx.session.exec(
            select(JobSeeker).where(JobSeeker.contact_id == ctx.contact.id)
        ).first() or JobSeeker(contact_id=ctx.contact.id, registered_at=ctx.now, updated_at=ctx.now)
        for field in ("name", "age", "trade", "place", "pay"):
            setattr(seeker, field, answers.get(field, ""))
        seeker.updated_at = ctx.now
        ctx.session.add(seeker)
        said = {"姓名": "name", "年龄": "age", "工种": "trade", "地点": "place", "工资": "pay"}
        lines = [f"{label}：{answers.get(key) or '没填'}" for label, key in said.items()]
        return Reply(
            "登记好了：\n"
            + "\n".join(lines)
            + "\n有合适的岗位，职业顾问会联系您。要改就再说一声「登记求职」。",
            choices=[
                Choice("先看看有什么岗位", topic="jobs", value="registered"),
                Choice("找职业顾问聊聊", topic="human", value="career"),
            ],
        )
