"""N, 2N and N+1 side by side, then which of them it is."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, Final

from handlers.calculations import readers
from handlers.calculations.sheet import ASK_12333, GENERAL, Ask, Facts, Sheet, cite, say_source
from knowledge.calculators.base import say, yuan
from knowledge.calculators.dates import add_months
from knowledge.calculators.severance import (
    LAW_BEGAN,
    Basis,
    Kind,
    Local,
    Notice,
    Severance,
    SeveranceResult,
    count_units,
    from_service,
    severance,
    units_of_months,
)
from models.local_figure import FigureName, LocalFigure

HIGH_WAGE: Final = 10_000
"""From here on a cap is possible, so the local average must be known."""
LOW_WAGE: Final = 2500
"""Below it the local minimum wage may count in its place."""

SENT_AWAY, AGREED, LAID_OFF, RUN_OUT, QUIT = (
    "单位直接让我走",
    "协商签字走的",
    "裁员或关矿",
    "合同到期没续",
    "我自己辞的",
)
_ENDINGS: Final = {
    QUIT: r"自己(?:辞|走|不干|提)|(?:我|俺)(?:辞|提的)|主动辞|辞职",
    AGREED: r"协商|商量|签(?:了|的|字)|协议|谈好",
    LAID_OFF: r"裁|关矿|关停|关了|倒闭|破产|黄了|去产能|停产|撤",
    RUN_OUT: r"到期|期满|没续|不续",
    SENT_AWAY: r"直接|让(?:我|俺)走|撵|赶|开除|辞退|开了|不要我|口头|没说|没理由|突然",
}


def find_service(text: str, today: date) -> str | None:
    """Return two dates, or else a time in months."""
    return readers.find_span(text, today) or readers.find_months(text, today)


def read_service(text: str, today: date) -> str | None:
    """Return two dates, or else a time; a bare number is years."""
    return readers.find_span(text, today) or readers.read_months(text, today)


def _ask_wage(facts: Facts) -> str:
    """Tell the months at once: they are an answer already."""
    service = facts.get("service")
    ask = "您走之前12个月，平均一个月应发多少工资？"
    if facts.get("ended") == QUIT:
        return f"自己辞的一般没有补偿；欠薪、不交社保逼着走的才有。先算算看。\n{ask}"
    if "/" in service or _may_be_older(facts):
        return ask
    months = readers.service_of(service)
    units = say(units_of_months(months.months, more=months.more))
    double = say(units_of_months(months.months, more=months.more) * 2)
    return (
        f"干了{months.spoken}：经济补偿（N）每满一年1个月工资，是{units}个月；"
        f"单位违法辞退的（2N）是{double}个月"
        f"（《劳动合同法》第47条、第87条）。\n{ask}"
    )


def _may_be_older(facts: Facts) -> bool:
    """Tell whether the time reaches back before 2008, which needs dates."""
    service = facts.get("service")
    if not service or "/" in service:
        return False
    return add_months(facts.today, -readers.service_of(service).months) < LAW_BEGAN


def _span(facts: Facts) -> str:
    """Return the dates as exactly as they are known, or the time in months."""
    exact = facts.get("exact")
    return exact if "/" in exact else facts.get("dates") or facts.get("service")


def _is_close(facts: Facts) -> bool:
    """Tell whether the days, which were not said, decide about half a month's pay."""
    span = _span(facts)
    if "/" not in span:
        return False
    least, most = readers.span_of(span), readers.span_of(span, to_the_end=True)
    return any(
        count_units(max(least[0], since), least[1]) != count_units(max(most[0], since), most[1])
        for since in (least[0], LAW_BEGAN)
        if since <= least[1]
    )


def _read_exact(text: str, today: date) -> str | None:
    span = readers.find_span(text, today)
    if span is not None and len(span) > len("2015-03-01/2023-04"):
        return span
    return "least" if readers.UNKNOWN.search(text) else None


def _figure(facts: Facts, name: FigureName) -> LocalFigure | None:
    """Return the figure of the day on which the job ended."""
    span = _span(facts)
    return facts.figure(name, on=readers.span_of(span)[1] if "/" in span else None)


def _needs_average(facts: Facts) -> bool:
    wage = facts.number("wage") or Decimal(0)
    return wage >= HIGH_WAGE and _figure(facts, FigureName.AVERAGE_WAGE) is None


