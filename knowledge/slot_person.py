"""Who is looking: age, sex, schooling and experience, as a normalised text says them."""

import re
from typing import Final

from knowledge.numbers import parse_number

_AGE: Final = r"(?P<n>[1-7][0-9]|[二三四五六七]?十[一二三四五六七八九]?)"
_KIN: Final = (
    "父亲|母亲|爸爸?|妈妈?|爹|娘|丈夫|老公|媳妇|老婆|老伴|对象|弟弟?|妹妹?|哥哥?|姐姐?|嫂子?|儿子|"
    "外甥女?|侄子|侄女|闺女|女儿|叔叔?|姨|婶子?|大爷|大娘|女婿"
)
_NO_NUMBER: Final = r"(?<![0-9.十百千万一二三四五六七八九到至~/第-])"
_AGE_END: Final = r"(?=$|[ ,。!?;、])"
_AGES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_NO_NUMBER}{_AGE}(?:[多来]?周?岁|出头|露头|冒头|挂零)(?!以[上下内]|退休|[上下]限)",
        rf"(?:今年|年龄|岁数|年纪|本人|虚岁|周岁|[男女]|{_KIN})[ :,是都快有的也不大小]{{0,9}}{_AGE}"
        r"(?![0-9年个天块元千万百点人月%路号kw小.斤/-])",
        rf"(?:^|[ ,。]|[我俺咱])(?:都|快|也|今年|满|才|刚)*{_AGE}[多来]?"
        rf"(?:了|[男女](?:的|性)?|的人){_AGE_END}",
        rf"(?:^|[ ,。]|[我俺咱]){_AGE}(?:还|了|的)*"
        r"(?:行不|行吗|能不能|能干|还能|要不要|要吗|可以吗|可以不|招不招|"
        r"收不收|收吗|中不|可能|有人要)",
        rf"(?:^|[ ,。、我俺]){_AGE}{_AGE_END}",
        rf"(?:满|快|奔){_AGE}了",
    )
)
_NOT_AGE_BEFORE: Final = re.compile(
    r"(?:孩子|小孩|娃|孙[子女]|宝宝|小时|一天|日薪|时薪|日结|每天|计件|能干到|干到)[^,。]{0,3}$"
)
_MIN_AGE, _MAX_AGE = 14, 79


def read_age(text: str) -> int | None:
    """Return the seeker's age; years of work, children's ages and age limits are not meant."""
    for pattern in _AGES:
        for match in pattern.finditer(text):
            if _NOT_AGE_BEFORE.search(text[: match.start("n")]):
                continue
            age = parse_number(match["n"])
            if age is not None and _MIN_AGE < age <= _MAX_AGE:
                return int(age)
    return None


_SELF_SEX: Final = re.compile(
    r"(?:我|俺|本人|咱)(?:是|就是)?个?(?P<a>[男女])(?:的|性|人|同志|士)?(?!朋|儿|婿|孩|友|方)"
    r"|(?:^|[ ,。、])(?P<b>[男女])(?:的|性|士)?(?=$|[ ,。、]|[1-7][0-9]|[二三四五六]?十)"
    r"|(?:[0-9十一二三四五六七八九]岁?的?)(?P<c>[男女])(?:的|性|士|人|同志)?(?!朋|儿|婿|孩|友|工|生)"
)
_WOMAN: Final = (
    "妈妈?|母亲|娘|妻子|媳妇|老婆|对象|妹妹?|姐姐?|嫂子?|外甥女|侄女|闺女|女儿|姨|婶子?|大娘"
)
_MAN: Final = "爸爸?|父亲|爹|丈夫|老公|弟弟?|哥哥?|外甥|侄子|叔叔?|大爷|女婿"
_KIN_SEX: Final = tuple(
    (
        sex,
        re.compile(
            rf"(?:替|给|帮|为)(?:我|俺|咱)?家?(?:{words})(?!的)(?:问|找|看|打听|寻)"
            rf"|(?:{words})(?:下岗了?|失业了?)?(?:今年|快|都|也|,| )?"
            r"(?:[1-7][0-9]|[二三四五六]?十[一二三四五六七八九]?)(?![年个天块])"
        ),
    )
    for sex, words in (("女", _WOMAN), ("男", _MAN))
)


def read_gender(text: str) -> str | None:
    """Return the seeker's sex where the text says it."""
    match = _SELF_SEX.search(text)
    if match:
        return match["a"] or match["b"] or match["c"]
    if "男女" in text:
        return None
    return next((sex for sex, pattern in _KIN_SEX if pattern.search(text)), None)


_EDUCATION: Final = re.compile(
    r"(?<![上读念在接送附])(?P<level>没上过学|没文化|不识字|文盲|小学|初中|高中|中专|技校|职高|中技|高职|大专|专科|本科|大学(?=毕业|学历|文化)|研究生|硕士)"
    r"(?!生|附近|门口|老师|旁|食堂|宿管|对面|里|保安|同学|后勤|生活|城|门卫|教师|校|厨|保洁)"
)
_OTHERS_SCHOOL: Final = re.compile(
    r"(?:孩子|娃|儿子|闺女|女儿|孙[子女]|离|近|接|送|招|去)[^,。 ]{0,6}$"
)


def read_education(text: str) -> str | None:
    """Return the seeker's schooling; a child's school or a place of work is not meant."""
    for match in _EDUCATION.finditer(text):
        if not _OTHERS_SCHOOL.search(text[: match.start()]):
            return match["level"]
    return None


_YEARS: Final = r"(?:[0-9]{1,2}|[一二两三四五六七八九十]{1,3}|半|好几|几)"
_EXPERIENCE: Final = re.compile(
    rf"(?:干|做|开|当|跑|修|烧|从事|工作|下井|工龄|经验|驾龄)(?:了|过|着)?(?:[^ ,。0-9满]{{0,4}})?"
    rf"(?:近|快|有)?{_YEARS}[多来]?年"
    rf"|(?<![0-9第]){_YEARS}[多来]?年(?:半|多)?的?(?:老|工作|从业|管理|驾驶)?"
    r"(?:经验|工龄|驾龄|井下|电工|焊工|司机|保安|会计|护士|厨师|教龄|矿工|采煤|钳工)"
    r"|退伍|当过兵|转业|复员|(?:综采|采煤|掘进|机电|运输|通风|开拓|准备|安监|皮带)[队区科]"
    r"|(?:[^ ,。有没持带和跟及、的押压交查]{1,6}证)(?!明|书?号|券|监|人|据)"
    r"|有驾照|驾照[abc][12]|[abc][12](?:驾照|驾驶证|本)"
    r"|(?:干|做|开|当|学)过[^ ,。过]{1,5}"
)
_NO_CERTIFICATE: Final = re.compile(
    r"身份证|保证|健康证$|^证|工作证|居住证|考|凭证|结婚证|没证|无证|啥证|什么证|手术|检查|满[0-9一二两三半]|过敏"
)


def read_experience(text: str) -> tuple[str, ...]:
    """Return what the person has done or holds, in the words of the text."""
    found = (match[0] for match in _EXPERIENCE.finditer(text))
    return tuple(dict.fromkeys(said for said in found if not _NO_CERTIFICATE.search(said)))
