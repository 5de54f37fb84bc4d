"""What was done stays written down: the database itself refuses to change it."""

import pytest
import sqlalchemy as sa
from sqlmodel import select

from models.audit import AuditEntry, record_audit
from models.database import Database
from tests.conftest import NOON


@pytest.fixture
def entry_id(database: Database) -> int:
    with database.transaction() as session:
        record_audit(
            session, actor_id=1, action="reveal", subject="ticket:3", reason="回电话", now=NOON
        )
        session.flush()
        return session.exec(select(AuditEntry.id)).one() or 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'nothing'",
        "UPDATE audit_entry SET actor_id = 2 WHERE id = {id}",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE id = {id}",
    ],
)
def test_an_entry_is_neither_changed_nor_deleted(
    database: Database, entry_id: int, statement: str
) -> None:
    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        database.engine.begin() as connection,
    ):
        connection.execute(sa.text(statement.format(id=entry_id)))

    with database.transaction() as session:
        entry = session.exec(select(AuditEntry)).one()
    assert (entry.actor_id, entry.action, entry.reason) == (1, "reveal", "回电话")


def test_an_entry_is_not_replaced_either(database: Database, entry_id: int) -> None:
    replace = {
        "sqlite": "INSERT OR REPLACE INTO audit_entry SELECT id, 2, action, subject, reason, at"
        " FROM audit_entry",
        "postgresql": "TRUNCATE audit_entry",
    }
    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        database.engine.begin() as connection,
    ):
        connection.execute(sa.text(replace[connection.dialect.name]))

    with database.transaction() as session:
        assert session.get_one(AuditEntry, entry_id).actor_id == 1


def test_a_reason_is_unreadable_in_the_table(database: Database, entry_id: int) -> None:
    with database.engine.connect() as connection:
        raw = connection.execute(sa.text("SELECT reason FROM audit_entry")).scalar_one()

    assert entry_id
    assert "回" not in raw
