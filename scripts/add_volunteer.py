"""Adds people who help, or changes what is known of them. A first password is shown once."""

import json
import secrets
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from argon2 import PasswordHasher
from sqlmodel import Session, select

from models import passwords
from models.clock import system_clock
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill
from models.volunteer_session import revoke_sessions
from scripts.loading.command import open_database
from scripts.loading.people import HOW_NAMED, USERNAME, Person, read_people
from scripts.loading.report import Rejection

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored person, and the password where it is new."""

    id: int
    username: str
    name: str
    display: str
    role: str
    skills: list[str]
    created: bool
    password: str | None

    def to_json(self) -> dict[str, object]:
        """Return what `--json` prints."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        done = "已加入" if self.created else "已更新"
        said = f"{self.display}（用户名 {self.username}）{done}"
        return f"{said}，密码 {self.password}（只显示这一次）" if self.password else said


class RefusedError(ValueError):
    """Somebody cannot be stored like this; the text says what to do."""

    def __init__(self, reason: str, *, field: str = "username") -> None:
        super().__init__(reason)
        self.field = field


def main(  # noqa: PLR0913 - the options of the command line
    username: Annotated[str, typer.Argument(help="Log-in name: a-z, digits, . _ -")] = "",
    *,
    name: Annotated[str, typer.Option(help="Full name; contacts never see it.")] = "",
    display: Annotated[str | None, typer.Option(help="What contacts see, as 李律师.")] = None,
    skill: Annotated[list[Skill] | None, typer.Option(help="Give it several times.")] = None,
    role: Annotated[Role | None, typer.Option(help="By default: volunteer.")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Many people from a sheet.")
    ] = None,
    update: Annotated[bool, typer.Option(help="The username may get another name.")] = False,
    password_stdin: Annotated[
        bool, typer.Option(help="Read the password from standard input.")
    ] = False,
    reset_password: Annotated[bool, typer.Option(help="Make a new password.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one JSON object.")] = False,
) -> None:
    """Add a volunteer or update one; a first password is made and printed once."""
    if bool(username) == bool(file) or (file and password_stdin) or (username and not name):
        message = "give USERNAME and --name, or --file SHEET (whose passwords are always made)"
        raise typer.BadParameter(message)
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    person = Person(username, name.strip(), display, role, tuple(skill) if skill else None)
    save = _Save(update=update, reset=reset_password, now=system_clock())
    saved: list[Saved] = []
    rejected: list[Rejection] = []
    with open_database() as database:
        for who in read_people(file) if file else [(0, person)]:
            if isinstance(who, Rejection):
                rejected.append(who)
                continue
            try:
                with database.transaction() as session:  # each its own: hashing takes a moment
                    saved.append(save(session, who[1], password=given))
            except RefusedError as error:
                rejected.append(Rejection(who[0], error.field, who[1].username, str(error)))
    _tell(saved, rejected, as_json=as_json, many=file is not None)
    raise typer.Exit(1 if rejected else 0)


def find_weakness(password: str, person: Person) -> str | None:
    """Return what is wrong with a password, or None."""
    return passwords.find_weakness(password, username=person.username, name=person.name)


@dataclass(frozen=True, slots=True)
class _Save:
    update: bool
    reset: bool
    now: datetime

    def __call__(self, session: Session, person: Person, *, password: str | None) -> Saved:
        self._check(person, password)
        known = session.exec(select(Volunteer).where(Volunteer.username == person.username)).first()
        if known is not None and known.name != person.name and not self.update:
            message = f"用户名 {person.username} 已经有别人在用；要改这个人的姓名请加 --update"
            raise RefusedError(message)
        is_made = password is None and (known is None or self.reset)
        if is_made:
            password = _make_password()
        volunteer = known or self._new(person)
        _fill(volunteer, person, password)
        session.add(volunteer)
        session.flush()  # skills refer to its id
        if password is not None:
            _let_begin_anew(session, volunteer, is_made=is_made, now=self.now)
        skills = _set_skills(session, volunteer, person.skills)
        return _saved(volunteer, skills, password, created=known is None)

    def _check(self, person: Person, password: str | None) -> None:
        if not USERNAME.fullmatch(person.username):
            message = f"用户名{HOW_NAMED}"
            raise RefusedError(message)
        for field, value in (("name", person.name), ("display", person.display)):
            if value is not None and not 1 <= len(value.strip()) <= 32:  # noqa: PLR2004 - column
                message = "要有 1 到 32 个字"
                raise RefusedError(message, field=field)
        weakness = find_weakness(password, person) if password is not None else None
        if weakness:
            raise RefusedError(weakness, field="password")

    def _new(self, person: Person) -> Volunteer:
        return Volunteer(
            username=person.username,
            name=person.name,
            display_name=person.display or person.name,
            password_hash="",
            created_at=self.now,
        )


def _fill(volunteer: Volunteer, person: Person, password: str | None) -> None:
    volunteer.name = person.name
    volunteer.display_name = person.display or volunteer.display_name
    volunteer.role = person.role or volunteer.role
    if password is not None:
        volunteer.password_hash = PasswordHasher().hash(password)


def _let_begin_anew(
    session: Session, volunteer: Volunteer, *, is_made: bool, now: datetime
) -> None:
    """After a new password nobody is logged in; one that was made here is to be changed."""
    volunteer.must_change_password = is_made
    volunteer.failed_logins, volunteer.locked_until = 0, None
    revoke_sessions(session, volunteer_id=volunteer.id or 0, now=now)


def _set_skills(
    session: Session, volunteer: Volunteer, wanted: tuple[Skill, ...] | None
) -> list[Skill]:
    """Give the volunteer exactly these skills; None leaves them as they are."""
    rows = session.exec(
        select(VolunteerSkill).where(VolunteerSkill.volunteer_id == volunteer.id)
    ).all()
    known = {row.skill: row for row in rows}
    if wanted is None:
        return list(known)
    for skill in set(known) - set(wanted):
        session.delete(known[skill])
    for skill in set(wanted) - set(known):
        session.add(VolunteerSkill(volunteer_id=volunteer.id or 0, skill=skill))
    return list(wanted)


def _saved(
    volunteer: Volunteer, skills: list[Skill], password: str | None, *, created: bool
) -> Saved:
    return Saved(
        id=volunteer.id or 0,
        username=volunteer.username,
        name=volunteer.name,
        display=volunteer.display_name,
        role=volunteer.role.value,
        skills=sorted({skill.value for skill in skills}),
        created=created,
        password=password,
    )


def _make_password() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _tell(saved: list[Saved], rejected: list[Rejection], *, as_json: bool, many: bool) -> None:
    if as_json and not many and saved:
        typer.echo(json.dumps(saved[0].to_json(), ensure_ascii=False))
    elif as_json:
        people = [one.to_json() for one in saved]
        faults = [
            {"line": r.line, "field": r.field, "value": r.value, "reason": r.reason}
            for r in rejected
        ]
        typer.echo(json.dumps({"saved": people, "rejected": faults}, ensure_ascii=False))
    else:
        for one in saved:
            typer.echo(str(one))
        for fault in rejected:
            typer.echo(str(fault) if fault.line else f"{fault.field}：{fault.reason}", err=True)


if __name__ == "__main__":
    typer.run(main)
