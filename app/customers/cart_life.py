"""The life of one cart, pure: what it holds and how far it has come, from the facts alone.

A cart's `clocks` hold the moments everything else follows from: `started`, `seen` (the shopper's
latest act), `live` (their latest act that we heard of as it happened), `orders` (the two latest
orders that carry one of its tokens), `completed`, `abandoned` and `expired` (our sweeps). They only
grow, so `settle` gives the same life in whatever order the
facts came.

An order ends its cart; a change told later but made before the order does not reopen it. Shops go
on touching a cart for a while after it was ordered, so changes within an hour of the order belong
to it too. A later change is a new life of the same cart: some shops keep one token per visitor.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from app.customers.facts import ABANDONED, UNTOLD, Told, moment, stamp
from app.events import CartSeen, CustomerActed, OrderSeen
from app.jsontext import plain
from app.models.rows import Row

SETTLING = timedelta(hours=1)
ACTIVE, GONE_COLD, EMPTIED = "active", "abandoned", "emptied"
ORDERED, RECOVERED, EXPIRED = "ordered", "recovered", "expired"
OPEN = (ACTIVE, GONE_COLD)


class Bought(NamedTuple):
    """The order that ended a cart."""

    placed_at: datetime
    order_key: str


def blank(store_id: UUID, cart_id: UUID, currency: str) -> Row:
    return {
        "store_id": store_id,
        "cart_id": cart_id,
        "customer_id": None,
        "status": ACTIVE,
        "currency": currency,
        "total_minor": 0,
        "lines": [],
        "recovery_url": None,
        "started_at": UNTOLD,
        "changed_at": UNTOLD,
        "abandoned_at": None,
        "ended_at": None,
        "order_key": None,
        "source_updated_at": UNTOLD,
        "ended_by": None,
        "version": "",
        "clocks": {},
    }


def absorb(row: Row, one: Told) -> None:
    """Take one fact that carries a token of this cart."""
    match one.fact:
        case CartSeen():
            _take_content(row, one, one.fact)
            _begin(row, min(one.at, one.fact.created_at or one.at))
            _later(row, "seen", one.clock)
            if one.live:
                _later(row, "live", one.clock)
        case OrderSeen():
            _take_orders(row, [[stamp(one.fact.placed_at), one.fact.order_key]])
            _begin(row, min(one.at, one.fact.placed_at))
            _later(row, "seen", stamp(one.fact.placed_at))
        case CustomerActed() if one.fact.name == ABANDONED:
            _later(row, "abandoned", one.clock)


def was_told_live(row: Row) -> bool:
    """Whether we heard of what it holds now as it happened, and not from a history."""
    live: str = row["clocks"].get("live", "")
    return live >= stamp(row["changed_at"])


def _take_content(row: Row, one: Told, fact: CartSeen) -> None:
    if fact.completed:
        _later(row, "completed", one.clock)
    # Two kinds of webhook tell of one cart, and one of them knows neither of these.
    _take(row, "recovery_url", f"{one.clock}|", fact.recovery_url)
    _take(row, "currency", f"{one.clock}|", fact.currency)
    if one.version > row["version"]:
        row.update(
            total_minor=fact.total_minor,
            lines=[plain(line) for line in fact.lines],
            source_updated_at=one.at,
            version=one.version,
        )


def _take(row: Row, name: str, clock: str, value: str | None) -> None:
    if value and clock + value > row["clocks"].get(name, ""):
        row["clocks"][name], row[name] = clock + value, value


def _begin(row: Row, at: datetime) -> None:
    row["clocks"]["started"] = min(row["clocks"].get("started", stamp(at)), stamp(at))


def _later(row: Row, name: str, clock: str) -> None:
    row["clocks"][name] = max(row["clocks"].get(name, ""), clock)


def _take_orders(row: Row, orders: list[list[str]]) -> None:
    """The latest two by the moment they were placed; of one order the latest word."""
    if not orders:
        return
    latest: dict[str, str] = {}
    for placed, key in row["clocks"].get("orders", []) + orders:
        latest[key] = max(latest.get(key, ""), placed)
    ranked = sorted(([placed, key] for key, placed in latest.items()), reverse=True)
    row["clocks"]["orders"] = ranked[:2]


def join(row: Row, gone: Row) -> None:
    """Add a cart that turned out to be the same one."""
    if gone["version"] > row["version"]:
        for name in ("total_minor", "lines", "source_updated_at", "version"):
            row[name] = gone[name]
    clocks = dict(gone["clocks"])
    for name in ("recovery_url", "currency"):
        if clocks.get(name, "") > row["clocks"].get(name, ""):
            row[name] = gone[name]
    if "started" in clocks:
        _begin(row, moment(clocks.pop("started")))
    _take_orders(row, clocks.pop("orders", []))
    for name, clock in clocks.items():
        _later(row, name, clock)
    row["customer_id"] = row["customer_id"] or gone["customer_id"]


def settle(row: Row, bought: Bought | None) -> None:
    """Work out how far the cart has come. `bought`: its owner's first order after its last change,
    whatever that order's tokens."""
    clocks = row["clocks"]
    orders = [Bought(moment(placed), key) for placed, key in clocks.get("orders", [])]
    last = orders[0] if orders else None
    told = bool(row["version"])
    row["changed_at"] = row["source_updated_at"] if told else (last.placed_at if last else UNTOLD)
    ended = _ordered(row, last, told) or _ended(row, bought)
    row["ended_by"], row["ended_at"], row["order_key"] = ended or (None, None, None)
    _set_life(row, orders, row["ended_by"])
    row["status"] = _status(row)


def _ordered(row: Row, last: Bought | None, told: bool) -> tuple[str, datetime, str | None] | None:
    """Ended by an order that carries its token, or by the shop's word that it became one."""
    if last and (not told or row["changed_at"] <= last.placed_at + SETTLING):
        return "order", last.placed_at, last.order_key
    completed = row["clocks"].get("completed")
    if completed and row["changed_at"] <= moment(completed) + SETTLING:
        return "completed", moment(completed), None
    return None


def _ended(row: Row, bought: Bought | None) -> tuple[str, datetime, str | None] | None:
    """Ended without a token of its own on an order."""
    if not row["lines"]:
        return "emptied", row["changed_at"], None
    if bought:
        return "person", bought.placed_at, bought.order_key
    expired = row["clocks"].get("expired")
    if expired and moment(expired) >= row["changed_at"]:
        return "time", moment(expired), None
    return None


def _set_life(row: Row, orders: list[Bought], ended_by: str | None) -> None:
    """When this life of the cart began, and when it was last abandoned in it."""
    earlier = orders[1:] if ended_by == "order" else orders
    since = earlier[0].placed_at if earlier else None
    started = row["clocks"].get("started")
    row["started_at"] = since or (moment(started) if started else row["changed_at"])
    abandoned = row["clocks"].get("abandoned")
    at = moment(abandoned) if abandoned else None
    row["abandoned_at"] = at if at and (since is None or at > since) else None


def _status(row: Row) -> str:
    cold: datetime | None = row["abandoned_at"]
    match row["ended_by"]:
        case "order" | "completed" | "person":
            return RECOVERED if cold and cold <= row["ended_at"] else ORDERED
        case "time":
            return EXPIRED
        case "emptied":
            return EMPTIED
    return GONE_COLD if cold and cold >= row["changed_at"] else ACTIVE
