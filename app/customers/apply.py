"""Facts in, state out: the one way by which anything is learned about customers.

Facts may come late, twice or in any order: the state after them is the same, because every part of
it is folded from the facts alone, newest by the source's clock. A fact the log knows changes
nothing. The store is locked while a batch is applied, so that folding in memory is safe, and a
batch takes the same number of statements however many facts it has.

It must never commit, send, or decide anything; what follows from a change is for the caller.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import Session

from app.customers import (
    carts,
    consent,
    figures,
    identity,
    log,
    moved,
    numbers,
    orders,
    people,
    products,
    profiles,
    purchases,
    returning,
    suppression,
)
from app.customers.batch import Batch
from app.customers.changes import Change, ChangeKind, Incoming
from app.customers.facts import ABANDONED, Told, tell
from app.events import CustomerActed
from app.models import Cart, Customer, Order, OrderLine, Product, Store
from app.models.rows import STORE
from app.tenancy import store_of

BATCH = 500
_FOLDED = (Customer, Order, OrderLine, Cart, Product)
_LOCK = 0x637573  # "cus": apart from the locks other rooms take on a store.
_TAKE_LOCK = select(
    Store.currency, func.pg_advisory_xact_lock(_LOCK, bindparam("slot", type_=Integer))
).where(Store.store_id == STORE)


def apply(
    session: Session, incoming: Sequence[Incoming], now: datetime, *, keys: Sequence[str] = ()
) -> list[Change]:
    """Turn facts into state; what is different now, people first.

    `keys` are the secret keys by which erased people and silenced addresses are recognised. Give
    them wherever facts may name anybody: without them only people we hold already may be named.
    """
    changes: list[Change] = []
    for start in range(0, len(incoming), BATCH):
        told = [tell(one) for one in incoming[start : start + BATCH]]
        changes += learn(session, told, now, keys=keys)
    return changes


def learn(
    session: Session, told: Sequence[Told], now: datetime, *, keys: Sequence[str] = ()
) -> list[Change]:
    """Apply one batch of prepared facts."""
    batch = open_batch(session, now)
    batch.told = list(told) if not keys else returning.without_forgotten(session, told, keys)
    batch.told = log.unknown(batch, batch.told)
    if batch.told:
        take(batch, keys)
    return batch.changes


def open_batch(session: Session, now: datetime) -> Batch:
    """Lock the store's customers until the transaction ends."""
    store_id = store_of(session)
    session.flush()
    slot = int.from_bytes(store_id.bytes[-4:], "big", signed=True)
    currency, _ = session.execute(_TAKE_LOCK, {"store": store_id, "slot": slot}).one()
    return Batch(session=session, store_id=store_id, currency=currency, now=now, told=[])


def take(batch: Batch, keys: Sequence[str]) -> None:
    """Fold the facts of a batch into every part of the state they touch."""
    resolution = identity.resolve(batch)
    work = orders.load(batch)
    people.fold(batch)
    if not batch.replay:
        log.append(batch, orders.owners(batch, work))
    numbers.move(batch, resolution.moves)
    cart_work = carts.fold(batch)
    if keys:
        suppression.refresh(batch, keys)
    orders.fold(batch, work)
    figures.count_new(batch, work, {move.new for move in resolution.moves})
    people.write(batch)
    profiles.touch(batch)
    identity.write(batch, resolution)
    orders.write(batch, work)
    ended = carts.write(batch, cart_work)
    first = figures.recount(batch)
    consent.fold(batch)
    products.fold(batch)
    purchases.announce(batch, work, ended, first)
    _announce_acts(batch)
    moved.follow(batch, batch.people)
    forget_loaded(batch)


def _announce_acts(batch: Batch) -> None:
    for one in batch.told:
        fact = one.fact
        if isinstance(fact, CustomerActed) and fact.name != ABANDONED:
            batch.note(
                ChangeKind.ACTED,
                batch.customer_of.get(one.key),
                [one],
                name=fact.name,
                event_key=fact.event_key,
                values=dict(fact.values),
            )


def forget_loaded(batch: Batch) -> None:
    """Rows that the session had loaded are older than the table now."""
    merged = any(change.kind is ChangeKind.MERGED for change in batch.changes)
    for loaded in list(batch.session.identity_map.values()):
        if isinstance(loaded, _FOLDED) or (merged and hasattr(loaded, "customer_id")):
            batch.session.expire(loaded)
