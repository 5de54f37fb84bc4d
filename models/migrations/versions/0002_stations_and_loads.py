"""Stations, and what loaders wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "station",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("hours", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
    )
    op.create_table(
        "load_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["undoes"], ["load_run.id"], name=op.f("fk_load_run_undoes")),
        sa.ForeignKeyConstraint(["undone_by"], ["load_run.id"], name=op.f("fk_load_run_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_run")),
    )
    op.create_table(
        "load_change",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["load_run.id"], name=op.f("fk_load_change_run_id")),
        sa.PrimaryKeyConstraint("run_id", "key", name=op.f("pk_load_change")),
    )
    with op.batch_alter_table("load_change", schema=None) as batch_op:
        batch_op.create_index("ix_load_change_key", ["key"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("load_change", schema=None) as batch_op:
        batch_op.drop_index("ix_load_change_key")

    op.drop_table("load_change")
    op.drop_table("load_run")
    op.drop_table("station")
