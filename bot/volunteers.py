"""Stores people who help, for the command line and the admin pages alike."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from sqlmodel import Session, select

from bot.loading.people import HOW_NAMED, USERNAME, Person
from models import passwords
from models.volunteer import Skill, Volunteer, VolunteerSkill
from models.volunteer_session import revoke_sessions

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


def find_weakness(password: str, person: Person) -> str | None:
    """Return what is wrong with a password, or None."""
    return passwords.find_weakness(password, username=person.username, name=person.name)


@dataclass(frozen=True, slots=True)
class Save:
    """Adds one person or changes them; `update` allows another name, `reset` makes a password."""

    update: bool
    reset: bool
    now: datetime

    def __call__(self, session: Session, person: Person, *, password: str | None) -> Saved:
        """Store the person; raise RefusedError where that cannot be."""
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
