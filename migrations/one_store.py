"""What every table of a store's rows has had since 0007: no other store sees them.

Later migrations call this; those that are out stay as they are only while it stays as it is.
"""

from alembic import op

_PROTECT = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    "CREATE POLICY one_store ON {table} USING "
    "(store_id = nullif(current_setting('comeback.store_id', true), '')::uuid)",
    "CREATE POLICY all_stores ON {table} TO comeback_platform USING (true) WITH CHECK (true)",
    # Why the planner is told nothing of stores: docs/decisions/0014-no-guess-by-store.md.
    "ALTER TABLE {table} ALTER COLUMN store_id SET STATISTICS 0",
)


def protect(*tables: str) -> None:
    """Let these new tables be read and written for one store at a time."""
    for table in tables:
        for statement in _PROTECT:
            op.execute(statement.format(table=table))
