"""Acting on what a shop tells about the connection itself: gone, changed, asked to forget."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import clock, customers, flows, jobs, offers
from app.config import Config
from app.crypto import Vault
from app.events import (
    BackfillReady,
    CodeGone,
    DataRequested,
    ErasureRequested,
    StoreChanged,
    StoreErasureRequested,
    StoreFact,
    StoreUninstalled,
)
from app.models import Customer, Erasure, Store
from app.stores import backfill, lifecycle
from app.stores.notices import tell


def act(session: Session, store: Store, fact: StoreFact, config: Config) -> None:
    """Do what the fact asks. Safe to repeat."""
    _ACTIONS[type(fact)](session, store, fact, config)


def _uninstalled(session: Session, store: Store, fact: StoreUninstalled, _: Config) -> None:
    let_leave(session, store, fact.updated_at)


def let_leave(session: Session, store: Store, at: datetime) -> None:
    """End what runs for a store that has left, unless it has come back since `at`."""
    if lifecycle.uninstall(session, at):
        flows.end_all(session, store, clock.now())
        offers.let_go(session)


def disconnect(session: Session, store: Store) -> None:
    """Let a store go that has no platform to say so: end everything, then forget everything."""
    now = clock.now()
    let_leave(session, store, now)
    session.flush()
    lifecycle.erase(session, now)


def _store_erased(session: Session, store: Store, fact: StoreErasureRequested, _: Config) -> None:
    lifecycle.erase(session, fact.updated_at)


def _changed(session: Session, store: Store, fact: StoreChanged, _: Config) -> None:
    lifecycle.change(session, fact)


def _forget_person(session: Session, store: Store, fact: ErasureRequested, config: Config) -> None:
    for customer in customers.find_people(session, fact.person, fact.order_keys):
        erase_person(session, store, customer, config)


def erase_person(
    session: Session, store: Store, customer: Customer, config: Config, *, silent: bool = False
) -> None:
    """Forget a customer here, end their journeys, and leave word for the providers to forget.

    `silent`: because nothing was heard of them for long, see `customers.erase`.
    """
    now = clock.now()
    flows.end_for(session, store, [customer.customer_id], now)
    addresses = customers.erase_customer(
        session, customer, keys=config.keys, now=now, silent=silent
    )
    if addresses:
        sealed = Vault(config.keys).seal(json.dumps(sorted(addresses)))
        session.add(Erasure(store_id=store.store_id, sealed=sealed))
        jobs.nudge_after_commit(session, "sync", store.store_id)


def _export_person(session: Session, store: Store, fact: DataRequested, _: Config) -> None:
    """Say whose data is asked for. The export is made when it is downloaded, never kept here."""
    people = customers.find_people(session, fact.person, ())
    key = f"data_request:{fact.request_key}"
    for person in people:
        about = {"customer_id": str(person.customer_id)}
        tell(session, f"{key}:{person.customer_id}", kind="data_request", details=about)
    if not people:
        tell(session, key, kind="data_request_unknown", details={"request": fact.request_key})


def _backfill_ready(session: Session, store: Store, fact: BackfillReady, _: Config) -> None:
    backfill.wake(session)
    jobs.nudge_after_commit(session, "sync", store.store_id)


def _code_gone(session: Session, store: Store, fact: CodeGone, _: Config) -> None:
    offers.close_gone(session, fact.code_key)


_ACTIONS: dict[type, Callable[[Session, Store, Any, Config], None]] = {
    StoreUninstalled: _uninstalled,
    StoreErasureRequested: _store_erased,
    StoreChanged: _changed,
    ErasureRequested: _forget_person,
    DataRequested: _export_person,
    BackfillReady: _backfill_ready,
    CodeGone: _code_gone,
}
