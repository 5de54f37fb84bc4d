"""Recordings in a form that browsers play, beside what was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("media", sa.Column("playable", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("media", "playable")
