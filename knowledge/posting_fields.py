"""What an employer's message says about the work on offer, field by field, as people write it."""

import re

from knowledge.numbers import parse_range
from knowledge.occupations import locate_occupations
from knowledge.places import find_places
from knowledge.slot_readers import Pay
from knowledge.slot_readers import read_pay as find_amount
from models.job import SalaryUnit, monthly_amount

INSURED, PAY_IS_RIGHT = "交", "数没写错"

_UNITS = {"month": "每月", "day": "每天", "hour": "每小时", "piece": "每件", "year": "每年"}
_COUNT = r"([0-9]{1,3}|[一二两俩仨三四五六七八九十]{1,3})"
_HEADS = re.compile(
    rf"{_COUNT} ?(?:个(?!月|小时|钟)|名|位|人)|(?:招|要|缺|聘){_COUNT}(?![0-9年月天千百元岁块])"
)
_WANTED = re.compile(
    r"(?:招|要|缺|聘)(?:[0-9]+|[一二两俩仨三四五六七八九十])?(?:个|名|位)?([一-鿿]{1,4}(?:师傅|工|员|阿姨))"
)
_BARE_HEADS = re.compile(rf"{_COUNT} ?(?:来?个|名|位|人)*(?:人|吧|左右|就行|就够)*")
_YEARS = r"([1-7][0-9]|[二三四五六]?十[一二三四五六七八九]?)"
_AGE_SPAN = re.compile(rf"{_YEARS} ?岁?(?:到|至|-|~){_YEARS} ?岁?(?![0-9千百元块])")
_NOT_OLDER = re.compile(
    rf"{_YEARS} ?岁?(?:以下|以内|往下|之内|封顶)|不要{_YEARS} ?岁?以上|不超过{_YEARS}"
)
_NOT_YOUNGER = re.compile(rf"{_YEARS} ?岁?(?:以上|往上)")
_ANY_AGE = re.compile(r"年龄不限|不限年龄|多大都行|岁数不限")
_PHONE = re.compile(
    r"(?<![0-9])(1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|0[0-9]{2,3}[ -]?[0-9]{7,8})(?![0-9])"
)
_NAMED = re.compile(
    r"(?:单位|公司|厂名|店名)(?:名称?|名字)?(?:是|叫|改成|[:：]) ?([^ ,，。;；]{2,30})"
)
_FIRM = re.compile(
    r"(?:^|[ ,，。;；])([一-鿿]{2,16}"
    r"(?:公司|厂|合作社|超市|饭店|酒店|宾馆|养老院|幼儿园|医院|物业|集团|面馆))"
)
_NOT_A_FIRM = re.compile(r"[我俺咱恁您你]|招|要|想|缺|朋友|兄弟|亲戚|一家|那个|这个")
_UNTIL = re.compile(
    r"(?:招到|截止到?|有效期?(?:到|是)?|到)((?:[0-9]{4}[年.-])?[0-9]{1,2}[月.-](?:[0-9]{1,2}[日号]?|底)|月底|年底|年前)"
)
_NO_INSURANCE = re.compile(
    r"(?:社保|社会保险|保险|[三五]险)(?:的话|暂时|目前|先|就|都|这块|我们|俺们|[ ,])*"
    r"(?:不(?!光|仅|但|少|交不)|没|无|自己|自理|个人交)"
    r"|(?:不|没|无)(?:给|有|能|用|想|打算|会)*(?:交|上|缴|买|办)?(?:社保|社会保险|保险|[三五]险)"
)
_BARE_NO = re.compile(
    r"^(?:暂时|先|现在|目前|都|就)*(?:不|没|无|免|自己交)|交不起"
    r"|(?:不|没|无)(?:给|能|会|想|打算)*(?:交|上|缴|买|有)"
)
_NOT_MEANT = re.compile(r"交不交|有没有|没(?:问题|事|啥)|不是不交")
_HAS_INSURANCE = re.compile(
    r"(?:交|上|缴|有|给|含|带|买)(?:着|齐|全|了|个)?(?:社保|社会保险|[三五]险)"
    r"|(?:社保|社会保险|[三五]险|保险)(?:都|给|全|也|我们|肯定|可以|能)*(?:交|上|缴|有|齐)|五险一金|五险"
)
_YES_TO_IT = re.compile(r"交|缴|上|有|行|可以|好|中|给|对|是|嗯|都")
_RIGHT = re.compile(r"(?:数)?(?:没写错|没错|对|就这(?:么多|个数|些)|是|没问题|半天)")
_QUESTION = re.compile(
    r"[吗呢么?？咋]|怎么|什么|多少|为啥|(行|好|可以|中|能|成)不|面议|面谈|不知道|没想好"
)
_LONGEST = 30


def find_trade(text: str) -> str | None:
    """Return the work that is offered, in the employer's words; a workplace alone is none."""
    words = [found.word for found in locate_occupations(text) if not found.occupation.weak]
    wanted = _WANTED.search(text)
    return "、".join(dict.fromkeys(words)) or (wanted[1] if wanted else None)


