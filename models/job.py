"""Job postings and the people who look for work."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import EncryptedText, UtcDateTime, enum_column


class SalaryUnit(StrEnum):
    """What a pay figure is counted by."""

    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    PIECE = "piece"
    YEAR = "year"


class JobPosting(SQLModel, table=True):
    """A vacancy; a field that the employer did not state is empty, never guessed.

    `salary_min` and `salary_max` are yuan in `salary_unit`; `monthly_min` and `monthly_max` are
    the same for comparing, in yuan a month (None where the unit does not say, as piece pay).
    """

    __tablename__ = "job_posting"

    id: int | None = Field(default=None, primary_key=True)
    source_id: str = Field(max_length=64, unique=True)
    title: str = Field(max_length=80)
    employer: str = Field(max_length=80)
    licence_no: str = Field(default="", max_length=64)
    category: str = Field(max_length=16, index=True)
    headcount: int | None = None
    district: str = Field(default="", max_length=40)
    salary_min: int | None = None
    salary_max: int | None = None
    salary_unit: SalaryUnit = Field(default=SalaryUnit.MONTH, sa_column=enum_column(SalaryUnit))
    monthly_min: int | None = None
    monthly_max: int | None = None
    base_pay: int | None = None
    insurance: str = Field(default="", max_length=80)
    age_min: int | None = None
    age_max: int | None = None
    experience: str = Field(default="", max_length=80)
    education: str = Field(default="", max_length=40)
    shift: str = Field(default="", max_length=40)
    lodging: str = Field(default="", max_length=40)
    contact_phone: str = Field(default="", max_length=40)
    valid_until: date | None = Field(default=None, index=True)
    text: str = Field(default="", max_length=2000)
    posted_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_demo: bool = False


class JobSeeker(SQLModel, table=True):
    """What somebody who registered told us about the work they look for; all of it encrypted."""

    __tablename__ = "job_seeker"

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", unique=True)
    name: str = Field(default="", sa_type=EncryptedText)
    age: str = Field(default="", sa_type=EncryptedText)
    trade: str = Field(default="", sa_type=EncryptedText)
    place: str = Field(default="", sa_type=EncryptedText)
    pay: str = Field(default="", sa_type=EncryptedText)
    remark: str = Field(default="", sa_type=EncryptedText)
    registered_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


def monthly_amount(amount: int | None, unit: SalaryUnit) -> int | None:
    """Return a pay figure per month for comparing: 26 days of 8 hours, a twelfth of a year."""
    factors = {SalaryUnit.MONTH: 1, SalaryUnit.DAY: 26, SalaryUnit.HOUR: 208}
    if amount is None or unit is SalaryUnit.PIECE:
        return None
    return amount // 12 if unit is SalaryUnit.YEAR else amount * factors[unit]
