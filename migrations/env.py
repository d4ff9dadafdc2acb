"""Runs migrations as the owner, each under a lock timeout so that none can stop the shop floor.

With `sql=True` it writes them instead of running them, which is how tests read what they would do.
"""

from alembic import context
from sqlalchemy import create_engine, text

from app.db import driver_url
from app.models import Base

TIMEOUTS = ("SET lock_timeout = '5s'", "SET statement_timeout = '15min'")


def run() -> None:
    engine = create_engine(driver_url(context.config.attributes["owner_url"]))
    with engine.connect() as connection:
        for timeout in TIMEOUTS:
            connection.execute(text(timeout))
        connection.commit()
        context.configure(
            connection=connection, target_metadata=Base.metadata, compare_server_default=False
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


def write() -> None:
    context.configure(
        dialect_name="postgresql", dialect_opts={"paramstyle": "named"}, literal_binds=True
    )
    for timeout in TIMEOUTS:
        context.execute(timeout)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    write()
else:
    run()
