"""What every command starts with: this machine ready, and the store that was meant."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from rich.console import Console
from sqlalchemy import String, cast, or_, select

from app.config import Config
from app.errors import InvalidInput
from app.factory import connect_process
from app.launch import machine
from app.models import Store
from app.stores.connections import Connections
from app.tenancy import platform_transaction

console = Console()


@contextmanager
def ready() -> Iterator[Config]:
    """Databases up, schema current, this process connected; everything stopped at the end."""
    with machine() as prepared:
        connect_process(prepared.config)
        yield prepared.config


@contextmanager
def ready_store(name: str) -> Iterator[tuple[Config, Store]]:
    """As `ready`, with the store that `name` means: its id or a part of its domain."""
    with ready() as config:
        yield config, find_store(name)


def find_store(name: str) -> Store:
    """The one store whose id begins with, or whose domain contains, `name`."""
    with platform_transaction("find the store a command names") as session:
        found = list(
            session.scalars(
                select(Store).where(
                    or_(
                        cast(Store.store_id, String).startswith(name),
                        Store.domain.contains(name.lower()),
                    )
                )
            )
        )
    if len(found) != 1:
        known = ", ".join(store.domain for store in found) or "none"
        raise InvalidInput("store", f"“{name}” must name one store; it matches: {known}")
    return found[0]


def connections(config: Config) -> Connections:
    return Connections(config)


def short(value: UUID) -> str:
    """The part of an id that people type."""
    return str(value)[:13]
