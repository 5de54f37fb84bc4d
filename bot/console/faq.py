"""The pages of FAQ entries: write, review, publish, withdraw, and take a former version back."""

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from sqlmodel import Session, select

from bot.console import faq_rules
from bot.console.access import PUBLISHERS, MissingError, Person, Signed, person_of
from bot.console.desk import Desk, go_to
from bot.console.faq_rules import Findings
from bot.console.forms import Filled, Form
from bot.console.versions import (
    BAD_DAY,
    NO_REASON,
    STATES,
    WHY_DOWN,
    Standing,
    name_of,
    read_day,
    told,
)
from bot.console.window import is_released
from bot.console.words import TOPICS
from bot.loading.cells import BadCellError
from bot.loading.faq import citations as read_citations
from knowledge.citations import LONGEST_ANSWER, Citation, count_characters
from knowledge.normalise import normalise
from models.faq import FaqEntry
from models.faq_version import (
    EntryWords,
    FaqVersion,
    Origin,
    find_open,
    list_faq_versions,
    list_waiting,
    publish_faq,
    reject_faq,
    review_faq,
    withdraw_faq,
    words_of,
    write_faq,
)
from models.review import OPEN, VersionState
from models.volunteer import Skill

_NOT_YOURS: Final = "审问答，要已放行的律师志愿者、督导或管理员。"
_BASE_MOVED: Final = "您写的时候，别人改过这一条。请看看下面最新的一版，再接着改；您写的字还在。"
_LONGEST_QUESTION, _MOST_SIMILAR, _MOST_FOUND = 200, 100, 30


class CannotJudgeError(Exception):
    """A step with an entry is not possible; the text says why."""

    def __init__(self, reason: str, entry_id: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.entry_id = entry_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Standing):
    """A version of an entry, with what was found of it."""

    version: FaqVersion
    laws: Sequence[str]
    findings: Findings | None
    may_restore: bool


def add_faq(app: FastAPI, desk: Desk) -> None:
    """Add the pages of FAQ entries."""
    _add_pages(app, desk)
    _add_writing(app, desk)
    _add_judging(app, desk)
    _add_ending(app, desk)

    @app.exception_handler(CannotJudgeError)
    def tell_why_not(request: Request, error: CannotJudgeError) -> Response:
        """Show the entry again with what stood in the way."""
        return _entry_page(desk, person_of(request), error.entry_id, error=error.reason, status=409)


def _add_pages(app: FastAPI, desk: Desk) -> None:
    @app.get("/faq")
    def show_entries(person: Signed, find: str = "", said: str = "") -> Response:
        """Show what waits for somebody, and find what is told."""
        return _list_page(desk, person, query=find[:40], said=said)

    @app.get("/faq/{entry_id}")
    def show_entry(entry_id: str, person: Signed, said: str = "") -> Response:
        """Show one entry with all its versions."""
        return _entry_page(desk, person, entry_id, said=said)


def _add_writing(app: FastAPI, desk: Desk) -> None:
    @app.post("/faq")
    def write(person: Signed, form: Filled) -> Response:
        """Take the first draft of a new entry."""
        error = _find_fault(form)
        if error:
            return _list_page(desk, person, form=form, error=error, status=422)
        entry_id = f"console-{secrets.token_hex(4)}"
        _write(desk, person, entry_id, form)
        return _back_to(entry_id, "faq_written")

    @app.post("/faq/{entry_id}/versions")
    def write_next(entry_id: str, person: Signed, form: Filled) -> Response:
        """Take the next draft of an entry."""
        error = _find_fault(form)
        with desk.looking() as session:
            newest = _get_versions(session, entry_id)
        if newest and newest[0].id != form.number("base"):
            error = error or _BASE_MOVED
        if error:
            return _entry_page(desk, person, entry_id, form=form, error=error, status=422)
        _write(desk, person, entry_id, form)
        return _back_to(entry_id, "faq_written")

    @app.post("/faq/{entry_id}/restoration")
    def take_back(entry_id: str, person: Signed, form: Filled) -> Response:
        """Make a former version the next draft; another reviews it as any draft."""
        with desk.database.transaction() as session:
            version = _get_version(session, entry_id, form.number("version"))
            words = words_of(version)
            write_faq(session, words, entry_id=entry_id, author_id=person.id, now=desk.clock())
        return _back_to(entry_id, "faq_restored")


