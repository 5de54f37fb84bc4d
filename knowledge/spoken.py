"""Figures as people say them about their work: pay, years, hours, grades, rates of interest.

Every reader takes a normalised text. `find_x` looks inside any sentence, `read_x` takes an answer
to the very question, where a bare number will do.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from knowledge.numbers import Amount, find_amounts, parse_number

_WAGE: Final = (Decimal(300), Decimal(300_000))
_NOT_MONEY: Final = re.compile(
    r" ?(?:年|岁|个?月(?![薪工])|天|级|个?小时|钟头|号|日|点|%|分(?!钱)|期|层|个?人|口|次|万)"
)
_DAILY: Final = re.compile(
    r"(?:一天|每天|日薪|一个工|时薪|每小时|一小时|一年|年薪|欠|借|罚|押金|扣)[^,。 ]{0,5}$"
)
_MONEY: Final = re.compile(r" ?(?:块|元|多|左右|一个?月|/月|每月)")
_MONTHLY: Final = re.compile(
    r"(?:工资|月薪|个?月|每月|底薪|平均|缴费|基数|挣|拿|开|发)[^,。]{0,6}$"
)
_NO_SUM: Final = re.compile(r"(?:年|岁|个?月|天|级|%|分(?!钱)|号|日)")
_SMALLEST_SUM: Final = 100
_YEAR_LIKE: Final = (1950, 2050)


def find_wage(text: str) -> Decimal | None:
    """Return the pay of a month; a range or the pay of a day is none."""
    text = _RUN_ON.sub(" ", text)
    for amount in find_amounts(text):
        before, after = text[max(amount.start - 8, 0) : amount.start], text[amount.end :]
        if amount.high is not None or not _WAGE[0] <= amount.low <= _WAGE[1]:
            continue
        if _NOT_MONEY.match(after) or _DAILY.search(before) or _is_year(amount, before, after):
            continue
        return amount.low
    return None


def _is_year(amount: Amount, before: str, after: str) -> bool:
    is_like = _YEAR_LIKE[0] <= amount.low <= _YEAR_LIKE[1]
    return is_like and not (_MONEY.match(after) or _MONTHLY.search(before))


def find_sum(text: str) -> Decimal | None:
    """Return a sum of money in yuan (a loan), the first that can be one."""
    text = _RUN_ON.sub(" ", text)
    for amount in find_amounts(text):
        before, after = text[max(amount.start - 4, 0) : amount.start], text[amount.end :]
        is_sum = amount.high is None and amount.low >= _SMALLEST_SUM
        if is_sum and not _is_year(amount, before, after) and not _NO_SUM.match(after):
            return amount.low
    return None


def read_number(text: str) -> Decimal | None:
    """Return the number of an answer, none for a range."""
    amounts = find_amounts(text)
    return amounts[0].low if amounts and amounts[0].high is None else None


@dataclass(frozen=True, slots=True)
class Service:
    """How long somebody worked: whole months, and whether some days come on top."""

    months: int
    more: bool = False

    @property
    def spoken(self) -> str:
        """Return the time as it is said."""
        years, rest = divmod(self.months, 12)
        said = (f"{years}年" if years else "") + (f"{rest}个月" if rest else "")
        return f"{said or '0个月'}{'多' if self.more else ''}"


_MOST_YEARS: Final = 60
_LEAD: Final = re.compile(r"(?:大概|大约|差不多|有|快|是|整|一共|总共|得有|[ ,])*")
_TAIL: Final = re.compile(r"(?:年|了|吧|呢|左右|整|多|[ ,。])*")
_WORKED: Final = re.compile(
    r"(?:干了?|工作了?|工龄|上了?|上班|司龄|待了?|满|缴费?了?|交了?|累计|一共|总共)[^,。]{0,6}$"
)
_AT_ONCE: Final = re.compile(r"(?:干|工作|上班?|待|满|交|缴费?)了?$")
_AND_MONTHS: Final = re.compile(
    r"(?:(?:零|又|多|加)([0-9]{1,2}|[一二两三四五六七八九十]{1,2})|"
    r"([2-9]|1[01]|[二两三四五六七八九]|十一?))个?月"
)
_RUN_ON: Final = re.compile(r"(?<=[0-9百千万年半kw])(?=一(?:个?月|年|天|日))")
"""Where 2万一年 is no 2.1万 and 7年半一个月 no 7年半 and a month."""
_SOME_MORE: Final = re.compile(r"(?:多|出头|挂零|几)")


def find_service(text: str) -> Service | None:
    """Return how long somebody worked: 7年半, 八年零两个月, 干了10个月."""
    text = _RUN_ON.sub(" ", text)
    for amount in find_amounts(text):
        service = _service(amount, text)
        if service is not None:
            return service
    return None


def read_service(text: str) -> Service | None:
    """Return how long somebody worked; a bare number is years."""
    found = find_service(text)
    amounts = find_amounts(text)
    if found is not None or len(amounts) != 1 or amounts[0].high is not None:
        return found
    amount = amounts[0]
    is_bare = _LEAD.fullmatch(text[: amount.start]) and _TAIL.fullmatch(text[amount.end :])
    is_time = is_bare is not None and amount.low <= _MOST_YEARS
    return Service(int(amount.low * 12)) if is_time else None


def _service(amount: Amount, text: str) -> Service | None:
    said, after = text[amount.start : amount.end], text[amount.end :]
    before = text[max(amount.start - 12, 0) : amount.start]
    if amount.high is not None or before.endswith(("前", "第")) or re.match(r"年?以?前", after):
        return None
    is_years = "年" in said or after.startswith(("年", "整年", "多年"))
    if is_years and amount.low <= _MOST_YEARS:
        rest = after[after.find("年") + 1 :] if "年" not in said else after
        return _years(amount.low, rest, before, more=after.startswith("多"))
    is_months = re.match(r" ?个(?:半)?月(?![^,。]{0,3}[0-9])", after) or "个月半" in said
    return _months(amount.low) if is_months and _WORKED.search(before) else None


def _years(years: Decimal, rest: str, before: str, *, more: bool) -> Service | None:
    extra = None if years % 1 else _AND_MONTHS.match(rest)
    if (
        re.match(r"[0-9一二三四五六七八九十]{1,3}月(?!份?工资)", rest)
        and extra
        and "个" not in extra[0]
    ):
        return None  # 15年3月 is a date
    if years == 1 and not extra and not _AT_ONCE.search(before):
        return None  # 一年多少钱 tells no time of work
    months = int(years * 12)
    if extra:
        return Service(months + int(parse_number(extra[1] or extra[2]) or 0))
    if re.match(r"[的]?(?:进|入|开始|来|生|出生|到|属)", rest) and not _WORKED.search(before):
        return None  # 15年进的矿 is a date too
    return Service(months, more=more or bool(_SOME_MORE.match(rest)))


def _months(months: Decimal) -> Service:
    whole = int(months)
    return Service(whole, more=months != whole)


_GRADE: Final = re.compile(r"(10|[1-9]|十|[一二两三四五六七八九])级")


def find_grade(text: str) -> int | None:
    """Return the grade of a disability, 1 to 10."""
    match = _GRADE.search(text)
    number = parse_number(match[1]) if match else None
    return None if number is None else int(number)


_KINDS: Final = (
    ("holiday", re.compile(r"法定|节假日|节日|国庆|春节|过年|五一|十一|元旦|端午|中秋|清明|三倍")),
    ("restday", re.compile(r"休息日|周末|双休|周六|周日|星期[六天日]|礼拜[六天日]|歇班")),
    ("ext", re.compile(r"平时|平常|工作日|晚上|下班后?|延长|每天多|加点")),
)
_HOURS: Final = re.compile(r" ?(?:个)?(?:小时|钟头|钟|h)")
_DAYS: Final = re.compile(r" ?(?:天|个班)")
_HOURS_A_DAY: Final = 8
_NEAR: Final = 14


def find_hours(text: str) -> dict[str, Decimal]:
    """Return overtime by kind: ext, restday, holiday; a day has eight; "any" names no kind."""
    found: dict[str, Decimal] = {}
    for amount in find_amounts(text):
        after = text[amount.end :]
        said = text[amount.start : amount.end]
        is_day = _DAYS.match(after) is not None
        if amount.high is not None or not (_HOURS.match(after) or is_day or "时" in said):
            continue
        kind = _kind(text[max(amount.start - _NEAR, 0) : amount.start], after[:_NEAR])
        if is_day and kind in ("ext", "any"):
            continue
        found[kind] = found.get(kind, Decimal(0)) + amount.low * (_HOURS_A_DAY if is_day else 1)
    return found


def _kind(before: str, after: str) -> str:
    """Return the kind named nearest before the hours, or at once after them."""
    ends = [(m.end(), kind) for kind, words in _KINDS for m in words.finditer(before)]
    if ends:
        return max(ends)[1]
    ahead = re.split(r"[,。;、]", after)[0]
    return next((kind for kind, words in _KINDS if words.search(ahead)), "any")


_PERCENT: Final = re.compile(
    r"(?P<per>年|月)?(?:利率|利息|化|息)?(?:是|为|按|算)?"
    r"(?:百分之(?P<hundred>[0-9.]+|[零一二三四五六七八九十点]+)"
    r"|(?P<percent>[0-9]+(?:\.[0-9]+)?) ?%)"
)
_FEN_COUNT: Final = (
    r"(?P<fen{n}>[0-9]{{1,2}}(?:\.[0-9]+)?|[一二两三四五六七八九十])分"
    r"(?P<li{n}>[0-9一二三四五六七八九])?"
)
_FEN: Final = re.compile(
    r"(?P<per>年|月)?(?:利率|利息|息|利)(?:是|为|按|算)?"
    + _FEN_COUNT.format(n=1)
    + "|"
    + _FEN_COUNT.format(n=2)
    + r"(?=厘|息|的?利|钱的?利)"
)
_NO_INTEREST: Final = re.compile(
    r"没(?:有)?(?:约定|说|写|讲|算|要|提)?(?:过|有)?(?:利息|利率)|无息|不要利息|利息没(?:约定|说|写)"
)
NOTHING_AGREED: Final = Decimal(0)


def find_rate(text: str) -> Decimal | None:
    """Return the interest of a year as a fraction: 月息2分 is 0.24; 0 where none was agreed."""
    if _NO_INTEREST.search(text):
        return NOTHING_AGREED
    percent = _PERCENT.search(text)
    if percent:
        value = (
            Decimal(percent["percent"] or 0)
            if percent["percent"]
            else parse_number(percent["hundred"])
        )
        return None if value is None else value / 100 * (12 if percent["per"] == "月" else 1)
    fen = _FEN.search(text)
    if not fen:
        return None
    whole, tenth = (fen["fen1"], fen["li1"]) if fen["fen1"] else (fen["fen2"], fen["li2"])
    value = (parse_number(whole) or Decimal(0)) + (parse_number(tenth or "") or Decimal(0)) / 10
    # 分 is a hundredth of a month's interest, but 年息1分 a tenth of the year's.
    return value / 10 if fen["per"] == "年" else value / 100 * 12


def find_days_lent(text: str) -> int | None:
    """Return for how many days money was lent: 一年, 半年, 3个月 (of thirty days), 73天."""
    for amount in find_amounts(text):
        said, after = text[amount.start : amount.end], text[amount.end :]
        if amount.high is not None:
            continue
        if after.startswith("天"):
            return int(amount.low)
        if (after.startswith("年") or "年" in said) and amount.low <= _MOST_YEARS:
            return int(amount.low * 365)
        if re.match(r"个?月(?!息|利)", after) or "月" in said:
            return int(amount.low * 365 / 12)
    return None


_YES: Final = re.compile(
    r"(?:嗯|是|是的|有|有过|对|对的|干过|下过|下过井|补了|补休了|给补了|在|还在|yes|y)(?:的|了|过|啊|呀|呢|。)*"
)
_NO: Final = re.compile(
    r"(?:不是|没有?|否|不|从来没)(?:有|干|下|补休?|调休|过|了|的|啊|呢|井|在|是|走|签)*"
)


def read_yes(text: str) -> bool | None:
    """Return whether an answer means yes; None where it says neither."""
    said = text.strip(" ,。!~")
    if _NO.fullmatch(said):
        return False
    return True if _YES.fullmatch(said) else None
