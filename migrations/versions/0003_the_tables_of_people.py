"""The tables of people.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "customers",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("platform_key", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("tags", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("orders_count", sa.Integer(), nullable=False),
        sa.Column("spent_minor", sa.BigInteger(), nullable=False),
        sa.Column("first_order_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_order_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("score_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clocks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("suppressed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_customers_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "customer_id", name=op.f("pk_customers")),
    )
    op.create_index("ix_customers_email", "customers", ["store_id", "email"], unique=False)
    op.create_index(
        "ix_customers_last_order", "customers", ["store_id", "last_order_at"], unique=False
    )
    op.create_index("ix_customers_phone", "customers", ["store_id", "phone"], unique=False)
    op.create_table(
        "suppressions",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_suppressions_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "store_id", "channel", "address_hash", name=op.f("pk_suppressions")
        ),
    )
    op.create_table(
        "consent_ledger",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_consent_ledger_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "consent_id", name=op.f("pk_consent_ledger")),
    )
    op.create_index(
        "ix_consent_ledger_address", "consent_ledger", ["store_id", "address"], unique=False
    )
    op.create_index(
        "ix_consent_ledger_customer",
        "consent_ledger",
        ["store_id", "customer_id", "channel", "occurred_at"],
        unique=False,
    )
    op.create_index(
        "uq_consent_ledger_key", "consent_ledger", ["store_id", "entry_key"], unique=True
    )
    op.create_table(
        "consent_writebacks",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_consent_writebacks_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "store_id", "consent_id", "target", name=op.f("pk_consent_writebacks")
        ),
    )
    op.create_index(
        "ix_consent_writebacks_due",
        "consent_writebacks",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "identities",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("claim", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_identities_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "kind", "value", name=op.f("pk_identities")),
    )
    op.create_index(
        "ix_identities_customer", "identities", ["store_id", "customer_id"], unique=False
    )
    op.create_table(
        "merges",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("gone_id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("because", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "kept_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_merges_store_id_kept_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "gone_id", name=op.f("pk_merges")),
    )
    op.create_index("ix_merges_kept", "merges", ["store_id", "kept_id"], unique=False)
    op.create_table(
        "profile_upserts",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_profile_upserts_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "customer_id", name=op.f("pk_profile_upserts")),
    )
    op.create_index(
        "ix_profile_upserts_due",
        "profile_upserts",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_profile_upserts_due",
        table_name="profile_upserts",
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_table("profile_upserts")
    op.drop_index("ix_merges_kept", table_name="merges")
    op.drop_table("merges")
    op.drop_index("ix_identities_customer", table_name="identities")
    op.drop_table("identities")
    op.drop_index(
        "ix_consent_writebacks_due",
        table_name="consent_writebacks",
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_table("consent_writebacks")
    op.drop_index("uq_consent_ledger_key", table_name="consent_ledger")
    op.drop_index("ix_consent_ledger_customer", table_name="consent_ledger")
    op.drop_index("ix_consent_ledger_address", table_name="consent_ledger")
    op.drop_table("consent_ledger")
    op.drop_table("suppressions")
    op.drop_index("ix_customers_phone", table_name="customers")
    op.drop_index("ix_customers_last_order", table_name="customers")
    op.drop_index("ix_customers_email", table_name="customers")
    op.drop_table("customers")
