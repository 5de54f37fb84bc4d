"""Announcements; what those who come to a class were told, and which reminders they got."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
# A column with its constraint in one statement: SQLite cannot add a constraint to a table.
_ADD_REFERENCE = """
ALTER TABLE outbox_message ADD COLUMN announcement_id INTEGER
CONSTRAINT fk_outbox_message_announcement_id REFERENCES announcement (id)
"""
_PARTIAL = {
    "ix_outbox_message_claimed": (["claimed_until"], "claimed_until IS NOT NULL"),
    "ix_outbox_message_parked": (["not_after"], "status = 'parked'"),
    "ix_outbox_message_news": (["announcement_id", "status"], "announcement_id IS NOT NULL"),
    "uq_outbox_message_news": (["announcement_id", "contact_id"], "announcement_id IS NOT NULL"),
}


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("stopped_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("paced_until", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["volunteer.id"], name=op.f("fk_announcement_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index("ix_announcement_state", "announcement", ["state"])
    op.execute(_ADD_REFERENCE)
    for name, (columns, where) in _PARTIAL.items():
        op.create_index(
            name,
            "outbox_message",
            columns,
            unique=name.startswith("uq_"),
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    # Defaults in the database: the release before this one inserts without them.
    for column in (
        sa.Column("place", sa.String(length=120), nullable=False, server_default=""),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("told", sa.String(), nullable=False, server_default=""),
    ):
        op.add_column("open_class", column)
    for column in (
        sa.Column("reminders_off", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reminded", sa.String(length=60), nullable=False, server_default=""),
    ):
        op.add_column("enrolment", column)


def downgrade() -> None:
    for name in ("reminded", "reminders_off"):
        op.drop_column("enrolment", name)
    for name in ("told", "is_cancelled", "place"):
        op.drop_column("open_class", name)
    for name in _PARTIAL:
        op.drop_index(name, "outbox_message")
    op.execute("DELETE FROM outbox_message WHERE announcement_id IS NOT NULL")
    op.drop_column("outbox_message", "announcement_id")
    op.drop_index("ix_announcement_state", "announcement")
    op.drop_table("announcement")
