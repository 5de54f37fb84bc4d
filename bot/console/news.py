"""Announcements: written, looked at as the phone shows them, sent, watched, stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from bot.console import live
from bot.console.access import MissingError, Person, Signed
from bot.console.desk import Desk, go_to
from bot.console.forms import Filled, Form
from bot.wechat.rendering import render
from models.account_state import Limits, find_limits
from models.announcement import (
    FASTEST,
    LONGEST_LIFE,
    SLOWEST,
    Announcement,
    AnnouncementState,
    NewsKind,
    find_announcement,
    list_announcements,
    start,
    stop,
)
from models.audit import record_audit
from models.messages import Reply
from models.outbox import MAX_BYTES
from models.spreading import Progress, Reach, count_progress, count_reach

ENDINGS: Final = {
    NewsKind.CLASS: "（不想再收，回复「课程消息不要了」）",
    NewsKind.JOB: "（不想再收，回复「岗位消息不要了」）",
}
"""Stands below every announcement: how to get no more of its kind."""

"""What a page keeps for the note behind a message that comes along with a reply."""

_USUAL_LIFE: Final = timedelta(days=3)
_EVENING: Final = clock_time(21, 0)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds."""

    kind: NewsKind
    text: str
    per_minute: int | None
    expires_at: datetime | None

    @property
    def body(self) -> str:
        """Return what is sent: the text and how to get no more of it."""
        return f"{self.text}\n{ENDINGS[self.kind]}"

    @property
    def size(self) -> int:
        """Return how many bytes WeChat would count."""
        return len(render(Reply(self.body)).encode())

    def find_fault(self, now: datetime) -> str:
        """Return what has to be put right first; nothing where all is well."""
        if not self.text:
            return "还没写字呢。"
        over = self.size - MAX_BYTES
        if over > 0:
            return f"太长了，手机上一条放不下：请再删掉大约 {-(-over // 3)} 个字。"
        if self.per_minute is None or not SLOWEST <= self.per_minute <= FASTEST:
            return f"每分钟发几条，请填 {SLOWEST} 到 {FASTEST} 之间的数。"
        if self.expires_at is None or not now < self.expires_at <= now + LONGEST_LIFE:
            return f"截止时间要在现在以后、{LONGEST_LIFE.days} 天以内。"
        return ""


def add_news(app: FastAPI, desk: Desk) -> None:
    """Add the pages of announcements."""
    _add_writing(app, desk)
    _add_changing(app, desk)
    _add_looking(app, desk)
    _add_sending(app, desk)


def _add_writing(app: FastAPI, desk: Desk) -> None:
    @app.get("/news")
    def show_news(person: Signed, said: str = "") -> Response:
        """Show what was announced, and an empty form."""
        return _list_page(desk, person, _empty(desk), said=said)

    @app.post("/news")
    def write(person: Signed, form: Filled) -> Response:
        """Keep a draft and show it as the phone does."""
        draft, now = _read(desk, form), desk.clock()
        fault = draft.find_fault(now)
        if fault:
            return _list_page(desk, person, draft, error=fault, status=422)
        with desk.database.transaction() as session:
            news = Announcement(
                kind=draft.kind,
                body=draft.body,
                per_minute=draft.per_minute or SLOWEST,
                created_by=person.id,
                created_at=now,
                expires_at=draft.expires_at or now,
            )
            session.add(news)
            session.flush()  # its number is its address
            number = news.id
        return go_to(f"/news/{number}?said=news_saved")


def _add_changing(app: FastAPI, desk: Desk) -> None:
    @app.post("/news/{news_id}")
    def change(news_id: int, person: Signed, form: Filled) -> Response:
        """Put a draft right; what is under way is left as it is."""
        draft, now = _read(desk, form), desk.clock()
        fault = draft.find_fault(now)
        if fault:
            return _page(desk, person, news_id, draft=draft, error=fault, status=422)
        with desk.database.transaction() as session:
            news = _get_draft(session, news_id)
            if news is not None:
                news.kind, news.body = draft.kind, draft.body
                news.per_minute = draft.per_minute or SLOWEST
                news.expires_at = draft.expires_at or now
                session.add(news)
        return go_to(f"/news/{news_id}?said={'news_saved' if news else 'news_too_late'}")

    @app.post("/news/{news_id}/discard")
    def discard(news_id: int) -> Response:
        """Throw a draft away."""
        with desk.database.transaction() as session:
            news = _get_draft(session, news_id)
            if news is not None:
                session.delete(news)
        return go_to("/news?said=news_gone" if news else f"/news/{news_id}?said=news_too_late")


def _add_looking(app: FastAPI, desk: Desk) -> None:
    @app.get("/news/{news_id}")
    def show_one(news_id: int, person: Signed, said: str = "") -> Response:
        """Show a draft as the phone does, or how far an announcement is."""
        return _page(desk, person, news_id, said=said)

    @app.get("/news/{news_id}/live")
    async def watch(news_id: int, request: Request, mark: str = "") -> StreamingResponse:
        """Tell the page when the figures have changed."""
        return live.stream(desk, request, read=_mark, mark=mark, number=news_id)


