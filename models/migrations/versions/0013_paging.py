"""Alarms, the calls that they make, and promises that were not kept."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_OPEN = "ended_at IS NULL AND kind != 'duty'"


def upgrade() -> None:
    _create_alarms()
    op.create_table(
        "ticket_page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alarm_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("is_repeated", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("wechat", sa.String(length=20), nullable=False),
        sa.Column("webhook", sa.String(length=20), nullable=False),
        sa.Column("mail", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["ticket_alarm.id"], name=op.f("fk_ticket_page_alarm_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_page")),
        sa.UniqueConstraint("alarm_id", "rung", name=op.f("uq_ticket_page_alarm_id")),
    )
    op.create_table(
        "broken_promise",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("promised_at", _MOMENT, nullable=False),
        sa.Column("found_at", _MOMENT, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_broken_promise_ticket_id")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "promised_at", name=op.f("pk_broken_promise")),
    )


def _create_alarms() -> None:
    op.create_table(
        "ticket_alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("raised_at", _MOMENT, nullable=False),
        sa.Column("acknowledged_at", _MOMENT, nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("skill", sa.String(length=20), nullable=True),
        sa.Column("promised_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["volunteer.id"], name=op.f("fk_ticket_alarm_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_alarm_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_alarm")),
        sa.UniqueConstraint("skill", "promised_at", name=op.f("uq_ticket_alarm_skill")),
    )
    op.create_index(op.f("ix_ticket_alarm_ticket_id"), "ticket_alarm", ["ticket_id"])
    op.create_index("ix_ticket_alarm_ended_at", "ticket_alarm", ["ended_at"])
    op.create_index(
        "ux_ticket_alarm_open",
        "ticket_alarm",
        ["ticket_id", "kind"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )


def downgrade() -> None:
    for table in ("broken_promise", "ticket_page", "ticket_alarm"):
        op.drop_table(table)
