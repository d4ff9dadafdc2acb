"""What trials of several ways are learning, and who was drawn into which.

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.one_store import protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "waves",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reward", sa.String(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("hits", sa.Float(), nullable=False),
        sa.Column("misses", sa.Float(), nullable=False),
        sa.Column("shares", postgresql.JSONB(), nullable=False),
        sa.Column("found", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "flow_id"],
            ["flows.store_id", "flows.flow_id"],
            name=op.f("fk_waves_store_id_flow_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "flow_id", "step", "day", name=op.f("pk_waves")),
    )
    op.create_table(
        "draws",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "flow_id"],
            ["flows.store_id", "flows.flow_id"],
            name=op.f("fk_draws_store_id_flow_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_draws_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "store_id", "flow_id", "step", "customer_id", name=op.f("pk_draws")
        ),
    )
    op.create_index("ix_draws_customer", "draws", ["store_id", "customer_id"])
    op.add_column("messages", sa.Column("variant", sa.String(), nullable=True))
    protect("waves", "draws")


def downgrade() -> None:
    op.drop_column("messages", "variant")
    for table in ("draws", "waves"):
        op.drop_table(table)
