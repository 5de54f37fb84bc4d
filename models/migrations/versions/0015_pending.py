"""Messages whose answer was not ready in time."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pending_message",
        sa.Column("dedup_key", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("dedup_key", name=op.f("pk_pending_message")),
    )
    op.create_index(op.f("ix_pending_message_openid"), "pending_message", ["openid"])
    op.create_index(op.f("ix_pending_message_claimed_until"), "pending_message", ["claimed_until"])


def downgrade() -> None:
    op.drop_table("pending_message")
