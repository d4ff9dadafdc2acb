"""Orders whole, with all their lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import MalformedPayload, Unreachable
from app.events import OrderSeen
from app.platforms.shopify.graphql import Access
from app.platforms.shopify.order_nodes import order_of

MOST_ORDERS = 5
"""For one query: with 30 lines each, it stays under the 1,000 points that one may cost."""


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


def read_orders(access: Access, ids: Sequence[str]) -> list[OrderSeen]:
    nodes = access.run("orders_by_id", ids=list(ids)).need("nodes")
    try:
        return [whole_order(access, node) for node in nodes or () if node]
    except MalformedPayload as error:
        # There is an order, so "none" would be a lie; nobody is written to until it can be read.
        raise Unreachable(f"The shop told of an order that we cannot read: {error}") from error
