"""Which piece of knowledge an answer came from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A default in the database: the release before this one inserts entries without it.
    op.add_column(
        "inbox_entry",
        sa.Column("source", sa.String(length=240), nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_column("inbox_entry", "source")
