"""The live half of the truth check, and orders whole with all their lines."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.errors import MalformedPayload, Unreachable
from app.events import OrderSeen, Person
from app.platforms.shopify.graphql import Access
from app.platforms.shopify.identifiers import NOBODY, by_email, by_phone, gid
from app.platforms.shopify.order_nodes import order_of

_MOST_KEYS = 20
_MOST_ORDERS = 5


def find_orders(
    access: Access, person: Person, cart_keys: Sequence[str], since: datetime
) -> list[OrderSeen]:
    """Orders made at or after `since` by any identity, newest first.

    Nobody who is about to be written to has ordered, as a rule: then this is one cheap query. Only
    what it finds is read in full.
    """
    # Shopify keeps whole seconds: an order of this very second must not look older than it is.
    since = since.replace(microsecond=0)
    newest: dict[str, str] = {}
    for asked, keys in _questions(person, cart_keys):
        newest |= _newer(access, _question(asked, keys, since), since)
    ids = sorted(newest, key=lambda one: newest[one], reverse=True)[:_MOST_ORDERS]
    return _read_orders(access, ids) if ids else []


def _questions(person: Person, cart_keys: Sequence[str]) -> Iterator[tuple[Person, Sequence[str]]]:
    """One question as a rule; a person with very many carts needs more, each of bounded length."""
    if any((person.platform_key, person.email, person.phone, cart_keys)):
        yield person, cart_keys[:_MOST_KEYS]
    for start in range(_MOST_KEYS, len(cart_keys), _MOST_KEYS):
        yield Person(), cart_keys[start : start + _MOST_KEYS]


def _newer(access: Access, variables: dict[str, Any], since: datetime) -> dict[str, str]:
    """Ids of orders since then, with their times."""
    # A hole left by an error must not pass for "has not ordered", so the answer must be whole.
    data = access.run("find_orders", **variables).whole().data
    owners = [data.get(name) for name in ("keyed", "mailed", "phoned")]
    found = [data.get("searched"), *((owner or {}).get("orders") for owner in owners)]
    return {
        node["id"]: node["createdAt"]
        for connection in found
        for node in (connection or {}).get("nodes") or ()
        if datetime.fromisoformat(node["createdAt"]) >= since
    }


def whole_order(access: Access, node: Mapping[str, Any]) -> OrderSeen:
    """An order of a query with all its lines, also those past the first page."""
    connection = node.get("lineItems") or {}
    lines = list(connection.get("nodes") or ())
    while (connection.get("pageInfo") or {}).get("hasNextPage"):
        after = connection["pageInfo"]["endCursor"]
        order = access.run("more_lines", order=node["id"], after=after).need("order") or {}
        connection = order.get("lineItems") or {}
        lines.extend(connection.get("nodes") or ())
    return order_of(node, lines)


def _read_orders(access: Access, ids: Sequence[str]) -> list[OrderSeen]:
    nodes = access.run("orders_by_id", ids=list(ids)).need("nodes")
    try:
        return [whole_order(access, node) for node in nodes or () if node]
    except MalformedPayload as error:
        # There is an order, so "none" would be a lie; nobody is written to until it can be read.
        raise Unreachable(f"The shop told of an order that we cannot read: {error}") from error


def _question(person: Person, cart_keys: Sequence[str], since: datetime) -> dict[str, Any]:
    search = _search(person, cart_keys, since)
    email, phone = by_email(person.email), by_phone(person.phone)
    return {
        "search": search,
        "bySearch": bool(search),
        "customer": gid("Customer", person.platform_key or "0"),
        "byCustomer": bool(person.platform_key),
        "email": email or NOBODY,
        "byEmail": email is not None,
        "phone": phone or NOBODY,
        "byPhone": phone is not None,
    }


def _search(person: Person, cart_keys: Sequence[str], since: datetime) -> str:
    terms = [f"email:{_quoted(person.email)}"] if person.email else []
    # A key may be a cart's or a checkout's; nothing in it tells which.
    terms += [
        f"{name}:{_quoted(k)}" for k in cart_keys for name in ("cart_token", "checkout_token")
    ]
    if not terms:
        return ""
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"created_at:>='{moment}' AND ({' OR '.join(terms)})"


def _quoted(value: str) -> str:
    """A phrase: only a quoted e-mail address matches whole instead of word by word."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
