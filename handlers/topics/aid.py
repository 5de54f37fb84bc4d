"""Hardship: four short questions, a ticket for the staff, the papers to have ready; no promise."""

import re
from collections.abc import Mapping
from typing import ClassVar

from handlers.base import Context
from handlers.forms import FormHandler, Question
from handlers.promises import say_when
from knowledge.engine import Action
from knowledge.intents import Intent
from knowledge.numbers import parse_number
from knowledge.places import find_places
from models.messages import Choice, InboundMessage, Reply
from models.ticket import TicketKind, add_to_ticket, find_waiting_ticket, open_ticket

ILLNESS, SCHOOL, INJURY, NO_WORK, OTHER = "有人生病", "孩子上学", "受了伤", "没了工作", "别的事"

_CAUSES = {
    ILLNESS: re.compile(
        r"病|住(着|了|过)?院|手术|癌|透析|化疗|尿毒症|瘫|脑梗|尘肺|吃药|药费|看不起"
    ),
    SCHOOL: re.compile(r"上学|学费|大学|书本费|录取|供(孩子|娃|学生)|助学|上着学"),
    INJURY: re.compile(r"工伤|受伤|摔|断了?(腿|胳膊|手)|腿断|车祸|砸|钢钉|残疾"),
    NO_WORK: re.compile(r"下岗|失业|没(了)?(工作|活干|收入)|丢了工作|裁员|工资(要不来|拖|欠|没发)"),
}
_PAPERS = {
    ILLNESS: "病历和看病的单据",
    SCHOOL: "录取通知书或者缴费单",
    INJURY: "诊断证明（有工伤认定书的也带上）",
    NO_WORK: "离职或者失业的证明（没有也不要紧）",
}
_BARE = re.compile(
    r"困难|帮扶|补助|救助|救济|补贴|低保|申请|办理?|怎么|咋|如何|有没有|有|没|吗|么|不|能|可以|想|要|"
    r"我|俺|你们|恁|这|个|一下|的|在哪|哪里|找谁|职工|家里|[ ,。?!]"
)
_HEADS = r"([0-9]{1,2}|[一二两俩三仨四五六七八九十]{1,2})"
_MEMBERS = re.compile(_HEADS + r" ?口")
_PEOPLE = re.compile(_HEADS + r" ?(?:口人?|个人?|人|位)?(?:人|吧|了|呢|,|。)*")
_ALONE = re.compile(r"就?(我|俺)(自己|一个|一人)|一个人过|光棍|独居")
_QUESTION = re.compile(r"[吗呢么?？咋]|怎么|多少|什么|谁管|能.{0,4}[不没]$")
_LONGEST_PLACE = 20
_LARGEST_HOUSEHOLD = 15
_ENOUGH_SAID = 4
_SHORT_ORDER = 10


def find_cause(text: str) -> str | None:
    """Return what has happened, as far as a sentence says it."""
    return "、".join(cause for cause, words in _CAUSES.items() if words.search(text)) or None


def read_cause(text: str) -> str | None:
    """Return what has happened, in the person's own words where we know no better."""
    said = text.strip()
    return find_cause(text) or (None if len(said) < 2 or _QUESTION.search(said) else said)  # noqa: PLR2004


def find_household(text: str) -> str | None:
    """Return how many people a sentence says the family has."""
    match = _MEMBERS.search(text)
    return _heads(match[1]) if match else None


def read_household(text: str) -> str | None:
    """Return a number of people, also from a bare number."""
    if _ALONE.search(text):
        return "1"
    match = _PEOPLE.fullmatch(text.strip())
    return find_household(text) or (_heads(match[1]) if match else None)


def find_home(text: str) -> str | None:
    """Return the places that a sentence names."""
    return "、".join(place.name for place in find_places(text)) or None


def read_home(text: str) -> str | None:
    """Return where somebody lives, in their words where we know no such place."""
    said = text.strip()
    is_short = 1 < len(said) <= _LONGEST_PLACE and not _QUESTION.search(said)
    return find_home(text) or (said if is_short else None)


def _heads(said: str) -> str | None:
    number = parse_number(said)
    is_likely = number is not None and 1 <= number <= _LARGEST_HOUSEHOLD
    return str(int(number)) if number is not None and is_likely else None


