"""The in-memory half of the facts: how a person's snapshot, and what their journey remembers, give
each. None is what is not known.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.customers.snapshot import CartNow, OrderNow, Snapshot
from app.languages import language_of

Context = Mapping[str, Any]
Getter = Callable[[Snapshot, Context], Any]


def _cart_in_question(snapshot: Snapshot, context: Context) -> CartNow | None:
    """The open cart the journey is about; outside a journey, the cart changed last."""
    wanted = context.get("cart_id")
    if wanted is None:
        return snapshot.carts[0] if snapshot.carts else None
    return next((cart for cart in snapshot.carts if str(cart.cart_id) == str(wanted)), None)


def _entered_at(context: Context) -> datetime | None:
    moment = context.get("entered_at")
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment


def customer(attribute: str) -> Getter:
    return lambda snapshot, context: getattr(snapshot, attribute)


def consent(channel: str) -> Getter:
    def get(snapshot: Snapshot, context: Context) -> str | None:
        choice = snapshot.consent.get(channel)
        return choice.state if choice else None

    return get


def cart(read: Callable[[CartNow], Any]) -> Getter:
    def get(snapshot: Snapshot, context: Context) -> Any:
        found = _cart_in_question(snapshot, context)
        return read(found) if found else None

    return get


def cart_total(snapshot: Snapshot, context: Context) -> int | None:
    found = _cart_in_question(snapshot, context)
    return found.total_minor if found and found.currency == snapshot.currency else None


def cart_products(cart: CartNow) -> tuple[str, ...]:
    return tuple(line["product_key"] for line in cart.lines if line.get("product_key"))


def cart_quantity(cart: CartNow) -> int:
    return sum(int(line.get("quantity") or 0) for line in cart.lines)


def last_order(read: Callable[[OrderNow], Any]) -> Getter:
    return lambda snapshot, context: read(snapshot.orders[0]) if snapshot.orders else None


def last_order_total(snapshot: Snapshot, context: Context) -> int | None:
    order = snapshot.orders[0] if snapshot.orders else None
    return order.total_minor if order and order.currency == snapshot.currency else None


def bought(attribute: str) -> Getter:
    return lambda snapshot, context: tuple(
        value for order in snapshot.orders for value in getattr(order, attribute)
    )


def events(name: str) -> Getter:
    return lambda snapshot, context: snapshot.events.get(name, ())


def since_entry(name: str) -> Getter:
    def get(snapshot: Snapshot, context: Context) -> bool | None:
        entered = _entered_at(context)
        if entered is None:
            return None
        if name == "ordered":
            # The order that began the journey is not one since its beginning.
            own = context.get("order_key")
            orders = (order for order in snapshot.orders if order.order_key != own)
            return any(order.placed_at >= entered for order in orders)
        return any(moment >= entered for moment in snapshot.events.get(name, ()))

    return get


def journey(name: str) -> Getter:
    return lambda snapshot, context: context.get(name)


def connected(channel: str) -> Getter:
    return lambda snapshot, context: channel in snapshot.connected


def can_whatsapp(message: str) -> Getter:
    def get(snapshot: Snapshot, context: Context) -> bool:
        names = {message, f"{message}.{language_of(snapshot.locale)}"}
        return "whatsapp" in snapshot.connected and not names.isdisjoint(
            snapshot.whatsapp_templates
        )

    return get


def segment(slug: str) -> Getter:
    """Its condition as it was written: `memory.py` asks it."""
    return lambda snapshot, context: snapshot.segments.get(slug)


def signal(name: str) -> Getter:
    """None while nobody has looked."""
    return lambda snapshot, context: None if snapshot.signals is None else name in snapshot.signals


def shop_segment(key: str) -> Getter:
    return lambda snapshot, context: key in snapshot.shop_segments


def scored_low(snapshot: Snapshot, context: Context) -> bool | None:
    return None if snapshot.score is None else snapshot.score <= snapshot.low_score
