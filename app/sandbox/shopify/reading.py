"""What the Admin API answers to questions: one function for each operation we know."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app import clock
from app.sandbox.shopify.nodes import (
    connection,
    customer_node,
    discount_node,
    line_node,
    order_node,
    product_node,
    variant_node,
)
from app.sandbox.shopify.records import Customer, Order
from app.sandbox.shopify.shop import SandboxShop

Variables = Mapping[str, Any]
Data = dict[str, Any]
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_TERM = re.compile(r"""(\w+):(>=)?(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+))""")


def describe_shop(shop: SandboxShop, variables: Variables) -> Data:
    return {
        "shop": {
            "name": shop.name,
            "myshopifyDomain": shop.domain,
            "currencyCode": shop.currency,
            "ianaTimezone": shop.timezone,
            "contactEmail": f"owner@{shop.domain}",
            "shopAddress": {"countryCodeV2": shop.country},
            "primaryDomain": {"localization": {"defaultLocale": shop.locale}},
        }
    }


def find_orders(shop: SandboxShop, variables: Variables) -> Data:
    """Several people in one request: their variables and their aliases end in their number."""
    data: Data = {}
    for number in {name.rpartition("_")[2] for name in variables}:
        end = f"_{number}"
        own = {k.removesuffix(end): v for k, v in variables.items() if k.endswith(end)}
        data |= {f"{name}{end}": found for name, found in _orders_of_one(shop, own).items()}
    return data


def _orders_of_one(shop: SandboxShop, variables: Variables) -> Data:
    data: Data = {}
    if variables["bySearch"]:
        data["searched"] = _briefly(_search(shop, variables["search"]))
    if variables["byCustomer"]:
        data["keyed"] = _owner(shop, shop.customers.get(tail(variables["customer"])))
    if variables["byEmail"]:
        data["mailed"] = _owner(shop, _identified(shop, variables["email"]))
    if variables["byPhone"]:
        data["phoned"] = _owner(shop, _identified(shop, variables["phone"]))
    return data


def orders_by_id(shop: SandboxShop, variables: Variables) -> Data:
    found = [shop.orders.get(tail(one)) for one in variables["ids"]]
    return {"nodes": [order and _with_lines(shop, order) for order in found]}


def more_lines(shop: SandboxShop, variables: Variables) -> Data:
    order = shop.orders.get(tail(variables["order"]))
    if order is None:
        return {"order": None}
    lines = [line_node(item, shop.currency) for item in order.items]
    return {"order": {"lineItems": connection(lines, 100, variables["after"])}}


def page_orders(shop: SandboxShop, variables: Variables) -> Data:
    changed = _changed(list(shop.orders.values()), variables)
    nodes = [_with_lines(shop, order) for order in changed]
    return {"page": connection(nodes, 5, variables["after"])}


def page_customers(shop: SandboxShop, variables: Variables) -> Data:
    nodes = [customer_node(one) for one in _changed(list(shop.customers.values()), variables)]
    return {"page": connection(nodes, 50, variables["after"])}


def page_products(shop: SandboxShop, variables: Variables) -> Data:
    changed = _changed(list(shop.products.values()), variables)
    nodes = [
        product_node(one, shop.currency) | {"variants": {"nodes": [variant_node(one)]}}
        for one in changed
    ]
    return {"page": connection(nodes, 50, variables["after"])}


def find_code(shop: SandboxShop, variables: Variables) -> Data:
    discount = shop.discounts.find(variables["code"])
    if discount is None:
        return {"codeDiscountNodeByCode": None}
    node = discount_node(discount, shop.currency)
    gid = f"gid://shopify/DiscountCodeNode/{discount.key}"
    return {"codeDiscountNodeByCode": {"id": gid, "codeDiscount": node}}


def find_customer(shop: SandboxShop, variables: Variables) -> Data:
    customer = _identified(shop, variables["identifier"])
    gid = {"id": f"gid://shopify/Customer/{customer.key}"} if customer else None
    return {"customerByIdentifier": gid}


def list_segments(shop: SandboxShop, variables: Variables) -> Data:
    gid = "gid://shopify/Segment/"
    nodes = [{"id": f"{gid}{one.key}", "name": one.name} for one in shop.segments.values()]
    return {"segments": {"nodes": nodes}}


def find_segment(shop: SandboxShop, variables: Variables) -> Data:
    there = tail(variables["segment"]) in shop.segments
    return {"segment": {"id": variables["segment"]} if there else None}


def segment_members(shop: SandboxShop, variables: Variables) -> Data:
    members = shop.segments[tail(variables["segment"])].members
    nodes = [{"id": f"gid://shopify/CustomerSegmentMember/{key}"} for key in members]
    page = connection(nodes, 500, variables["after"])
    edges = [{"node": node} for node in page["nodes"]]
    return {"page": {"edges": edges, "pageInfo": page["pageInfo"]}}


def list_webhooks(shop: SandboxShop, variables: Variables) -> Data:
    """Those made through the API; what the app's file subscribes to is not listed."""
    own = [s for s in shop.subscriptions if s.key is not None]
    nodes = [
        {
            "id": f"gid://shopify/WebhookSubscription/{one.key}",
            "topic": one.topic.upper().replace("/", "_"),
            "uri": one.uri,
            "includeFields": list(one.fields),
        }
        for one in own
    ]
    wanted = [node for node in nodes if node["topic"] in variables["topics"]]
    return {"webhookSubscriptions": {"nodes": wanted}}


