"""What every command starts with: this machine ready, and the store that was meant."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import String, cast, or_, select

from app import logs
from app.commands.terminal import console
from app.config import Config
from app.crypto import Vault
from app.errors import InvalidInput
from app.factory import connect_process
from app.launch import machine
from app.models import Store, StoreStatus
from app.stores.connections import Connections
from app.tenancy import platform_transaction

__all__ = ["connections", "console", "find_store", "ready", "ready_store", "short"]


@contextmanager
def ready() -> Iterator[Config]:
    """Databases up, schema current, this process connected; everything stopped at the end."""
    with machine() as prepared:
        Vault(
            prepared.config.keys
        )  # A key that opens nothing must be told before anything is done.
        connect_process(prepared.config)
        if prepared.config.log_level.upper() != "DEBUG":
            logs.configure("CRITICAL")  # Whoever typed the command gets the sentence instead.
        yield prepared.config


@contextmanager
def ready_store(name: str, *, erased: bool = False) -> Iterator[tuple[Config, Store]]:
    """As `ready`, with the store that `name` means: its id or a part of its domain.

    Nothing may be kept for a store that has left and was erased: it is refused unless `erased`.
    """
    with ready() as config:
        shop = find_store(name)
        if shop.status == StoreStatus.ERASED and not erased:
            raise InvalidInput(
                "STORE", f"{shop.domain} has left and was erased; `comeback store connect` first"
            )
        yield config, shop


def find_store(name: str) -> Store:
    """The store whose id begins with `name` or whose domain contains it; the whole name wins."""
    wanted = name.strip().lower().removeprefix("https://").rstrip("/")
    if not wanted:
        raise InvalidInput("STORE", "give a part of the shop's domain or the beginning of its id")
    with platform_transaction("find the store a command names") as session:
        found = list(
            session.scalars(
                select(Store)
                .where(
                    or_(
                        cast(Store.store_id, String).startswith(wanted, autoescape=True),
                        Store.domain.contains(wanted, autoescape=True),
                    )
                )
                .order_by(Store.domain)
            )
        )
    exact = [store for store in found if wanted in {store.domain, str(store.store_id)}]
    return _only(name, exact or found)


def _only(name: str, found: list[Store]) -> Store:
    if not found:
        raise InvalidInput(
            "STORE", f"no store is called “{name}”; `comeback store list` shows them all"
        )
    if len(found) > 1:
        known = ", ".join(f"{store.domain} ({short(store.store_id)})" for store in found[:5])
        raise InvalidInput("STORE", f"“{name}” may mean several stores: {known}; write more of it")
    return found[0]


def connections(config: Config) -> Connections:
    return Connections(config)


def short(value: UUID) -> str:
    """The part of an id that people type."""
    return str(value)[:13]
