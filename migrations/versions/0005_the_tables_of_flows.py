"""The tables of flows.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "flows",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.store_id"], name=op.f("fk_flows_store_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("store_id", "flow_id", name=op.f("pk_flows")),
    )
    op.create_index("uq_flows_slug", "flows", ["store_id", "slug"], unique=True)
    op.create_table(
        "outbound_calls",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.store_id"],
            name=op.f("fk_outbound_calls_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "call_id", name=op.f("pk_outbound_calls")),
    )
    op.create_index(
        "ix_outbound_calls_customer", "outbound_calls", ["store_id", "customer_id"], unique=False
    )
    op.create_index(
        "ix_outbound_calls_due",
        "outbound_calls",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "uq_outbound_calls_step", "outbound_calls", ["store_id", "journey_id", "step"], unique=True
    )
    op.create_table(
        "decisions",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("compared", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_decisions_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "decision_id", name=op.f("pk_decisions")),
    )
    op.create_index(
        "ix_decisions_customer",
        "decisions",
        ["store_id", "customer_id", "decided_at"],
        unique=False,
    )
    op.create_index("ix_decisions_journey", "decisions", ["store_id", "journey_id"], unique=False)
    op.create_index("ix_decisions_recent", "decisions", ["store_id", "decided_at"], unique=False)
    op.create_table(
        "flow_members",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_flow_members_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["store_id", "flow_id"],
            ["flows.store_id", "flows.flow_id"],
            name=op.f("fk_flow_members_store_id_flow_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "flow_id", "customer_id", name=op.f("pk_flow_members")),
    )
    op.create_table(
        "flow_versions",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id", "flow_id"],
            ["flows.store_id", "flows.flow_id"],
            name=op.f("fk_flow_versions_store_id_flow_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "flow_id", "version", name=op.f("pk_flow_versions")),
    )
    op.create_table(
        "tasks",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("script", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds_promotions", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_tasks_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "task_id", name=op.f("pk_tasks")),
    )
    op.create_index(
        "ix_tasks_open",
        "tasks",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("uq_tasks_step", "tasks", ["store_id", "journey_id", "step"], unique=True)
    op.create_table(
        "journeys",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("step_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("context", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("converted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id", "customer_id"],
            ["customers.store_id", "customers.customer_id"],
            name=op.f("fk_journeys_store_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["store_id", "flow_id", "version"],
            ["flow_versions.store_id", "flow_versions.flow_id", "flow_versions.version"],
            name=op.f("fk_journeys_store_id_flow_id_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", "journey_id", name=op.f("pk_journeys")),
    )
    op.create_index("ix_journeys_customer", "journeys", ["store_id", "customer_id"], unique=False)
    op.create_index(
        "ix_journeys_due",
        "journeys",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "uq_journeys_entry",
        "journeys",
        ["store_id", "flow_id", "customer_id", "entry_key"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("uq_journeys_entry", table_name="journeys")
    op.drop_index(
        "ix_journeys_due", table_name="journeys", postgresql_where=sa.text("status = 'active'")
    )
    op.drop_index("ix_journeys_customer", table_name="journeys")
    op.drop_table("journeys")
    op.drop_index("uq_tasks_step", table_name="tasks")
    op.drop_index(
        "ix_tasks_open", table_name="tasks", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_table("tasks")
    op.drop_table("flow_versions")
    op.drop_table("flow_members")
    op.drop_index("ix_decisions_recent", table_name="decisions")
    op.drop_index("ix_decisions_journey", table_name="decisions")
    op.drop_index("ix_decisions_customer", table_name="decisions")
    op.drop_table("decisions")
    op.drop_index("uq_outbound_calls_step", table_name="outbound_calls")
    op.drop_index(
        "ix_outbound_calls_due",
        table_name="outbound_calls",
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_index("ix_outbound_calls_customer", table_name="outbound_calls")
    op.drop_table("outbound_calls")
    op.drop_index("uq_flows_slug", table_name="flows")
    op.drop_table("flows")
