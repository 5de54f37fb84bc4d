"""Takes the numbers and the name by which a person can be known out of what they wrote."""

import re
from typing import Final

LONGEST_WORDING: Final = 200
"""What an entry of the FAQ takes of one wording, in characters."""

MARK: Final = "[号码]"
"""Stands where such a number stood."""

NAME_MARK: Final = "[姓名]"
"""Stands where somebody gave their name."""

_DIGIT = r"[\d零〇一二三四五六七八九幺两]"
_GAP = r"[ \t.·\-—－_*]{0,2}"
_NUMBER: Final = re.compile(
    rf"{_DIGIT}{{7,}}[xX]?"  # in one piece: a date of birth is one as well
    rf"|{_DIGIT}(?:{_GAP}{_DIGIT}){{9,}}[xX]?"  # in pieces, but longer than a date
    # A local number in two pieces; not two years (2001-2010), not a wage (2800-3200).
    r"|(?<!\d)(?!20)[2-8]\d{2,3}[ \-—－](?!\d\d00)\d{4}(?!\d)"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_NAME: Final = re.compile(
    rf"(?<=我叫|名叫|字叫|姓名)(?:[是:：为叫]\s*)?[{_SURNAMES}][一-龥]{{1,2}}?"
    r"(?=[^一-龥]|$|今年|家住|家在|住在|男|女|电话|手机|是|想|要|在)"
)
"""Only after "I am called": a surname alone may be any word."""


def conceal(text: str) -> str:
    """Return the text on one line, with a mark for each number and for a name that was given."""
    return " ".join(_NAME.sub(NAME_MARK, _NUMBER.sub(MARK, text)).split())


def without_marks(concealed: str) -> str:
    """Return a concealed text with nothing where numbers and names stood."""
    return " ".join(concealed.replace(MARK, " ").replace(NAME_MARK, " ").split())


def as_wording(text: str) -> str:
    """Return a question as it stands in the draft of an answer: without numbers, not too long."""
    return without_marks(conceal(text))[:LONGEST_WORDING]
