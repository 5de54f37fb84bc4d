"""What a volunteer would ask first, and what of it the person has said already: ask once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from models.job import JobSeeker
from models.volunteer import Skill

_AROUND: Final = 10
_SURNAME: Final = re.compile(r"(?:免贵|我|俺)姓([一-鿿])")
_CALLED: Final = re.compile(r"叫[我俺]([老小][一-鿿])(?:就行|就好|就成|吧|好了)")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something worth knowing; `found` is the person's own words, empty where it is not known."""

    name: str
    found: str = ""


_PLACE: Final = r"(矿|厂|公司|工地|集团|煤业|劳务)"
_SPAN: Final = r"[一二两俩仨三四五六七八九十半几\d]+个?多?(月|年|天)"
_CUES: Final[Mapping[Skill, Mapping[str, str]]] = {
    Skill.LAWYER: {
        # 矿上 and 厂里 name no place of work.
        "在哪儿干活": rf"(在|给|去)[一-鿿]{{1,8}}{_PLACE}|[一-鿿]{{2,6}}{_PLACE}(?![上里方长])",
        "干了多久": rf"(干|做|上班|工作|下井)了?[^，。；]{{0,4}}{_SPAN}",
        "有没有合同": r"合同|协议",
        "多少钱": r"[一二两三四五六七八九十百千万\d.]+(块|元|万|千)(?!五)"
        r"|(月|天|工资|底薪|工钱)[^，。；,;\d]{0,4}\d{3,6}(?![\d年月号])",
        "拖了多久": rf"(拖|欠|没发|不给)[^，。；]{{0,6}}{_SPAN}"
        rf"|{_SPAN}[^，。；]{{0,4}}(没发|没给|不给|没开)",
        "有什么凭据": r"工资条|欠条|考勤|微信记录|聊天记录|录音|流水|照片|证人|工友作证",
    },
    Skill.COUNSELOR: {
        "现在安全吗": r"安全|不想活|自杀|伤害自己|没想死",
        "身边有人吗": r"(跟|和|陪|有).{0,4}(老婆|媳妇|老公|孩子|爹|妈|父母|朋友|家里人)|一个人",
        "睡得怎样": r"睡|失眠|做梦",
    },
    Skill.CAREER: {},
    Skill.STAFF: {"在哪儿": r"[一-鿿]{2,8}(市|县|区|镇|村|街道|社区)"},
}
_SEEKER: Final[Mapping[str, str]] = {
    "age": "年龄",
    "trade": "干过什么",
    "place": "想在哪儿",
    "pay": "想要多少钱",
    "remark": "还说了",
}
_FOR_SEEKERS: Final = frozenset({Skill.CAREER, Skill.STAFF})
"""Who is told what somebody told as a job seeker: for the others it was not meant."""


def list_facts(skill: Skill, said: Iterable[str], seeker: JobSeeker | None) -> list[Fact]:
    """Return the facts for this kind of help, those known first."""
    text = "；".join(said)
    facts = [Fact(name, _find(cue, text)) for name, cue in _CUES[skill].items()]
    if skill in _FOR_SEEKERS:
        stored = {} if seeker is None else {name: getattr(seeker, name) for name in _SEEKER}
        asked = _SEEKER if skill is Skill.CAREER else {n: _SEEKER[n] for n in stored}
        facts += [Fact(label, stored.get(name, "")) for name, label in asked.items()]
    return sorted(facts, key=lambda fact: not fact.found)


def names_for(skill: Skill) -> list[str]:
    """Return the names of all facts for this kind of help."""
    stored = _SEEKER.values() if skill in _FOR_SEEKERS else ()
    return [*_CUES[skill], *stored]


def find_address(said: Iterable[str]) -> str:
    """Return how the person wants to be spoken to, where they said so themselves."""
    for text in said:
        surname, called = _SURNAME.search(text), _CALLED.search(text)
        if called:
            return called[1]
        if surname:
            return f"{surname[1]}师傅"
    return ""


def _find(cue: str, text: str) -> str:
    found = re.search(cue, text)
    if found is None:
        return ""
    start, end = max(found.start() - _AROUND, 0), min(found.end() + _AROUND, len(text))
    words = text[start:end]
    before = re.split(r"[，。；！？,;\n]", words[: found.start() - start])[-1]
    after = re.split(r"[，。；！？,;\n]", words[found.end() - start :])[0]
    return f"{before}{found[0]}{after}"
