"""Pay, hours and needs: each reader takes a normalised text and reads one thing of it."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from knowledge.numbers import Amount, find_amounts

A_NOT_A: Final = re.compile(r"(.)不\1")


def mask_questions(text: str) -> str:
    """Blank the 不 of 要不要 and 上不上, which asks and does not refuse; positions stay."""
    return A_NOT_A.sub(r"\1??", text) if "不" in text else text


@dataclass(frozen=True, slots=True)
class Pay:
    """The pay a text asks for, in yuan per `unit`."""

    low: int | None
    high: int | None
    unit: str


_BEFORE: Final = r"[^0-9,。!?; ]{0,5} ?$"
_PER: Final = r"(?:块钱?|元|多|来块|\+|以上|往上|左右| )*(?:/|一|每|1)个?"
_UNIT_RULES: Final = (
    ("hour", rf"{_PER}(?:小时|钟头|h\b)", rf"(?:小时|时薪|钟头){_BEFORE}", 5, 300),
    ("day", rf"{_PER}(?:天|日|工)|日结", rf"(?:[一每]天|日薪|日结|一个工|天){_BEFORE}", 30, 3000),
    ("piece", rf"{_PER}(?:件|套|双|吨|单)", rf"(?:计件|[一每]件|[一每]单){_BEFORE}", 0, 500),
    ("year", rf"{_PER}年", rf"(?:年薪|年收入|[一每]年){_BEFORE}", 10_000, 1_000_000),
    ("month", rf"{_PER}月", rf"(?:月薪|工资|[一每]个?月|底薪){_BEFORE}", 800, 80_000),
)
_UNITS: Final = tuple(
    (unit, re.compile(after), re.compile(before), low, high)
    for unit, after, before, low, high in _UNIT_RULES
)
_NOT_PAY_AFTER: Final = re.compile(
    r" ?(?:年|个(?!月)|点|岁|人|周|号|楼|路|公里|里|分|级|口|"
    r"份|次|位|辆|斤|平|度|块?的?(?:房租|押金|贷款))"
)
_NOT_PAY_BEFORE: Final = re.compile(
    r"(?:以前|原来|之前|从前|现在|过去|下井|井下|矿上|欠|贷|房租|罚|押金|培训费|中介费|赔|花了)"
    r"[^,。!? ]{0,8}$"
)
_YEARS_NEAR: Final = (1950, 2050)
_MONEY_AFTER: Final = re.compile(r" ?(?:块|元|多|以上|往上|左右|起|\+|/)")
_HIGH_AFTER: Final = re.compile(r"(?:块钱?|元)?(?:以下|以内|封顶|到头)")
_HIGH_BEFORE: Final = re.compile(r"(?:不超过|最多|不高于|顶多)$")


def read_pay(text: str) -> Pay | None:
    """Return the pay the text asks for; sums owed, paid or earned before are not meant."""
    for amount in find_amounts(text):
        before, after = text[max(amount.start - 14, 0) : amount.start], text[amount.end :]
        if _NOT_PAY_BEFORE.search(before):
            continue
        unit = _pay_unit(amount, before, after)
        if unit:
            return _pay(amount, unit, before, after)
    return None


def _pay_unit(amount: Amount, before: str, after: str) -> str | None:
    for unit, follows, precedes, low, high in _UNITS:
        if low <= amount.low <= high and (follows.match(after) or precedes.search(before)):
            return None if unit != "month" and _NOT_PAY_AFTER.match(after) else unit
    if _NOT_PAY_AFTER.match(after) or re.search(r"[a-z0-9]$", before):
        return None
    if _is_year(amount, after):
        return None
    return "month" if Decimal(1000) <= amount.low <= Decimal(60_000) else None


def _is_year(amount: Amount, after: str) -> bool:
    """Tell 2015 of a date from a round sum or one with a word of money behind it."""
    looks_like_one = _YEARS_NEAR[0] <= amount.low <= _YEARS_NEAR[1] and amount.low % 100 != 0
    return looks_like_one and not _MONEY_AFTER.match(after)


def _pay(amount: Amount, unit: str, before: str, after: str) -> Pay:
    low, high = int(amount.low), int(amount.high) if amount.high else None
    if high is None and (_HIGH_AFTER.match(after) or _HIGH_BEFORE.search(before)):
        return Pay(None, low, unit)
    return Pay(low, high, unit)


_REFUSE: Final = (
    r"(?:不想再?|不能|不愿意?|(?<!要)不要|别(?!的)|(?<!有)没有|不用|不干|不上|不排|不值|不是|拒绝|"
    r"上不了|干不了|值不了|熬不了|吃不了|受不了|吃不消|不敢|不接受|不考虑|不)(?:再|上|要|干|值|排|让|叫|给|我|俺|有|去|来|搞|整|是)*"
)
_CANNOT: Final = (
    r"(?:的活?|上班|干活)?(?:我|俺|咱|可|真|实在|就|也|身体)*"
    r"(?:不行|不干|不上|不要|不能|不想|不考虑|[上干熬倒]不了|[熬扛顶]不[住动]|吃不消|受不了|不成|不中|"
    r"没法|别(?:再|给我|给俺)*[发推整]|出不来|不去|免谈|算了|不接受|不可以)"
)
_NIGHT: Final = r"(?:大|小|下|上)?(?:夜班|晚班|熬夜|夜间|大夜|通宵|半夜|后半夜)"
_TURNS: Final = r"(?:倒班|[两三四二]班[两三]?倒|四班三运转|翻班|轮班|黑白倒|大倒班|小倒班)"
_FINE: Final = (
    r"(?:啥的|什么的|也|都|我|俺|咱|还|就|倒)*(?:可以|可接受|行|能[上干熬]|能接受|没问题|没事|无所谓|"
    r"不怕|不要紧|接受|愿意|认了|中|成|习惯)(?!吗|不|么|嘛|\?)"
)
_WILLING: Final = (
    r"(?<!不)(?<!不可)(?:能|可以|可|愿意|接受|肯|不怕|能够)(?:上|接受|值|干|倒|熬|适应)*"
)
_SHIFTS: Final = {
    "no_night": re.compile(
        rf"{_REFUSE}(?:{_NIGHT}|夜里|夜)(?!市)|(?:{_NIGHT}|夜里|晚上){_CANNOT}"
        r"|[熬上]不[了动住得]夜|晚上得?(?:回家|在家)|晚上要?(?:照顾|看|带)"
    ),
    "no_rotating": re.compile(
        rf"{_REFUSE}{_TURNS}|不倒班|不倒的|{_TURNS}{_CANNOT}|倒不[了动]班|固定班"
    ),
    "night_ok": re.compile(
        rf"(?:{_NIGHT}|{_TURNS}|上夜){_FINE}|{_WILLING}(?:{_NIGHT}|{_TURNS})"
        r"|白班夜班(?:都|我)|黑白班"
    ),
    "night_only": re.compile(
        r"(?:只|光|就|专门?)(?:想|要|干|上|找|能)*(?:夜班|晚上|夜里)"
        r"|(?<![不别])(?:找|想要|要|想找|想干|想上)(?:个|份|上|点)*(?:夜班|夜间|晚上)"
        r"|(?:夜里|晚上)(?:看|值)|夜间的?(?:$|[ ,。活岗工])|夜班(?:的|岗|保安|门卫|看)|专上夜班"
    ),
    "day_only": re.compile(
        r"[长常]白班|白班|白天(?:的|上班|干|班|就)|正常班|行政班|朝[八九]晚[五六]"
        r"|(?:早|上午)[^,。]{0,9}(?:点|半)?(?:到|-|至)(?:下午)?[^,。晚]{0,4}[点半]"
        r"|(?:点|半|:[0-9]0)[之以]?前[^,。点]{0,4}(?:下班|回家|到家)"
    ),
    "part_time": re.compile(
        r"兼职|(?<!一)小时工|钟点工|半天(?!了)|半班|业余|(?:周末|礼拜天|星期天)(?:的|能|干|兼|做|打|在家|闲|有空)|干几个小时"
        r"|(?:^|[ ,。])(?:下午|上午|晚上)(?:$|[ ,。]|的活|几个小时)|抽空|空闲时间"
    ),
    "two_days_off": re.compile(
        r"双休|周末休|休周末|做五休二|(?:一|每)个?(?:周|星期|礼拜)(?:能|得)?(?:休息?|歇)[两二2]天|周六周?日休"
    ),
}
_NO_DOUBLE_OFF: Final = re.compile(r"(?:不用|不要|没有?|不|不一定)双休|双休不双休")


def read_shift(text: str) -> tuple[str, ...]:
    """Return the wishes about hours, by the names of the contract."""
    text = mask_questions(text)
    found = {name for name, pattern in _SHIFTS.items() if pattern.search(text)}
    if "no_night" in found:
        found -= {"night_only", "night_ok"}
    if "night_ok" in found:
        found -= {"night_only", "day_only"}
    if "day_only" in found and re.search(r"白班(?:和|、|跟)?夜班|不(?:要|想上|上)白班", text):
        found.discard("day_only")
    if _NO_DOUBLE_OFF.search(text):
        found.discard("two_days_off")
    return tuple(name for name in _SHIFTS if name in found)


_LIGHT: Final = re.compile(
    r"轻松|轻快|轻省|轻巧|轻便|轻活|不累|清闲|别太累|(?<!不怕)不(?:怎么|太|能)累"
    r"|(?:腰|腿|脚|膝盖?|胳膊|手|肩|颈椎|腰椎|身体|身子骨?|心脏|肺)(?:部|上|腿|盘|间盘)?(?:也|都|还|有点|有些|不太|不是很)*"
    r"(?:不好|不行|不方便|不得劲|疼|有毛病|有病|有伤|受过伤|做过手术|动过手术|突出|不利索|残|断过|不中|使不上劲|差)"
    r"|腰突|有伤(?!残赔)|受过伤|病根|老毛病|使不上劲|干不动|[搬扛提抬举]不[了动起]|(?:不|不用|不要|不能|别)[搬扛抬提](?!出|前|供|过|成)|"
    r"力气小|不出力|一只手|断指|假肢|拐杖|拄拐|走路不便|走不了远|[站坐]不住|站不了|不能(?:久|老|一直)?站|"
    r"不能弯腰|弯不[了下]腰|怀孕|孕妇|刚出院|手术后|出院|不能累|别累着|体弱|透析|化疗|癌|哮喘|喘|关节|"
    r"风湿|痛风|糖尿病|中风|偏瘫|脑梗|冠心病|支架|"
    r"做过[^ ,。]{0,3}手术|动过[^ ,。]{0,3}手术|不费(?:劲|力)|"
    r"省力|体力(?:跟不上|不行|不好|差)|身体(?:虚|弱)|有残|残的|跛|瘸|间盘突出|尘肺|矽肺|残疾|伤残|无障碍|轮椅|养病|心脏病|高血压|老胳膊老腿"
    r"|(?:干|做|出|扛|搬|提)不(?:了|动)(?:重|体力|力气|太?累|大力|沉|东西)"
    r"|(?:不要|别要|不想|不能|别|不干|不做|不接受|不找|不)(?:太|再|干|做|搬|扛|要|让我干|是|出)*(?:重|体力|力气|沉|累(?!死)|大力|下力)"
    r"|(?:重活|体力活?|力气活|累活|出力的?)(?:可|我|俺|就|真|的|也)*(?:不行|干不了|干不动|不能|不干|做不了|别|受不了|吃不消)"
    r"|坐着(?:干|的|就|能)|能坐着|没(?:有?力气|劲)"
)
_CHILD: Final = r"(?:孩子|孩|娃儿?|小孩|孙女?子?|学生|儿子|闺女|女儿|外孙|宝宝|小朋友)"
_PICKUP: Final = re.compile(
    rf"(?:接送?|送)(?:完|下|个|我|俺|家|上学的?|一下|俩|两个)*{_CHILD}(?!车)"
    rf"|{_CHILD}[^,。]{{0,8}}(?:没人(?:接|管|看|带)|放学|要接|得接|接送)"
    rf"|{_CHILD}[^。!?]{{0,9}}(?:能|可以|想)带着"
    rf"|(?:照顾|照看|看|顾|管|带)(?:着|我|俺|自己|家|俩|两个|三个|个|仨|一个|小)*{_CHILD}"
    rf"|给{_CHILD}做饭|接送|早晚接|带娃|带着?[俩仨]|顾家"
)
_CARE_JOB: Final = re.compile(
    rf"(?:给人|帮人|替人|给别人|帮别人)(?:家)?(?:带|看|接送){_CHILD}|(?:带|看|接送){_CHILD}的?(?:活|工作|阿姨|保姆|岗)"
    rf"|(?:会|能|喜欢)(?:带|看){_CHILD}|接送(?:员工|职工|工人|学生|客)|(?:校车|班车)接送"
)


def wants_light_work(text: str) -> bool:
    """Tell whether heavy work is out of the question."""
    return bool(_LIGHT.search(text))


def needs_pickup(text: str) -> bool:
    """Tell whether children must be fetched or minded; minding them as a job is not meant."""
    return bool(_PICKUP.search(_CARE_JOB.sub(" ", text)))


_INSURANCE: Final = re.compile(
    r"(?:[三四五六]险|社保|社会保险|养老保险|医保|公积金)|(?:有|交|上|缴|给|带|买|管|含)(?:个|点|得|全|齐)?保险(?!公司|的?(?:业务|推销|销售))"
    r"|保险(?:得|要|给)?(?:交|齐|全|缴)"
)
_NO_INSURANCE: Final = re.compile(
    r"(?:不用|不交|不需要|不要|没有?|不给|不上|不缴|无需|不)(?:给|交|上|缴|买|要)*(?:社保|[三五]险|保险|公积金)(?!不|的?(?:不|别))"
    r"|(?:社保|[三五]险|保险)(?:交不交|有没有|无所谓|不交|可以不|不用|自己交|自己缴|已经交)|卖保险|做保险|自己(?:交|缴)(?:着)?社保"
)
_MUST_INSURE: Final = re.compile(r"不(?:交|给|上|缴)(?:社保|[三五]险|保险)(?:的)?(?:不|别|免)")


def wants_insurance(text: str) -> bool:
    """Tell whether social insurance is asked for (selling insurance is something else)."""
    if _MUST_INSURE.search(text):
        return True
    return bool(_INSURANCE.search(_NO_INSURANCE.sub(" ", text)))


_LODGING: Final = re.compile(
    r"(?:包|管|供|给|带|提供|安排|解决|免费|含|有)(?:吃|个)*(?:住(?!家|院)|宿)|吃住|包吃包住|食宿|(?:有|住|带|给|提供|安排)(?:个|集体|员工)?宿舍"
    r"|能住(?!家)|可以?住宿|住宿(?!费)|住的地方|住厂"
)
_NO_LODGING: Final = re.compile(
    r"(?:不用|不需要|不要|不|没有?|别)(?:管|包|提供|给|要|用|住)*(?:吃)?(?:住宿舍?|宿舍|住|吃住)(?!家)"
    r"|住家里|(?:管|包)不(?:管|包)住(?:都行|无所谓)|吃住自理"
)


def wants_lodging(text: str) -> bool:
    """Tell whether a bed is asked for."""
    return bool(_LODGING.search(_NO_LODGING.sub(" ", text)))
