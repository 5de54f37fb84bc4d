"""Who looked and who acted: for auditors and supervisors, without a word of what people said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import FastAPI, Response
from sqlmodel import Session, col, select

from bot.console import roster_words, words
from bot.console.access import Signed
from bot.console.desk import Desk
from bot.console.masking import mask
from models.audit import AuditEntry
from models.holiday import DayKind
from models.volunteer import Volunteer

PAGE = 50


@dataclass(frozen=True, slots=True)
class Act:
    """One act, in words."""

    id: int
    at: datetime
    who: str
    what: str
    subject: str
    reason: str


NOUNS = {
    "ticket": "求助",
    "contact": "来访者",
    "volunteer": "志愿者",
    "announcement": "群发",
    "media": "图片或语音",
    "reply": "回复",
    "duty": "值班",
    "weekly": "每周值班",
    "day": "日子",
    "load": "改动",
    "account": "公众号",
    "faq": "问答",
    "jobs": "岗位",
    "classes": "课程",
    "stations": "驿站",
    "figures": "本地数字",
}


def add_audit(app: FastAPI, desk: Desk) -> None:
    """Add the list of acts."""

    @app.get("/audit")
    def show_audit(person: Signed, before: int = 0) -> Response:
        """Show the newest acts, or those before the one with this number."""
        with desk.looking() as session:
            acts = _list_acts(session, before)
        return desk.page("audit.html", person=person, acts=acts[:PAGE], has_more=len(acts) > PAGE)


def _list_acts(session: Session, before: int) -> Sequence[Act]:
    query = (
        select(AuditEntry, Volunteer.display_name)
        .join(Volunteer, col(Volunteer.id) == col(AuditEntry.actor_id), isouter=True)
        .order_by(col(AuditEntry.id).desc())
        .limit(PAGE + 1)
    )
    if before > 0:
        query = query.where(col(AuditEntry.id) < before)
    names = dict(session.exec(select(Volunteer.id, Volunteer.display_name)).all())
    return [_act(entry, name, names) for entry, name in session.exec(query)]


def _act(entry: AuditEntry, name: str | None, names: Mapping[int | None, str]) -> Act:
    kind, _, number = entry.subject.partition(":")
    return Act(
        id=entry.id or 0,
        at=entry.at,
        who=name or "系统",
        what=words.ACTIONS.get(entry.action, entry.action),
        subject=_say_subject(kind, number, names),
        reason=mask(_say_reason(entry.reason, names)),
    )


def _say_subject(kind: str, number: str, names: Mapping[int | None, str]) -> str:
    """Return what it was about; who helps by the name that all know, nobody else by a name."""
    if kind == "volunteer" and number.isdecimal() and int(number) in names:
        return names[int(number)]
    return f"{NOUNS.get(kind, kind)} {number}"


def _say_reason(reason: str, names: Mapping[int | None, str]) -> str:
    kind, _, number = reason.partition(":")
    if reason in set(DayKind):
        return roster_words.DAY_KINDS[DayKind(reason)]
    if kind == "volunteer" and number.isdecimal():
        return _say_subject(kind, number, names)
    return roster_words.say_reason(reason)
