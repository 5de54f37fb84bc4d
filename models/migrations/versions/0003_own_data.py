"""What contacts wish to get, which notice they were shown, and answers that did not help."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Defaults in the database: the release before this one inserts contacts without them.
    for name in ("wants_class_news", "wants_job_news"):
        op.add_column(
            "contact", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true())
        )
    op.add_column(
        "contact", sa.Column("notice_version", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("contact", sa.Column("notice_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "answer_feedback",
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("unhelpful", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("topic", "ref", name=op.f("pk_answer_feedback")),
    )


def downgrade() -> None:
    op.drop_table("answer_feedback")
    for name in ("notice_at", "notice_version", "wants_job_news", "wants_class_news"):
        op.drop_column("contact", name)