def _add_judging(app: FastAPI, desk: Desk) -> None:
    @app.post("/faq/{entry_id}/review")
    def approve(entry_id: str, person: Signed, form: Filled) -> Response:
        """Note that another has read it."""
        with desk.database.transaction() as session:
            version = _get_version(session, entry_id, form.number("version"))
            if not _may_review(session, person):
                raise CannotJudgeError(_NOT_YOURS, entry_id)
            _refuse_faults(desk, session, version)
            with _told(entry_id):
                review_faq(
                    session, version_id=version.id or 0, reviewer_id=person.id, now=desk.clock()
                )
        return _back_to(entry_id, "faq_reviewed")

    @app.post("/faq/{entry_id}/rejection")
    def refuse(entry_id: str, person: Signed, form: Filled) -> Response:
        """Say that it is not right, and why; who wrote it may take it back."""
        reason, now = form.text("reason", most=200), desk.clock()
        with desk.database.transaction() as session:
            version = _get_version(session, entry_id, form.number("version"))
            is_own = version.written_by == person.id
            if not is_own and not _may_review(session, person):
                raise CannotJudgeError(_NOT_YOURS, entry_id)
            if not reason and not is_own:
                raise CannotJudgeError(NO_REASON, entry_id)
            with _told(entry_id):
                reject_faq(
                    session, version_id=version.id or 0, by=person.id, reason=reason, now=now
                )
        return _back_to(entry_id, "faq_rejected")


def _add_ending(app: FastAPI, desk: Desk) -> None:
    @app.post("/faq/{entry_id}/publication")
    def offer(entry_id: str, person: Signed, form: Filled) -> Response:
        """Let the bot tell it instead of the version before."""
        with desk.database.transaction() as session:
            version = _get_version(session, entry_id, form.number("version"))
            _refuse_faults(desk, session, version)
            with _told(entry_id):
                publish_faq(
                    session, version_id=version.id or 0, publisher_id=person.id, now=desk.clock()
                )
        return _back_to(entry_id, "faq_published")

    @app.post("/faq/{entry_id}/withdrawal")
    def take_down(entry_id: str, person: Signed, form: Filled) -> Response:
        """Let the bot tell it no longer."""
        reason, now = form.text("reason", most=200), desk.clock()
        if not reason:
            raise CannotJudgeError(WHY_DOWN, entry_id)
        with desk.database.transaction() as session, _told(entry_id):
            _get_versions(session, entry_id)
            withdraw_faq(session, entry_id=entry_id, by=person.id, reason=reason, now=now)
        return _back_to(entry_id, "faq_withdrawn")


def _told(entry_id: str) -> AbstractContextManager[None]:
    return told(lambda reason: CannotJudgeError(reason, entry_id))


def _back_to(entry_id: str, said: str) -> Response:
    return go_to(f"/faq/{quote(entry_id, safe='')}?said={said}")


def _write(desk: Desk, person: Person, entry_id: str, form: Form) -> None:
    with desk.database.transaction() as session:
        words = _words(form)
        words.citations = faq_rules.settle(session, words.citations)
        write_faq(session, words, entry_id=entry_id, author_id=person.id, now=desk.clock())


def _refuse_faults(desk: Desk, session: Session, version: FaqVersion) -> None:
    today = desk.clock().astimezone(desk.zone).date()
    faults = faq_rules.examine(session, version, today=today).faults
    if faults:
        raise CannotJudgeError(faults[0], version.entry_id)


def _may_review(session: Session, person: Person) -> bool:
    if person.role in PUBLISHERS:
        return True
    return Skill.LAWYER in person.skills and is_released(session, person.id)


def _get_versions(session: Session, entry_id: str) -> Sequence[FaqVersion]:
    versions = list_faq_versions(session, entry_id=entry_id)
    if not versions:
        raise MissingError
    return versions


def _get_version(session: Session, entry_id: str, version_id: int | None) -> FaqVersion:
    version = session.get(FaqVersion, version_id) if version_id else None
    if version is None or version.entry_id != entry_id:
        raise MissingError
    return version


def _words(form: Form) -> EntryWords:
    return EntryWords(
        question=form.text("question"),
        answer=form.text("answer"),
        similar=_lines(form.text("similar", most=_MOST_SIMILAR * (_LONGEST_QUESTION + 1))),
        topic=form.text("topic", most=40),
        citations=read_citations(_lines(form.text("citations"))),
        valid_until=read_day(form.text("valid_until", most=10)),
    )


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _find_fault(form: Form) -> str:
    """Return why these words cannot be kept as a draft; nothing where they can."""
    try:
        words = _words(form)
    except BadCellError as error:
        return f"依据：{error}"
    if not words.question:
        return "问题要写。"
    longest = max(map(len, [words.question, *words.similar]))
    if longest > _LONGEST_QUESTION or len(words.similar) > _MOST_SIMILAR:
        return f"问题和问法每条最多 {_LONGEST_QUESTION} 个字，问法最多 {_MOST_SIMILAR} 条。"
    length = count_characters(words.answer)
    if length > LONGEST_ANSWER:
        return f"回答有 {length} 个字，{LONGEST_ANSWER} 个以内他才看得完。"
    day = form.text("valid_until", most=10)
    return BAD_DAY if day and words.valid_until is None else ""


