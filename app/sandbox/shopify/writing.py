"""What the Admin API does when told to: one function for each mutation we know."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import clock
from app.money import minor_units
from app.sandbox.shopify.nodes import (
    customer_node,
    line_node,
    order_node,
    product_node,
    variant_node,
)
from app.sandbox.shopify.reading import tail
from app.sandbox.shopify.records import Discount, Export, Subscription
from app.sandbox.shopify.shop import SandboxShop

Variables = Mapping[str, Any]
Data = dict[str, Any]
_MOST_EXPORTS = 5


def create_code(shop: SandboxShop, variables: Variables) -> Data:
    wish = variables["discount"]
    starts_at = datetime.fromisoformat(wish["startsAt"])
    ends_at = datetime.fromisoformat(wish["endsAt"]) if wish.get("endsAt") else None
    if ends_at is not None and ends_at <= starts_at:
        return _refused("created", "endsAt", "Ends at needs to be after starts_at", "INVALID")
    discount = Discount(
        shop.next_key(), wish["code"], wish["title"], starts_at, ends_at, wish.get("usageLimit")
    )
    value = (wish.get("customerGets") or {}).get("value") or {}
    discount.percent = value.get("percentage")
    if "discountAmount" in value:
        amount = value["discountAmount"]["amount"]
        discount.amount_minor = minor_units(amount, shop.currency)
    buyers = (wish["context"].get("customers") or {}).get("add") or ()
    discount.customers = {tail(gid) for gid in buyers}
    discount.once_each = bool(wish.get("appliesOncePerCustomer"))
    if not shop.discounts.add(discount):
        return _refused(
            "created", "code", "Code must be unique. Please try a different code.", "TAKEN"
        )
    gid = f"gid://shopify/DiscountCodeNode/{discount.key}"
    return {"created": {"codeDiscountNode": {"id": gid}, "userErrors": []}}


def delete_code(shop: SandboxShop, variables: Variables) -> Data:
    if not shop.discounts.remove(tail(variables["id"])):
        return {
            "deleted": {
                "deletedCodeDiscountId": None,
                "userErrors": [_error("id", "Discount does not exist", "INVALID")],
            }
        }
    return {"deleted": {"deletedCodeDiscountId": variables["id"], "userErrors": []}}


def write_email_consent(shop: SandboxShop, variables: Variables) -> Data:
    choice = variables["input"]["emailMarketingConsent"]
    return _write(shop, variables, "email", choice["marketingState"], choice["consentUpdatedAt"])


def write_sms_consent(shop: SandboxShop, variables: Variables) -> Data:
    choice = variables["input"]["smsMarketingConsent"]
    return _write(shop, variables, "sms", choice["marketingState"], choice["consentUpdatedAt"])


def write_whatsapp_consent(shop: SandboxShop, variables: Variables) -> Data:
    choice = variables["input"]["whatsAppMarketingConsent"]
    return _write(shop, variables, "whatsapp", choice["state"], choice["updatedAt"])


def tag_customer(shop: SandboxShop, variables: Variables) -> Data:
    customer = shop.customers.get(tail(variables["id"]))
    if customer is None:
        return _refused("tagsAdd", "id", "Customer does not exist", "NOT_FOUND")
    shop.change_customer(customer, tags=sorted({*customer.tags, *variables["tags"]}))
    return {"tagsAdd": {"node": {"id": variables["id"]}, "userErrors": []}}


def create_webhook(shop: SandboxShop, variables: Variables) -> Data:
    name = variables["topic"].lower()
    # CUSTOMERS_EMAIL_MARKETING_CONSENT_UPDATE has its slash at the last underscore, as all do.
    resource, _, action = name.rpartition("_")
    made = Subscription(f"{resource}/{action}", "", key=shop.next_key())
    _shape(made, variables["webhook"])
    shop.subscriptions.append(made)
    gid = f"gid://shopify/WebhookSubscription/{made.key}"
    return {"webhookSubscriptionCreate": {"webhookSubscription": {"id": gid}, "userErrors": []}}


def update_webhook(shop: SandboxShop, variables: Variables) -> Data:
    name, key = "webhookSubscriptionUpdate", tail(variables["id"])
    found = next((one for one in shop.subscriptions if one.key == key), None)
    if found is None:
        return _refused(name, "id", "Webhook subscription does not exist", "NOT_FOUND")
    _shape(found, variables["webhook"])
    return {name: {"webhookSubscription": {"id": variables["id"]}, "userErrors": []}}


def start_bulk(shop: SandboxShop, variables: Variables) -> Data:
    """The file is written at once, as the shop is now; it can be had when its time has come."""
    running = [e for e in shop.exports.values() if clock.now() < e.ready_at]
    if len(running) >= _MOST_EXPORTS:
        return _refused("bulkOperationRunQuery", "query", "Too many operations", "LIMIT_REACHED")
    found = re.search(r"\{\s*(orders|customers|products)\b", variables["query"])
    assert found is not None, "we export orders, customers and products"
    rows = _ROWS[found[1]](shop, variables["grouped"])
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    roots = sum("__parentId" not in row for row in rows)
    export = Export(shop.next_key(), lines, roots, clock.now() + shop.export_takes)
    shop.exports[export.key] = export
    gid = f"gid://shopify/BulkOperation/{export.key}"
    finished = {"admin_graphql_api_id": gid, "status": "completed", "type": "query"}
    finished["completed_at"] = export.ready_at.isoformat()
    shop.tell("bulk_operations/finish", finished, after=shop.export_takes)
    operation = {"id": gid, "status": "CREATED"}
    return {"bulkOperationRunQuery": {"bulkOperation": operation, "userErrors": []}}


def _order_rows(shop: SandboxShop, grouped: bool) -> list[Data]:
    """Ungrouped, all lines come after all orders."""
    roots: list[Data] = []
    children: list[Data] = []
    for order in shop.orders.values():
        node = order_node(order, shop.currency)
        lines = [
            line_node(item, shop.currency) | {"__parentId": node["id"]} for item in order.items
        ]
        roots.append(node)
        roots.extend(lines if grouped else ())
        children.extend(() if grouped else lines)
    return roots + children


def _customer_rows(shop: SandboxShop, grouped: bool) -> list[Data]:
    return [customer_node(customer) for customer in shop.customers.values()]


def _product_rows(shop: SandboxShop, grouped: bool) -> list[Data]:
    rows: list[Data] = []
    for product in shop.products.values():
        node = product_node(product, shop.currency)
        rows += [node, variant_node(product) | {"__parentId": node["id"]}]
    return rows


_ROWS = {"orders": _order_rows, "customers": _customer_rows, "products": _product_rows}


def _write(shop: SandboxShop, variables: Variables, channel: str, state: str, at: str) -> Data:
    customer = shop.customers.get(tail(variables["input"]["customerId"]))
    if customer is None:
        return _refused("written", "customerId", "Customer not found", "INVALID")
    if (customer.email if channel == "email" else customer.phone) is None:
        return _refused("written", "customerId", f"Customer has no {channel} address", "INVALID")
    shop.set_consent(customer, channel, state, at=datetime.fromisoformat(at))
    return {"written": {"userErrors": []}}


def _shape(subscription: Subscription, wish: Variables) -> None:
    subscription.uri = wish["uri"]
    subscription.fields = tuple(wish.get("includeFields") or ())


def _refused(name: str, field: str, message: str, code: str) -> Data:
    return {name: {"userErrors": [_error(field, message, code)]}}


def _error(field: str, message: str, code: str) -> Data:
    return {"field": [field], "message": message, "code": code}