class SeveranceSheet(Sheet):
    """What is due when a job ends."""

    name: ClassVar[str] = "severance"
    title: ClassVar[str] = "算补偿"
    words: ClassVar[re.Pattern[str]] = re.compile(
        r"辞退|辞了|开除|裁(?:员|了|掉|人)|被裁|炒(?:了|鱿鱼)|让(?:我|俺|咱|[她他])走|走人|补偿|赔偿|2n"
        r"|n ?[+加] ?1|解除|关(?:矿|停)|矿关|遣散|买断|下岗|没续|不要我|赶(?:我|俺)|撵"
    )
    asks: ClassVar[tuple[Ask, ...]] = (
        Ask(
            "service",
            "您在这个单位干了多久？例如：7年半；或者说哪年哪月到哪年哪月。",
            read_service,
            find=find_service,
            hint="请说干了几年几个月，",
        ),
        Ask(
            "dates",
            "2008年以前的工龄要分开算。您哪年哪月进的单位，哪年哪月走的？"
            "例如：1998年7月到2025年6月。",
            readers.find_span,
            hint="请说两个年月，从哪年哪月到哪年哪月，",
            needed=_may_be_older,
            follows=("service",),
        ),
        Ask(
            "exact",
            "差几天会差出半个月工资：请把几号也说一下，例如：1998年7月1号到2025年6月30号。"
            "记不清就回复「记不清」，我先按少的算。",
            _read_exact,
            hint="请把年月日都说一下，",
            needed=_is_close,
            follows=("service", "dates"),
        ),
        Ask(
            "wage",
            _ask_wage,
            readers.read_wage,
            find=readers.find_own_wage,
            hint="请回复一个数，例如：5200。",
            unknown="把离职前12个月的应发工资（奖金、补贴都算）加起来除以12就是。"
            "银行流水、工资条、个税App里都能查到，查好了再告诉我。",
        ),
        Ask(
            "average",
            "工资高的有封顶，要知道本地（设区的市）上年度职工月平均工资。"
            "您知道是多少吗？不知道就回复「不知道」。",
            readers.read_wage,
            find=readers.find_average,
            hint="请回复一个数，",
            needed=_needs_average,
            unknown="月工资超过本地平均工资3倍的，按3倍算，而且最多算12年。"
            f"本地的数我没有核实过的，{ASK_12333}，问到了再告诉我，我接着给您算。",
        ),
        Ask("region", "", readers.find_region, find=readers.find_region, needed=lambda _: False),
    )
    after: ClassVar[tuple[Ask, ...]] = (
        Ask(
            "ended",
            "您是怎么走的？",
            readers.one_of(_ENDINGS),
            hint="请选一个，",
            options=(SENT_AWAY, AGREED, LAID_OFF, RUN_OUT, QUIT),
        ),
    )
    fields: ClassVar[Mapping[str, str]] = {"end_date": "service", "avg_monthly_wage": "wage"}

    def opening(self, text: str, today: date) -> dict[str, str]:
        """Take also how it ended, where that was said plainly."""
        told = self.found(text, today)
        if re.search(r"自己(?:辞|提|走)|(?:我|俺)(?:辞|提的)|主动辞", text):
            return told | {"ended": QUIT}
        return told | ({"ended": AGREED} if re.search(r"协商|签了协议", text) else {})

    def is_asked(self, text: str, found: Mapping[str, str]) -> bool:
        """Take it with years of service, unless the sentence is about an injury or a debt."""
        is_other = re.search(
            r"工伤|伤残|尘肺|矽肺|职业病|失业金|失业保险|加班|年假|没签|双倍|借", text
        )
        return "service" in found and is_other is None

    def solve(self, facts: Facts) -> str:
        """Show the three sums, and once it is known how it ended what that means."""
        results = {kind: severance(_case(kind, facts)) for kind in Kind}
        plain = results[Kind.PLAIN]
        ended = facts.get("ended")
        sums = _say_sums(results, facts)
        lines = [
            _say_told(facts),
            *plain.steps[: 2 if plain.steps[0].startswith("从") else 1],
            *(sums if ended in ("", SENT_AWAY) else sums[:1]),
            *([_MEANING[ended].format(**_sums(results))] if ended else [_WHICH]),
            *_say_limits(results, facts),
            cite(plain, results[Kind.DOUBLE]),
            GENERAL,
        ]
        return "\n".join(line for line in lines if line)


