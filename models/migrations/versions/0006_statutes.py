"""The texts of the law that an operator loads."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statute_article",
        sa.Column("statute", sa.String(length=60), nullable=False),
        sa.Column("article", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=8000), nullable=False),
        sa.PrimaryKeyConstraint("statute", "article", name=op.f("pk_statute_article")),
    )


def downgrade() -> None:
    op.drop_table("statute_article")
