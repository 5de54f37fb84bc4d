"""What the roster is made of: duties of every week, duties of one date, offers to change them."""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, enum_column
from models.volunteer import Skill


class WeeklyDuty(SQLModel, table=True):
    """A duty that comes back every week, from one day to another (both included).

    The hours are those of the clock in `timezone`; one that ends before it begins goes on past
    midnight. A row is never changed but for its end, so that what was promised can be told later.
    """

    __tablename__ = "weekly_duty"

    id: int | None = Field(default=None, primary_key=True)
    volunteer_id: int = Field(foreign_key="volunteer.id", index=True)
    skill: Skill = Field(sa_column=enum_column(Skill))
    weekday: int
    starts: time
    ends: time
    timezone: str = Field(max_length=40)
    valid_from: date
    valid_until: date | None = None


class Duty(SQLModel, table=True):
    """A duty of one date: a single one, or what became of one evening of a weekly duty.

    The row of a weekly duty stands in its place from then on (`weekly_id` and `day` name it, once).
    `confirmed` is set where the volunteer has said that they come on this very date.
    """

    __tablename__ = "duty"
    __table_args__ = (
        Index("ix_duty_skill_time", "skill", "ends_at"),
        Index("ux_duty_weekly_day", "weekly_id", "day", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    volunteer_id: int = Field(foreign_key="volunteer.id", index=True)
    skill: Skill = Field(sa_column=enum_column(Skill))
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    closed_reason: str | None = Field(default=None, max_length=64)
    weekly_id: int | None = Field(default=None, foreign_key="weekly_duty.id")
    day: date | None = None
    confirmed: bool = True


class CloseReason(StrEnum):
    """Why somebody cannot come, or why a duty is no more."""

    ILL = "ill"
    FAMILY = "family"
    WORK = "work"
    OTHER = "other"
    ENDED = "ended"


class OfferState(StrEnum):
    """What became of an offer."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_ONE_OFFER = text("state = 'offered'")


class DutyOffer(SQLModel, table=True):
    """A duty offered to a colleague, or to whoever has the skill; one at a time (the index).

    `return_id` is the colleague's own duty that is wanted for it. Until somebody accepts, everybody
    keeps what they have.
    """

    __tablename__ = "duty_offer"
    __table_args__ = (
        Index(
            "ux_duty_offer_offered",
            "duty_id",
            unique=True,
            sqlite_where=_ONE_OFFER,
            postgresql_where=_ONE_OFFER,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    duty_id: int = Field(foreign_key="duty.id", index=True)
    return_id: int | None = Field(default=None, foreign_key="duty.id", index=True)
    from_id: int = Field(foreign_key="volunteer.id", index=True)
    to_id: int | None = Field(default=None, foreign_key="volunteer.id", index=True)
    state: OfferState = Field(default=OfferState.OFFERED, sa_column=enum_column(OfferState))
    offered_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: int | None = Field(default=None, foreign_key="volunteer.id")
