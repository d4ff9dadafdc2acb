"""The tables of commerce.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "products",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("product_key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("image_url", sa.String(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("categories", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.store_id"], name=op.f("fk_products_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("store_id", "product_key", name=op.f("pk_products")),
    )
    op.create_table(
        "refunds",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("order_key", sa.String(), nullable=False),
        sa.Column("refund_key", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.store_id"], name=op.f("fk_refunds_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("store_id", "order_key", "refund_key", name=op.f("pk_refunds")),
    )
    op.create_table(
        "carts",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recovery_url", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("abandoned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_key", sa.String(), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("clocks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_carts_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "cart_id", name=op.f("pk_carts")),
    )
    op.create_index("ix_carts_customer", "carts", ["store_id", "customer_id"], unique=False)
    op.create_index(
        "ix_carts_idle",
        "carts",
        ["store_id", "changed_at"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "orders",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("order_key", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cart_keys", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("utm", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bought", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("person_version", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_orders_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "order_key", name=op.f("pk_orders")),
    )
    op.create_index(
        "ix_orders_customer", "orders", ["store_id", "customer_id", "placed_at"], unique=False
    )
    op.create_index(
        "ix_orders_nameless",
        "orders",
        ["store_id"],
        unique=False,
        postgresql_where=sa.text("person_version = '' AND cart_keys <> '[]'"),
    )
    op.create_index("ix_orders_placed", "orders", ["store_id", "placed_at"], unique=False)
    op.create_table(
        "cart_keys",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("cart_key", sa.String(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "cart_id"],
            ["carts.store_id", "carts.cart_id"],
            name=op.f("fk_cart_keys_store_id_cart_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "cart_key", name=op.f("pk_cart_keys")),
    )
    op.create_index("ix_cart_keys_cart", "cart_keys", ["store_id", "cart_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("order_key", sa.String(), nullable=False),
        sa.Column("line_key", sa.String(), nullable=False),
        sa.Column("product_key", sa.String(), nullable=True),
        sa.Column("variant_key", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "order_key"],
            ["orders.store_id", "orders.order_key"],
            name=op.f("fk_order_lines_store_id_order_key"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "order_key", "line_key", name=op.f("pk_order_lines")),
    )
    op.create_index(
        "ix_order_lines_product", "order_lines", ["store_id", "product_key"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_order_lines_product", table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index("ix_cart_keys_cart", table_name="cart_keys")
    op.drop_table("cart_keys")
    op.drop_index("ix_orders_placed", table_name="orders")
    op.drop_index(
        "ix_orders_nameless",
        table_name="orders",
        postgresql_where=sa.text("person_version = '' AND cart_keys <> '[]'"),
    )
    op.drop_index("ix_orders_customer", table_name="orders")
    op.drop_table("orders")
    op.drop_index(
        "ix_carts_idle", table_name="carts", postgresql_where=sa.text("status = 'active'")
    )
    op.drop_index("ix_carts_customer", table_name="carts")
    op.drop_table("carts")
    op.drop_table("refunds")
    op.drop_table("products")
