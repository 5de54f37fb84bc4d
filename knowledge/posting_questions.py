"""Questions about a posting that was shown, answered from its fields and from nothing else."""

import re
from enum import StrEnum

from models.job import JobPosting, SalaryUnit


class Aspect(StrEnum):
    """What can be asked about a posting."""

    AGE = "age"
    PAY = "pay"
    EXPERIENCE = "experience"
    EDUCATION = "education"
    LODGING = "lodging"
    INSURANCE = "insurance"
    SHIFT = "shift"
    PLACE = "place"
    CONTACT = "contact"
    HEADCOUNT = "headcount"
    VALIDITY = "validity"
    OVERTIME = "overtime"
    OTHER = "other"


NAMES = {
    Aspect.AGE: "年龄",
    Aspect.PAY: "工资",
    Aspect.EXPERIENCE: "经验",
    Aspect.EDUCATION: "学历",
    Aspect.LODGING: "吃住",
    Aspect.INSURANCE: "社保",
    Aspect.SHIFT: "班次",
    Aspect.PLACE: "地点",
    Aspect.CONTACT: "联系方式",
    Aspect.HEADCOUNT: "招几个人",
    Aspect.VALIDITY: "截止日期",
    Aspect.OVERTIME: "加班",
    Aspect.OTHER: "您问的",
}

_PATTERNS = (
    (Aspect.AGE, r"年龄|岁数|[要限]?多大|几岁|超龄|岁(?:行|能|要|可以|中)不?|年纪"),
    (Aspect.OVERTIME, r"加班|加时|加点"),
    (Aspect.INSURANCE, r"社保|五险|保险|公积金|交金"),
    (
        Aspect.SHIFT,
        r"夜班|白班|倒班|几班|班次|几点(?:上|下)?班|上班时间|几个小时|多长时间|单休|双休|休息|休几",
    ),
    (Aspect.LODGING, r"管住|包住|住宿|宿舍|住的|管吃|包吃|管饭|吃饭|食堂|吃住"),
    (Aspect.EXPERIENCE, r"经验|干过|会不会才|新手|生手|证(?:书|件)?(?:吗|不|才|行)|要证|技术"),
    (Aspect.EDUCATION, r"学历|文化|初中|高中|小学|识字"),
    (Aspect.PAY, r"工资|多少钱|薪|待遇|给多少|底薪|开多少|挣多少|月钱"),
    (Aspect.PLACE, r"地址|在哪|哪里|哪儿|位置|离.{0,6}(?:远|近)|多远|怎么走|咋走"),
    (Aspect.CONTACT, r"电话|联系|怎么报名|咋报名|咋去|面试|应聘|报个名|找谁|投简历"),
    (Aspect.HEADCOUNT, r"招几个|几个人|多少人|人数|招多少|还招|招满"),
    (Aspect.VALIDITY, r"截止|到什么时候|啥时候截|过期|有效|招到"),
)
_COMPILED = tuple((aspect, re.compile(pattern)) for aspect, pattern in _PATTERNS)
_ASKS = re.compile(r"[吗呢不么?？啥咋怎哪谁几多]|有没有|是不是|行不|限制|要求")
_WANTS_IT = re.compile(
    r"(给我|帮我|我要|我想|俺想|俺要).{0,2}(报名|报上|应聘|投|去试|去这)|(就|相中|看中)(这个|它|他家|这家)"
)
_OTHER = re.compile(r"(这个|这活|这家|它|他家|他们|那个).{0,12}(吗|不|么|\?|？|咋样|怎么样)$")
UNITS = {
    SalaryUnit.MONTH: "元/月",
    SalaryUnit.DAY: "元/天",
    SalaryUnit.HOUR: "元/小时",
    SalaryUnit.PIECE: "元/件",
    SalaryUnit.YEAR: "元/年",
}


def find_aspect(text: str) -> Aspect | None:
    """Return what a short question asks about a posting, or None where it is no such question."""
    if _WANTS_IT.search(text):
        return Aspect.CONTACT
    aspect = next((a for a, pattern in _COMPILED if pattern.search(text)), None)
    if aspect is not None and _ASKS.search(text):
        return aspect
    return Aspect.OTHER if _OTHER.search(text) else None


def say_aspect(posting: JobPosting, aspect: Aspect) -> str | None:
    """Return what the posting states about it, or None where it states nothing."""
    said = {
        Aspect.AGE: say_age(posting),
        Aspect.PAY: say_pay(posting),
        Aspect.EXPERIENCE: posting.experience,
        Aspect.EDUCATION: posting.education,
        Aspect.LODGING: posting.lodging,
        Aspect.INSURANCE: posting.insurance,
        Aspect.SHIFT: posting.shift,
        Aspect.PLACE: _say_place(posting),
        Aspect.CONTACT: _say_contact(posting),
        Aspect.HEADCOUNT: f"招{posting.headcount}人" if posting.headcount else "",
        Aspect.VALIDITY: f"招到{posting.valid_until}" if posting.valid_until else "",
    }.get(aspect, "")
    return said or _sentence_about(posting, aspect)


def say_pay(posting: JobPosting) -> str:
    """Return the pay as stated: 3000-3500元/月, of which the base pay."""
    unit = UNITS[posting.salary_unit]
    low, high = posting.salary_min, posting.salary_max
    if low is None and high is None:
        return ""
    if low is None or high is None or low == high:
        return f"{low or high}{unit}"
    return f"{low}-{high}{unit}"


def say_age(posting: JobPosting) -> str:
    """Return the limits of age as stated."""
    if posting.age_min is not None and posting.age_max is not None:
        return f"{posting.age_min}到{posting.age_max}岁"
    if posting.age_max is not None:
        return f"{posting.age_max}岁以下"
    return f"{posting.age_min}岁以上" if posting.age_min is not None else ""


def _say_place(posting: JobPosting) -> str:
    match = re.search(r"地[点址][:：]?([^。；\n]{2,40})", posting.text)
    return f"{posting.district} {match[1]}" if match else posting.district


def _say_contact(posting: JobPosting) -> str:
    return f"打电话 {posting.contact_phone}（{posting.employer}）" if posting.contact_phone else ""


def _sentence_about(posting: JobPosting, aspect: Aspect) -> str | None:
    """Return the sentence of the posting's own text that speaks of it."""
    pattern = next((p for a, p in _COMPILED if a is aspect), None)
    if pattern is None:
        return None
    sentences = re.split(r"(?<=[。；！\n])", posting.text)
    return next((s.strip("。；！\n ") for s in sentences if pattern.search(s)), None)
