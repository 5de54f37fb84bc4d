"""Who is logged in to the console: sessions that end, and log-ins that stop after failures.

Neither a token nor a password is stored: what is here lets nobody in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime
from models.volunteer import Volunteer

MOST_FAILURES = 5
LOCK_TIME = timedelta(minutes=15)
SESSION_TIME = timedelta(days=7)
"""How long a log-in is good: who helps once a week on their own phone logs in once a week."""

_SEEN_EVERY = timedelta(minutes=5)


class VolunteerSession(SQLModel, table=True):
    """One log-in on one device; `token_hash` cannot be turned back into the cookie."""

    __tablename__ = "volunteer_session"

    id: int | None = Field(default=None, primary_key=True)
    volunteer_id: int = Field(foreign_key="volunteer.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to log in; who is locked out is not let in with any password."""

    volunteer_id: int
    password_hash: str
    is_locked: bool


def begin_attempt(session: Session, *, username: str, now: datetime) -> Attempt | None:
    """Count a try to log in before it is judged; None where nobody has this name.

    Counted first, tries at the same moment cannot get past the limit; success takes the count back.
    """
    found = session.exec(
        select(Volunteer)
        .where(Volunteer.username == username, col(Volunteer.is_active).is_(True))
        .execution_options(populate_existing=True)
        .with_for_update()
    ).first()
    if found is None:
        return None
    if found.locked_until is not None and found.locked_until > now:
        return Attempt(found.id or 0, found.password_hash, is_locked=True)
    was_locked = found.locked_until is not None
    failures = 1 if was_locked else found.failed_logins + 1
    found.failed_logins = failures
    found.locked_until = now + LOCK_TIME if failures >= MOST_FAILURES else None
    session.add(found)
    return Attempt(found.id or 0, found.password_hash, is_locked=False)


def begin_session(session: Session, *, volunteer_id: int, token_hash: str, now: datetime) -> None:
    """Let the volunteer in; what failed before is forgotten."""
    volunteer = session.get_one(Volunteer, volunteer_id)
    volunteer.failed_logins, volunteer.locked_until = 0, None
    session.add(
        VolunteerSession(
            volunteer_id=volunteer_id,
            token_hash=token_hash,
            created_at=now,
            seen_at=now,
            expires_at=now + SESSION_TIME,
        )
    )


def find_session(
    session: Session, *, token_hash: str, now: datetime
) -> tuple[VolunteerSession, Volunteer] | None:
    """Return the session behind a cookie and whose it is, while it is good."""
    return session.exec(
        select(VolunteerSession, Volunteer)
        .join(Volunteer, col(Volunteer.id) == col(VolunteerSession.volunteer_id))
        .where(VolunteerSession.token_hash == token_hash, VolunteerSession.expires_at > now)
        .where(col(VolunteerSession.revoked_at).is_(None), col(Volunteer.is_active).is_(True))
    ).first()


def is_due_to_be_seen(found: VolunteerSession, now: datetime) -> bool:
    """Tell whether it is time to note that the session is in use."""
    return now - found.seen_at > _SEEN_EVERY


def note_seen(session: Session, *, session_id: int, now: datetime) -> None:
    """Note that the session is in use."""
    session.connection().execute(
        update(VolunteerSession).where(col(VolunteerSession.id) == session_id).values(seen_at=now)
    )


def revoke_sessions(
    session: Session, *, volunteer_id: int, now: datetime, only: int | None = None, but: int = 0
) -> int:
    """End the sessions of a volunteer: one (`only`), or all but one; return how many."""
    which = col(VolunteerSession.id) == only if only else col(VolunteerSession.id) != but
    ended = session.connection().execute(
        update(VolunteerSession)
        .where(col(VolunteerSession.volunteer_id) == volunteer_id, which)
        .where(col(VolunteerSession.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    return ended.rowcount


def set_password(session: Session, *, volunteer_id: int, password_hash: str) -> None:
    """Store a new password; what was locked or had to be changed is open again."""
    volunteer = session.get_one(Volunteer, volunteer_id)
    volunteer.password_hash = password_hash
    volunteer.must_change_password = False
    volunteer.failed_logins, volunteer.locked_until = 0, None
    session.add(volunteer)
