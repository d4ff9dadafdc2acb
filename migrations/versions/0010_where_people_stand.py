"""Where people stand: grades, silence, stage, each change, and what a store is measured by.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.one_store import protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "standings",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("recency", sa.SmallInteger(), nullable=True),
        sa.Column("frequency", sa.SmallInteger(), nullable=True),
        sa.Column("money", sa.SmallInteger(), nullable=True),
        sa.Column("rfm_group", sa.String(), nullable=True),
        sa.Column("inactivity", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("group_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inactivity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_standings_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "customer_id", name=op.f("pk_standings")),
    )
    op.create_index("ix_standings_group", "standings", ["store_id", "rfm_group"])
    op.create_table(
        "standing_changes",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", sa.String(), nullable=True),
        sa.Column("became", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_standing_changes_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "store_id", "customer_id", "kind", "changed_at", name=op.f("pk_standing_changes")
        ),
    )
    op.create_index(
        "ix_standing_changes_kind", "standing_changes", ["store_id", "kind", "changed_at"]
    )
    op.create_table(
        "store_measures",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("fifths", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("rhythm_days", sa.Float(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("walked_to", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_store_measures_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_store_measures")),
    )
    op.create_index("ix_store_measures_due", "store_measures", ["due_at"])
    protect("standings", "standing_changes", "store_measures")


def downgrade() -> None:
    for table in ("store_measures", "standing_changes", "standings"):
        op.drop_table(table)
