"""When each person comes to stand elsewhere by time alone, and the rules of the last walk. Nobody
asked for people by the index of their groups, and parts of a store were read through it.

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("standings", sa.Column("moves_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("store_measures", sa.Column("rules", sa.String(), nullable=True))
    with op.get_context().autocommit_block():
        op.drop_index("ix_standings_group", "standings", postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_standings_group",
            "standings",
            ["store_id", "rfm_group"],
            postgresql_concurrently=True,
        )
    op.drop_column("store_measures", "rules")
    op.drop_column("standings", "moves_at")
