"""Who did what with the data of others, and why: the database itself refuses to change a row."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel

from models.columns import EncryptedText, UtcDateTime


class AuditEntry(SQLModel, table=True):
    """One act of one person; triggers refuse UPDATE and DELETE on both databases.

    `subject` names a row by its number (`ticket:12`), never a person. `actor_id` is None for what
    the service did by itself.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    actor_id: int | None = Field(default=None, foreign_key="volunteer.id", index=True)
    action: str = Field(max_length=40)
    subject: str = Field(max_length=80)
    reason: str = Field(default="", sa_type=EncryptedText)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


def record_audit(
    session: Session,
    *,
    actor_id: int | None,
    action: str,
    subject: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Write down an act, in the transaction of the act."""
    session.add(
        AuditEntry(actor_id=actor_id, action=action, subject=subject, reason=reason, at=now)
    )
