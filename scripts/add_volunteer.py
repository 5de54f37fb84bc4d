"""Adds people who help, or changes what is known of them. A first password is shown once."""

import json
import re
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from argon2 import PasswordHasher
from sqlmodel import Session, select

from models.clock import system_clock
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill
from scripts.loading.cells import BadCellError, Cell, choice, key, listed, text
from scripts.loading.command import open_database
from scripts.loading.files import open_sheet
from scripts.loading.kind import Column, Kind
from scripts.loading.report import Rejection
from scripts.loading.rows import Judge
from scripts.loading.sheet import SheetError

SHORTEST_PASSWORD: Final = 10
_FEWEST_DIFFERENT: Final = 6
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
_USERNAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_COMMON: Final = re.compile(r"password|passw0rd|qwerty|abc123|123456|iloveyou|admin|kuangyou", re.I)


@dataclass(frozen=True, slots=True)
class Person:
    """Who helps, as the command line or a sheet tells it; None leaves what is stored."""

    username: str
    name: str
    display: str | None = None
    role: Role | None = None
    skills: tuple[Skill, ...] | None = None


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
        for who in _people(file) if file else [(0, person)]:
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
    lower = password.lower()
    if len(password) < SHORTEST_PASSWORD:
        return f"密码太短，至少 {SHORTEST_PASSWORD} 位"
    if len(set(password)) < _FEWEST_DIFFERENT or password.isdecimal():
        return "密码太简单，请用字母和数字混在一起"
    if person.username in lower or person.name in password or _COMMON.search(password):
        return "密码里不要有用户名、姓名或常见的词"
    return None


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
        if password is None and (known is None or self.reset):
            password = _make_password()
        volunteer = known or self._new(person)
        _fill(volunteer, person, password)
        session.add(volunteer)
        session.flush()  # skills refer to its id
        skills = _set_skills(session, volunteer, person.skills)
        return _saved(volunteer, skills, password, created=known is None)

    def _check(self, person: Person, password: str | None) -> None:
        if not _USERNAME.fullmatch(person.username):
            message = "用户名用小写字母开头，2 到 32 位，可以有数字和 . _ -"
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


def _skills(cell: Cell) -> tuple[Skill, ...] | None:
    names = {
        "律师": Skill.LAWYER,
        "心理咨询师": Skill.COUNSELOR,
        "心理": Skill.COUNSELOR,
        "职业顾问": Skill.CAREER,
        "就业": Skill.CAREER,
        "工作人员": Skill.STAFF,
    } | {skill.value: skill for skill in Skill}
    one = choice({**names}, say="律师、心理咨询师、职业顾问、工作人员")
    parts = listed(20, len(Skill), breaks=r"[|｜、,，;；/\s]+")(cell)
    assert isinstance(parts, list)  # noqa: S101 - what `listed` returns
    return tuple(Skill(str(one(part))) for part in parts) or None


def _role(cell: Cell) -> Role | None:
    names = {
        "志愿者": Role.VOLUNTEER,
        "督导": Role.SUPERVISOR,
        "管理员": Role.ADMIN,
        "审计": Role.AUDITOR,
    } | {role.value: role for role in Role}
    found = choice({**names}, say="志愿者、督导、管理员、审计")(cell)
    return Role(str(found)) if found else None


def _username(cell: Cell) -> str:
    said = str(key(32)(cell)).lower()
    if said and not _USERNAME.fullmatch(said):
        message = "用小写字母开头，2 到 32 位，可以有数字和 . _ -"
        raise BadCellError(message)
    return said


_SHEET: Final = Kind(
    name="volunteers",
    noun="志愿者",
    model=Volunteer,
    columns=(
        Column("username", ("用户名", "登录名", "账号"), _username, "示例", required=True),
        Column("name", ("姓名", "真实姓名"), text(32), "李砚青", required=True),
        Column("display", ("称呼", "显示名", "对外称呼"), text(32), "李律师"),
        Column("role", ("角色", "身份"), _role, "志愿者"),
        Column("skill", ("技能", "专长", "能帮什么", "skills"), _skills, "律师"),
    ),
)


def _people(file: Path) -> Iterator[tuple[int, Person] | Rejection]:
    """Yield the people of a sheet with their lines, and the rows that are none."""
    judge = Judge(_SHEET, now=system_clock())
    try:
        rows = open_sheet(file, judge.book).rows
        for raw in rows:
            parsed = judge.parse(raw)
            yield parsed if isinstance(parsed, Rejection) else (parsed.line, _person(parsed.values))
    except SheetError as error:
        yield Rejection(error.line, error.field, "", error.reason)


def _person(values: dict[str, object]) -> Person:
    role, skills = values.get("role"), values.get("skill")
    return Person(
        username=str(values["username"]),
        name=str(values["name"]),
        display=str(values.get("display") or "") or None,
        role=role if isinstance(role, Role) else None,
        skills=skills if isinstance(skills, tuple) else None,
    )


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
