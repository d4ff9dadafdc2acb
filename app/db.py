"""One engine per process and what happens after a commit. Rooms never import this for a session:
they get theirs from `tenancy`."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg.pq import Format
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from app import jsontext
from app.errors import ConfigError

_PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 30}
"""Seconds, milliseconds, seconds. Without them a database that vanished without a word (a cable, a
machine) would be waited for by TCP's own patience, which is a quarter of an hour."""
_ARE_YOU_THERE = "SET client_connection_check_interval = '2s'"
"""Without it a statement goes on after its worker was killed, and keeps what it has locked."""
IN_BINARY = {"rows_in_binary": True}
"""Execution options of a statement whose rows hold bytes: as text they are twice their size, and
each is written out by the server and read by us digit by digit."""
_AFTER_COMMIT = "after_commit"
_engine: Engine | None = None
_url: str | None = None
_sessions: sessionmaker[Session] | None = None
_lines: Engine | None = None


def connect(url: str, *, pool_size: int = 10) -> Engine:
    """Point this process at its database. `url` is any libpq URL; the driver is psycopg 3."""
    global _engine, _lines, _sessions, _url  # noqa: PLW0603 - one database per process.
    disconnect()
    _url = url
    _engine = create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        pool_timeout=10,
        connect_args=_PATIENCE,
        hide_parameters=True,  # They are people's names and addresses; errors end in logs.
        json_serializer=jsontext.write,
        json_deserializer=jsontext.read,
    )
    event.listen(_engine, "before_cursor_execute", _choose_format, named=True)
    event.listen(_engine, "connect", _ask_whether_we_live)
    _sessions = sessionmaker(_engine, expire_on_commit=False)
    _lines = create_engine(
        driver_url(url), pool_size=1, connect_args=_PATIENCE, isolation_level="AUTOCOMMIT"
    )
    return _engine


def _ask_whether_we_live(connection: Any, _: Any) -> None:
    """Not as a start-up option, which connection poolers refuse."""
    connection.autocommit = True
    connection.execute(_ARE_YOU_THERE)
    connection.autocommit = False


def _choose_format(cursor: Any, context: Any, **_: Any) -> None:
    if context is not None and context.execution_options.get("rows_in_binary"):
        cursor.format = Format.BINARY


def driver_url(url: str) -> str:
    """`postgres://` and `postgresql://` become the psycopg 3 form SQLAlchemy wants."""
    scheme, separator, rest = url.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+psycopg"} or not separator:
        raise ConfigError("DATABASE_URL must start with postgresql://")
    return f"postgresql+psycopg://{rest}"


def disconnect() -> None:
    """Give every pooled connection back. Needed after a fork and at the end of a program."""
    global _engine, _lines, _sessions  # noqa: PLW0603 - see connect.
    for pool in (_engine, _lines):
        if pool is not None:
            pool.dispose()
    _engine = _lines = _sessions = None


def is_connected_to(url: str) -> bool:
    """Whether `connect(url)` is in force."""
    return _engine is not None and _url == url


def engine() -> Engine:
    """The engine of this process. Raises ConfigError before `connect`."""
    if _engine is None:
        raise ConfigError("The database is not connected: call db.connect first.")
    return _engine


def new_session() -> Session:
    """A session with no transaction yet. Only `tenancy` calls this."""
    if _sessions is None:
        raise ConfigError("The database is not connected: call db.connect first.")
    return _sessions()


@contextmanager
def lent_line() -> Iterator[psycopg.Connection[Any]]:
    """A connection as the driver knows it, each statement a transaction of its own. It is not
    tried first, so it may turn out to be dead. Only `tenancy` calls this."""
    if _lines is None:
        raise ConfigError("The database is not connected: call db.connect first.")
    with closing(_lines.raw_connection()) as pooled:
        line = pooled.driver_connection
        assert isinstance(line, psycopg.Connection)
        yield line


def after_commit(session: Session, call: Callable[[], Any]) -> None:
    """Run `call` once the session's transaction has committed; never, if it rolls back."""
    session.info.setdefault(_AFTER_COMMIT, []).append(call)


@event.listens_for(Session, "after_commit")
def _run_calls(session: Session) -> None:
    for call in session.info.pop(_AFTER_COMMIT, []):
        call()


@event.listens_for(Session, "after_rollback")
def _forget_calls(session: Session) -> None:
    session.info.pop(_AFTER_COMMIT, None)
