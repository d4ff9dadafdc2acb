"""A database whose clock is not the machine's: to those who connect by the given address it tells
another time, and everybody else finds it as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app import db
from app.inbox.clocks import report
from tests.conftest import Machine

_TELLS = """
    CREATE FUNCTION elsewhen.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
    $$ SELECT pg_catalog.clock_timestamp() + make_interval(secs => {ahead}) $$
"""


@contextmanager
def database_ahead(machine: Machine, seconds: float) -> Iterator[str]:
    """The address of a database whose clock is so far ahead of the machine's."""
    with machine.owner.begin() as connection:
        connection.execute(text("CREATE SCHEMA elsewhen"))
        connection.execute(text("GRANT USAGE ON SCHEMA elsewhen TO PUBLIC"))
        connection.execute(text(_TELLS.format(ahead=seconds)))
    try:
        # Who names pg_catalog may say what comes before it.
        yield f"{machine.app_url}&options=-csearch_path%3Delsewhen%2Cpg_catalog%2Cpublic"
    finally:
        with machine.owner.begin() as connection:
            connection.execute(text("DROP SCHEMA elsewhen CASCADE"))


def a_worker_compares(machine: Machine, ahead: float) -> None:
    """This process as a worker whose database's clock is so far ahead."""
    with database_ahead(machine, ahead) as url:
        db.connect(url)
        report("worker")
    db.connect(machine.app_url)