class Aid(FormHandler):
    """Collects what the staff must know to judge a hardship, and promises nothing."""

    name: ClassVar[str] = "aid"
    is_sensitive: ClassVar[bool] = True
    title: ClassVar[str] = "困难帮扶"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.AID})
    menu_keys: ClassVar[Mapping[str, str]] = {"MENU_AID": ""}
    intro: ClassVar[str] = (
        "困难帮扶要工作人员看情况办，我不敢打包票，但能替您递上去。"
        "问您几句，哪句不想说就回复「跳过」。\n"
    )
    asides: ClassVar[tuple[tuple[str, str], ...]] = (
        ("身份证", "身份证号别发在这里，办的时候带上证件就行。\n"),
        ("补多少", "能补多少我说不准，要工作人员看了情况才知道。\n"),
        ("给多少", "能给多少我说不准，要工作人员看了情况才知道。\n"),
        ("谁能看", "您说的只给办帮扶的工作人员看。\n"),
    )
    questions: ClassVar[tuple[Question, ...]] = (
        Question("need", "家里遇到什么难处了？用您自己的话说。", open_ended=True),
        Question(
            "cause",
            "是出了什么事？",
            read_cause,
            options=(ILLNESS, SCHOOL, INJURY, NO_WORK, OTHER),
            find=find_cause,
        ),
        Question(
            "household",
            "家里一共几口人？",
            read_household,
            "请回复一个数，例如：4。",
            find=find_household,
        ),
        Question("home", "住在哪个乡镇或者街道？例如：石横。", read_home, find=find_home),
    )

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Start with what was just told, or add it to the application that waits already."""
        text = ctx.understanding.plain
        is_told = len(_BARE.sub("", text)) >= _ENOUGH_SAID
        waiting = find_waiting_ticket(ctx.session, contact_id=ctx.contact.id, kind=TicketKind.AID)
        if waiting is not None and is_told:
            add_to_ticket(ctx.session, waiting, body=message.text, now=ctx.now)
            return Reply(
                f"记下了，加到您的帮扶求助（编号 {waiting.id}）里了，工作人员会看到。",
                choices=[Choice("找工作人员", topic="human", value="staff")],
            )
        told = {"need": message.text.strip()} if is_told else {}
        return self.start(ctx, self._found_in(text) | told)

    def answer(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take the answer; the story itself often says what happened and to how many."""
        form = ctx.conversation.forms[-1]
        if form.step == "need":
            if _wants_person(ctx):
                return None
            form.answers = self._found_in(ctx.understanding.plain) | form.answers
        return super().answer(message, ctx)

    def submit(self, answers: Mapping[str, str], ctx: Context) -> Reply:
        """Hand the application to the staff, and say what to have ready meanwhile."""
        ticket = open_ticket(
            ctx.session,
            contact_id=ctx.contact.id,
            kind=TicketKind.AID,
            summary=_summary(answers),
            now=ctx.now,
        )
        when = say_when(ticket, ctx)
        return Reply(
            f"替您递上去了，编号 {ticket.id}。{when}"
            "能不能办要工作人员看了才知道，想起什么接着写，我都加进去。\n"
            f"先备好：{_papers(answers.get('cause', ''))}。\n"
            "也可以自己打12351问工会帮扶，打12345问民政救助。"
        )


def _wants_person(ctx: Context) -> bool:
    """Tell "转给工作人员", which is no hardship, from a story in which staff are spoken of."""
    understanding = ctx.understanding
    is_human = understanding.action is Action.ANSWER and understanding.intent is Intent.HUMAN
    return is_human and len(understanding.plain) <= _SHORT_ORDER


def _papers(cause: str) -> str:
    special = [paper for known, paper in _PAPERS.items() if known in cause]
    return "、".join(["身份证、户口本、家里收入的证明", *special])


def _summary(answers: Mapping[str, str]) -> str:
    labels = {"难处": "need", "出了什么事": "cause", "几口人": "household", "住在": "home"}
    return "\n".join(f"{label}：{answers.get(key) or '没说'}" for label, key in labels.items())
