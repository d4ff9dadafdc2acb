"""Runs migrations as the owner, each under a lock timeout so that none can stop the shop floor."""

from alembic import context
from sqlalchemy import create_engine, text

from app.db import driver_url
from app.models import Base

config = context.config
url = config.attributes["owner_url"]


def run() -> None:
    engine = create_engine(driver_url(url))
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.execute(text("SET statement_timeout = '15min'"))
        connection.commit()
        context.configure(
            connection=connection, target_metadata=Base.metadata, compare_server_default=False
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
