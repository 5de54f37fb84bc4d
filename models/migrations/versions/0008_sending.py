"""Sending by ourselves: the outbox's particulars, reply windows, the account's state, leases."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
# A column with its constraint in one statement: SQLite cannot add a constraint to a table.
_ADD_REFERENCE = """
ALTER TABLE outbox_message ADD COLUMN {column} INTEGER
CONSTRAINT fk_outbox_message_{column} REFERENCES {target} (id)
"""
_REFERENCES = {"ticket_id": "ticket", "volunteer_id": "volunteer"}
_PENDING = "status IN ('waiting', 'uncertain') AND sent_at IS NULL"


def upgrade() -> None:
    _change_outbox()
    op.create_table(
        "reply_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("granted_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_reply_window_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_window")),
        sa.UniqueConstraint("contact_id", "reason", name=op.f("uq_reply_window_contact_id")),
    )
    op.create_index(op.f("ix_reply_window_expires_at"), "reply_window", ["expires_at"])
    op.create_table(
        "account_state",
        sa.Column("app_id", sa.String(length=64), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("token_until", _MOMENT, nullable=True),
        sa.Column("sending_off_at", _MOMENT, nullable=True),
        sa.Column("paused_until", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_account_state")),
    )
    op.create_table(
        "worker_lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_lease")),
    )


def _change_outbox() -> None:
    for name, target in _REFERENCES.items():
        op.execute(_ADD_REFERENCE.format(column=name, target=target))
    # Defaults in the database: the release before this one inserts without them.
    for column in (
        sa.Column("kind", sa.String(length=20), nullable=False, server_default="notice"),
        sa.Column("lane", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("is_doubtful", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("subject", sa.String(length=60), nullable=False, server_default=""),
        sa.Column("ticket_version", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("not_before", _MOMENT, nullable=True),
        sa.Column("not_after", _MOMENT, nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=True),
    ):
        op.add_column("outbox_message", column)
    op.create_index(op.f("ix_outbox_message_ticket_id"), "outbox_message", ["ticket_id"])
    op.create_index("ix_outbox_message_subject", "outbox_message", ["subject"])
    op.create_index(
        "ix_outbox_message_pending",
        "outbox_message",
        ["lane", "not_before"],
        sqlite_where=sa.text(_PENDING),
        postgresql_where=sa.text(_PENDING),
    )


def downgrade() -> None:
    for table in ("worker_lease", "account_state", "reply_window"):
        op.drop_table(table)
    for index in ("pending", "subject", "ticket_id"):
        op.drop_index(f"ix_outbox_message_{index}", "outbox_message")
    for name in (
        *("claimed_until", "not_after", "not_before", "reason", "ticket_version"),
        *("subject", "is_doubtful", "lane", "kind", "volunteer_id", "ticket_id"),
    ):
        op.drop_column("outbox_message", name)
