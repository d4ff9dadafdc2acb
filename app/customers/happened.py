"""What a person did, and what became of their records: for their timeline.

The ledger tells of consent and the touches of clicks; the event log tells of the rest, so that
nothing is told twice.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import and_, select

from app.customers.asked import Asked
from app.customers.entries import Entry, EntryKind
from app.models import Cart, ConsentEntry, LoggedFact, Merge, Order

_TITLES = 3
_UNKNOWN: Mapping[str, Any] = {"number": None, "currency": None}
_FACTS = (
    EntryKind.CUSTOMER_SEEN,
    EntryKind.CUSTOMER_DELETED,
    EntryKind.ORDER_SEEN,
    EntryKind.ORDER_DELETED,
    EntryKind.REFUND_SEEN,
    EntryKind.CART_SEEN,
    EntryKind.CUSTOMER_ACTED,
)
_CLICK = {"name": "link_clicked", "source": "link"}
"""How `messages.touches` logs a click beside the touch."""


def facts(asked: Asked) -> Iterator[Entry]:
    fact, log = LoggedFact.fact, LoggedFact
    told_by_a_touch = and_(
        log.kind == EntryKind.CUSTOMER_ACTED,
        fact["name"].astext == _CLICK["name"],
        log.source == _CLICK["source"],
    )
    statement = select(log).where(asked.of(log), log.kind.in_(_FACTS), ~told_by_a_touch)
    rows = [row for (row,) in asked.rows(statement, log.occurred_at, log.event_id)]
    orders = _orders(asked, {row.fact.get("order_key") for row in rows})
    for row in rows:
        key = row.fact.get("order_key")
        yield Entry(
            at=row.occurred_at,
            entry_id=row.event_id,
            kind=EntryKind(row.kind),
            state=_state(row.kind, row.fact),
            source=row.source,
            order_key=key,
            values={**orders.get(key, _UNKNOWN), **_values(row.kind, row.fact)},
        )


def _orders(asked: Asked, keys: Collection[str | None]) -> dict[str | None, dict[str, Any]]:
    """Refunds and deletions name their order by its key alone. Asked for by themselves, because
    behind row security no index finds what a JSON operator has read."""
    found = select(Order.order_key, Order.number, Order.currency).where(
        Order.store_id == asked.store_id, Order.order_key.in_(key for key in keys if key)
    )
    return {
        key: {"number": number, "currency": currency}
        for key, number, currency in asked.session.execute(found)
    }


def _state(kind: str, fact: Mapping[str, Any]) -> str | None:
    if kind == EntryKind.CART_SEEN and not fact["lines"]:
        return "emptied"
    return str(fact["status"]) if kind == EntryKind.ORDER_SEEN else None


def _values(kind: str, fact: Mapping[str, Any]) -> dict[str, Any]:
    """What a fact says that a reader wants to see."""
    match kind:
        case EntryKind.ORDER_SEEN:
            return {name: fact[name] for name in ("number", "currency", "total_minor")}
        case EntryKind.REFUND_SEEN:
            return {"total_minor": fact["refund"]["amount_minor"]}
        case EntryKind.CART_SEEN:
            titles = [line["title"] for line in fact["lines"]]
            money = {name: fact[name] for name in ("currency", "total_minor")}
            return {"titles": titles[:_TITLES], "products": len(titles), **money}
        case EntryKind.CUSTOMER_ACTED:
            said = fact["values"]
            told = next((said[n] for n in ("value", "comment", "tag") if n in said), None)
            return {"name": fact["name"], "told": told}
    return {}


def carts(asked: Asked) -> Iterator[Entry]:
    """How carts ended. That they were filled and left is in the log."""
    statement = select(Cart).where(asked.of(Cart), Cart.ended_at.is_not(None))
    for (row,) in asked.rows(statement, Cart.ended_at, Cart.cart_id):
        assert row.ended_at is not None  # The statement asks for no other.
        yield Entry(
            at=row.ended_at,
            entry_id=row.cart_id,
            kind=EntryKind.CART_ENDED,
            state=row.status,
            order_key=row.order_key,
            values={"currency": row.currency, "total_minor": row.total_minor},
        )


def consents(asked: Asked) -> Iterator[Entry]:
    ledger = ConsentEntry
    statement = select(ledger).where(asked.of(ledger))
    for (row,) in asked.rows(statement, ledger.occurred_at, ledger.consent_id):
        yield Entry(
            at=row.occurred_at,
            entry_id=row.consent_id,
            kind=EntryKind.CONSENT,
            state=row.state,
            source=row.source,
            values={"channel": row.channel},
        )


def merges(asked: Asked) -> Iterator[Entry]:
    mine = and_(Merge.store_id == asked.store_id, Merge.kept_id == asked.customer_id)
    for (row,) in asked.rows(select(Merge).where(mine), Merge.merged_at, Merge.gone_id):
        by = {"by": row.because.get("by", [])}
        yield Entry(at=row.merged_at, entry_id=row.gone_id, kind=EntryKind.MERGE, values=by)