def _list_page(  # noqa: PLR0913 - what the page may show once
    desk: Desk,
    person: Person,
    *,
    query: str = "",
    said: str = "",
    form: Form | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    with desk.looking() as session:
        waiting = [(one, _state(one)) for one in list_waiting(session)]
        found = _find_entries(session, query)
        topics = _topics(session, (form or Form()).text("topic"))
    return desk.page(
        "faq.html",
        status=status,
        person=person,
        said=said,
        error=error,
        query=query,
        waiting=waiting,
        found=found,
        most_found=_MOST_FOUND,
        topics=topics,
        form=form or Form(),
        longest=LONGEST_ANSWER,
    )


def _find_entries(session: Session, query: str) -> list[tuple[str, str]]:
    """Return the entries in which all of a query stands."""
    pieces = normalise(query).split()
    if not pieces:
        return []
    rows = session.exec(select(FaqEntry.id, FaqEntry.question, FaqEntry.similar)).all()
    fitting = (
        (entry_id, question)
        for entry_id, question, similar in rows
        if all(piece in normalise(" ".join([question, *similar])) for piece in pieces)
    )
    return sorted(fitting, key=lambda one: len(one[1]))[:_MOST_FOUND]


def _topics(session: Session, chosen: str) -> list[tuple[str, str]]:
    own = faq_rules.legal_topics(session) | {chosen}
    other = sorted(topic for topic in own if topic and topic not in TOPICS)
    return [*TOPICS.items(), *((topic, topic) for topic in other)]


def _entry_page(  # noqa: PLR0913 - what the page may show once
    desk: Desk,
    person: Person,
    entry_id: str,
    *,
    said: str = "",
    form: Form | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    with desk.looking() as session:
        versions = _get_versions(session, entry_id)
        shown = [_shown(desk, session, person, version) for version in versions]
        form = form or _form_of(versions[0])
        topics = _topics(session, form.text("topic"))
    return desk.page(
        "faq_one.html",
        status=status,
        person=person,
        said=said,
        error=error,
        entry_id=quote(entry_id, safe=""),
        versions=shown,
        is_published=any(one.version.state is VersionState.PUBLISHED for one in shown),
        may_withdraw=person.role in PUBLISHERS,
        form=form,
        topics=topics,
        topic_names=dict(topics),
        longest=LONGEST_ANSWER,
    )


def _form_of(newest: FaqVersion) -> Form:
    """Return the form for the next version, filled with the newest."""
    cited = [f"{one['statute']}{one['article']}" for one in newest.citations]
    return Form(
        {
            "question": newest.question,
            "answer": newest.answer,
            "similar": "\n".join(newest.similar),
            "topic": newest.topic,
            "citations": "\n".join(cited),
            "valid_until": newest.valid_until.isoformat() if newest.valid_until else "",
        }
    )


def _state(version: FaqVersion) -> str:
    if version.state is VersionState.DRAFT and not version.answer:
        return "等人写回答"
    if version.state is VersionState.REPLACED and version.published_at is None:
        return "改过了"
    return STATES[version.state]


def _author(session: Session, version: FaqVersion) -> str:
    if version.origin is Origin.LOADED:
        return "表格或后台载入"
    if version.origin is Origin.ASKED:
        return f"{version.people} 人问过，自动起的草稿"
    return f"{name_of(session, version.written_by)}写"


def _shown(desk: Desk, session: Session, person: Person, version: FaqVersion) -> Shown:
    is_own = version.written_by == person.id
    is_open = version.state in OPEN
    judges = _may_review(session, person)
    today = desk.clock().astimezone(desk.zone).date()
    findings = faq_rules.examine(session, version, today=today) if is_open else None
    is_right = findings is not None and not findings.faults
    may_publish = person.role in PUBLISHERS
    waiting = version if is_open else find_open(session, version.entry_id)
    return Shown(
        version=version,
        state=_state(version),
        author=_author(session, version),
        reviewer=name_of(session, version.reviewed_by),
        publisher=name_of(session, version.published_by),
        ender=name_of(session, version.ended_by),
        laws=[Citation.from_json(one).label for one in version.citations],
        findings=findings,
        may_review=is_right and judges and not is_own and version.state is VersionState.DRAFT,
        may_publish=is_right and may_publish and version.state is VersionState.REVIEWED,
        may_reject=is_open and (judges or is_own),
        may_restore=may_publish
        and not is_open
        and bool(version.answer)
        and (version.state is not VersionState.PUBLISHED or waiting is not None),
    )
