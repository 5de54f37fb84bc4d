"""What a normalised text refuses: 不想下井, 别发保险的, 销售不干."""

import re
from dataclasses import dataclass
from typing import Final

from knowledge.lexicon import Lexicon
from knowledge.slot_readers import mask_questions

_TERMS: Final = {
    "下井": "下井", "入井": "下井", "井下": "下井", "下窑": "下井", "下矿": "下井", "出差": "出差",
    "出远门": "外地", "去外地": "外地", "外地": "外地", "外省": "外地",
    "保险": "保险", "保健品": "保健品", "刷单": "刷单", "押金": "押金", "押钱": "押金",
    "压钱": "押金", "交押金": "押金", "压证": "压证", "押证": "压证", "扣证": "压证",
    "外包": "外包", "派遣": "劳务派遣", "劳务": "劳务派遣", "中介": "中介", "面议": "工资面议",
    "四班三倒": "四班三倒", "三班倒": "三班倒", "两班倒": "两班倒", "加班": "加班",
    "爬高": "高处作业", "登高": "高处作业", "高空": "高处作业", "高处": "高处作业",
    "上高": "高处作业", "噪音": "噪音", "噪声": "噪音", "太吵": "噪音", "吵的": "噪音",
    "机器响": "噪音", "粉尘": "粉尘", "灰尘": "粉尘", "灰大": "粉尘", "住家": "住家",
    "过夜": "住家", "喝酒": "喝酒应酬", "应酬": "喝酒应酬", "陪酒": "喝酒应酬",
    "高温": "高温", "太热": "高温", "有毒": "有毒有害", "毒气": "有毒有害", "异味": "异味",
    "味大": "异味", "气味": "异味", "传销": "传销", "直销": "传销",
    "培训费": "收费", "收费": "收费",
    "交钱": "收费", "贷款": "贷款", "催收": "催收", "接电话": "接电话", "听电话": "接电话",
    "流水线": "流水线", "站着": "久站", "久站": "久站",
    "爬楼": "爬楼", "冷库": "低温", "低温": "低温", "太冷": "低温", "油烟": "油烟",
    "沾水": "沾水", "碰水": "沾水", "油漆": "异味", "甲醛": "异味", "打电话": "打电话",
    "说普通话": "说普通话", "提成": "提成", "计件": "计件", "临时工": "临时工", "日结": "日结",
    "拖工资": "拖欠工资", "拖欠": "拖欠工资", "压工资": "拖欠工资", "欠薪": "拖欠工资",
    "扣钱": "扣钱", "扣工资": "扣钱", "罚款": "扣钱", "出国": "出国", "密闭": "密闭空间",
    "矿上": "煤矿", "煤矿": "煤矿", "矿山": "煤矿", "跑业务": "销售", "出省": "外地",
    "出市": "外地", "搬家": "搬家", "爬架子": "高处作业", "上架子": "高处作业", "爬杆": "高处作业",
    "站一天": "久站", "久坐": "久坐", "吵": "噪音", "危险": "危险作业", "高危": "危险作业",
    "上夜": "", "夜班": "", "倒班": "", "体力": "", "重活": "", "双休": "",
}  # fmt: skip
_TERM_LEXICON: Final = Lexicon(_TERMS)
_BODY_STOP: Final = (
    r"(?![干做]不|不|别|还|其他|其它|剩下|都|了|有没|有活|想|要|找|就|只|但|可|能|给|啥|咋|以外)"
)
_NEGATOR: Final = (
    r"(?:(?:再也|死都|打死也|坚决|绝对|真)?(?:不想再?|不愿意?再?|(?<!要)(?<!需)不要|不干|不做|不去|不接受|不跑|不搞|"
    r"不考虑|不用|不碰|不收|不交|不当|不找|不再|不从事|不能(?:干|做|去|闻|碰|接触)?|别让[我俺]|别叫[我俺]|别给[我俺]|别发|别推|别要|别找|"
    r"别整|别是|别再|(?<!特)(?<!区)(?<!告)别(?!的|人)|除了|[干做]不了|受不了|拒绝|避开|害怕|怕|讨厌|不)(?:再|干|做|去|要|整|发|推荐?|找|是|那些|那种|这种|什么|啥|搞|当)*)"
)
_REFUSED: Final = re.compile(rf"(?P<neg>{_NEGATOR})(?P<body>(?:{_BODY_STOP}[^ ,。!?;]){{1,10}})")
_REFUSED_AFTER: Final = re.compile(
    r"(?P<body>[^ ,。!?;、]{1,8}?) ?(?:都|我|俺|就|也|真|一律|坚决)*"
    r"(?<!行)(?<!要)(?:不想[去干做]?|干不动|干够|"
    r"别(?:再|给我|给俺)*[发推整]|不行|不干|不做(?!保)|不去|干不了|受不了|不考虑|不碰|免谈|除外|勿推|别找我|别来|不要|勿扰|"
    r"不能去|不能干|不接受|闻不了|吃不消)(?=$|[ ,。!?;了的])"
)
_ALWAYS_REFUSED: Final = {"恐高": "高处作业", "怕高": "高处作业", "晕高": "高处作业"}
_OPEN_NEGATORS: Final = (
    "不想干",
    "不干",
    "不做",
    "不要",
    "别发",
    "不去",
    "别要",
    "不想去",
    "不考虑",
    "不想做",
)
_OPEN_BODY: Final = re.compile(r"(?P<what>[一-鿿]{2,5}?)(?:那种|这种|那样)?(?:的|了|吧|那边)?$")
_EMPTY_BODY: Final = re.compile(
    r"经验|学历|文化|技术|求|紧|急|钱|夜|班|体力|重|累|住|社保|险|太|离|远|休|骗|我|俺|你|脸|了$|工资|这个|那个|啥|什么|行|力气|活$|苦$"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A stretch of the text that says what the person does not want."""

    start: int
    end: int
    negator: str
    body: str


def locate_refusals(text: str) -> list[Refusal]:
    """Return the stretches of the text that refuse something."""
    text = mask_questions(text)
    found = [
        Refusal(match.start("body"), match.end("body"), match["neg"], match["body"])
        for match in _REFUSED.finditer(text)
    ]
    if "不" in text or "免谈" in text or "除外" in text:
        found += [
            Refusal(match.start("body"), match.end("body"), "", match["body"])
            for match in _REFUSED_AFTER.finditer(text)
        ]
    return found


def read_refused_terms(text: str, refusals: list[Refusal]) -> list[str]:
    """Return the refused things that are not occupations (下井, 出差, 押金 …)."""
    terms = [name for word, name in _ALWAYS_REFUSED.items() if word in text]
    for refusal in refusals:
        terms += _terms_of(refusal)
    return [term for term in dict.fromkeys(terms) if term]


def _terms_of(refusal: Refusal) -> list[str]:
    hits = list(_TERM_LEXICON.find(refusal.body))
    if refusal.negator == "不":  # a bare 不 belongs to the word right behind it
        hits = [hit for hit in hits if hit.start == 0]
    return [_TERMS[hit.word] for hit in hits]


def read_open_refusal(refusal: Refusal) -> str | None:
    """Return a refused thing nobody foresaw, where it is short and plainly an object."""
    if not refusal.negator.endswith(_OPEN_NEGATORS):
        return None
    match = _OPEN_BODY.fullmatch(refusal.body)
    return match["what"] if match and not _EMPTY_BODY.search(match["what"]) else None
