"""How long and until when: unemployment benefit, last days to hand something in."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import ClassVar, Final

from handlers.calculations import readers
from handlers.calculations.sheet import ASK_12333, Ask, Facts, Sheet, present
from knowledge.calculators.base import Article
from knowledge.calculators.dates import spoken
from knowledge.calculators.deadline import (
    Claim,
    DeadlineResult,
    Type,
    arbitration,
    divorce_cooling,
    injury_recognition,
    no_limit,
    within_fifteen_days,
)
from knowledge.calculators.unemployment_months import Unemployment, unemployment_months

LET_GO, QUIT = "单位让走的、到期的", "自己辞的"


class UnemploymentSheet(Sheet):
    """For how many months unemployment benefit is paid."""

    name: ClassVar[str] = "unemployment_months"
    title: ClassVar[str] = "算失业金"
    words: ClassVar[re.Pattern[str]] = re.compile(r"失业金|失业保险|失业待遇|失业补助")
    asks: ClassVar[tuple[Ask, ...]] = (
        Ask(
            "paid",
            "失业保险一共交了多久？例如：8年，或者5年零3个月。",
            readers.read_months,
            find=readers.find_months,
            hint="请说交了几年几个月，",
            unknown=f"带身份证去社保窗口查缴费记录，或者{ASK_12333}。",
        ),
        Ask(
            "ended",
            "您是怎么走的？自己愿意辞职的领不了。",
            readers.one_of(
                {
                    QUIT: r"自己|我(?:辞|提)|辞职",
                    LET_GO: r"单位|让(?:我|俺)|到期|裁|辞退|关|倒闭|协商",
                }
            ),
            find=readers.one_of(
                {
                    QUIT: r"自己辞|我辞职|主动辞",
                    LET_GO: r"被?(?:辞退|裁)|矿关|关矿|到期|倒闭|让(?:我|俺)走",
                }
            ),
            options=(LET_GO, QUIT),
            hint="请选一个，",
        ),
        Ask(
            "unclaimed",
            "",
            lambda *_: None,
            find=lambda text, _: _unclaimed(text),
            needed=lambda _: False,
        ),
    )
    fields: ClassVar[Mapping[str, str]] = {"contribution_months": "paid"}

    def is_asked(self, text: str, found: Mapping[str, str]) -> bool:
        """Take it with the time of one's own contributions."""
        is_time = re.search(r"几个?月|多久|多长|几年|算", text) is not None
        return "paid" in found and is_time

    def solve(self, facts: Facts) -> str:
        """Tell the longest time."""
        months = readers.service_of(facts.get("paid")).months
        case = Unemployment(
            months,
            unclaimed=min(int(facts.get("unclaimed") or 0), 24),
            voluntary_quit=facts.get("ended") == QUIT,
        )
        result = unemployment_months(case)
        head = f"失业金最长可以领{result.max_months}个月。" if result.max_months else ""
        more = (
            "上次失业没领完的月数还能加上；领完时离退休不到一年的，可以领到法定退休。"
            if result.max_months
            else ""
        )
        return present(result, head=head, source=more)


def _unclaimed(text: str) -> str | None:
    match = re.search(r"(?:还有|剩|没领完?的?)(?:了)?([0-9]{1,2})个月(?:没领)?", text)
    return match[1] if match else None


WAGES, OTHER = "欠工资", "别的（补偿、双倍工资、工伤待遇等）"
_KINDS: Final = {
    Type.SUE_AFTER_AWARD.value: r"裁决",
    Type.DISABILITY_REAPPRAISAL.value: r"再次鉴定|鉴定结论|鉴定.{0,6}不服|不服.{0,6}鉴定",
    Type.INJURY_RECOGNITION.value: r"工伤认定|认定工伤|报工伤|申请工伤|申报工伤",
    Type.DIVORCE_COOLING.value: r"冷静期|离婚",
    Type.ARBITRATION.value: r"仲裁|时效",
}
_SAID: Final = {
    Type.SUE_AFTER_AWARD: "去法院起诉",
    Type.DISABILITY_REAPPRAISAL: "申请再次鉴定",
    Type.ARBITRATION: "申请仲裁",
}
_QUESTIONS: Final = {
    Type.SUE_AFTER_AWARD: "仲裁裁决书是哪天收到的？",
    Type.DISABILITY_REAPPRAISAL: "鉴定结论是哪天收到的？",
    Type.INJURY_RECOGNITION: "哪天出的事故？职业病的，说诊断书是哪天的。",
    Type.DIVORCE_COOLING: "哪天去民政局申请的离婚登记？",
    Type.ARBITRATION: "您是哪天知道自己吃亏的？例如：辞退您的那天。",
}


_LEFT_ON: Final = re.compile(r"(?:号|日)[^,。]{0,4}(?:走|离|辞|开除|不干)")


def _type(facts: Facts) -> Type:
    return Type(facts.get("type") or Type.ARBITRATION)


def _is_arbitration(facts: Facts) -> bool:
    return _type(facts) is Type.ARBITRATION


