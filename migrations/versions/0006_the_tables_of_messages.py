"""The tables of messages.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "lost_sends",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("provider_key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_lost_sends_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "provider_key", name=op.f("pk_lost_sends")),
    )
    op.create_index(
        "ix_lost_sends_open",
        "lost_sends",
        ["store_id", "address"],
        unique=False,
        postgresql_where=sa.text("message_id IS NULL"),
    )
    op.create_table(
        "poll_cursors",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("cursor", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_poll_cursors_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "name", name=op.f("pk_poll_cursors")),
    )
    op.create_table(
        "receipts",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("receipt_key", sa.String(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.store_id"], name=op.f("fk_receipts_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("store_id", "provider", "receipt_key", name=op.f("pk_receipts")),
    )
    op.create_table(
        "sender_buckets",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_sender_buckets_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "sender", name=op.f("pk_sender_buckets")),
    )
    op.create_table(
        "credits",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("order_key", sa.String(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("touch", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reversed_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("credited_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "order_key"],
            ["orders.store_id", "orders.order_key"],
            name=op.f("fk_credits_store_id_order_key"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "order_key", "message_id", name=op.f("pk_credits")),
    )
    op.create_index(
        "ix_credits_flow", "credits", ["store_id", "flow_id", "credited_at"], unique=False
    )
    op.create_table(
        "messages",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("commercial", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("preview", sa.String(), nullable=True),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("context", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_messages_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["store_id", "journey_id"],
            ["journeys.store_id", "journeys.journey_id"],
            name=op.f("fk_messages_store_id_journey_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "message_id", name=op.f("pk_messages")),
    )
    op.create_index(
        "ix_messages_accepted",
        "messages",
        ["store_id", "sent_at"],
        unique=False,
        postgresql_where=sa.text("status = 'accepted'"),
    )
    op.create_index(
        "ix_messages_customer", "messages", ["store_id", "customer_id", "sent_at"], unique=False
    )
    op.create_index(
        "ix_messages_due",
        "messages",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('planned', 'sending', 'unknown')"),
    )
    op.create_index("ix_messages_provider", "messages", ["store_id", "provider_id"], unique=False)
    op.create_index("uq_messages_step", "messages", ["store_id", "journey_id", "step"], unique=True)
    op.create_table(
        "offers",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reserved_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("platform_key", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "journey_id"],
            ["journeys.store_id", "journeys.journey_id"],
            name=op.f("fk_offers_store_id_journey_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "offer_id", name=op.f("pk_offers")),
    )
    op.create_index("ix_offers_created", "offers", ["store_id", "created_at"], unique=False)
    op.create_index("ix_offers_customer", "offers", ["store_id", "customer_id"], unique=False)
    op.create_index(
        "ix_offers_due",
        "offers",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_offers_open",
        "offers",
        ["store_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('wanted', 'live')"),
    )
    op.create_index("uq_offers_code", "offers", ["store_id", "code"], unique=True)
    op.create_index("uq_offers_name", "offers", ["store_id", "journey_id", "name"], unique=True)
    op.create_table(
        "links",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "message_id"],
            ["messages.store_id", "messages.message_id"],
            name=op.f("fk_links_store_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "number", name=op.f("pk_links")),
    )
    op.create_index("uq_links_target", "links", ["store_id", "message_id", "target"], unique=True)
    op.create_table(
        "touches",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("touch_id", sa.Uuid(), nullable=False),
        sa.Column("touch_key", sa.String(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "message_id"],
            ["messages.store_id", "messages.message_id"],
            name=op.f("fk_touches_store_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "touch_id", name=op.f("pk_touches")),
    )
    op.create_index(
        "ix_touches_customer", "touches", ["store_id", "customer_id", "touched_at"], unique=False
    )
    op.create_index("uq_touches_key", "touches", ["store_id", "touch_key"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_touches_key", table_name="touches")
    op.drop_index("ix_touches_customer", table_name="touches")
    op.drop_table("touches")
    op.drop_index("uq_links_target", table_name="links")
    op.drop_table("links")
    op.drop_index("uq_offers_name", table_name="offers")
    op.drop_index("uq_offers_code", table_name="offers")
    op.drop_index(
        "ix_offers_open",
        table_name="offers",
        postgresql_where=sa.text("status IN ('wanted', 'live')"),
    )
    op.drop_index(
        "ix_offers_due", table_name="offers", postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.drop_index("ix_offers_customer", table_name="offers")
    op.drop_index("ix_offers_created", table_name="offers")
    op.drop_table("offers")
    op.drop_index("uq_messages_step", table_name="messages")
    op.drop_index("ix_messages_provider", table_name="messages")
    op.drop_index(
        "ix_messages_due",
        table_name="messages",
        postgresql_where=sa.text("status IN ('planned', 'sending', 'unknown')"),
    )
    op.drop_index("ix_messages_customer", table_name="messages")
    op.drop_index(
        "ix_messages_accepted",
        table_name="messages",
        postgresql_where=sa.text("status = 'accepted'"),
    )
    op.drop_table("messages")
    op.drop_index("ix_credits_flow", table_name="credits")
    op.drop_table("credits")
    op.drop_table("sender_buckets")
    op.drop_table("receipts")
    op.drop_table("poll_cursors")
    op.drop_index(
        "ix_lost_sends_open",
        table_name="lost_sends",
        postgresql_where=sa.text("message_id IS NULL"),
    )
    op.drop_table("lost_sends")
