"""Orders with their lines and refunds, as the newest version of each told them.

The newest version wins by `Told.version`; refunds and tokens of carts are gathered from all
versions, because they never vanish; who bought is the person of the newest version that names one.
`bought` only ever becomes true, so that an order is announced once, however often it is paid,
edited or cancelled. An order in another currency keeps it, and counts as an order, but is no part
of `spent_minor`: without a rate of its day a sum over currencies would be a lie.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from app.customers.batch import Batch
from app.customers.facts import UNTOLD, Told, order_keys
from app.events import ALL_REFUNDS, OrderDeleted, OrderSeen, OrderStatus, Refund, RefundSeen
from app.models import Order, OrderLine
from app.models import Refund as RefundRow
from app.models.rows import STORE, Row, among, insert_new, listed, one_of, put, table_of

_ORDERS, _REFUNDS = table_of(Order), table_of(RefundRow)
_KNOWN = select(_ORDERS).where(_ORDERS.c.store_id == STORE, one_of(_ORDERS.c.order_key, "keys"))
_REFUNDED = select(_REFUNDS).where(
    _REFUNDS.c.store_id == STORE, one_of(_REFUNDS.c.order_key, "keys")
)
_BOUGHT = (OrderStatus.PAID, OrderStatus.REFUNDED)


@dataclass(slots=True)
class OrderWork:
    """One order of the batch: how it was, how it is, and the facts that made it so."""

    before: Row | None
    row: Row | None
    told: list[Told] = field(default_factory=list)
    lines: list[Row] | None = None


Work = dict[str, OrderWork]


def load(batch: Batch) -> Work:
    """The orders that the facts are about, those we do not know included."""
    keys = order_keys(batch.told)
    work = {key: OrderWork(None, None) for key in keys}
    if keys:
        asked = {"store": batch.store_id, "keys": listed(keys)}
        for row in batch.session.execute(_KNOWN, asked).mappings():
            work[row["order_key"]] = OrderWork(dict(row), dict(row))
    for one in batch.told:
        if (key := getattr(one.fact, "order_key", None)) is not None:
            work[key].told.append(one)
    return work


def owners(batch: Batch, work: Work) -> dict[str, UUID | None]:
    """Whose order each fact is about, where the fact itself does not say."""
    found: dict[str, UUID | None] = {}
    for entry in work.values():
        for one in entry.told:
            if one.key not in batch.customer_of and entry.before is not None:
                found[one.key] = entry.before["customer_id"]
    return found


def fold(batch: Batch, work: Work) -> None:
    """Take the facts into the rows, and add up their refunds."""
    for entry in work.values():
        for one in entry.told:
            _absorb(batch, entry, one)
    _add_refunds(batch, work)


def _absorb(batch: Batch, entry: OrderWork, one: Told) -> None:
    match one.fact:
        case OrderSeen():
            entry.row = entry.row or blank(batch, one.fact.order_key)
            _take_content(entry, one, one.fact)
            _take_person(entry.row, one, batch.customer_of.get(one.key))
        case OrderDeleted():
            entry.row = entry.row or blank(batch, one.fact.order_key)
            _take_deletion(entry.row, one.at)


def blank(batch: Batch, order_key: str) -> Row:
    """An order of which nothing was told yet."""
    return {
        "store_id": batch.store_id,
        "order_key": order_key,
        "number": "",
        "customer_id": None,
        "status": OrderStatus.CANCELLED.value,
        "counts": False,
        "currency": batch.currency,
        "total_minor": 0,
        "refunded_minor": 0,
        "discount_codes": [],
        "cart_keys": [],
        "utm": {},
        "placed_at": UNTOLD,
        "cancelled_at": None,
        "deleted_at": None,
        "source_updated_at": UNTOLD,
        "bought": False,
        "version": "",
        "person_version": "",
    }


def _take_content(entry: OrderWork, one: Told, fact: OrderSeen) -> None:
    row = entry.row
    assert row is not None
    row["bought"] = row["bought"] or (fact.status in _BOUGHT and not fact.test)
    row["cart_keys"] = sorted({*row["cart_keys"], *fact.cart_keys})
    if one.version <= row["version"]:
        return
    if row["deleted_at"] is not None and row["deleted_at"] < one.at:
        row["deleted_at"] = None  # It was brought back.
    row.update(
        number=fact.number,
        status=fact.status.value,
        counts=fact.status is OrderStatus.PAID and not fact.test and row["deleted_at"] is None,
        currency=fact.currency,
        total_minor=fact.total_minor,
        discount_codes=list(fact.discount_codes),
        utm=dict(fact.utm),
        placed_at=fact.placed_at,
        cancelled_at=fact.cancelled_at,
        source_updated_at=one.at,
        version=one.version,
    )
    entry.lines = _lines(row, fact)


def _take_person(row: Row, one: Told, customer_id: UUID | None) -> None:
    if one.names_somebody and one.version > row["person_version"]:
        row["customer_id"], row["person_version"] = customer_id, one.version
    # Where nobody was ever named, the owner of the order's cart is given later, see `nameless`.


def _take_deletion(row: Row, at: datetime) -> None:
    if at < row["source_updated_at"] or (row["deleted_at"] is not None and at <= row["deleted_at"]):
        return
    row["deleted_at"], row["counts"] = at, False
    if not row["version"]:
        row["placed_at"] = at


def _lines(row: Row, fact: OrderSeen) -> list[Row]:
    lines: dict[str, Row] = {}
    for line in fact.lines:
        key = line.line_key
        while key in lines:
            key += "+"
        lines[key] = {
            "store_id": row["store_id"],
            "order_key": row["order_key"],
            "line_key": key,
            "product_key": line.product_key,
            "variant_key": line.variant_key,
            "title": line.title,
            "quantity": line.quantity,
            "total_minor": line.total_minor,
        }
    return list(lines.values())


def _add_refunds(batch: Batch, work: Work) -> None:
    """The union of all refunds ever told. One told twice keeps its first date, its larger sum."""
    if not work:
        return
    asked = {"store": batch.store_id, "keys": listed(sorted(work))}
    known: dict[tuple[str, str], Row] = {
        (row["order_key"], row["refund_key"]): dict(row)
        for row in batch.session.execute(_REFUNDED, asked).mappings()
    }
    before = {key: dict(row) for key, row in known.items()}
    for key, refund in _refunds(work):
        row = known.setdefault((key, refund.refund_key), _refund_row(batch, key, refund))
        row["amount_minor"] = max(row["amount_minor"], refund.amount_minor)
        row["refunded_at"] = min(row["refunded_at"], refund.refunded_at)
    put(batch.session, RefundRow, [row for key, row in known.items() if before.get(key) != row])
    sums: dict[str, int] = {}
    for (order_key, refund_key), row in known.items():
        if refund_key != ALL_REFUNDS:
            sums[order_key] = sums.get(order_key, 0) + row["amount_minor"]
    for order_key in {order_key for order_key, _ in known}:
        # A sum told as a whole holds the refunds told one by one: it is never added to them.
        whole = known.get((order_key, ALL_REFUNDS), {}).get("amount_minor", 0)
        if (order := work[order_key].row) is not None:
            order["refunded_minor"] = max(whole, sums.get(order_key, 0))


def _refunds(work: Work) -> list[tuple[str, Refund]]:
    found: list[tuple[str, Refund]] = []
    for key, entry in work.items():
        for one in entry.told:
            if isinstance(one.fact, RefundSeen):
                found.append((key, one.fact.refund))
            elif isinstance(one.fact, OrderSeen):
                found += [(key, refund) for refund in one.fact.refunds]
    return found


def _refund_row(batch: Batch, order_key: str, refund: Refund) -> Row:
    return {
        "store_id": batch.store_id,
        "order_key": order_key,
        "refund_key": refund.refund_key,
        "amount_minor": refund.amount_minor,
        "refunded_at": refund.refunded_at,
    }


def write(batch: Batch, work: Work) -> None:
    """Write the orders that differ, with their lines; their buyers must be there already."""
    changed = [entry for entry in work.values() if entry.row != entry.before]
    rows = [entry.row for entry in changed if entry.row is not None]
    put(batch.session, Order, rows)
    relined = [entry for entry in changed if entry.lines is not None]
    known = [entry.before["order_key"] for entry in relined if entry.before is not None]
    if known:
        batch.session.execute(
            delete(OrderLine).where(
                OrderLine.store_id == batch.store_id, among(OrderLine.order_key, known)
            ),
            execution_options={"synchronize_session": False},
        )
    insert_new(batch.session, OrderLine, [line for entry in relined for line in entry.lines or ()])
    batch.nameless |= any(row["cart_keys"] and not row["person_version"] for row in rows)
    owners = (row["customer_id"] for e in changed for row in (e.before, e.row) if row)
    batch.regard |= {owner for owner in owners if owner is not None}
