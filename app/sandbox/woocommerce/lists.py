"""Lists: filters, order, pages and their limits, down to the traps of dates without an offset."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from app.sandbox.woocommerce.state import Customer, Order, Product, Site

Arguments = Mapping[str, str]
Row = TypeVar("Row")
Dated = TypeVar("Dated", Order, Product)
STATUSES = {
    "pending", "on-hold", "processing", "completed", "cancelled", "refunded", "failed",
    "checkout-draft", "trash",
}  # fmt: skip


class BadParameter(Exception):
    """Named in the answer's message."""


def orders(site: Site, arguments: Arguments) -> list[Order]:
    statuses = set(_words(arguments, "status")) - {"any"}
    if statuses - STATUSES:
        raise BadParameter("status")
    recent = _since(site, site.orders.values(), arguments)
    rows = [
        order
        for order in recent
        if (order.status in statuses if statuses else order.status != "trash")
        and _has_words(order, arguments.get("search", ""))
        and arguments.get("customer", str(order.customer_id)) == str(order.customer_id)
    ]
    by_id = {int(word) for word in _words(arguments, "include")}
    rows = [row for row in rows if not by_id or row.id in by_id]
    return _sorted(rows, arguments, {"date": "created", "modified": "modified", "id": "id"})


def customers(site: Site, arguments: Arguments) -> list[Customer]:
    """Accepts dates and ignores them, as the real one does."""
    role = arguments.get("role", "customer")
    rows = [
        customer
        for customer in site.customers.values()
        if role in {"all", customer.role}
        and arguments.get("email", customer.email).lower() == customer.email.lower()
    ]
    keys = {"name": "first_name", "registered_date": "created", "id": "id"}
    return _sorted(rows, {"orderby": "name", "order": "asc", **arguments}, keys)


def products(site: Site, arguments: Arguments) -> list[Product]:
    rows = _since(site, site.products.values(), arguments)
    return _sorted(rows, arguments, {"date": "created", "id": "id"})


def page(rows: list[Row], arguments: Arguments) -> list[Row]:
    number, size = _number(arguments, "page", 1), _number(arguments, "per_page", 10)
    if number < 1:
        raise BadParameter("page")
    if not 1 <= size <= 100:
        raise BadParameter("per_page")
    return rows[(number - 1) * size : number * size]


def pages(rows: list[Any], arguments: Arguments) -> int:
    return -(-len(rows) // _number(arguments, "per_page", 10))


def _sorted(rows: Iterable[Row], arguments: Arguments, keys: Mapping[str, str]) -> list[Row]:
    name = arguments.get("orderby", "date")
    if name not in keys:
        raise BadParameter("orderby")

    def position(row: Row) -> tuple[Any, Any]:
        return getattr(row, keys[name]), getattr(row, "id")  # noqa: B009 - any record has one.

    return sorted(rows, key=position, reverse=arguments.get("order", "desc") == "desc")


def _has_words(order: Order, words: str) -> bool:
    """The real search reads the whole address of the bill."""
    return words.lower() in " ".join(order.billing.values()).lower()


def _since(site: Site, rows: Iterable[Dated], arguments: Arguments) -> list[Dated]:
    after, changed = (_date(site, arguments, name) for name in ("after", "modified_after"))
    return [
        row
        for row in rows
        if (after is None or row.created > after) and (changed is None or row.modified > changed)
    ]


def _date(site: Site, arguments: Arguments, name: str) -> datetime | None:
    """Without an offset it is the site's own time, unless `dates_are_gmt` says otherwise."""
    if name not in arguments:
        return None
    try:
        at = datetime.fromisoformat(arguments[name])
    except ValueError as error:
        raise BadParameter(name) from error
    if at.tzinfo is not None:
        return at
    is_gmt = arguments.get("dates_are_gmt") in {"true", "1"}
    return at.replace(tzinfo=UTC if is_gmt else ZoneInfo(site.settings.timezone))


def _words(arguments: Arguments, name: str) -> list[str]:
    return [word for word in arguments.get(name, "").split(",") if word]


def _number(arguments: Arguments, name: str, otherwise: int) -> int:
    try:
        return int(arguments.get(name, otherwise))
    except ValueError as error:
        raise BadParameter(name) from error
