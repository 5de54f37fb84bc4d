"""What the column types promise: aware times, unreadable confidences, plain words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlmodel import select

from models.contact import Contact
from models.database import Database
from models.encryption import Cipher, DecryptionError
from models.ticket import Ticket, TicketKind, open_ticket

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


def contact(session_now: datetime = NOW) -> Contact:
    return Contact(openid="o1", first_seen_at=session_now, last_message_at=session_now)


def test_a_moment_comes_back_aware_and_equal(database: Database) -> None:
    in_shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    with database.transaction() as session:
        session.add(contact(in_shanghai))

    with database.transaction() as session:
        found = session.exec(select(Contact)).one()
    assert found.first_seen_at == NOW
    assert found.first_seen_at.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with (
        pytest.raises(sa.exc.StatementError, match="without a time zone"),
        database.transaction() as session,
    ):
        session.add(contact(naive))


def test_what_people_confide_is_unreadable_in_the_table(database: Database) -> None:
    with database.transaction() as session:
        person = contact()
        session.add(person)
        session.flush()
        open_ticket(
            session, contact_id=person.id or 0, kind=TicketKind.LAWYER, summary="欠薪三月", now=NOW
        )

    with database.engine.connect() as connection:
        raw = connection.execute(sa.text("SELECT summary FROM ticket")).scalar_one()
    assert "欠薪" not in raw
    with database.transaction() as session:
        assert session.exec(select(Ticket)).one().summary == "欠薪三月"


def test_states_are_stored_as_lower_case_words(database: Database) -> None:
    with database.transaction() as session:
        person = contact()
        session.add(person)
        session.flush()
        open_ticket(
            session, contact_id=person.id or 0, kind=TicketKind.MUTUAL_HELP, summary="", now=NOW
        )

    with database.engine.connect() as connection:
        row = connection.execute(sa.text("SELECT kind, state FROM ticket")).one()
    assert tuple(row) == ("mutual_help", "queued")


def test_a_rotated_key_still_reads_what_the_former_one_wrote() -> None:
    old, new = Cipher.generate_key(), Cipher.generate_key()
    written = Cipher(old).encrypt("心里话")

    assert Cipher(f"{new},{old}").decrypt(written) == "心里话"
    with pytest.raises(DecryptionError, match="DATA_ENCRYPTION_KEY"):
        Cipher(new).decrypt(written)


@pytest.mark.parametrize("bad", ["", " , ", "short", "not a key at all, really"])
def test_a_bad_key_is_refused_with_the_name_of_the_setting(bad: str) -> None:
    with pytest.raises(ValueError, match="DATA_ENCRYPTION_KEY"):
        Cipher(bad)


def test_another_database_than_sqlite_or_postgresql_is_refused(cipher: Cipher) -> None:
    with pytest.raises(ValueError, match="sqlite"):
        Database("mysql://somewhere/else", cipher=cipher)


def test_sqlite_keeps_an_acknowledged_message_over_a_power_cut(cipher: Cipher) -> None:
    database = Database("sqlite://", cipher=cipher)

    with database.engine.connect() as connection:
        settings = {
            name: connection.execute(sa.text(f"PRAGMA {name}")).scalar_one()
            for name in ("synchronous", "foreign_keys")
        }
    assert settings == {"synchronous": 2, "foreign_keys": 1}
