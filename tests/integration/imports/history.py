"""Importing files into a store, and the store's state as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app import clock
from app.crypto import new_key
from app.inbox.imports import Import, Outcome, Watch
from app.models import Base, Customer, ImportRow, LoggedFact, Order, OrderLine, Refund, Store
from app.platforms import ShopFacts
from app.platforms.csvfile import NOTHING_SAID, Mapping, Problem, Source, inspect
from app.tenancy import platform_transaction, store_transaction

PAYLOADS = Path(__file__).parents[2] / "payloads" / "csv"
KEYS = (new_key(),)


@dataclass
class Heard:
    """What an import told while it ran."""

    problems: list[Problem] = field(default_factory=list)
    read: list[tuple[int, int]] = field(default_factory=list)
    applied: list[tuple[int, int]] = field(default_factory=list)


def sources(store_id: UUID, paths: Sequence[Path], mapping: Mapping = NOTHING_SAID) -> list[Source]:
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        facts = ShopFacts(currency=store.currency, timezone=store.timezone, domain=store.domain)
    return [inspect(path, facts, clock.now(), mapping) for path in paths]


def take(
    store_id: UUID, *paths: Path, mapping: Mapping = NOTHING_SAID, heard: Heard | None = None
) -> Outcome:
    heard = heard or Heard()
    watch = Watch(
        problem=heard.problems.append,
        reading=lambda done, total: heard.read.append((done, total)),
        applying=lambda done, total: heard.applied.append((done, total)),
    )
    return Import(store_id, sources(store_id, paths, mapping), KEYS, watch).run()


def state(store_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Every row that an import may touch, without our own ids."""
    models: dict[str, type[Base]] = {
        "customers": Customer,
        "orders": Order,
        "lines": OrderLine,
        "refunds": Refund,
        "facts": LoggedFact,
    }
    own = {"store_id", "customer_id", "event_id", "recorded_at"}
    found: dict[str, list[dict[str, Any]]] = {}
    with store_transaction(store_id) as session:
        for name, model in models.items():
            rows = session.execute(select(model.__table__)).mappings()
            plain = [{key: row[key] for key in row if key not in own} for row in rows]
            found[name] = sorted(plain, key=str)
    return found


def waiting() -> int:
    """Staged rows of any store."""
    with platform_transaction("a test counts") as session:
        return session.scalar(select(func.count()).select_from(ImportRow)) or 0