def _add_sending(app: FastAPI, desk: Desk) -> None:
    @app.post("/news/{news_id}/send")
    def send(news_id: int, person: Signed) -> Response:
        """Let it go out; the recipients are found in the background."""
        now = desk.clock()
        with desk.database.transaction() as session:
            _get(session, news_id)
            is_done = start(session, announcement_id=news_id, now=now)
            if is_done:
                _record(session, person, "announce", news_id, now)
        return go_to(f"/news/{news_id}?said={'news_sent' if is_done else 'news_too_late'}")

    @app.post("/news/{news_id}/stop")
    def stop_it(news_id: int, person: Signed) -> Response:
        """Let nothing more of it go out."""
        now = desk.clock()
        with desk.database.transaction() as session:
            _get(session, news_id)
            is_done = stop(session, announcement_id=news_id, now=now)
            if is_done:
                _record(session, person, "stop_announcement", news_id, now)
        return go_to(f"/news/{news_id}?said={'news_stopped' if is_done else 'news_too_late'}")


def _record(session: Session, person: Person, action: str, news_id: int, now: datetime) -> None:
    subject = f"announcement:{news_id}"
    record_audit(session, actor_id=person.id, action=action, subject=subject, now=now)


def _list_page(
    desk: Desk,
    person: Person,
    draft: Draft,
    *,
    said: str = "",
    error: str = "",
    status: int = 200,
) -> Response:
    with desk.looking() as session:
        rows = list_announcements(session)
    return desk.page(
        "news.html", status=status, person=person, said=said, error=error, rows=rows,
        draft=draft, limit=_limit(),
    )  # fmt: skip


def _page(  # noqa: PLR0913 - what a page can say
    desk: Desk,
    person: Person,
    news_id: int,
    *,
    draft: Draft | None = None,
    said: str = "",
    error: str = "",
    status: int = 200,
) -> Response:
    now = desk.clock()
    with desk.looking() as session:
        news = _get(session, news_id)
        reach, progress = _count(desk, session, news, now=now)
        mark = _mark(session, person, news_id)
    draft = draft or _draft_of(news)
    return desk.page(
        "news_one.html", status=status, person=person, said=said, error=error, news=news,
        draft=draft, shown=render(Reply(news.body)), limit=_limit(), reach=reach, progress=progress,
        is_draft=news.state is AnnouncementState.DRAFT, is_said=news.is_said(now), mark=mark,
    )  # fmt: skip


def _count(
    desk: Desk, session: Session, news: Announcement, *, now: datetime
) -> tuple[Reach, Progress]:
    if news.state is not AnnouncementState.DRAFT:
        return Reach(0, 0), count_progress(session, announcement_id=news.id or 0)
    limits = Limits(sending_off_at=now)
    if desk.can_send:
        limits = find_limits(session.connection(), app_id=desk.app_id)
    return count_reach(session, kind=news.kind, limits=limits, now=now), Progress()


def _mark(session: Session, _: Person, news_id: int) -> str:
    news = _get(session, news_id)
    return live.mark_of(news.state, news.ended_at, count_progress(session, announcement_id=news_id))


def _get(session: Session, news_id: int) -> Announcement:
    news = find_announcement(session, news_id)
    if news is None:
        raise MissingError
    return news


def _get_draft(session: Session, news_id: int) -> Announcement | None:
    """Return a draft with its row locked; None where it is one no more."""
    news = _get(session, news_id)
    session.refresh(news, with_for_update=True)
    return news if news.state is AnnouncementState.DRAFT else None


def _empty(desk: Desk) -> Draft:
    day = (desk.clock() + _USUAL_LIFE).astimezone(desk.zone).date()
    return Draft(
        kind=NewsKind.CLASS,
        text="",
        per_minute=desk.news_per_minute,
        expires_at=datetime.combine(day, _EVENING, desk.zone),
    )


def _draft_of(news: Announcement) -> Draft:
    text = news.body.removesuffix(ENDINGS[news.kind]).rstrip("\n")
    return Draft(news.kind, text, news.per_minute, news.expires_at)


def _read(desk: Desk, form: Form) -> Draft:
    moment = form.moment("expires_at")
    kinds: Sequence[str] = [kind.value for kind in NewsKind]
    kind = form.text("kind", most=20)
    return Draft(
        kind=NewsKind(kind) if kind in kinds else NewsKind.CLASS,
        text=form.text("text"),
        per_minute=form.number("per_minute"),
        expires_at=moment if moment is None or moment.tzinfo else moment.replace(tzinfo=desk.zone),
    )


def _limit() -> int:
    """Return how many characters fit at least, the ending not counted."""
    longest = max(len(ending.encode()) for ending in ENDINGS.values())
    return (MAX_BYTES - longest - 1) // 3 // 10 * 10
