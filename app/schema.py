"""Bringing a database to the newest schema, and proving that the app's role is an ordinary one."""

from importlib import resources
from pathlib import Path
from urllib.parse import unquote, urlsplit

from alembic import command
from alembic.config import Config as AlembicConfig
from psycopg import sql
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError

from app.db import driver_url
from app.errors import ConfigError
from app.tenancy import PLATFORM_ROLE

_NOT_ALLOWED = "42501"


def migrate(owner_url: str, app_url: str) -> None:
    """Create the app's role if it is missing, then run every migration, as the owner. Raises
    ConfigError when the owner may not."""
    try:
        _migrate(owner_url, app_url)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_ALLOWED:
            raise
        reason = str(error.orig).partition("\n")[0]
        raise ConfigError(
            f"DATABASE_OWNER_URL: its role may not do this ({reason}): it must own the tables and"
            f" have CREATEROLE, and {PLATFORM_ROLE} WITH ADMIN OPTION if somebody else made that."
        ) from error


def _migrate(owner_url: str, app_url: str) -> None:
    engine = create_engine(driver_url(owner_url))
    with engine.begin() as connection:
        _ensure_roles(connection, app_url)
    engine.dispose()
    root = Path(str(resources.files("app"))).parent
    config = AlembicConfig(str(root / "alembic.ini"))
    config.set_main_option("script_location", str(root / "migrations"))
    config.attributes["owner_url"] = owner_url
    command.upgrade(config, "head")


def _ensure_roles(connection: Connection, app_url: str) -> None:
    parts = urlsplit(app_url)
    role, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not role:
        raise ConfigError("DATABASE_URL must name the app's role: postgresql://comeback_app@…")
    _create_role(connection, role, "LOGIN", password)
    _create_role(connection, PLATFORM_ROLE, "NOLOGIN", "")
    grant = sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(
        sql.Identifier(PLATFORM_ROLE), sql.Identifier(role)
    )
    usage = sql.SQL("GRANT USAGE ON SCHEMA public TO {}, {}").format(
        sql.Identifier(PLATFORM_ROLE), sql.Identifier(role)
    )
    for statement in (grant, usage, *_default_grants(role)):
        connection.exec_driver_sql(statement.as_string())


def _default_grants(role: str) -> list[sql.Composed]:
    """Rights on every table that a migration makes from now on; never ownership."""
    return [
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {} TO {}, {}").format(
            sql.SQL(rights), sql.Identifier(role), sql.Identifier(PLATFORM_ROLE)
        )
        for rights in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE ON SEQUENCES")
    ]


def _create_role(connection: Connection, role: str, login: str, password: str) -> None:
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": role})
    if known.first() is not None:
        return
    statement = sql.SQL("CREATE ROLE {} NOSUPERUSER NOBYPASSRLS {}").format(
        sql.Identifier(role), sql.SQL(login)
    )
    if password:
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(password))
    connection.exec_driver_sql(statement.as_string())


def require_ordinary_role(connection: Connection) -> None:
    """Raises ConfigError when the app connects as an owner or as one whom row security skips."""
    row = connection.execute(
        text(
            "SELECT r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT FROM pg_tables t"
            " WHERE t.schemaname = 'public' AND t.tableowner = r.rolname)"
            " FROM pg_roles r WHERE r.rolname = current_user"
        )
    ).scalar_one()
    if row:
        raise ConfigError(
            "DATABASE_URL connects as an owner or superuser, whom row-level security does not hold."
            " Give the app an ordinary role there and the owner in DATABASE_OWNER_URL."
        )
