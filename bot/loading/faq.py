"""What a sheet of faq holds, and how its rows are judged."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session

from bot.loading.cell_times import day
from bot.loading.cells import BadCellError, Cell, key, listed, text
from bot.loading.kind import Column, Fault, Kind, Settling
from knowledge.numbers import parse_number
from models.faq import FAQ_CONTENT, FaqEntry
from models.faq_version import record_told

_CITED: Final = re.compile(
    r"《?(?P<statute>(?!第)[^《》\d]{2,60}?)》?\s*第?\s*(?P<article>\d{1,4}|[零一二三四五六七八九十百千]+)\s*条?"
)
_MOST: Final = 8
_SPLIT: Final = listed(200, _MOST, breaks=r"[|｜;；\n]")
_HOW: Final = "请写成“劳动合同法47”，几条用 | 隔开"


def citations(cell: Cell) -> list[dict[str, object]]:
    """Take citations: texts such as 劳动合同法47, or objects with `statute` and `article`."""
    objects = cell if isinstance(cell, list) else []
    if any(isinstance(item, Mapping) for item in objects):
        return [_from_object(item) for item in objects]
    parts = _SPLIT(cell)
    assert isinstance(parts, list)  # noqa: S101 - what `listed` returns
    return [_from_text(part) for part in parts]


def _from_text(part: str) -> dict[str, object]:
    match = _CITED.fullmatch(part.translate(str.maketrans("０１２３４５６７８９", "0123456789")))
    article = parse_number(match["article"]) if match else None
    if match is None or not article:
        message = f"“{part}”看不出是哪部法第几条；{_HOW}"
        raise BadCellError(message)
    return {"statute": _short_name(match["statute"]), "article": int(article)}


def _from_object(item: object) -> dict[str, object]:
    if not isinstance(item, Mapping):
        raise BadCellError(_HOW)
    statute, article = item.get("statute"), str(item.get("article", ""))
    if not isinstance(statute, str) or not statute.strip() or not article.isdecimal():
        message = "每条引用都要有 statute（法名）和 article（第几条，数字）"
        raise BadCellError(message)
    named: dict[str, object] = {"statute": _short_name(statute), "article": int(article)}
    return named | {name: item[name] for name in ("version", "quote", "sha256") if item.get(name)}


def _short_name(statute: str) -> str:
    return statute.strip().removeprefix("中华人民共和国")


def _settle(settling: Settling[FaqEntry]) -> Iterable[Fault]:
    """Keep the quote and hash of a citation that the sheet only names again."""
    known = {_name(cited): cited for cited in (settling.present or settling.row).citations}
    settling.row.citations = [
        cited if "quote" in cited else known.get(_name(cited), cited)
        for cited in settling.row.citations
    ]
    return ()


def _leave_versions(session: Session, keys: Sequence[str], now: datetime) -> None:
    record_told(session, keys, now=now)


def _name(cited: Mapping[str, object]) -> tuple[object, object]:
    return cited.get("statute"), cited.get("article")


KIND: Final = Kind(
    name="faq",
    noun="问答",
    model=FaqEntry,
    settle=_settle,
    touched=("updated_at",),
    content=FAQ_CONTENT,
    follow=_leave_versions,
    columns=(
        Column(
            "id",
            ("编号", "问答编号", "序号"),
            key(64),
            "示例-1",
            required=True,
            hint="每条一个，不要改动",
        ),
        Column(
            "question",
            ("问题", "标准问题", "问"),
            text(200),
            "没签劳动合同能要双倍工资吗？",
            required=True,
            hint="最多200字",
        ),
        Column(
            "answer",
            ("回答", "答案", "答"),
            text(2000),
            "可以要。最多11个月。先留好工资流水和考勤。",
            required=True,
            hint="300字以内最好读；最后写下一步怎么办",
        ),
        Column(
            "similar",
            ("相似问法", "相似问题", "其他问法"),
            listed(200, 100),
            "没给签合同咋办|老板不签合同",
            hint="别的问法，用 | 隔开",
        ),
        Column("topic", ("主题", "分类", "类别"), text(40), "contract", hint="同一主题写同一个词"),
        Column(
            "citations",
            ("法律依据", "依据", "引用", "法条"),
            citations,
            "劳动合同法82|劳动合同法实施条例7",
            hint="法名加第几条，用 | 隔开",
        ),
        Column(
            "valid_until",
            ("有效期", "有效期至", "有效期到", "截止日期"),
            day,
            "2027-12-31",
            hint="过了这天就不再回答；空着是一直有效",
        ),
    ),
)
