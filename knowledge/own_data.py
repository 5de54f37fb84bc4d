"""What people want of their own data and of the messages they get, in their words."""

import re
from enum import StrEnum


class Wish(StrEnum):
    """What somebody wants of their own data."""

    NEWS = "news"
    CORRECT = "correct"
    ERASE = "erase"
    HOW_LONG = "how_long"
    WHO = "who"
    SHOW = "show"
    COLLECT = "collect"
    ANY = "any"


_DATA = r"(?:信息|登记|资料|记录|账号|简历|电话|名字|数据|档案|聊天|号|东西|隐私)"
_FIELD = r"(?:名字|姓名|电话|手机|号码|地址|资料|登记|信息|年龄|岁数|工种|工资|地方|名)"
_SENSITIVE = r"(?:身份证|病历|银行卡|人脸|指纹|住址|体检|病情)"
_WISHES = (
    (Wish.CORRECT, rf"姓.{{1,2}}[ ,]?不姓|{_FIELD}.{{0,6}}(?:错|改|换|更正|更新|变)"
     rf"|(?:改|换|更正|更新|修改|订正)(?:一下|个|下)?.{{0,6}}{_FIELD}|^改(?:一下|个)|[填写登记打]错"),
    (Wish.ERASE, rf"(?:删|注销|清除|清空|抹|销毁|撤).{{0,10}}(?:{_DATA}|全|都|我|俺)"
     rf"|(?:{_DATA}|全|都).{{0,8}}(?:删|注销|清[除空]|抹掉|撤)|^(?:删|注销)(?:除|掉|了|吧)*$"),
    (Wish.HOW_LONG, r"(?:存|留|保存|保留|记).{0,4}(?:多久|多长|几年|几天|到啥时候|到什么时候)"),
    (Wish.SHOW, r"(?:存|记|留|收集|知道|掌握|有|保存)(?:了|着)?(?:我|俺).{0,6}(?:啥|什么|哪些|多少)"
     rf"|(?:存|记|留|收集)(?:了|着)?(?:啥|什么|哪些)|(?:看|查)(?:看|一下|下)?(?:我|俺).{{0,3}}{_DATA}"
     rf"|(?:我|俺)的{_DATA}.{{0,4}}(?:有啥|有什么|有哪些|看看|查)"),
    (Wish.COLLECT, rf"(?:收集|采集|收|要|记|填|交|报|传|拍).{{0,6}}{_SENSITIVE}"
     rf"|{_SENSITIVE}.{{0,8}}(?:收集|采集|非得|必须|给你|给不给|要不要|该不该|能不能给)"),
    (Wish.WHO, r"谁|知道|看到|看见|晓得|查到|保密|泄|外传|卖|安全|告诉|透露|公开|隐私|实名"),
)  # fmt: skip
_SEARCHES = tuple((wish, re.compile(pattern)) for wish, pattern in _WISHES)

_CLEAR = re.compile(
    r"谁.{0,3}(?:看|知道|晓得).{0,4}(?:我|俺)(?:说|写|聊|填|的)|^(?:都|全)(?:部)?(?:给我|给俺)?删"
    r"|^(?:注销|删除|删掉)(?:账号|吧|了)*$"
    r"|^(?:我|俺)?(?:可)?(?:不想|别|不要|千万别|甭)(?:让|叫|给|告诉).{1,6}(?:知道|晓得|看见)(?:了|啊|吧)*$"
)

