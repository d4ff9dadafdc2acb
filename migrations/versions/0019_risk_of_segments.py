"""How likely the people of a segment are to leave, on each day, by what is predicted of them.

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("segment_days", sa.Column("predicted", sa.Integer(), nullable=True))
    op.add_column("segment_days", sa.Column("churn_risk", sa.Numeric(4, 1), nullable=True))


def downgrade() -> None:
    for column in ("churn_risk", "predicted"):
        op.drop_column("segment_days", column)