def poll_bulk(shop: SandboxShop, variables: Variables) -> Data:
    export = shop.exports.get(tail(variables["id"]))
    if export is None:
        return {"bulkOperation": None}
    running = clock.now() < export.ready_at
    done = export.status == "COMPLETED" and not running
    operation = {
        "id": variables["id"],
        "status": "RUNNING" if running else export.status,
        "errorCode": None if running else export.error,
        "rootObjectCount": str(export.roots),
        # The world puts its own address before the path.
        "url": f"/exports/{shop.domain}/{export.key}.jsonl" if done and export.lines else None,
        "partialDataUrl": None,
    }
    return {"bulkOperation": operation}


def tail(gid: str) -> int:
    """The number at the end of a global id."""
    return int(gid.rpartition("/")[2])


def _owner(shop: SandboxShop, customer: Customer | None) -> Data | None:
    if customer is None:
        return None
    return {"orders": _briefly([o for o in shop.orders.values() if o.customer is customer])}


def _briefly(orders: list[Order]) -> Data:
    newest = sorted(orders, key=lambda order: order.created_at, reverse=True)[:5]
    nodes = [
        {"id": f"gid://shopify/Order/{o.key}", "createdAt": o.created_at.isoformat()}
        for o in newest
    ]
    return {"nodes": nodes}


def _identified(shop: SandboxShop, identifier: Variables) -> Customer | None:
    if identifier.get("id"):
        return shop.customers.get(tail(identifier["id"]))
    email, phone = identifier.get("emailAddress"), identifier.get("phoneNumber")
    return shop.find_customer(email=email, phone=phone)


def _search(shop: SandboxShop, text: str) -> list[Order]:
    """The search index: all dates hold and any identity does; it may lag behind the records."""
    dates, wanted = [], []
    for name, _, single, double, bare in _TERM.findall(text):
        value = single or re.sub(r"\\(.)", r"\1", double) or bare.rstrip(")")
        if name == "created_at":
            dates.append(datetime.fromisoformat(value))
        else:
            wanted.append((name, value))
    after, before = max(dates, default=_LONG_AGO), clock.now() - shop.search_lags
    recent = [order for order in shop.orders.values() if after <= order.created_at <= before]
    return [order for order in recent if _is_one_of(order, wanted)]


def _is_one_of(order: Order, wanted: list[tuple[str, str]]) -> bool:
    told = {
        "email": (order.email or "").lower(),
        "cart_token": order.cart_token,
        "checkout_token": order.checkout_token,
    }
    return any(bool(value) and told[name] == value for name, value in wanted)


def _changed(records: list[Any], variables: Variables) -> list[Any]:
    found = _TERM.search(variables["search"])
    assert found is not None, "a catch-up asks for what changed since a moment"
    since = datetime.fromisoformat(found[3])
    changed = [record for record in records if record.updated_at >= since]
    return sorted(changed, key=lambda record: (record.updated_at, record.key))


def _with_lines(shop: SandboxShop, order: Order) -> Data:
    lines = [line_node(item, shop.currency) for item in order.items]
    return order_node(order, shop.currency) | {"lineItems": connection(lines, 30, None)}
