"""What an FAQ entry is held to before it may be told, in words for whoever writes it.

`scripts.check_citations` holds the shipped entries to the same limits (see `knowledge.citations`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from knowledge.approved import needs_source
from knowledge.citations import (
    FEWEST_SIMILAR,
    LONGEST_ANSWER,
    MOST_CITATIONS,
    Citation,
    count_characters,
    find_unsourced,
    find_unverified_phones,
    hash_article,
    normalise_article,
)
from knowledge.statutes import known_statutes
from models.faq import FaqEntry
from models.faq_version import EntryWords, FaqVersion
from models.statute import StatuteArticle, list_statutes

Cited = Mapping[str, object]

_NO_LAW: Final = "讲法律的回答要写依据，比如「劳动合同法47」，一行一条。"


@dataclass(frozen=True, slots=True)
class Findings:
    """What keeps an entry from being told, and what whoever reviews it has to look at."""

    faults: Sequence[str]
    hints: Sequence[str]


def settle(session: Session, citations: Sequence[Cited]) -> list[dict[str, object]]:
    """Return citations with version, quote and hash, as far as they are known here."""
    known = _known(session)
    return [_settled(session, cited, known.get(_name(cited))) for cited in citations]


def examine(session: Session, version: FaqVersion | EntryWords, *, today: date) -> Findings:
    """Return what is wrong with an entry, the gravest first, and what is to be looked at."""
    faults = [
        *_form_faults(version, today),
        *_law_faults(session, version),
    ]
    return Findings(faults, list(_hints(session, version)))


def _form_faults(version: FaqVersion | EntryWords, today: date) -> Iterator[str]:
    if not version.answer:
        yield "回答还没写。"
    length = count_characters(version.answer)
    if length > LONGEST_ANSWER:
        yield f"回答有 {length} 个字，{LONGEST_ANSWER} 个以内他才看得完。"
    for phone in find_unverified_phones(version.answer):
        yield f"电话 {phone} 没人核实过，先不要写。"
    if version.valid_until is not None and version.valid_until < today:
        yield "有效期已经过了。"


def _law_faults(session: Session, version: FaqVersion | EntryWords) -> Iterator[str]:
    if not version.citations and version.answer and is_legal(session, version):
        yield _NO_LAW
    if len(version.citations) > MOST_CITATIONS:
        yield f"依据最多 {MOST_CITATIONS} 条，留最要紧的。"
    known, loaded = _known(session), set(list_statutes(session))
    named = loaded | {statute for statute, _ in known} | set(known_statutes())
    for cited in map(Citation.from_json, version.citations):
        name = (cited.statute, cited.article)
        if cited.statute not in named:
            yield f"没有《{cited.statute}》这部法。法名写全了吗？"
        elif cited.statute in loaded and session.get(StatuteArticle, name) is None:
            yield f"《{cited.statute}》没有第{cited.article}条，请核对条号。"
        elif cited.statute not in loaded and name not in known:
            yield (
                f"《{cited.statute}》第{cited.article}条核不了：这部法的原文还没装，"
                "别的问答也没引过这一条。请核对条号，或者请管理员装上原文。"
            )


def is_legal(session: Session, version: FaqVersion | EntryWords) -> bool:
    """Tell whether an entry is about law: by what it says, or by what its topic rests on."""
    if needs_source(version.question) or needs_source(version.answer):
        return True
    return bool(version.topic) and version.topic in legal_topics(session)


def legal_topics(session: Session) -> set[str]:
    """Return the topics of which an entry that is told cites a statute."""
    rows = session.exec(select(FaqEntry.topic, FaqEntry.citations)).all()
    return {topic for topic, citations in rows if topic and citations}


def _hints(session: Session, version: FaqVersion | EntryWords) -> Iterator[str]:
    if len(set(version.similar)) < FEWEST_SIMILAR:
        yield f"相似问法 {len(set(version.similar))} 种，{FEWEST_SIMILAR} 种以上才听得准。"
    cited = [Citation.from_json(one) for one in version.citations]
    sources = [quote for one in cited for quote in one.quote]
    for one in cited:
        article = session.get(StatuteArticle, (one.statute, one.article))
        sources += [article.text] if article else []
    for figure in find_unsourced(version.answer, sources):
        yield f"「{figure}」在依据里没找到，审的时候请对一遍原文。"


def _settled(session: Session, cited: Cited, known: Cited | None) -> dict[str, object]:
    statute, number = _name(cited)
    article = session.get(StatuteArticle, (statute, number))
    bare: dict[str, object] = {"statute": statute, "article": number}
    if article is None:
        return bare | dict(known or {})
    held = normalise_article(article.text)
    quotes = Citation.from_json(known).quote if known else ()
    kept = [quote for quote in quotes if normalise_article(quote) in held]
    version = str(known.get("version", "")) if known else ""
    return bare | {
        "version": version if version and version in article.version else article.version,
        "quote": kept,
        "sha256": hash_article(article.text),
    }


def _known(session: Session) -> Mapping[tuple[str, int], Cited]:
    """Return the articles that entries rest on whose citations have been checked."""
    rows = session.exec(select(FaqEntry.citations).order_by(col(FaqEntry.id))).all()
    return {_name(one): one for citations in rows for one in citations if one.get("sha256")}


def _name(cited: Cited) -> tuple[str, int]:
    return str(cited["statute"]), int(str(cited["article"]))
