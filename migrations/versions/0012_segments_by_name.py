"""Segments that a merchant keeps under a name, and how large each was on each day.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

from migrations.one_store import protect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "segments",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_segments_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "segment_id", name=op.f("pk_segments")),
    )
    op.create_index("uq_segments_slug", "segments", ["store_id", "slug"], unique=True)
    op.create_index("ix_segments_due", "segments", ["due_at"])
    op.create_table(
        "segment_days",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("mean_spent_minor", sa.BigInteger(), nullable=True),
        sa.Column("at_risk", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "segment_id"],
            ["segments.store_id", "segments.segment_id"],
            name=op.f("fk_segment_days_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "segment_id", "day", name=op.f("pk_segment_days")),
    )
    op.create_table(
        "shop_segments",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("segment_key", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_shop_segments_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "segment_key", name=op.f("pk_shop_segments")),
    )
    op.create_index("ix_shop_segments_due", "shop_segments", ["due_at"])
    op.create_table(
        "shop_members",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("segment_key", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "segment_key"],
            ["shop_segments.store_id", "shop_segments.segment_key"],
            name=op.f("fk_shop_members_store_id_shop_segments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_shop_members_store_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "store_id", "segment_key", "customer_id", name=op.f("pk_shop_members")
        ),
    )
    op.create_index("ix_shop_members_customer", "shop_members", ["store_id", "customer_id"])
    protect("segments", "segment_days", "shop_segments", "shop_members")


def downgrade() -> None:
    for table in ("shop_members", "shop_segments", "segment_days", "segments"):
        op.drop_table(table)
