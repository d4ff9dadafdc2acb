"""The tables of stores.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "pending_connections",
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_pending_connections")),
    )
    op.create_index(
        op.f("ix_pending_connections_expires_at"),
        "pending_connections",
        ["expires_at"],
        unique=False,
    )
    op.create_table(
        "stores",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("contact_email", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lasting_key", sa.LargeBinary(), nullable=True),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uninstalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_stores")),
        sa.UniqueConstraint("number", name=op.f("uq_stores_number")),
        sa.UniqueConstraint("platform", "domain", name=op.f("uq_stores_platform_domain")),
    )
    op.create_table(
        "backfills",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_backfills_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "resource", name=op.f("pk_backfills")),
    )
    op.create_table(
        "credentials",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("channels", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("broken_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("broken_reason", sa.String(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_credentials_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "kind", name=op.f("pk_credentials")),
    )
    op.create_table(
        "erasures",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.store_id"], name=op.f("fk_erasures_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("store_id", "erasure_id", name=op.f("pk_erasures")),
    )
    op.create_index(
        "ix_erasures_due",
        "erasures",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "heartbeats",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("hours", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_heartbeats_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "topic", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "letters",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.store_id"], name=op.f("fk_letters_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("store_id", "letter_id", name=op.f("pk_letters")),
    )
    op.create_index(
        "ix_letters_due",
        "letters",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index("ix_letters_recent", "letters", ["store_id", "written_at"], unique=False)
    op.create_table(
        "notices",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("notice_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.store_id"], name=op.f("fk_notices_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("store_id", "notice_id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_letter", "notices", ["store_id", "letter_id"], unique=False)
    op.create_index("ix_notices_recent", "notices", ["store_id", "created_at"], unique=False)
    op.create_index(
        "ix_notices_untold",
        "notices",
        ["store_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("letter_id IS NULL AND seen_at IS NULL"),
    )
    op.create_index("uq_notices_key", "notices", ["store_id", "notice_key"], unique=True)
    op.create_table(
        "troubles",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("trouble_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("finding", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.store_id"], name=op.f("fk_troubles_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("store_id", "trouble_id", name=op.f("pk_troubles")),
    )
    op.create_index("ix_troubles_recent", "troubles", ["store_id", "began_at"], unique=False)
    op.create_index(
        "uq_troubles_open",
        "troubles",
        ["store_id", "code", "subject"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "operator_calls",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("trouble_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "trouble_id"],
            ["troubles.store_id", "troubles.trouble_id"],
            name=op.f("fk_operator_calls_store_id_trouble_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "call_id", name=op.f("pk_operator_calls")),
    )
    op.create_index(
        "ix_operator_calls_due",
        "operator_calls",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "uq_operator_calls_once",
        "operator_calls",
        ["store_id", "trouble_id", "event", "way"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("uq_operator_calls_once", table_name="operator_calls")
    op.drop_index(
        "ix_operator_calls_due",
        table_name="operator_calls",
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_table("operator_calls")
    op.drop_index(
        "uq_troubles_open", table_name="troubles", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index("ix_troubles_recent", table_name="troubles")
    op.drop_table("troubles")
    op.drop_index("uq_notices_key", table_name="notices")
    op.drop_index(
        "ix_notices_untold",
        table_name="notices",
        postgresql_where=sa.text("letter_id IS NULL AND seen_at IS NULL"),
    )
    op.drop_index("ix_notices_recent", table_name="notices")
    op.drop_index("ix_notices_letter", table_name="notices")
    op.drop_table("notices")
    op.drop_index("ix_letters_recent", table_name="letters")
    op.drop_index(
        "ix_letters_due", table_name="letters", postgresql_where=sa.text("done_at IS NULL")
    )
    op.drop_table("letters")
    op.drop_table("heartbeats")
    op.drop_index(
        "ix_erasures_due", table_name="erasures", postgresql_where=sa.text("done_at IS NULL")
    )
    op.drop_table("erasures")
    op.drop_table("credentials")
    op.drop_table("backfills")
    op.drop_table("stores")
    op.drop_index(op.f("ix_pending_connections_expires_at"), table_name="pending_connections")
    op.drop_table("pending_connections")
