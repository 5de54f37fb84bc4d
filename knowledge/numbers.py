"""Numbers as people say and type them: 四千五, 4k5, 四五千, 七年半, 第二个."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final, Literal

_DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
    "仨": 3,
    "幺": 1,
}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "k": 1000, "w": 10_000}
_CN_DIGIT: Final = "零〇一二两三四五六七八九"
_MEASURE: Final = r"(?:年|个?月|个小时|小时|天|岁|个|万|千|百|斤)"

_ONE_OF: Final = r"一(?:天|个|年|月|小时|日|件|班)"
"""In 两万一年 the 一 belongs to the year, not to the amount."""

_AMOUNT: Final = re.compile(
    rf"""
    (?P<arabic>[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)
      (?P<scale>[kKwW](?![a-zA-Z])|[百千万])?(?P<tail>(?<=[kKwW百千万])(?!{_ONE_OF})[0-9{_CN_DIGIT}](?![0-9]))?
    | (?P<chinese>[{_CN_DIGIT}俩仨十百千万]
      (?:(?!(?<!十){_ONE_OF})[{_CN_DIGIT}十百千万])*(?:点[{_CN_DIGIT}]+)?)
    | (?P<half>半)(?={_MEASURE})
    """,
    re.VERBOSE,
)
_HALF_AFTER: Final = re.compile(rf"{_MEASURE}?半(?![点路夜])")
_PAIR: Final = re.compile(
    rf"([十百千万{_CN_DIGIT}]*?)([一二两三四五六七八九])([一二两三四五六七八九])([十百千万]*)"
)
_RANGE_MARK: Final = re.compile(r"[ 块元岁年k]{0,2}(?:-{1,2}|~|～|[—–―]{1,2}|到|至)[ ]?")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number or a range that stands in a text."""

    low: Decimal
    high: Decimal | None
    start: int
    end: int


class Last(Enum):
    """The wish for the last of some choices, whatever its number."""

    LAST = "last"


LAST: Final = Last.LAST


def find_amounts(text: str) -> list[Amount]:
    """Return all numbers of the text; ranges ("四五千", "6千到8千") come as one."""
    found: list[Amount] = []
    for match in _AMOUNT.finditer(text):
        if found and match.start() < found[-1].end:
            continue
        amount = _read(match, text)
        if amount is not None:
            _append(found, amount, text)
    return found


def parse_number(text: str) -> Decimal | None:
    """Return the first number of the text (the low end of a range)."""
    amounts = find_amounts(text)
    return amounts[0].low if amounts else None


def parse_range(text: str) -> tuple[Decimal, Decimal | None] | None:
    """Return the first number of the text with the high end, if it is a range."""
    amounts = find_amounts(text)
    return (amounts[0].low, amounts[0].high) if amounts else None


def _read(match: re.Match[str], text: str) -> Amount | None:
    if match["half"]:
        return Amount(Decimal("0.5"), None, match.start(), match.end())
    low, high = (_read_arabic(match) if match["arabic"] else _read_chinese(match["chinese"])) or (
        None,
        None,
    )
    if low is None:
        return None
    half = _HALF_AFTER.match(text, match.end())
    if half and high is None and low < 100:  # noqa: PLR2004 - "四千五半" is not said
        return Amount(low + Decimal("0.5"), None, match.start(), half.end())
    return Amount(low, high, match.start(), match.end())


def _read_arabic(match: re.Match[str]) -> tuple[Decimal, Decimal | None]:
    value = Decimal(match["arabic"].replace(",", ""))
    if not match["scale"]:
        return value, None
    unit = _UNITS[match["scale"].lower()]
    tail = match["tail"]
    extra = (_DIGITS[tail] if tail in _DIGITS else int(tail)) * unit // 10 if tail else 0
    return value * unit + extra, None


def _read_chinese(said: str) -> tuple[Decimal, Decimal | None] | None:
    whole, _, fraction = said.partition("点")
    if fraction:
        digits = "".join(str(_DIGITS[char]) for char in fraction)
        base = _plain_value(whole)
        return None if base is None else (Decimal(f"{base}.{digits}"), None)
    pair = _PAIR.fullmatch(whole)
    if pair and _is_neighbouring(pair):
        ends = [_plain_value(f"{pair[1]}{pair[n]}{pair[4]}") for n in (2, 3)]
        if ends[0] is not None and ends[1] is not None and ends[0] < ends[1]:
            return Decimal(ends[0]), Decimal(ends[1])
    value = _plain_value(whole)
    return None if value is None else (Decimal(value), None)


def _is_neighbouring(pair: re.Match[str]) -> bool:
    """Tell "四五千" and "十五六" from the telephone-like "二三" of a longer row of digits."""
    step = _DIGITS[pair[3]] - _DIGITS[pair[2]]
    return step in (1, 2) and (not pair[1] or pair[1][-1] in _UNITS)


def _plain_value(said: str) -> int | None:
    if not any(char in _UNITS for char in said):
        return int("".join(str(_DIGITS[char]) for char in said)) if said else None
    total, section, digit, last_unit = 0, 0, 0, 1
    zero_before = False
    for char in said:
        if char in _DIGITS:
            digit, zero_before = _DIGITS[char], zero_before or _DIGITS[char] == 0
            continue
        last_unit, zero_before = _UNITS[char], False
        if char == "万":
            total, section, digit = (total + section + digit or 1) * last_unit, 0, 0
        else:
            section, digit = section + (digit or 1) * last_unit, 0
    if digit and not zero_before and last_unit > 10:  # noqa: PLR2004 - 十五 is 15, 百五 is 150
        digit *= last_unit // 10
    return total + section + digit


def _append(found: list[Amount], amount: Amount, text: str) -> None:
    """Add a number, or join it with the one before when the two are the ends of a range."""
    before = found[-1] if found else None
    if before is None or before.high is not None or amount.high is not None:
        found.append(amount)
        return
    low = _lift(before.low, amount.low)
    if _RANGE_MARK.fullmatch(text, before.end, amount.start) and low < amount.low:
        found[-1] = Amount(low, amount.low, before.start, amount.end)
    else:
        found.append(amount)


def _lift(low: Decimal, high: Decimal) -> Decimal:
    """Give the low end the unit of the high end: "4到5千" begins at 4000."""
    for unit in (10_000, 1000, 100):
        if high % unit in (0, unit // 2) and high >= unit and low < 10 and low * unit < high:  # noqa: PLR2004
            return low * unit
    return low


_CIRCLED: Final = {
    ord(char): str(number)
    for row in ("①②③④⑤⑥⑦⑧⑨⑩", "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽", "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑", "❶❷❸❹❺❻❼❽❾❿")
    for number, char in enumerate(row, start=1)
} | {0xFF10 + digit: str(digit) for digit in range(10)}
_LEAD: Final = (
    r"(?:嗯|好的?|行|那|就|我|俺|咱|要|想要?|选择?|看看?|看下|回复?|来|给我|给俺|报名?|问问|定|"
    r"答案|是|去|应聘|投|[ ,，。:：、])*"
)
_NUMBER: Final = rf"(?P<n>[0-9]{{1,2}}|[{_CN_DIGIT}十]{{1,3}})"
_COUNTER: Final = r"(?:个|条|号|份|项|家|位|种|款|班|节|期|站|类|题|岗位?)"
_TAIL: Final = (
    r"(?:[ ,，。.、!！~～)）]|吧|呗|啊|呀|哈|嘛|哦|了|的|就行|就好|行|可以|挺好|不错|也行|谢谢您?|"
    r"看看|看下|岗位?|那个|这个|工作)*"
)
_ASK: Final = (
    r"(?:[ ,，]*(?:怎么|咋|能不能|可以|详细|具体|电话|地址|在哪|多少钱|还招|报名|"
    r"看看|给我|介绍|说说|啥|什么|我想|我要|我报).{0,14})?"
)
_BARE: Final = re.compile(rf"{_LEAD}[(（]?{_NUMBER}{_TAIL}")
_ORDINAL: Final = re.compile(rf"{_LEAD}第{_NUMBER}{_COUNTER}?{_TAIL}{_ASK}")
_LABELLED: Final = re.compile(rf"{_LEAD}{_NUMBER}号{_TAIL}{_ASK}")
_FIRST: Final = re.compile(rf"{_LEAD}(?:头一|最前面?那?|最上面?那?|最上边那?){_COUNTER}{_TAIL}")
_LAST: Final = re.compile(
    rf"{_LEAD}(?:最后|末尾|末了|最末|倒数第?一|最下[面边])(?:那|的)?一?{_COUNTER}?{_TAIL}{_ASK}"
)
_FROM_END: Final = re.compile(rf"{_LEAD}倒数第?{_NUMBER}{_COUNTER}?{_TAIL}")
_MIDDLE: Final = re.compile(rf"{_LEAD}中间那?一?{_COUNTER}{_TAIL}")


def parse_choice(text: str, count: int) -> int | Literal[Last.LAST] | None:
    """Return which of `count` numbered choices is meant, or None when it is no choice."""
    said = text.strip().translate(_CIRCLED)
    if _LAST.fullmatch(said):
        return LAST
    if _FIRST.fullmatch(said):
        return 1
    if _MIDDLE.fullmatch(said):
        return (count + 1) // 2 if count % 2 else None
    backwards = _FROM_END.fullmatch(said)
    if backwards:
        return _within(count + 1 - (_plain_value_of(backwards["n"]) or 0), count)
    match = _BARE.fullmatch(said) or _ORDINAL.fullmatch(said) or _LABELLED.fullmatch(said)
    return _within(_plain_value_of(match["n"]), count) if match else None


def _plain_value_of(said: str) -> int | None:
    if said.isdecimal():
        return int(said)
    return None if "两" in said else _plain_value(said)


def _within(number: int | None, count: int) -> int | None:
    return number if number is not None and 1 <= number <= count else None
