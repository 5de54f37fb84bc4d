"""Approved replies with their versions, and how people rate the help."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_PUBLISHED = sa.text("state = 'published'")


def upgrade() -> None:
    op.create_table(
        "approved_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=20), nullable=False),
        sa.Column("seed_key", sa.String(length=64), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approved_reply")),
        sa.UniqueConstraint("seed_key", name=op.f("uq_approved_reply_seed_key")),
    )
    op.create_table(
        "approved_reply_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("body", sa.String(length=500), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.Column("reviewed_by", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", _MOMENT, nullable=True),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("published_at", _MOMENT, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_approved_reply_version_{column}")
            )
            for column, table in (
                ("reply_id", "approved_reply"),
                ("written_by", "volunteer"),
                ("reviewed_by", "volunteer"),
                ("published_by", "volunteer"),
                ("ended_by", "volunteer"),
            )
        ),
        sa.CheckConstraint(
            "reviewed_by IS NULL OR reviewed_by <> written_by",
            name=op.f("ck_approved_reply_version_another_reviews"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('reviewed', 'published', 'replaced', 'withdrawn')"
            " OR reviewed_by IS NOT NULL",
            name=op.f("ck_approved_reply_version_is_reviewed"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approved_reply_version")),
        sa.UniqueConstraint("reply_id", "number", name=op.f("uq_approved_reply_version_reply_id")),
    )
    op.create_index(
        "ux_approved_reply_version_published",
        "approved_reply_version",
        ["reply_id"],
        unique=True,
        sqlite_where=_PUBLISHED,
        postgresql_where=_PUBLISHED,
    )
    op.create_table(
        "ticket_rating",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=20), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("value", sa.String(length=20), nullable=True),
        sa.Column("rated_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_rating_ticket_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_ticket_rating_contact_id")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_rating")),
    )
    op.create_index(op.f("ix_ticket_rating_contact_id"), "ticket_rating", ["contact_id"])


def downgrade() -> None:
    for table in ("ticket_rating", "approved_reply_version", "approved_reply"):
        op.drop_table(table)
