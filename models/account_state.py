"""What all processes have to know of the account: its access token, and what it may do."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import EncryptedText, UtcDateTime

ASK_AGAIN = timedelta(hours=6)
"""An account that may not send may have been verified since: after this time it is tried again."""

DAY_PAUSE = timedelta(minutes=10)
"""From this length on a pause is one for the rest of the day."""


class AccountState(SQLModel, table=True):
    """One row for each account; `fingerprint` tells tokens apart without showing one."""

    __tablename__ = "account_state"

    app_id: str = Field(primary_key=True, max_length=64)
    token: str = Field(default="", sa_type=EncryptedText)
    fingerprint: str = Field(default="", max_length=64)
    token_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sending_off_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    media_off_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is known of the account's right to send."""

    sending_off_at: datetime | None = None
    paused_until: datetime | None = None

    def may_send(self, now: datetime) -> bool:
        """Tell whether the account may send by itself, as far as is known."""
        return self.sending_off_at is None or now - self.sending_off_at >= ASK_AGAIN

    def is_paused(self, now: datetime) -> bool:
        """Tell whether WeChat wants no calls for the moment."""
        return self.paused_until is not None and self.paused_until > now

    def is_over_for_today(self, now: datetime) -> bool:
        """Tell whether the pause is one of hours."""
        return self.paused_until is not None and self.paused_until - now > DAY_PAUSE


def find_limits(connection: Connection, *, app_id: str) -> Limits:
    """Return what is known of the account's right to send."""
    wanted = select(AccountState.sending_off_at, AccountState.paused_until)
    row = connection.execute(wanted.where(AccountState.app_id == app_id)).first()
    return Limits() if row is None else Limits(row.sending_off_at, row.paused_until)


def find_token(connection: Connection, *, app_id: str, now: datetime) -> str | None:
    """Return the token that is good for a while, if one is stored."""
    good = col(AccountState.token_until) > now
    row = connection.execute(
        select(AccountState.token).where(AccountState.app_id == app_id, good)
    ).first()
    return row.token or None if row else None


def keep_token(session: Session, *, app_id: str, token: str, until: datetime) -> None:
    """Store a new token for all processes."""
    _write(session, app_id, token=token, fingerprint=_print_of(token), token_until=until)


def drop_token(session: Session, *, app_id: str, token: str) -> None:
    """Forget a token that was refused, unless another process has brought a new one already."""
    session.connection().execute(
        update(AccountState)
        .where(col(AccountState.app_id) == app_id)
        .where(col(AccountState.fingerprint) == _print_of(token))
        .values(token="", fingerprint="", token_until=None)
    )


def switch_sending_off(session: Session, *, app_id: str, now: datetime) -> None:
    """Note that WeChat does not let this account send by itself."""
    _write(session, app_id, sending_off_at=now)


def switch_sending_on(session: Session, *, app_id: str) -> None:
    """Note that the account has sent: it may."""
    session.connection().execute(
        update(AccountState)
        .where(col(AccountState.app_id) == app_id, col(AccountState.sending_off_at).is_not(None))
        .values(sending_off_at=None)
    )


def may_fetch_media(connection: Connection, *, app_id: str, now: datetime) -> bool:
    """Tell whether the account may fetch what people sent, as far as is known."""
    row = connection.execute(
        select(AccountState.media_off_at).where(AccountState.app_id == app_id)
    ).first()
    off_at: datetime | None = row.media_off_at if row else None
    return off_at is None or now - off_at >= ASK_AGAIN


def switch_media_off(session: Session, *, app_id: str, now: datetime) -> None:
    """Note that WeChat does not let this account fetch what people sent."""
    _write(session, app_id, media_off_at=now)


def switch_media_on(session: Session, *, app_id: str) -> None:
    """Note that the account has fetched something: it may."""
    session.connection().execute(
        update(AccountState)
        .where(col(AccountState.app_id) == app_id, col(AccountState.media_off_at).is_not(None))
        .values(media_off_at=None)
    )


def pause_sending(session: Session, *, app_id: str, until: datetime) -> None:
    """Let all processes wait: WeChat wants no more calls until then."""
    _write(session, app_id, paused_until=until)


def _write(session: Session, app_id: str, **values: object) -> None:
    connection = session.connection()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    empty = {"token": "", "fingerprint": ""}
    connection.execute(
        insert(AccountState)
        .values(app_id=app_id, **{**empty, **values})
        .on_conflict_do_update(index_elements=["app_id"], set_=values)
    )


def _print_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
