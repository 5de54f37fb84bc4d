"""Reads people who help from a sheet, row by row: storing them is not the machine's part."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.loading.cells import BadCellError, Cell, choice, key, listed, text
from bot.loading.files import open_sheet
from bot.loading.kind import Column, Kind
from bot.loading.report import Rejection
from bot.loading.rows import Judge
from bot.loading.sheet import RawRow, SheetError
from models.clock import system_clock
from models.volunteer import Role, Skill, Volunteer

USERNAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")
HOW_NAMED: Final = "用小写字母开头，2 到 32 位，可以有数字和 . _ -"


@dataclass(frozen=True, slots=True)
class Person:
    """Who helps, as the command line or a sheet tells it; None leaves what is stored."""

    username: str
    name: str
    display: str | None = None
    role: Role | None = None
    skills: tuple[Skill, ...] | None = None


def _skills(cell: Cell) -> tuple[Skill, ...] | None:
    names = {
        "律师": Skill.LAWYER,
        "心理咨询师": Skill.COUNSELOR,
        "心理咨询": Skill.COUNSELOR,
        "心理顾问": Skill.COUNSELOR,
        "心理": Skill.COUNSELOR,
        "职业顾问": Skill.CAREER,
        "就业": Skill.CAREER,
        "工作人员": Skill.STAFF,
    } | {skill.value: skill for skill in Skill}
    one = choice({**names}, say="律师、心理顾问、职业顾问、工作人员")
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
    if said and not USERNAME.fullmatch(said):
        raise BadCellError(HOW_NAMED)
    return said


SHEET: Final = Kind(
    name="volunteers",
    noun="志愿者",
    model=Volunteer,
    columns=(
        Column(
            "username",
            ("用户名", "登录名", "账号"),
            _username,
            "示例",
            required=True,
            hint=HOW_NAMED,
        ),
        Column(
            "name",
            ("姓名", "真实姓名"),
            text(32),
            "李砚青",
            required=True,
            hint="来访的人看不到；已经在册的空着就不改",
        ),
        Column(
            "display",
            ("称呼", "显示名", "对外称呼"),
            text(32),
            "李律师",
            hint="来访的人看到的，例如：李律师",
        ),
        Column(
            "role",
            ("角色", "身份"),
            _role,
            "志愿者",
            hint="空着是志愿者",
            options=("志愿者", "督导", "管理员", "审计"),
        ),
        Column(
            "skill",
            ("技能", "专长", "能帮什么", "skills"),
            _skills,
            "律师",
            hint="律师、心理顾问、职业顾问、工作人员；几样用顿号隔开",
        ),
    ),
)


def read_people(file: Path) -> Iterator[tuple[int, Person] | Rejection]:
    """Yield the people of a sheet with their lines, and the rows that are none."""
    judge = Judge(SHEET, now=system_clock())
    try:
        rows = open_sheet(file, judge.book).rows
        for raw in rows:
            parsed = judge.parse(raw)
            yield parsed if isinstance(parsed, Rejection) else (parsed.line, _person(parsed.values))
    except SheetError as error:
        yield Rejection(error.line, error.field, "", error.reason)


def read_person(cells: Mapping[str, Cell]) -> Person | Rejection:
    """Return the person that one row tells of, by the titles of its columns."""
    parsed = Judge(SHEET, now=system_clock()).parse(RawRow(1, cells))
    return parsed if isinstance(parsed, Rejection) else _person(parsed.values)


def _person(values: dict[str, object]) -> Person:
    role, skills = values.get("role"), values.get("skill")
    return Person(
        username=str(values["username"]),
        name=str(values["name"]),
        display=str(values.get("display") or "") or None,
        role=role if isinstance(role, Role) else None,
        skills=skills if isinstance(skills, tuple) else None,
    )
