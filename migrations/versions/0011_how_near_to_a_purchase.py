"""How near to a purchase people are, and which signs of leaving there are: columns beside their
standing, and the indexes they are worked out by.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("standings", sa.Column("lead_score", sa.SmallInteger(), nullable=True))
    op.add_column("standings", sa.Column("lead_tier", sa.String(), nullable=True))
    op.add_column("standings", sa.Column("lead_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("standings", sa.Column("signals", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("standings", sa.Column("signals_since", postgresql.JSONB(), nullable=True))
    op.add_column("standings", sa.Column("risk_level", sa.String(), nullable=True))
    op.add_column("standings", sa.Column("risk_at", sa.DateTime(timezone=True), nullable=True))
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_event_log_scores",
            "event_log",
            ["store_id", "customer_id", "occurred_at"],
            postgresql_where=sa.text(
                "kind = 'customer_acted' AND (fact ->> 'name') = 'score_given'"
            ),
            postgresql_concurrently=True,
        )
        op.create_index(
            "ix_event_log_acts",
            "event_log",
            ["store_id", "customer_id", "occurred_at"],
            postgresql_where=sa.text("kind = 'customer_acted'"),
            postgresql_concurrently=True,
        )
        op.create_index(
            "ix_consent_ledger_refused",
            "consent_ledger",
            ["store_id", "customer_id", "occurred_at"],
            postgresql_where=sa.text("channel = 'email' AND state = 'unsubscribed'"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_consent_ledger_refused", "consent_ledger", postgresql_concurrently=True)
        op.drop_index("ix_event_log_acts", "event_log", postgresql_concurrently=True)
        op.drop_index("ix_event_log_scores", "event_log", postgresql_concurrently=True)
    signs = ("risk_at", "risk_level", "signals_since", "signals")
    for column in (*signs, "lead_at", "lead_tier", "lead_score"):
        op.drop_column("standings", column)
