"""Codes by which a volunteer shows that a WeChat account is theirs: six digits, for ten minutes."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime
from models.volunteer import Volunteer

CODE_TIME = timedelta(minutes=10)


class BindingCode(SQLModel, table=True):
    """The one code of a volunteer that is good; only its hash is kept."""

    __tablename__ = "binding_code"

    volunteer_id: int = Field(foreign_key="volunteer.id", primary_key=True)
    salt: str = Field(max_length=32)
    code_hash: str = Field(max_length=64)
    expires_at: datetime = Field(sa_type=UtcDateTime)


def make_code(session: Session, *, volunteer_id: int, now: datetime) -> str:
    """Return a new code; the former one is no longer good."""
    code, salt = f"{secrets.randbelow(1_000_000):06}", secrets.token_hex(16)
    row = session.get(BindingCode, volunteer_id)
    if row is None:
        row = BindingCode(volunteer_id=volunteer_id, salt="", code_hash="", expires_at=now)
    row.salt, row.code_hash, row.expires_at = salt, _hash(salt, code), now + CODE_TIME
    session.add(row)
    return code


def bind_openid(session: Session, *, code: str, openid: str, now: datetime) -> Volunteer | None:
    """Give the account to the volunteer whose code this is; None where it is nobody's.

    The code is then spent. A WeChat account belongs to one volunteer: an older binding ends.
    """
    good = select(BindingCode).where(col(BindingCode.expires_at) > now)
    found = [row for row in session.exec(good) if _is(row, code)]
    if len(found) != 1:  # two volunteers with the same code must each ask for another one
        return None
    former = session.exec(select(Volunteer).where(Volunteer.openid == openid)).first()
    if former is not None:
        former.openid = None
        session.flush()  # an account is bound once at a time
    volunteer = session.get_one(Volunteer, found[0].volunteer_id)
    volunteer.openid = openid
    session.delete(found[0])
    return volunteer


def unbind(session: Session, *, volunteer_id: int) -> None:
    """Forget the volunteer's WeChat account."""
    session.get_one(Volunteer, volunteer_id).openid = None


def _is(row: BindingCode, code: str) -> bool:
    return secrets.compare_digest(row.code_hash, _hash(row.salt, code))


def _hash(salt: str, code: str) -> str:
    return hashlib.sha256(f"{salt}:{code}".encode()).hexdigest()
