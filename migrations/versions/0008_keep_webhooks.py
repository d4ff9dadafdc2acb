"""Keeping webhooks of several stores by one call, which needs no transaction around it.

Revision: 0008, after 0007.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Whoever calls it acts as the platform's role inside and as before after it: the call needs the
# right to that role, and gives it to nobody.
_KEEP = """
CREATE FUNCTION keep_webhooks(
    stores uuid[], ids uuid[], keys text[], topics text[], bodies bytea[],
    triggered timestamptz[], received timestamptz
) RETURNS TABLE (store uuid, key text)
LANGUAGE sql SET role = 'comeback_platform' AS $$
    INSERT INTO public.webhooks (
        store_id, webhook_id, webhook_key, topic, body, triggered_at, status, received_at
    )
    SELECT *, 'waiting', received
    FROM unnest(stores, ids, keys, topics, bodies, triggered)
    ON CONFLICT (store_id, webhook_key) DO NOTHING
    RETURNING store_id, webhook_key
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_KEEP)


def downgrade() -> None:
    op.execute("DROP FUNCTION keep_webhooks")
