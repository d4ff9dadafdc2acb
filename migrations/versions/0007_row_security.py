"""Row-level security on every table of a store, and definitions that cannot be rewritten.

Revision: 0007, after 0006.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PROTECT = """
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.table_name FROM information_schema.columns c
        WHERE c.table_schema = 'public' AND c.column_name = 'store_id'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY one_store ON %I USING '
            '(store_id = nullif(current_setting(''comeback.store_id'', true), '''')::uuid)', name);
        EXECUTE format(
            'CREATE POLICY all_stores ON %I TO comeback_platform USING (true) WITH CHECK (true)',
            name);
    END LOOP;
END $$
"""

_PENDING = """
ALTER TABLE pending_connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE pending_connections FORCE ROW LEVEL SECURITY;
CREATE POLICY all_stores ON pending_connections
    TO comeback_platform USING (true) WITH CHECK (true)
"""

_APPEND_ONLY = """
CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A merge may move a line to the customer who was kept; nothing else may change.
    IF (to_jsonb(NEW) - 'customer_id') IS DISTINCT FROM (to_jsonb(OLD) - 'customer_id') THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE ON flow_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER append_only BEFORE UPDATE ON event_log
    FOR EACH ROW EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER append_only BEFORE UPDATE ON consent_ledger
    FOR EACH ROW EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER append_only BEFORE UPDATE ON decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_PROTECT)
    op.execute(_PENDING)
    op.execute(_APPEND_ONLY)


def downgrade() -> None:
    raise RuntimeError("Row-level security is never taken away; restore a backup instead.")
