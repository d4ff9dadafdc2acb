"""How people buy: what goes with each product, and the hours of a store.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.one_store import protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "store_habits",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("hours", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_store_habits_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_store_habits")),
    )
    op.create_index("ix_store_habits_due", "store_habits", ["due_at"])
    op.create_table(
        "product_measures",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("product_key", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("others", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("nearness", postgresql.ARRAY(sa.REAL()), nullable=False),
        sa.Column("gap_days", sa.Float(), nullable=True),
        sa.Column("again", sa.Float(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "product_key"],
            ["products.store_id", "products.product_key"],
            name=op.f("fk_product_measures_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "product_key", name=op.f("pk_product_measures")),
    )
    op.create_index(
        "ix_product_measures_category", "product_measures", ["store_id", "category", "sold"]
    )
    op.create_index("ix_product_measures_sold", "product_measures", ["store_id", "sold"])
    protect("store_habits", "product_measures")


def downgrade() -> None:
    for table in ("product_measures", "store_habits"):
        op.drop_table(table)
