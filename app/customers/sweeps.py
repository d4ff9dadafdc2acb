"""What time alone does to carts: left idle they are abandoned, left for long they expire.

An abandonment is logged as a fact of ours, because flows depend on it and the log must be able to
tell the state again; an expiry is not, because the next sweep would find it again.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from app.customers import cart_life, log, moved
from app.customers.apply import forget_loaded, open_batch
from app.customers.batch import Batch
from app.customers.changes import Change, ChangeKind, Incoming
from app.customers.facts import ABANDONED, Told, stamp, tell
from app.events import CustomerActed, Person
from app.models import Cart, CartKey
from app.models.rows import Row, among, put, table_of
from app.stores.settings import StoreSettings

SOURCE = "comeback"
FRESH = timedelta(hours=24)
"""A cart that grew cold longer ago begins nothing any more."""

_CARTS = table_of(Cart)


def sweep_carts(
    session: Session, settings: StoreSettings, now: datetime, limit: int
) -> list[Change]:
    """Mark up to `limit` carts as expired and as many as abandoned; what has changed."""
    batch = open_batch(session, now)
    _expire(batch, timedelta(days=settings.cart_expires_days), limit)
    _abandon(batch, timedelta(minutes=settings.cart_idle_minutes), limit)
    moved.follow(batch, {one.customer_id for one in batch.changes if one.customer_id is not None})
    forget_loaded(batch)
    return batch.changes


def _find(batch: Batch, limit: int, *conditions: ColumnElement[bool]) -> list[Row]:
    statement = (
        select(_CARTS)
        .where(_CARTS.c.store_id == batch.store_id, *conditions)
        .order_by(_CARTS.c.changed_at, _CARTS.c.cart_id)
        .limit(limit)
    )
    rows = batch.session.execute(statement).mappings()
    return [{**row, "clocks": dict(row["clocks"])} for row in rows]


def _expire(batch: Batch, after: timedelta, limit: int) -> None:
    rows = _find(
        batch,
        limit,
        _CARTS.c.status.in_(cart_life.OPEN),
        _CARTS.c.changed_at <= batch.now - after,
    )
    for row in rows:
        row["clocks"]["expired"] = stamp(batch.now)
        cart_life.settle(row, None)
        _note(batch, ChangeKind.CART_ENDED, row, status=row["status"], order_key=None)
    put(batch.session, Cart, rows)


def _abandon(batch: Batch, idle: timedelta, limit: int) -> None:
    """A cart nobody is known to own cannot be reminded of, nor can an empty one."""
    rows = _find(
        batch,
        limit,
        _CARTS.c.status == cart_life.ACTIVE,
        _CARTS.c.changed_at <= batch.now - idle,
        _CARTS.c.customer_id.is_not(None),
        _CARTS.c.ended_by.is_(None),
    )
    if not rows:
        return
    tokens = _tokens(batch, rows)
    for row in rows:
        told = _fact(batch, row, tokens[row["cart_id"]])
        batch.told.append(told)
        batch.customer_of[told.key] = row["customer_id"]
        cart_life.absorb(row, told)
        cart_life.settle(row, None)
        _note(batch, ChangeKind.CART_ABANDONED, row, abandoned_at=row["abandoned_at"])
    log.append(batch, {})
    put(batch.session, Cart, rows)


def _tokens(batch: Batch, rows: list[Row]) -> dict[object, str]:
    """One token of each cart: any names it, the first does."""
    statement = (
        select(CartKey.cart_id, CartKey.cart_key)
        .where(
            CartKey.store_id == batch.store_id,
            among(CartKey.cart_id, [row["cart_id"] for row in rows]),
        )
        .order_by(CartKey.cart_key.desc())
    )
    return {row.cart_id: row.cart_key for row in batch.session.execute(statement)}


def _fact(batch: Batch, row: Row, token: str) -> Told:
    fact = CustomerActed(
        event_key=f"{token}:{stamp(row['changed_at'])}",
        name=ABANDONED,
        person=Person(),
        values={"cart_key": token},
        updated_at=batch.now,
    )
    return tell(Incoming(fact=fact, source=SOURCE, live=True))


def _note(batch: Batch, kind: ChangeKind, row: Row, **values: object) -> None:
    is_news = cart_life.was_told_live(row) and batch.now - row["changed_at"] <= FRESH
    batch.changes.append(
        Change(
            kind=kind,
            customer_id=row["customer_id"],
            occurred_at=batch.now,
            live=kind is ChangeKind.CART_ENDED or is_news,
            values={"cart_id": row["cart_id"], **values},
        )
    )
