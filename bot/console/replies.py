"""Approved replies: find, write, review, publish, withdraw, and what was said before."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI, Request, Response
from sqlmodel import Session

from bot.console.access import PUBLISHERS, MissingError, Person, Signed, person_of
from bot.console.desk import Desk, go_to
from bot.console.facts import names_for
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
from knowledge.approved import find, key_of, known_places, list_places, needs_source
from models.approved_reply import (
    LONGEST_BODY,
    LONGEST_TITLE,
    ApprovedReply,
    ApprovedReplyVersion,
    Words,
    list_open_versions,
    list_published,
    list_versions,
    publish,
    reject,
    review,
    withdraw_reply,
    write_reply,
    write_version,
)
from models.review import VersionState
from models.volunteer import Role, Skill

_NOT_YOURS: Final = "审这一行的回复，要这一行的志愿者（已放行）或者督导。"
_NO_SOURCE: Final = "里头有数字或者法条，要写明依据才能审。"


class CannotDoError(Exception):
    """A step with a reply is not possible; the text says why, `page` is where to say it."""

    def __init__(self, reason: str, reply_id: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reply_id = reply_id


@dataclass(frozen=True, slots=True)
class Listed:
    """A version in a list."""

    reply_id: int
    skill: Skill
    title: str
    body: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Standing):
    """A version of a reply."""

    version: ApprovedReplyVersion


def add_replies(app: FastAPI, desk: Desk) -> None:
    """Add the pages of approved replies."""
    _add_pages(app, desk)
    _add_writing(app, desk)
    _add_judging(app, desk)
    _add_ending(app, desk)

    @app.exception_handler(CannotDoError)
    def tell_why_not(request: Request, error: CannotDoError) -> Response:
        """Show the reply again with what stood in the way."""
        return _reply_page(desk, person_of(request), error.reply_id, error=error.reason, status=409)


def _add_pages(app: FastAPI, desk: Desk) -> None:
    @app.get("/replies")
    def show_replies(person: Signed, find: str = "", skill: str = "", said: str = "") -> Response:
        """Show what can be used and what waits for somebody."""
        return _list_page(desk, person, query=find[:40], skill=skill, said=said)

    @app.get("/replies/{reply_id}")
    def show_reply(reply_id: int, person: Signed, said: str = "") -> Response:
        """Show one reply with all its versions."""
        return _reply_page(desk, person, reply_id, said=said)


def _add_writing(app: FastAPI, desk: Desk) -> None:
    @app.post("/replies")
    def write(person: Signed, form: Filled) -> Response:
        """Take the first draft of a new reply."""
        skill, error = form.text("skill", most=20), _find_fault(form)
        if skill not in _skills_of(person):
            error = error or "请选是哪一行用的。"
        if error:
            return _list_page(desk, person, form=form, error=error, status=422)
        with desk.database.transaction() as session:
            version = write_reply(
                session, _words(form), skill=Skill(skill), author_id=person.id, now=desk.clock()
            )
            reply_id = version.reply_id
        return go_to(f"/replies/{reply_id}?said=reply_written")

    @app.post("/replies/{reply_id}/versions")
    def write_next(reply_id: int, person: Signed, form: Filled) -> Response:
        """Take the next draft of a reply."""
        with desk.database.transaction() as session:
            reply = _get_reply(session, person, reply_id)
            error = _find_fault(form, reply.skill)
            if not error:
                write_version(
                    session, _words(form), reply_id=reply_id, author_id=person.id, now=desk.clock()
                )
        if error:
            return _reply_page(desk, person, reply_id, form=form, error=error, status=422)
        return go_to(f"/replies/{reply_id}?said=reply_written")


def _add_judging(app: FastAPI, desk: Desk) -> None:
    @app.post("/replies/{reply_id}/review")
    def approve(reply_id: int, person: Signed, form: Filled) -> Response:
        """Note that another has read it."""
        with desk.database.transaction() as session:
            version = _get_version(session, person, reply_id, form.number("version"))
            skill = _get_reply(session, person, reply_id).skill
            if not _may_review(session, person, skill):
                raise CannotDoError(_NOT_YOURS, reply_id)
            if skill is Skill.LAWYER and needs_source(version.body) and not version.source:
                raise CannotDoError(_NO_SOURCE, reply_id)
            with _told(reply_id):
                review(session, version_id=version.id or 0, reviewer_id=person.id, now=desk.clock())
        return go_to(f"/replies/{reply_id}?said=reply_reviewed")

    @app.post("/replies/{reply_id}/rejection")
    def refuse(reply_id: int, person: Signed, form: Filled) -> Response:
        """Say that it is not right, and why; who wrote it may take it back."""
        reason, now = form.text("reason", most=200), desk.clock()
        with desk.database.transaction() as session:
            version = _get_version(session, person, reply_id, form.number("version"))
            skill = _get_reply(session, person, reply_id).skill
            is_own = version.written_by == person.id
            if not is_own and not _may_review(session, person, skill):
                raise CannotDoError(_NOT_YOURS, reply_id)
            if not reason and not is_own:
                raise CannotDoError(NO_REASON, reply_id)
            with _told(reply_id):
                reject(session, version_id=version.id or 0, by=person.id, reason=reason, now=now)
        return go_to(f"/replies/{reply_id}?said=reply_rejected")


def _add_ending(app: FastAPI, desk: Desk) -> None:
    @app.post("/replies/{reply_id}/publication")
    def offer(reply_id: int, person: Signed, form: Filled) -> Response:
        """Let volunteers use it instead of the version before."""
        with desk.database.transaction() as session:
            version = _get_version(session, person, reply_id, form.number("version"))
            with _told(reply_id):
                publish(
                    session, version_id=version.id or 0, publisher_id=person.id, now=desk.clock()
                )
        return go_to(f"/replies/{reply_id}?said=reply_published")

    @app.post("/replies/{reply_id}/withdrawal")
    def take_down(reply_id: int, person: Signed, form: Filled) -> Response:
        """Offer it no longer."""
        reason, now = form.text("reason", most=200), desk.clock()
        if not reason:
            raise CannotDoError(WHY_DOWN, reply_id)
        with desk.database.transaction() as session, _told(reply_id):
            _get_reply(session, person, reply_id)
            withdraw_reply(session, reply_id=reply_id, by=person.id, reason=reason, now=now)
        return go_to(f"/replies/{reply_id}?said=reply_withdrawn")


def _told(reply_id: int) -> AbstractContextManager[None]:
    return told(lambda reason: CannotDoError(reason, reply_id))


def _skills_of(person: Person) -> list[Skill]:
    sees_all = person.is_supervisor or person.role is Role.ADMIN
    return [skill for skill in Skill if sees_all or skill in person.skills]


def _get_reply(session: Session, person: Person, reply_id: int) -> ApprovedReply:
    reply = session.get(ApprovedReply, reply_id)
    if reply is None or reply.skill not in _skills_of(person):
        raise MissingError
    return reply


def _get_version(
    session: Session, person: Person, reply_id: int, version_id: int | None
) -> ApprovedReplyVersion:
    _get_reply(session, person, reply_id)
    version = session.get(ApprovedReplyVersion, version_id) if version_id else None
    if version is None or version.reply_id != reply_id:
        raise MissingError
    return version


def _may_review(session: Session, person: Person, skill: Skill) -> bool:
    if person.is_supervisor:
        return True
    return person.helps and skill in person.skills and is_released(session, person.id)


def _words(form: Form) -> Words:
    return Words(
        title=form.text("title", most=LONGEST_TITLE),
        body=form.text("body"),
        source=form.text("source", most=200),
        valid_until=read_day(form.text("valid_until", most=10)),
    )


def _find_fault(form: Form, skill: Skill | None = None) -> str:
    """Return why these words cannot be kept as a draft; nothing where they can."""
    body, wanted = form.text("body"), form.text("skill", most=20)
    if not form.text("title") or not body:
        return "标题和内容都要写。"
    if len(body) > LONGEST_BODY:
        return f"太长了，{LONGEST_BODY} 个字以内，他才看得完。"
    own = skill or (Skill(wanted) if wanted in set(Skill) else None)
    known = known_places(names_for(own) if own else ())
    unknown = [place for place in list_places(body) if place not in known]
    if unknown:
        return f"「{unknown[0]}」填不出来。能用的有：{'、'.join(sorted(known))}。"
    day = form.text("valid_until", most=10)
    return BAD_DAY if day and read_day(day) is None else ""


def _list_page(  # noqa: PLR0913 - what the page may show once
    desk: Desk,
    person: Person,
    *,
    query: str = "",
    skill: str = "",
    said: str = "",
    form: Form | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    skills = _skills_of(person)
    chosen = [one for one in skills if one == skill] or skills
    today = desk.clock().astimezone(desk.zone).date()
    with desk.looking() as session:
        published = list_published(session, skills=chosen, today=today)
        waiting = list_open_versions(session, skills=skills)
    keys = [key_of(version.title, version.body) for _, version in published]
    return desk.page(
        "replies.html",
        status=status,
        person=person,
        said=said,
        error=error,
        query=query,
        chosen=skill,
        skills=skills,
        places={one: sorted(known_places(names_for(one))) for one in skills},
        published=[_listed(*published[place]) for place in find(keys, query)],
        waiting=[_listed(*row) for row in waiting],
        form=form or Form(),
        longest=LONGEST_BODY,
    )


def _listed(reply: ApprovedReply, version: ApprovedReplyVersion) -> Listed:
    return Listed(
        reply_id=reply.id or 0,
        skill=reply.skill,
        title=version.title,
        body=version.body,
        state=STATES[version.state],
    )


def _reply_page(  # noqa: PLR0913 - what the page may show once
    desk: Desk,
    person: Person,
    reply_id: int,
    *,
    said: str = "",
    form: Form | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    with desk.looking() as session:
        reply = _get_reply(session, person, reply_id)
        versions = list_versions(session, reply_id=reply_id)
        shown = [_shown(session, person, reply.skill, version) for version in versions]
    return desk.page(
        "reply.html",
        status=status,
        person=person,
        said=said,
        error=error,
        reply=reply,
        versions=shown,
        is_published=any(one.version.state is VersionState.PUBLISHED for one in shown),
        may_withdraw=person.role in PUBLISHERS,
        form=form or _form_of(versions),
        places=sorted(known_places(names_for(reply.skill))),
        longest=LONGEST_BODY,
    )


def _form_of(versions: Sequence[ApprovedReplyVersion]) -> Form:
    """Return the form for the next version, filled with the newest."""
    if not versions:
        return Form()
    newest = versions[0]
    day = newest.valid_until.isoformat() if newest.valid_until else ""
    return Form(
        {
            "title": newest.title,
            "body": newest.body,
            "source": newest.source,
            "valid_until": day,
        }
    )


def _shown(session: Session, person: Person, skill: Skill, version: ApprovedReplyVersion) -> Shown:
    is_own = version.written_by == person.id
    is_open = version.state in (VersionState.DRAFT, VersionState.REVIEWED)
    judges = _may_review(session, person, skill)
    return Shown(
        version=version,
        state=STATES[version.state],
        author=name_of(session, version.written_by),
        reviewer=name_of(session, version.reviewed_by),
        publisher=name_of(session, version.published_by),
        ender=name_of(session, version.ended_by),
        may_review=judges and not is_own and version.state is VersionState.DRAFT,
        may_publish=person.role in PUBLISHERS and version.state is VersionState.REVIEWED,
        may_reject=is_open and (judges or is_own),
    )
