"""The roster: weekly duties, what became of single dates, exchanges, holidays."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
# A column with its constraint in one statement: SQLite cannot add a constraint to a table.
_ADD_WEEKLY = """
ALTER TABLE duty ADD COLUMN weekly_id INTEGER
CONSTRAINT fk_duty_weekly_id REFERENCES weekly_duty (id)
"""


def upgrade() -> None:
    op.create_table(
        "weekly_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=20), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        _references("weekly_duty", "volunteer_id", "volunteer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_duty")),
    )
    op.create_index(op.f("ix_weekly_duty_volunteer_id"), "weekly_duty", ["volunteer_id"])
    op.execute(_ADD_WEEKLY)
    op.add_column("duty", sa.Column("day", sa.Date(), nullable=True))
    # What is there was put down for its date: it stands, whatever the calendar says.
    op.add_column(
        "duty", sa.Column("confirmed", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.create_index("ux_duty_weekly_day", "duty", ["weekly_id", "day"], unique=True)
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday")),
    )
    _create_offers()


def _create_offers() -> None:
    op.create_table(
        "duty_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("return_id", sa.Integer(), nullable=True),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("offered_at", _MOMENT, nullable=False),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        _references("duty_offer", "duty_id", "duty"),
        _references("duty_offer", "return_id", "duty"),
        _references("duty_offer", "from_id", "volunteer"),
        _references("duty_offer", "to_id", "volunteer"),
        _references("duty_offer", "answered_by", "volunteer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_offer")),
    )
    for column in ("duty_id", "return_id", "from_id", "to_id"):
        op.create_index(op.f(f"ix_duty_offer_{column}"), "duty_offer", [column])
    op.create_index(
        "ux_duty_offer_offered",
        "duty_offer",
        ["duty_id"],
        unique=True,
        sqlite_where=sa.text("state = 'offered'"),
        postgresql_where=sa.text("state = 'offered'"),
    )


def _references(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def downgrade() -> None:
    op.drop_table("duty_offer")
    op.drop_table("holiday")
    op.drop_index("ux_duty_weekly_day", "duty")
    for name in ("confirmed", "day", "weekly_id"):
        op.drop_column("duty", name)
    op.drop_table("weekly_duty")
