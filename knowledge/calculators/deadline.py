"""Until when something must be handed in; holidays never lengthen it, to be on the safe side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from knowledge.calculators.base import Article, Calculator, Result, articles
from knowledge.calculators.dates import ONE_DAY, add_months, spoken
from knowledge.calculators.inputs import Inputs

LABELS: Final = {
    "type": "哪一种期限",
    "known_date": "知道权利被侵害的日期",
    "dispute": "什么争议",
    "employed": "还在不在职",
    "terminated": "劳动关系终止的日期",
    "interrupt_date": "主张权利的日期",
    "demand_after_expiry": "过期以后催要的日期",
    "suspend_from": "中止开始的日期",
    "suspend_to": "中止结束的日期",
    "received": "收到的日期",
    "accident_date": "事故日期",
    "disease_diagnosis_date": "职业病诊断（鉴定）日期",
    "application_date": "申请离婚登记的日期",
    "as_of": "今天的日期",
}
_YEAR: Final = 12
_FIFTEEN, _THIRTY = timedelta(days=15), timedelta(days=30)
_COUNTING: Final = articles("民法典", 201, 202)
_LEFT_OUT: Final = ("没按节假日往后顺延，宁可早几天；最好今天就去递交，快过期的可以先申请法律援助",)


class Type(StrEnum):
    """What has to be done in time."""

    ARBITRATION = "arbitration"
    SUE_AFTER_AWARD = "sue_after_award"
    INJURY_RECOGNITION = "injury_recognition"
    DISABILITY_REAPPRAISAL = "disability_reappraisal"
    DIVORCE_COOLING = "divorce_cooling"


class Dispute(StrEnum):
    """Owed wages have their own rule; the others share one."""

    WAGES = "拖欠劳动报酬"
    COMPENSATION = "经济补偿"
    DAMAGES = "赔偿金"
    DOUBLE_WAGE = "双倍工资"
    OTHER = "其他"


@dataclass(frozen=True, slots=True)
class Claim:
    """What happened to a claim: `since` is the day from which the year runs."""

    since: date
    interrupted: date | None = None
    demanded_late: date | None = None
    suspended: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineResult(Result):
    """The last days; what does not apply is None."""

    deadline: date | None = None
    expired: bool | None = None
    revived: bool | None = None
    employer_deadline: date | None = None
    individual_deadline: date | None = None
    withdraw_until: date | None = None
    certificate_window: tuple[date, date] | None = None


def arbitration(claim: Claim, as_of: date | None = None) -> DeadlineResult:
    """Return the last day to apply for arbitration."""
    end = add_months(claim.since, _YEAR)
    told = [f"{spoken(claim.since)}的第二天起算一年，到{spoken(end)}"]
    begun, end = _interrupt(claim, end, told)
    end = _suspend(claim, begun, end, told)
    is_late = claim.demanded_late is not None and claim.demanded_late > end
    if is_late:
        told.append("过期以后单方面催要，不能让时效活过来（对方答应给的另说）")
    return DeadlineResult(
        deadline=end,
        expired=None if as_of is None else as_of > end,
        revived=False if is_late else None,
        articles=(*articles("劳动争议调解仲裁法", 27), *_COUNTING),
        steps=tuple(told),
        left_out=_LEFT_OUT,
        warnings=_past(end, as_of),
    )


def no_limit() -> DeadlineResult:
    """Return that owed wages have no limit while the job lasts."""
    return DeadlineResult(
        articles=(*articles("劳动争议调解仲裁法", 27), *_COUNTING),
        steps=("还在职的，要欠发的工资不受一年限制；离职以后要在一年内申请",),
        left_out=_LEFT_OUT,
    )


def _interrupt(claim: Claim, end: date, told: list[str]) -> tuple[date, date]:
    """Begin the year again at the last claim that came in time."""
    begun = claim.since
    for day in sorted(d for d in (claim.interrupted, claim.demanded_late) if d is not None):
        if begun <= day <= end:
            begun, end = day, add_months(day, _YEAR)
            told.append(f"{spoken(day)}主张过权利，时效中断，重新算一年，到{spoken(end)}")
        elif day == claim.interrupted:
            told.append(f"{spoken(day)}已经过期，不再中断")
    return begun, end


def _suspend(claim: Claim, begun: date, end: date, told: list[str]) -> date:
    if claim.suspended is None:
        return end
    first, last = max(claim.suspended[0], begun + ONE_DAY), claim.suspended[1]
    days = (last - first).days + 1
    if days <= 0 or first > end:
        told.append("中止的日子不在这一年里，不顺延")
        return end
    told.append(f"中止{days}天，往后顺延{days}天")
    return end + timedelta(days=days)


def _past(end: date, as_of: date | None) -> tuple[str, ...]:
    if as_of is None or as_of <= end:
        return ()
    return ("按这个日子已经过期；有没有中断、中止的事由，赶快问律师",)


def within_fifteen_days(received: date, article: Article, as_of: date | None) -> DeadlineResult:
    """Return the last of the fifteen days after something was received."""
    end = received + _FIFTEEN
    return DeadlineResult(
        deadline=end,
        expired=None if as_of is None else as_of > end,
        articles=(article, *articles("民法典", 201)),
        steps=(f"{spoken(received)}收到，当天不算，第15天是{spoken(end)}",),
        left_out=_LEFT_OUT,
        warnings=_past(end, as_of),
    )


def injury_recognition(day: date, as_of: date | None, *, disease: bool) -> DeadlineResult:
    """Return until when the employer, and until when the worker may apply."""
    employer, own = day + _THIRTY, add_months(day, _YEAR)
    what = "诊断（鉴定）为职业病" if disease else "出事故"
    return DeadlineResult(
        employer_deadline=employer,
        individual_deadline=own,
        expired=None if as_of is None else as_of > own,
        articles=(*articles("工伤保险条例", 17), *_COUNTING),
        steps=(
            f"从{spoken(day)}{what}的第二天起算",
            f"单位30天内申请：到{spoken(employer)}",
            f"单位没申请的，本人、家属、工会1年内申请：到{spoken(own)}",
        ),
        left_out=_LEFT_OUT,
        warnings=_past(own, as_of),
    )


def divorce_cooling(applied: date) -> DeadlineResult:
    """Return until when the application may be taken back, and when both must appear."""
    until = applied + _THIRTY
    window = (until + ONE_DAY, until + _THIRTY)
    return DeadlineResult(
        withdraw_until=until,
        certificate_window=window,
        articles=articles("民法典", 1077),
        steps=(
            f"{spoken(applied)}申请，30天冷静期到{spoken(until)}，之前哪一方都能撤回",
            f"{spoken(window[0])}到{spoken(window[1])}，两人要一起去领证，过了就算撤回",
        ),
        left_out=("这是协议离婚的；起诉离婚没有冷静期",),
    )


def _run_arbitration(inputs: Inputs) -> DeadlineResult:
    dispute = inputs.find_choice("dispute", Dispute)
    employed = inputs.find_flag("employed")
    since = inputs.find_day("known_date")
    if dispute is Dispute.WAGES:
        if employed and inputs.has("terminated"):
            inputs.refuse("terminated", "和“还在职”对不上，只填一个")
        if employed:
            return no_limit()
        since = inputs.get_day("terminated")
    elif since is None:
        since = inputs.get_day("known_date")
    claim = Claim(
        since=since,
        interrupted=_later(inputs, "interrupt_date", since),
        demanded_late=_later(inputs, "demand_after_expiry", since),
        suspended=_read_suspension(inputs),
    )
    return arbitration(claim, _later(inputs, "as_of", since))


def _read_suspension(inputs: Inputs) -> tuple[date, date] | None:
    if not (inputs.has("suspend_from") or inputs.has("suspend_to")):
        return None
    first, last = inputs.get_day("suspend_from"), inputs.get_day("suspend_to")
    if last < first:
        inputs.refuse("suspend_to", "早于中止开始的日期，请核对")
    return first, last


def _later(inputs: Inputs, name: str, since: date) -> date | None:
    day = inputs.find_day(name)
    if day is not None and day < since:
        inputs.refuse(name, f"早于起算的{spoken(since)}，请核对")
    return day


def _run_award(inputs: Inputs) -> DeadlineResult:
    received = inputs.get_day("received")
    return within_fifteen_days(
        received, Article("劳动争议调解仲裁法", 50), _later(inputs, "as_of", received)
    )


def _run_reappraisal(inputs: Inputs) -> DeadlineResult:
    received = inputs.get_day("received")
    return within_fifteen_days(
        received, Article("工伤保险条例", 26), _later(inputs, "as_of", received)
    )


def _run_injury(inputs: Inputs) -> DeadlineResult:
    accident, disease = (
        inputs.find_day("accident_date"),
        inputs.find_day("disease_diagnosis_date"),
    )
    if accident is not None and disease is not None:
        inputs.refuse("disease_diagnosis_date", "和事故日期只能填一个")
    day = disease or accident or inputs.get_day("accident_date")
    return injury_recognition(day, _later(inputs, "as_of", day), disease=disease is not None)


def _run_divorce(inputs: Inputs) -> DeadlineResult:
    return divorce_cooling(inputs.get_day("application_date"))


_RUNS: Final[Mapping[Type, Callable[[Inputs], DeadlineResult]]] = {
    Type.ARBITRATION: _run_arbitration,
    Type.SUE_AFTER_AWARD: _run_award,
    Type.INJURY_RECOGNITION: _run_injury,
    Type.DISABILITY_REAPPRAISAL: _run_reappraisal,
    Type.DIVORCE_COOLING: _run_divorce,
}


def run(raw: Mapping[str, object]) -> DeadlineResult:
    """Read the inputs by name and work it out."""
    inputs = Inputs(raw, LABELS)
    return _RUNS[inputs.get_choice("type", Type)](inputs)


CALCULATOR: Final = Calculator("deadline", "最迟哪一天", LABELS, run)