_STOP = r"(?:别|不要|不想|不用|不收|不再|甭|莫|停|退|取消|关)"
_KEEP = r"(?:留|保留|照发|接着发|继续发|还要|还发|可以发|能发)"
_CLASS = r"(?:公开课|课程?|讲座|培训)"
_JOB = r"(?:岗位|活儿?|工作|招工|招聘)"
_KINDS = {"class": re.compile(_CLASS), "job": re.compile(_JOB)}
_LINK = (
    r"(?:的|类|消息|推送|通知|信息|就|都|也|还是|给我|你?们?|[ ,]"
    rf"|(?:和|跟|、|还有)(?:{_CLASS}|{_JOB}))*"
)
_VERB_AFTER = re.compile(rf"{_LINK}(?:(?P<stop>{_STOP})|(?P<keep>{_KEEP}|要))")
_VERBS = re.compile(rf"(?P<stop>{_STOP})|(?P<keep>{_KEEP})")
_ONLY = re.compile(r"只|光|除了|除")
_ALL = re.compile(r"都|全|所有|一概|啥也|什么也|一个也|一条也|统统")
_ENOUGH = re.compile(
    r"退订|tuiding|少(?:给我|给俺)?(?:发|推)(?:点|些|几)|^td$|unsubscribe|取消(?:推送|订阅)|天天响|老(?:是)?响|响个不停"
    r"|(?:别|甭|不要|少|莫)(?:再|来|总|老|天天)*骚扰|(?:你们|推送|消息|短信).{0,6}骚扰"
    r"|^(?:天天|老是?|总是?|太)?骚扰(?:我|俺|人)?了?$"
    r"|(?:推送|消息|通知)(?:.{0,4}(?:停|关|取消)|太多|烦)"
    rf"|{_STOP}(?:止|掉|再|老|总|给|我|俺|收|天天|一直|瞎|乱|了|到)*"
    rf"(?:推送|消息|短信|通知|收了|推了?|发(?:了|啦|$|我|俺|给我|消息|推送|{_CLASS}|{_JOB}))"
    rf"|(?:{_CLASS}|{_JOB}){_LINK}{_STOP}(?:再)?(?:发|推|给我发)"
    rf"|(?:{_CLASS}|{_JOB})的?(?:消息|推送|通知|信息).{{0,3}}(?:{_STOP}|停)"
    rf"|(?:{_CLASS}|{_JOB})(?:的|类)(?:就|都|也)?停了?(?:吧|$)"
    rf"|(?:只|光)(?:发|推|收)(?:给我)?(?:{_CLASS}|{_JOB})的?(?:消息|推送|通知|信息|就行|吧)*$"
)
_AGAIN = re.compile(
    r"(?:再|重新|恢复|又|还是|接着|继续|可以|开始)(?:给)?(?:我|俺)?(?:发|推)"
    rf"(?:{_CLASS}|{_JOB}|消息|推送|通知)(?:的|消息|推送|通知|信息|吧|了|啊|呗)*$"
    r"|(?:重新|恢复|再|又|想).{0,2}订阅|(?:打开|恢复|开启?)(?:推送|通知)"
)


NO_REMINDER = (
    r"(?:别|甭|不用|不要|不想要|取消|关掉?|停)(?:再|老|给我|给俺)*提醒"
    r"|提醒(?:就|都)?(?:不要|不用|关|停)"
)
_NO_REMINDER = re.compile(NO_REMINDER)


def wants_no_reminder(text: str) -> bool:
    """Tell whether a sentence asks not to be reminded."""
    return _NO_REMINDER.search(text) is not None


def names_all(text: str) -> bool:
    """Tell whether a sentence means everything."""
    return _ALL.search(text) is not None


def find_wish(text: str) -> Wish:
    """Return what a sentence about one's own data wants."""
    if wants_silence(text) or wants_again(text):
        return Wish.NEWS
    return next((wish for wish, pattern in _SEARCHES if pattern.search(text)), Wish.ANY)


def is_clear(text: str) -> bool:
    """Tell whether a sentence can mean nothing but one's own data."""
    return _CLEAR.search(text) is not None


def wants_silence(text: str) -> bool:
    """Tell whether a sentence asks for fewer messages."""
    return _ENOUGH.search(text) is not None


def wants_again(text: str) -> bool:
    """Tell whether a sentence asks to be sent messages again."""
    return _AGAIN.search(text) is not None


def says_what_stays(text: str) -> bool:
    """Tell whether a sentence names a kind of messages and that it shall stay or stop."""
    return _VERBS.search(text) is not None and any(p.search(text) for p in _KINDS.values())


def read_kinds(text: str) -> dict[str, bool]:
    """Return which kinds of messages a sentence keeps (True) or stops (False)."""
    named = {kind: match for kind, p in _KINDS.items() if (match := p.search(text)) is not None}
    if _ONLY.search(text) and len(named) == 1:
        return {kind: kind in named for kind in _KINDS}
    if not named:
        return dict.fromkeys(_KINDS, False) if _ALL.search(text) else {}
    return {kind: _is_kept(text, match) for kind, match in named.items()}


def _is_kept(text: str, kind: re.Match[str]) -> bool:
    """Find the verb of a kind: right behind it (课的留着), else the nearest before (别发活儿)."""
    after = _VERB_AFTER.match(text, kind.end())
    if after is not None:
        return after["keep"] is not None
    before = list(_VERBS.finditer(text, 0, kind.start()))
    return not before or before[-1]["keep"] is not None
