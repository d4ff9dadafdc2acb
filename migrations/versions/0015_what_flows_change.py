"""What each flow was found to change.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.one_store import protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_EVER_ACTIVE = """
    INSERT INTO lifts (store_id, flow_id, due_at)
    SELECT store_id, flow_id, now() FROM flows WHERE activated_at IS NOT NULL
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "lifts",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "flow_id"],
            ["flows.store_id", "flows.flow_id"],
            name=op.f("fk_lifts_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "flow_id", name=op.f("pk_lifts")),
    )
    op.create_index("ix_lifts_due", "lifts", ["due_at"])
    protect("lifts")
    op.execute(_EVER_ACTIVE)


def downgrade() -> None:
    op.drop_table("lifts")
