"""Column types shared by all tables."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.types import TypeDecorator

from models.encryption import Cipher

_CIPHER_ATTRIBUTE = "kuangyou_cipher"


def bind_cipher(engine: Engine, cipher: Cipher) -> None:
    """Let the encrypted columns of this engine use `cipher` (a dialect belongs to one engine)."""
    setattr(engine.dialect, _CIPHER_ATTRIBUTE, cipher)


def _cipher_of(dialect: Dialect) -> Cipher:
    cipher = getattr(dialect, _CIPHER_ATTRIBUTE, None)
    if not isinstance(cipher, Cipher):
        msg = "this engine has no cipher: open it through models.database.Database"
        raise TypeError(msg)
    return cipher


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC on every database; naive values are refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; raise ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a moment without a time zone cannot be stored: {value!r}"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored moment as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """Text that is unreadable in the database file (see `models.encryption.Cipher`)."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt on the way in; an empty text stays empty."""
        return _cipher_of(dialect).encrypt(value) if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt on the way out."""
        return _cipher_of(dialect).decrypt(value) if value else value


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes that are unreadable in the database file."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in; nothing stays nothing."""
        return _cipher_of(dialect).seal(value) if value else value

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Decrypt on the way out."""
        return _cipher_of(dialect).unseal(bytes(value)) if value else value


class LowerCaseEnum(TypeDecorator[StrEnum]):
    """A `StrEnum` stored as its lower-case value, never as its member name."""

    impl = sa.String(20)
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Store the value; raise ValueError for a word that is not of the enum."""
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Return the enum's member."""
        return None if value is None else self.enum(value)


def enum_column(enum: type[StrEnum], **options: Any) -> Any:  # noqa: ANN401 - SQLModel's own type
    """Return a column that stores the lower-case words of `enum`."""
    return sa.Column(LowerCaseEnum(enum), **({"nullable": False} | options))