def _is_employed(facts: Facts) -> bool:
    return _is_arbitration(facts) and facts.get("dispute") == WAGES and facts.get("job") == "yes"


def _ask_day(facts: Facts) -> str:
    if _is_arbitration(facts) and facts.get("dispute") == WAGES:
        return "您是哪天离职的？例如：2025年6月30号。"
    return f"{_QUESTIONS[_type(facts)]}例如：2025年3月10号。"


def _read_demand(text: str, today: date) -> str | None:
    day = readers.read_day(text, today)
    return day or ("no" if re.search(r"没|无|不曾|从来", text) else None)


class DeadlineSheet(Sheet):
    """The last day to hand something in."""

    name: ClassVar[str] = "deadline"
    title: ClassVar[str] = "算期限"
    words: ClassVar[re.Pattern[str]] = re.compile(
        r"仲裁|裁决|时效|工伤认定|认定工伤|[报申]{1,2}请?工伤|再次鉴定|鉴定结论|冷静期|离婚登记"
    )
    asks: ClassVar[tuple[Ask, ...]] = (
        Ask(
            "dispute",
            "要的是欠的工资，还是别的？",
            readers.one_of(
                {
                    WAGES: r"欠薪|工资(?!差)|工钱|血汗钱|加班费",
                    OTHER: r"别的|补偿|赔偿|双倍|工伤|年假|其他",
                }
            ),
            find=readers.one_of(
                {
                    OTHER: r"补偿|赔偿|双倍|辞退|开除|工伤|年假",
                    WAGES: r"欠薪|欠.{0,6}(?:工资|工钱|钱)|拖欠",
                }
            ),
            options=(WAGES, OTHER),
            hint="请选一个，",
            needed=_is_arbitration,
        ),
        Ask(
            "job",
            "您还在这个单位上班吗？",
            readers.yes_or_no(r"还在|在职|没走|没离", r"走了|离职|不在|离开|辞"),
            find=readers.one_of(
                {"no": r"走了|走的|离职|离开|不干了|辞了", "yes": r"还在(?:干|上班|职)"}
            ),
            options=("还在上班", "已经离职"),
            hint="请选一个，",
            needed=lambda facts: _is_arbitration(facts) and facts.get("dispute") == WAGES,
        ),
        Ask(
            "day",
            _ask_day,
            readers.read_day,
            find=readers.read_day,
            hint="请说几几年几月几号，",
            needed=lambda facts: not _is_employed(facts),
        ),
        Ask(
            "demanded",
            "那以后找单位要过、去劳动监察投诉过没有？有就说最后一次是哪天，没有就回复「没有」。",
            _read_demand,
            hint="请说是哪天，或者回复「没有」。",
            needed=lambda facts: _is_arbitration(facts) and not _is_employed(facts),
            follows=("day", "dispute"),
        ),
    )
    fields: ClassVar[Mapping[str, str]] = {}

    def is_asked(self, text: str, found: Mapping[str, str]) -> bool:
        """Take it with a day of one's own."""
        return "day" in found

    def opening(self, text: str, today: date) -> dict[str, str]:
        """Tell apart what must be handed in."""
        kind = next((k for k, words in _KINDS.items() if re.search(words, text)), None)
        told = self.found(text, today)
        if told.get("dispute") == WAGES and not _LEFT_ON.search(text):
            told.pop("day", None)  # the day of the arrears is not that of leaving
        disease = {"disease": "yes"} if re.search(r"诊断|尘肺|矽肺|职业病", text) else {}
        return told | {"type": kind or Type.ARBITRATION.value} | disease

    def solve(self, facts: Facts) -> str:
        """Tell the last day."""
        result = _deadline(facts)
        if result.deadline is not None:
            day = spoken(result.deadline)
            return present(result, head=f"最晚{day}{_SAID[_type(facts)]}，{_left(result, facts)}。")
        return present(result)


def _left(result: DeadlineResult, facts: Facts) -> str:
    if result.deadline is None:
        return ""
    days = (result.deadline - facts.today).days
    return f"还有{days}天" if days > 0 else ("就是今天" if days == 0 else f"已经过了{-days}天")


def _deadline(facts: Facts) -> DeadlineResult:
    kind, day = _type(facts), facts.day("day")
    if day is None or _is_employed(facts):
        return no_limit()
    as_of = facts.today if facts.today >= day else None
    if kind is Type.SUE_AFTER_AWARD:
        return within_fifteen_days(day, Article("劳动争议调解仲裁法", 50), as_of)
    if kind is Type.DISABILITY_REAPPRAISAL:
        return within_fifteen_days(day, Article("工伤保险条例", 26), as_of)
    if kind is Type.INJURY_RECOGNITION:
        return injury_recognition(day, as_of, disease=facts.get("disease") == "yes")
    if kind is Type.DIVORCE_COOLING:
        return divorce_cooling(day)
    demanded = facts.get("demanded")
    claim = Claim(since=day)
    if demanded and demanded != "no":
        said = date.fromisoformat(demanded)
        claim = replace(claim, demanded_late=max(said, day))
    return arbitration(claim, as_of)
