"""The people who help."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime, enum_column


class Skill(StrEnum):
    """What a volunteer can help with."""

    LAWYER = "lawyer"
    COUNSELOR = "counselor"
    CAREER = "career"
    STAFF = "staff"


class Role(StrEnum):
    """What a person may do in the console."""

    VOLUNTEER = "volunteer"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Volunteer(SQLModel, table=True):
    """Somebody who helps; `display_name` is all that contacts ever see of them.

    Who is not `released` yet sends approved replies only. `max_active` is how many tickets they
    hold at a time; until `rest_until` nothing is offered to them. `openid` is their own WeChat
    account, where they bound it.
    """

    __tablename__ = "volunteer"
    __table_args__ = (Index("ux_volunteer_openid", "openid", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=32)
    display_name: str = Field(max_length=32)
    role: Role = Field(default=Role.VOLUNTEER, sa_column=enum_column(Role))
    password_hash: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)
    is_active: bool = True
    is_paused: bool = False
    released: bool = False
    max_active: int = 1
    rest_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    openid: str | None = Field(default=None, max_length=64)
    failed_logins: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    must_change_password: bool = False


class VolunteerSkill(SQLModel, table=True):
    """One skill of one volunteer."""

    __tablename__ = "volunteer_skill"

    volunteer_id: int = Field(foreign_key="volunteer.id", primary_key=True)
    skill: Skill = Field(sa_column=enum_column(Skill, primary_key=True))


def set_paused(session: Session, *, volunteer_id: int, is_paused: bool) -> None:
    """Let a volunteer go for a while without being offered anything, or come back."""
    session.get_one(Volunteer, volunteer_id).is_paused = is_paused
    session.flush()  # the next claim must see it


def set_released(session: Session, *, volunteer_id: int, is_released: bool) -> bool:
    """Let a newcomer write in their own words, or no longer; tell whether that is a change."""
    volunteer = session.get_one(Volunteer, volunteer_id)
    was_released, volunteer.released = volunteer.released, is_released
    session.flush()  # the next reply is judged by it
    return was_released is not is_released


def end_rest(session: Session, *, volunteer_id: int) -> None:
    """End the rest after a crisis: the volunteer says that they are well."""
    session.get_one(Volunteer, volunteer_id).rest_until = None
    session.flush()  # the next claim must see it


class LastAdminError(Exception):
    """Without this person nobody could manage the service any more."""


def check_admin_stays(session: Session) -> None:
    """Raise LastAdminError where no active admin is left, after a change in this transaction."""
    session.flush()  # the change must be seen
    left = select(Volunteer.id).where(
        Volunteer.role == Role.ADMIN, col(Volunteer.is_active).is_(True)
    )
    if session.exec(left.limit(1)).first() is None:
        raise LastAdminError


def set_active(session: Session, *, volunteer_id: int, is_active: bool) -> None:
    """Let somebody in again, or no longer: then they cannot log in and are offered nothing."""
    session.get_one(Volunteer, volunteer_id).is_active = is_active
    check_admin_stays(session)
