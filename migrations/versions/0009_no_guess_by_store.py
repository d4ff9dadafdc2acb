"""No statistics of whose row a row is: PostgreSQL's guess by store is worse than none.

Revision: 0009, after 0008. See docs/decisions/0014-no-guess-by-store.md.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_FORGET = """
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.table_name FROM information_schema.columns c
        WHERE c.table_schema = 'public' AND c.column_name = 'store_id'
    LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN store_id SET STATISTICS {target}', name);
    END LOOP;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_FORGET.format(target=0))


def downgrade() -> None:
    op.execute(_FORGET.format(target=-1))
