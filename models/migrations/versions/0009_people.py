"""People in the console: their sessions, and codes that bind a WeChat account."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "volunteer_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_volunteer_session_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_volunteer_session_token_hash")),
    )
    op.create_index(
        op.f("ix_volunteer_session_volunteer_id"), "volunteer_session", ["volunteer_id"]
    )
    op.create_table(
        "binding_code",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_binding_code_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("pk_binding_code")),
    )


def downgrade() -> None:
    for table in ("binding_code", "volunteer_session"):
        op.drop_table(table)
