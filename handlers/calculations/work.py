"""Pay that belongs to the work itself: no contract, overtime."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, Final

from handlers.calculations import readers
from handlers.calculations.sheet import Ask, Facts, Sheet, present
from knowledge.calculators.base import say
from knowledge.calculators.dates import ONE_DAY, spoken
from knowledge.calculators.double_wage import DoubleWage, Period, double_wage, find_period
from knowledge.calculators.overtime import Overtime, overtime
from knowledge.spoken import find_hours, read_number
from knowledge.spoken_dates import find_dates

_WAGE: Final = Ask(
    "wage",
    "一个月工资多少？",
    readers.read_wage,
    find=readers.find_wage,
    hint="请回复一个数，例如：5200。",
    unknown="工资条、银行流水、个税App里都能查到，查好了再告诉我。",
)

STILL, SIGNED, LEFT = "一直没签，还在上班", "后来补签了", "没签就离职了"
_STATES: Final = {
    SIGNED: r"补签|后来签|才签|签上了|签了",
    LEFT: r"走了|离职|辞|不干了|开除|没签就走",
    STILL: r"还在|一直|至今|到现在|没签",
}


def _nth_day(number: int, text: str, today: date) -> str | None:
    days = [said.whole for said in find_dates(text, today) if said.whole is not None]
    return days[number].isoformat() if len(days) > number else None


def _double_case(facts: Facts) -> DoubleWage:
    state, end = facts.get("state"), facts.day("end")
    return DoubleWage(
        start=facts.day("start") or facts.today,
        wage=facts.number("wage") or Decimal(0),
        signed=end if state == SIGNED else None,
        left=end if state == LEFT else None,
        as_of=facts.today if state == STILL else None,
        partial_workdays=facts.number("partial"),
    )


def _rest(facts: Facts) -> Period | None:
    """Return the period when it ends with a broken month."""
    known = facts.get("state") == STILL or facts.get("end")
    period = find_period(_double_case(facts)) if known and facts.get("start") else None
    return period if period is not None and period.rest_days else None


def _ask_partial(facts: Facts) -> str:
    period = _rest(facts)
    if period is None:
        return "零头那几天上了几天班？"
    first, after = period.rest
    return f"{spoken(first)}到{spoken(after - ONE_DAY)}不满一个月，这几天您实际上了几天班？"


_BEGAN: Final = re.compile(r"上班|入职|进|开始|来的")


class DoubleWageSheet(Sheet):
    """The second wage where no contract was made."""

    name: ClassVar[str] = "double_wage"
    title: ClassVar[str] = "算双倍工资"
    words: ClassVar[re.Pattern[str]] = re.compile(
        r"(?:没|未|不)(?:有|给|和我|跟我)?签|[双两二]倍工资"
    )
    asks: ClassVar[tuple[Ask, ...]] = (
        Ask(
            "start",
            "您是哪天开始上班的？例如：2024年3月1号。",
            readers.read_day,
            find=lambda text, today: _nth_day(0, text, today),
            hint="请说几几年几月几号，",
        ),
        Ask(
            "state",
            "合同后来签了没有？",
            readers.one_of(_STATES),
            find=readers.one_of(
                {
                    SIGNED: r"补签|才签",
                    LEFT: r"走了|走的|离职|不干了",
                    STILL: r"还在干|一直没签|到现在",
                }
            ),
            hint="请选一个，",
            options=(STILL, SIGNED, LEFT),
        ),
        Ask(
            "end",
            lambda facts: "哪天补签的？" if facts.get("state") == SIGNED else "哪天走的？",
            readers.read_day,
            find=lambda text, today: _nth_day(1, text, today),
            hint="请说几几年几月几号，",
            needed=lambda facts: facts.get("state") in (SIGNED, LEFT),
        ),
        _WAGE,
        Ask(
            "partial",
            _ask_partial,
            readers.read_count,
            hint="请回复天数，例如：8。",
            needed=lambda facts: _rest(facts) is not None,
            follows=("start", "end", "state"),
        ),
    )
    fields: ClassVar[Mapping[str, str]] = {"left_date": "end", "partial_workdays": "partial"}

    def is_asked(self, text: str, found: Mapping[str, str]) -> bool:
        """Take it with the day, or at least the month, in which work began."""
        return (
            "start" in found or re.search(r"年[0-9一二三四五六七八九十]{1,2}月", text) is not None
        )

    def found(self, text: str, today: date) -> dict[str, str]:
        """Take a single day as the last one where the words say so."""
        told = super().found(text, today)
        is_last = re.search(r"走|补签|离职|签的|辞", text) and not _BEGAN.search(text)
        if "start" in told and "end" not in told and is_last:
            told["end"] = told.pop("start")
        return told

    def solve(self, facts: Facts) -> str:
        """Tell the second wage."""
        result = double_wage(_double_case(facts))
        head = f"没签合同，可以多要的那一份工资是{say(result.amount)}元。"
        return present(result, head=head if result.amount else "")


_KINDS: Final = {"ext": "平时", "restday": "休息日", "holiday": "法定节假日"}


def _find_hours(text: str, _: date) -> str | None:
    hours = find_hours(text)
    return ";".join(f"{kind}={value}" for kind, value in hours.items()) or None


def _read_hours(text: str, today: date) -> str | None:
    number = read_number(text)
    bare = re.fullmatch(r"[^,。]{0,4}[0-9.]+[^,。]{0,2}", text)
    return _find_hours(text, today) or (f"any={number}" if bare and number else None)


def _hours_of(facts: Facts) -> dict[str, Decimal]:
    pairs = (part.partition("=") for part in facts.get("hours").split(";") if part)
    hours = {kind: Decimal(value) for kind, _, value in pairs}
    if "any" in hours and facts.get("kind"):
        kind = next(k for k, said in _KINDS.items() if said == facts.get("kind"))
        hours[kind] = hours.get(kind, Decimal(0)) + hours.pop("any")
    return hours


class OvertimeSheet(Sheet):
    """Overtime pay."""

    name: ClassVar[str] = "overtime"
    title: ClassVar[str] = "算加班费"
    words: ClassVar[re.Pattern[str]] = re.compile(r"加班|加了?.{0,6}班|加点")
    asks: ClassVar[tuple[Ask, ...]] = (
        _WAGE,
        Ask(
            "hours",
            "加了多少小时班？平时、休息日、节假日分开说，例如：平时20小时，休息日8小时。",
            _read_hours,
            find=_find_hours,
            hint="请说小时数，",
        ),
        Ask(
            "kind",
            "这些小时是什么时候加的？",
            readers.one_of(
                {
                    "法定节假日": r"节|国庆|春节|五一|元旦|法定",
                    "休息日": r"休息|周|星期|礼拜",
                    "平时": r"平|晚|工作日|延长",
                }
            ),
            options=tuple(_KINDS.values()),
            hint="请选一个，",
            needed=lambda facts: "any=" in facts.get("hours"),
            follows=("hours",),
        ),
        Ask(
            "made_up",
            "休息日加的班，后来给补休了没有？",
            readers.yes_or_no(r"补休了|给补了|调休了", r"没(?:给)?(?:补|调)|没有"),
            find=readers.one_of(
                {"no": r"没(?:给|有)?(?:补休|调休)", "yes": r"补休了|调休了|给补休"}
            ),
            hint="请选一个，",
            options=("没补休", "补休了"),
            needed=lambda facts: "restday" in _hours_of(facts),
        ),
    )
    fields: ClassVar[Mapping[str, str]] = {"ext_hours": "hours"}

    def is_asked(self, text: str, found: Mapping[str, str]) -> bool:
        """Take it with hours."""
        return "hours" in found

    def solve(self, facts: Facts) -> str:
        """Tell the pay."""
        hours = _hours_of(facts)
        result = overtime(
            Overtime(
                wage=facts.number("wage") or Decimal(0),
                extended=hours.get("ext", Decimal(0)),
                restday=hours.get("restday", Decimal(0)),
                holiday=hours.get("holiday", Decimal(0)),
                restday_made_up=facts.get("made_up") == "yes",
            )
        )
        return present(result, head=f"加班费一共{say(result.amount)}元。")