_WHICH: Final = (
    "拿哪一个看怎么走的：违法辞退是2N；按第40条辞退又没提前30天书面通知的是N+1；别的该补的情形是N。"
)
_MEANING: Final = {
    SENT_AWAY: "单位直接让走的：说不出合法理由、没走程序，可以主张2N，{double}元；"
    "属于第40条（医疗期满、不能胜任、情况大变）的，是N{plain}元，没提前30天书面通知的再加一个月。"
    "先把辞退通知、聊天记录、工资流水留好。",
    AGREED: "协商走的：单位先提出来的，应补N，{plain}元。签的协议写了多少、"
    "有没有“再无争议”，先让律师看一眼。",
    LAID_OFF: "裁员（第41条）或矿关了的：应补N，{plain}元，没有“+1”。",
    RUN_OUT: "合同到期：单位不续、或降了条件您没续的，应补N，{plain}元；"
    "单位照原条件续、您自己不续的，没有。",
    QUIT: "自己辞的一般没有补偿；因为欠薪、不交社保这些被迫走、并且这样写明了的，"
    "可以要N，{plain}元。",
}


def _case(kind: Kind, facts: Facts) -> Severance:
    wage = facts.number("wage") or Decimal(0)
    notice = Notice(Basis.ARTICLE_40, given=False, last_month_wage=wage)
    local = _local(facts)
    span = _span(facts)
    if "/" in span:
        start, end = readers.span_of(span)
        return from_service(kind, start, end, wage=wage, local=local, notice=notice)
    months = readers.service_of(span)
    units = units_of_months(months.months, more=months.more)
    return Severance(kind, units, wage, local, notice)


def _local(facts: Facts) -> Local:
    average = _figure(facts, FigureName.AVERAGE_WAGE)
    minimum = _figure(facts, FigureName.MINIMUM_WAGE)
    return Local(
        average=average.number if average else facts.number("average"),
        minimum=minimum.number if minimum else None,
    )


def _say_told(facts: Facts) -> str:
    span = _span(facts)
    wage = f"一个月{say(facts.number('wage') or Decimal(0))}元"
    if "/" in span:
        return f"按您说的{wage}："
    return f"按您说的干了{readers.service_of(span).spoken}、{wage}："


def _sums(results: Mapping[Kind, SeveranceResult]) -> dict[str, str]:
    return {
        "plain": say(results[Kind.PLAIN].amount),
        "double": say(results[Kind.DOUBLE].amount),
    }


def _say_sums(results: Mapping[Kind, SeveranceResult], facts: Facts) -> list[str]:
    plain, double, plus = (results[kind] for kind in (Kind.PLAIN, Kind.DOUBLE, Kind.PLUS_ONE))
    base = f"{say(plain.monthly_base)}元"
    last = say(yuan(facts.number("wage") or Decimal(0)))
    return [
        f"N：{say(plain.months)}个月 × {base} = {say(plain.amount)}元",
        f"2N：{say(double.months)}个月 × {base} × 2 = {say(double.amount)}元",
        f"N+1：{say(plain.amount)}元 + {last}元 = {say(plus.amount)}元（+1按上个月工资）",
    ]


def _say_limits(results: Mapping[Kind, SeveranceResult], facts: Facts) -> list[str]:
    plain = results[Kind.PLAIN]
    source = say_source(_figure(facts, FigureName.AVERAGE_WAGE))
    capped = ["月工资高于本地平均3倍，按3倍算，最多12个月。"] if plain.capped else []
    split = ["2N不分段，从进单位那天算起。"] if plain.pre2008_separate else []
    wage = facts.number("wage") or Decimal(0)
    is_low = wage < LOW_WAGE and _figure(facts, FigureName.MINIMUM_WAGE) is None
    low = ["比当地最低工资还低的，按最低工资算，当地的数打12333问。"] if is_low else []
    more = ["不满半年的零头按半个月，满半年按一个月。"] if "+" in facts.get("service") else []
    return [
        *capped,
        *split,
        *more,
        *low,
        *([f"用的是{source}"] if source else []),
        f"说明：{'；'.join(plain.left_out)}。",
        *(f"注意：{warning}。" for warning in plain.warnings),
    ]
