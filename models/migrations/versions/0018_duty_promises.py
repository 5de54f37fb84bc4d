"""Duties that people were told to wait for."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "duty_promise",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("begins_at", _MOMENT, nullable=False),
        sa.Column("skill", sa.String(length=20), nullable=False),
        sa.Column("said_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_duty_promise_ticket_id")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "begins_at", name=op.f("pk_duty_promise")),
    )
    op.create_index("ix_duty_promise_begins_at", "duty_promise", ["begins_at"])


def downgrade() -> None:
    op.drop_table("duty_promise")
