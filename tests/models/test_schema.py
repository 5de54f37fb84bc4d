"""The migrations bring an empty database to the tables of today, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from pytest_socket import enable_socket

from models import schema
from models.database import Database
from models.encryption import Cipher
from models.tables import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, cipher: Cipher) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/empty.db", cipher=cipher)
        yield database
        database.close()
        return
    enable_socket()
    server = request.getfixturevalue("postgres")
    url = server.create_database()
    database = Database(url, cipher=cipher)
    yield database
    database.close()
    server.drop_database(url)


def test_upgrading_an_empty_database_gives_the_tables_of_the_models(empty: Database) -> None:
    before, after = schema.upgrade(empty)

    assert (before, after) == (None, schema.newest_revision())
    assert schema.differences(empty) == []


def test_a_missing_column_is_seen_as_a_difference(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE contact DROP COLUMN scene"))

    assert len(schema.differences(empty)) == 1


def test_upgrading_twice_changes_nothing(empty: Database) -> None:
    schema.upgrade(empty)

    assert schema.upgrade(empty) == (schema.newest_revision(), schema.newest_revision())
    assert schema.is_current(empty)


def test_an_empty_database_is_not_current(empty: Database) -> None:
    assert not schema.is_current(empty)


def test_each_migration_can_be_taken_back(empty: Database) -> None:
    schema.upgrade(empty)

    schema.downgrade(empty)

    with empty.engine.connect() as connection:
        left = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
    assert left == set()


def test_every_constraint_has_a_name_by_which_a_migration_can_drop_it() -> None:
    unnamed = [
        f"{table.name}: {constraint}"
        for table in metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]

    assert unnamed == []


def test_a_migration_that_would_change_nothing_is_not_written(empty: Database) -> None:
    schema.upgrade(empty)

    with pytest.raises(ValueError, match=r"models/tables\.py"):
        schema.create_revision(empty, "nothing")
