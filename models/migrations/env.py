"""Alembic's entry: works on the connection that `models.schema` hands over."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator
from sqlmodel.sql.sqltypes import AutoString

from models.tables import metadata


def render_plain_type(
    kind: str, item: object, autogen_context: AutogenContext
) -> str | Literal[False]:
    """Write database types only: a migration must not depend on today's classes."""
    del autogen_context
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})"
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    render_item=render_plain_type,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