def find_headcount(text: str) -> str | None:
    """Return how many people are wanted."""
    match = _HEADS.search(text)
    return _number(match[1] or match[2]) if match else None


def read_headcount(text: str) -> str | None:
    """Return how many people are wanted, also from a bare number."""
    match = _BARE_HEADS.fullmatch(text.strip())
    return find_headcount(text) or (_number(match[1]) if match else None)


def find_place(text: str) -> str | None:
    """Return where the work is."""
    return "、".join(place.name for place in find_places(text)) or None


def find_pay(text: str) -> str | None:
    """Return the pay with its unit; a sum of thousands is by the month."""
    pay = find_amount(text)
    return None if pay is None else _say_pay(pay)


def read_pay(text: str) -> str | None:
    """Return the pay, or that the figure asked about is right."""
    return find_pay(text) or (PAY_IS_RIGHT if _RIGHT.match(text.strip()) else None)


def find_age(text: str) -> str | None:
    """Return the limits of age, where there are any."""
    span, under, over = (p.search(text) for p in (_AGE_SPAN, _NOT_OLDER, _NOT_YOUNGER))
    if span:
        return f"{_number(span[1])}到{_number(span[2])}岁"
    if under:
        return f"{_number(next(filter(None, under.groups())))}岁以下"
    if over:
        return f"{_number(over[1])}岁以上"
    return "不限" if _ANY_AGE.search(text) else None


def read_age(text: str) -> str | None:
    """Return the limits of age, or that there are none."""
    return find_age(text) or ("不限" if re.search(r"不限|都行|没有|没要求|无所谓", text) else None)


def find_phone(text: str) -> str | None:
    """Return a mobile or a landline number."""
    match = _PHONE.search(text)
    return re.sub(r"(?<=[0-9])[ ](?=[0-9])", "", match[1]) if match else None


def find_employer(text: str) -> str | None:
    """Return the name of the employer, where the sentence surely is one."""
    named, firm = _NAMED.search(text), _FIRM.search(text)
    if named:
        return named[1]
    return firm[1] if firm and not _NOT_A_FIRM.search(firm[1]) else None


def read_short(text: str) -> str | None:
    """Return a short answer as it was written."""
    said = text.strip()
    return said if 1 < len(said) <= _LONGEST and not _QUESTION.search(said) else None


def read_employer(text: str) -> str | None:
    """Return the name of the employer as it was written."""
    return find_employer(text) or read_short(text)


def read_trade(text: str) -> str | None:
    """Return the kind of work, in the employer's words where we know none."""
    return find_trade(text) or read_short(text)


def read_place(text: str) -> str | None:
    """Return where the work is, with the words around it."""
    return read_short(text) or find_place(text)


def find_until(text: str) -> str | None:
    """Return until when the posting is to stand."""
    match = _UNTIL.search(text)
    return f"到{match[1]}" if match else None


def read_until(text: str) -> str | None:
    """Return until when the posting is to stand, in the employer's words."""
    return find_until(text) or read_short(text)


def find_insurance(text: str) -> str | None:
    """Return that social insurance is paid, where a sentence says so."""
    says_so = _HAS_INSURANCE.search(text) and not _NO_INSURANCE.search(text)
    return INSURED if says_so and not _QUESTION.search(text) else None


def read_insurance(text: str) -> str | None:
    """Return that social insurance is paid, also from a bare yes."""
    said = _NOT_MEANT.sub("", text)
    is_no = _BARE_NO.search(said) is not None or lacks_insurance(text, is_asked=True)
    is_yes = _YES_TO_IT.search(said) is not None and not is_no and not _QUESTION.search(text)
    return find_insurance(text) or (INSURED if is_yes else None)


def lacks_insurance(text: str, *, is_asked: bool) -> bool:
    """Tell whether no insurance is paid; a bare no counts only where it is asked about."""
    said = _NOT_MEANT.sub("", text)
    is_bare_no = is_asked and _BARE_NO.search(said) is not None and not _QUESTION.search(text)
    return is_bare_no or _NO_INSURANCE.search(said) is not None


def _number(said: str) -> str | None:
    numbers = parse_range(said)
    return None if numbers is None or numbers[0] < 1 else str(int(numbers[0]))


def _say_pay(pay: Pay) -> str:
    unit = _UNITS[pay.unit]
    if pay.low is not None and pay.high is not None:
        return f"{unit}{pay.low}到{pay.high}元"
    return f"{unit}{pay.low or pay.high}元"


def month_of(said: str) -> int | None:
    """Return what a pay that was read comes to in a month."""
    pay = find_amount(said.replace("每月", "每月工资"))
    if pay is None:
        return None
    return monthly_amount(pay.low or pay.high, SalaryUnit(pay.unit))
