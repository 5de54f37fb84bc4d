"""Versions of FAQ entries; what is told already becomes the first version of each."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_PUBLISHED = sa.text("state = 'published'")


def upgrade() -> None:
    op.create_table(
        "faq_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("question", sa.String(length=200), nullable=False),
        sa.Column("answer", sa.String(length=2000), nullable=False),
        sa.Column("similar", sa.JSON(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("citations", sa.JSON(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("written_by", sa.Integer(), nullable=True),
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
                [column], ["volunteer.id"], name=op.f(f"fk_faq_version_{column}")
            )
            for column in ("written_by", "reviewed_by", "published_by", "ended_by")
        ),
        sa.CheckConstraint(
            "reviewed_by IS NULL OR reviewed_by <> written_by",
            name=op.f("ck_faq_version_another_reviews"),
        ),
        sa.CheckConstraint(
            "(state NOT IN ('reviewed', 'published') AND published_at IS NULL)"
            " OR reviewed_by IS NOT NULL OR origin = 'loaded'",
            name=op.f("ck_faq_version_is_reviewed"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_version")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_faq_version_entry_id")),
    )
    op.create_index(
        "ux_faq_version_published",
        "faq_version",
        ["entry_id"],
        unique=True,
        sqlite_where=_PUBLISHED,
        postgresql_where=_PUBLISHED,
    )
    op.execute(
        'INSERT INTO faq_version (entry_id, number, state, origin, question, answer, "similar",'
        " topic, citations, people, valid_until, written_at, published_at, reason)"
        " SELECT id, 1, 'published', 'loaded', question, answer, \"similar\", topic,"
        " citations, 0, valid_until, updated_at, updated_at, '' FROM faq_entry"
    )


def downgrade() -> None:
    op.drop_table("faq_version")
