"""Bring a message into the one form that understanding works on.

The person's own text is kept for humans; nobody is shown the result of this module.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from knowledge.lexicon import Lexicon, load_content

_WECHAT_FACE: Final = re.compile(
    r"\[[一-鿿A-Za-z]{1,5}\]"
    r"|/:(?::[^\s一-鿿]{1,2}|[@,&<?!#|>*+\-]?[a-z@<>&()?!|~#*+\-]{1,5})(?![a-z./])"
)
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)
_PICTURE: Final = re.compile(
    "[\ue000-\uf8ff\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u2580-\u27bf\u2b00-\u2bff\u3030\u303d\u20e3"
    "\ufffc-\uffff\U0001f000-\U0001faff]+"
)
_REPEATED: Final = re.compile(r"([^0-9w一二两三四五六七八九十百千零〇])\1{2,}")
_REPEATED_MARK: Final = re.compile(r"([,。!?;:、~\-\"])[,。!?;:、~\-\".]+")
_HAN: Final = re.compile(r"[一-鿿]")
_SPACES: Final = re.compile(r"\s+")
_FILLER: Final = re.compile(
    r"[嗯呃欸诶]+(?:[,、。 ]+)?"
    r"|(?:那个|这个|然后){2,}"
    r"|(?:(?<![一-鿿])|(?<=[啊吧呢哎嗯呃]))(?:那个|这个|就是|就)(?=[我俺咱你])"
    r"|就是说"
    r"|怎么说呢|咋说呢|(?<![一-鿿])额+(?=[,。、 我俺咱])"
)
_LATIN_WORD: Final = re.compile(r"[a-z]{4,12}")
_MARKS: Final = {
    "，": ",", "！": "!", "？": "?", "；": ";", "：": ":", "（": "(", "）": ")", "｡": "。",
    "．": ".", "～": "~", "〜": "~", "—": "-", "–": "-", "―": "-", "‐": "-", "‑": "-", "−": "-",
    "“": '"', "”": '"', "‘": '"', "’": '"', "「": '"', "」": '"', "『": '"', "』": '"',
    "…": "。", "﹐": ",", "﹑": "、", "·": " ", "•": " ", "・": " ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Corrections:
    lexicon: Lexicon
    right: dict[str, str]
    not_before: dict[str, str]
    not_after: dict[str, str]
    pinyin: dict[str, str]


def normalise(text: str) -> str:
    """Return the text simplified, lower-cased and freed of noise, fillers and known slips."""
    said = text
    if "/:" in said or "[" in said:
        said = _WECHAT_FACE.sub(_gap, said)
    said = unicodedata.normalize("NFKC", said.translate(_early_table())).lower()
    said = _INVISIBLE.sub("", said.translate(_character_table()))
    said = _PICTURE.sub(_gap, said)
    said = _REPEATED_MARK.sub(r"\1", _REPEATED.sub(r"\1", said))
    said = _SPACES.sub(" ", said).strip()
    spoken = _FILLER.sub("", said).strip(" ,、")
    return _correct(spoken or said)


def _gap(picture: re.Match[str]) -> str:
    """Return what a picture leaves: nothing inside Chinese, which has no gaps, else a space."""
    before = picture.string[picture.start() - 1 : picture.start()]
    after = picture.string[picture.end() : picture.end() + 1]
    return "" if _HAN.match(before) and _HAN.match(after) else " "


def _correct(text: str) -> str:
    table = _corrections()
    if not text.isascii():
        text = _replace_slips(text, table)
    if _LATIN_WORD.search(text):
        text = _LATIN_WORD.sub(lambda word: table.pinyin.get(word[0], word[0]), text)
    return text


def _replace_slips(text: str, table: _Corrections) -> str:
    pieces: list[str] = []
    done = 0
    for hit in table.lexicon.find(text):
        after, before = text[hit.end : hit.end + 1], text[hit.start - 1 : hit.start]
        if (after and after in table.not_before.get(hit.word, "")) or (
            before and before in table.not_after.get(hit.word, "")
        ):
            continue
        pieces += (text[done : hit.start], table.right[hit.word])
        done = hit.end
    return "".join((*pieces, text[done:])) if pieces else text


@cache
def _early_table() -> dict[int, str]:
    """Return what must be mapped before NFKC would spread it over several characters."""
    return {ord(char): _MARKS[char] for char in "…·"}


@cache
def _character_table() -> dict[int, str]:
    """Return Traditional to Simplified and punctuation, one character each.

    The single-character table of OpenCC through `str.translate` takes microseconds where the
    converter itself takes milliseconds; telling phrases apart is not needed to understand.
    """
    source = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split() for line in source.splitlines() if line.strip())
    table = {ord(pair[0]): pair[1] for pair in pairs if len(pair) > 1 and len(pair[0]) == 1}
    return table | {ord(mark): plain for mark, plain in _MARKS.items()}


@cache
def _corrections() -> _Corrections:
    content = load_content("corrections.yaml")
    words, guarded, pinyin = content["words"], content["guarded"], content["pinyin"]
    if not (isinstance(words, dict) and isinstance(guarded, list) and isinstance(pinyin, dict)):
        message = "corrections.yaml needs the parts words, guarded and pinyin"
        raise TypeError(message)
    right = words | {entry["wrong"]: entry["right"] for entry in guarded}
    return _Corrections(
        lexicon=Lexicon(right),
        right=right,
        not_before={entry["wrong"]: entry["not_before"] for entry in guarded},
        not_after={entry["wrong"]: entry["not_after"] for entry in guarded},
        pinyin=pinyin,
    )
