"""Tickets in people's hands: owners, leases, transfers, notes, blocks; the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_IN_HANDS = "state IN ('human', 'waiting_contact', 'wrap_up')"
# A column with its constraints in one statement: SQLite cannot add a constraint to a table.
_ADD_OWNER = f"""
ALTER TABLE ticket ADD COLUMN volunteer_id INTEGER
CONSTRAINT fk_ticket_volunteer_id REFERENCES volunteer (id)
CONSTRAINT ck_ticket_owner CHECK ((volunteer_id IS NOT NULL) = ({_IN_HANDS}))
"""
_ADD_REFERENCE = """
ALTER TABLE {table} ADD COLUMN {column} INTEGER
CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)
"""
_REFERENCES = (
    ("ticket", "former_volunteer_id", "volunteer"),
    ("ticket", "joined_id", "ticket"),
    ("ticket_event", "actor_id", "volunteer"),
)
_SKILLS = """
UPDATE ticket SET queued_at = opened_at, peak_risk = risk, skill = CASE
WHEN kind = 'lawyer' THEN 'lawyer' WHEN kind = 'career' THEN 'career'
WHEN kind IN ('counselor', 'crisis') THEN 'counselor' ELSE 'staff' END
"""
_SQLITE_TRIGGERS = {
    "audit_entry_no_update": "BEFORE UPDATE ON audit_entry",
    "audit_entry_no_delete": "BEFORE DELETE ON audit_entry",
    # INSERT OR REPLACE deletes without firing the trigger above.
    "audit_entry_no_replace": "BEFORE INSERT ON audit_entry"
    " WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)",
}
_REFUSE = "audit_entry is append-only"
_POSTGRESQL_FUNCTION = f"""
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_REFUSE}'; END $$
"""


def upgrade() -> None:
    _change_volunteers()
    _change_tickets()
    _create_transfers_and_notes()
    _create_blocks()
    _create_audit()


def _change_volunteers() -> None:
    # Defaults in the database, here and below: the release before this one inserts without them.
    for name, default in (
        ("is_active", sa.true()),
        ("is_paused", sa.false()),
        ("released", sa.false()),
        ("must_change_password", sa.false()),
    ):
        op.add_column(
            "volunteer", sa.Column(name, sa.Boolean(), nullable=False, server_default=default)
        )
    for name, number in (("max_active", "1"), ("failed_logins", "0")):
        op.add_column(
            "volunteer", sa.Column(name, sa.Integer(), nullable=False, server_default=number)
        )
    for name in ("rest_until", "locked_until"):
        op.add_column("volunteer", sa.Column(name, _MOMENT, nullable=True))
    op.add_column("volunteer", sa.Column("openid", sa.String(length=64), nullable=True))
    op.create_index("ux_volunteer_openid", "volunteer", ["openid"], unique=True)


def _change_tickets() -> None:
    # Nobody could hold a ticket so far.
    op.execute("UPDATE ticket SET state = 'queued' WHERE state <> 'closed'")
    op.execute(_ADD_OWNER)
    for table, column, target in _REFERENCES:
        op.execute(_ADD_REFERENCE.format(table=table, column=column, target=target))
    for name in (
        *("claimed_at", "lease_until", "queued_at", "priority_since"),
        *("last_contact_at", "last_reply_at", "closed_at"),
    ):
        op.add_column("ticket", sa.Column(name, _MOMENT, nullable=True))
    op.add_column("ticket", sa.Column("draft", sa.Text(), nullable=False, server_default=""))
    op.add_column("ticket", sa.Column("outcome", sa.String(length=20), nullable=True))
    op.add_column(
        "ticket", sa.Column("peak_risk", sa.Integer(), nullable=False, server_default="0")
    )
    # What the former release opens meanwhile may be a crisis or a confession: to the counsellors.
    op.add_column(
        "ticket",
        sa.Column("skill", sa.String(length=20), nullable=False, server_default="counselor"),
    )
    op.execute(_SKILLS)
    op.create_index("ix_ticket_line", "ticket", ["state", "skill", "priority_since"])
    op.create_index(op.f("ix_ticket_volunteer_id"), "ticket", ["volunteer_id"])


def _create_transfers_and_notes() -> None:
    op.create_table(
        "ticket_transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("to_skill", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("offered_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        _references("ticket_transfer", "ticket_id", "ticket"),
        _references("ticket_transfer", "from_id", "volunteer"),
        _references("ticket_transfer", "to_id", "volunteer"),
        _references("ticket_transfer", "answered_by", "volunteer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_transfer")),
    )
    op.create_index(op.f("ix_ticket_transfer_ticket_id"), "ticket_transfer", ["ticket_id"])
    op.create_index(op.f("ix_ticket_transfer_to_id"), "ticket_transfer", ["to_id"])
    op.create_index(
        "ux_ticket_transfer_offered",
        "ticket_transfer",
        ["ticket_id"],
        unique=True,
        sqlite_where=sa.text("state = 'offered'"),
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_table(
        "ticket_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _references("ticket_note", "ticket_id", "ticket"),
        _references("ticket_note", "volunteer_id", "volunteer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_note")),
    )
    op.create_index(op.f("ix_ticket_note_ticket_id"), "ticket_note", ["ticket_id"])


def _create_blocks() -> None:
    op.create_table(
        "contact_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("blocked_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        _references("contact_block", "contact_id", "contact"),
        _references("contact_block", "volunteer_id", "volunteer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_block")),
    )
    op.create_index(op.f("ix_contact_block_contact_id"), "contact_block", ["contact_id"])
    op.create_table(
        "volunteer_block",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _references("volunteer_block", "volunteer_id", "volunteer"),
        _references("volunteer_block", "contact_id", "contact"),
        sa.PrimaryKeyConstraint("volunteer_id", "contact_id", name=op.f("pk_volunteer_block")),
    )
    op.create_index(op.f("ix_volunteer_block_contact_id"), "volunteer_block", ["contact_id"])
    op.create_table(
        "skipped_kind",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        _references("skipped_kind", "volunteer_id", "volunteer"),
        sa.PrimaryKeyConstraint("volunteer_id", "kind", name=op.f("pk_skipped_kind")),
    )


def _create_audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _references("audit_entry", "actor_id", "volunteer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"])
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"])
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject"])
    if op.get_bind().dialect.name == "sqlite":
        for name, when in _SQLITE_TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END")
        return
    op.execute(_POSTGRESQL_FUNCTION)
    op.execute(
        "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
    )


def _references(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def downgrade() -> None:
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_audit_change()")
    for table in (
        *("skipped_kind", "volunteer_block", "contact_block"),
        *("ticket_note", "ticket_transfer"),
    ):
        op.drop_table(table)
    op.execute("UPDATE ticket SET state = 'queued', volunteer_id = NULL WHERE state <> 'closed'")
    op.drop_index(op.f("ix_ticket_volunteer_id"), "ticket")
    op.drop_index("ix_ticket_line", "ticket")
    op.drop_column("ticket_event", "actor_id")
    for name in (
        *("skill", "peak_risk", "outcome", "draft", "closed_at", "last_reply_at"),
        *("last_contact_at", "priority_since", "queued_at", "lease_until", "claimed_at"),
        *("joined_id", "former_volunteer_id", "volunteer_id"),
    ):
        op.drop_column("ticket", name)
    op.drop_index("ux_volunteer_openid", "volunteer")
    for name in (
        *("openid", "locked_until", "rest_until", "failed_logins", "max_active"),
        *("must_change_password", "released", "is_paused", "is_active"),
    ):
        op.drop_column("volunteer", name)
