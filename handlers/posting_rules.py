"""What may not stand in a posting, and what is said instead."""

import re

NO_FEE = "正规招聘不收任何费用，押金、服装费、培训费都不能收。"

_BOTH_SEXES = re.compile(r"男女(?:不限|都|均|皆|老少)|不(?:分|限)男女|不限性别|性别不限")
_UNFAIR = (
    (
        re.compile(
            r"男(?:的|性|工|士|同志)|女(?:的|性|工|士|同志)|[要招限只][几两一二三四五六七八九十0-9个名]*[男女]"
        ),
        "只要男的、只要女的，这样的条件不登。活儿要力气，就写要干什么，比如「能搬50斤」。",
    ),
    (
        re.compile(
            r"本地(?:户口|人|的)|外地(?:人|的|户口)?(?:不|勿|免|别)|户口(?!不限)"
            r"|不要(?:外地|外省|河南|河北|东北|山西|安徽|新疆|西藏)"
        ),
        "挑户口、挑本地外地的条件不登。要住得近，就写「能按时到岗」。",
    ),
    (
        re.compile(r"未婚|已婚|已育|没孩子|不(?:怀孕|生孩子)|属相|属[鼠牛虎兔龙蛇马羊猴鸡狗猪]"),
        "问婚育、挑属相的条件不登，跟干活没关系。",
    ),
    (
        re.compile(
            r"(?<![不没无免])(?:收|交|扣|押)[^,。 不]{0,4}(?:押金|服装费|培训费|介绍费|中介费)"
            r"|费(?:自理|自付|自己出)|先交钱|[押扣]身份证"
        ),
        f"让来干活的人先掏钱、押证件的不登：{NO_FEE}",
    ),
)


def find_objection(text: str) -> str | None:
    """Return what to say against a condition that is never listed, or None."""
    told = _BOTH_SEXES.sub(" ", text)
    return next((said for words, said in _UNFAIR if words.search(told)), None)
