"""The tables of the inbox.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "event_log",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("fact_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fact", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_event_log_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "event_id", name=op.f("pk_event_log")),
    )
    op.create_index(
        "ix_event_log_customer",
        "event_log",
        ["store_id", "customer_id", "occurred_at"],
        unique=False,
    )
    op.create_index("uq_event_log_fact_key", "event_log", ["store_id", "fact_key"], unique=True)
    op.create_table(
        "import_rows",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("order_ref", sa.String(), nullable=False),
        sa.Column("file", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_import_rows_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "store_id", "import_id", "order_ref", "file", "digest", name=op.f("pk_import_rows")
        ),
    )
    op.create_table(
        "webhooks",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_key", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("triggered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.store_id"], name=op.f("fk_webhooks_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("store_id", "webhook_id", name=op.f("pk_webhooks")),
    )
    op.create_index(
        "ix_webhooks_failed",
        "webhooks",
        ["store_id", "received_at"],
        unique=False,
        postgresql_where=sa.text("status = 'failed'"),
    )
    op.create_index(
        "ix_webhooks_waiting",
        "webhooks",
        ["store_id", "received_at"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index("uq_webhooks_key", "webhooks", ["store_id", "webhook_key"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_webhooks_key", table_name="webhooks")
    op.drop_index(
        "ix_webhooks_waiting", table_name="webhooks", postgresql_where=sa.text("status = 'waiting'")
    )
    op.drop_index(
        "ix_webhooks_failed", table_name="webhooks", postgresql_where=sa.text("status = 'failed'")
    )
    op.drop_table("webhooks")
    op.drop_table("import_rows")
    op.drop_index("uq_event_log_fact_key", table_name="event_log")
    op.drop_index("ix_event_log_customer", table_name="event_log")
    op.drop_table("event_log")
