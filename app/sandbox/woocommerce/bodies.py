"""Records as the REST API v3 and the webhooks show them, in PHP's way of writing JSON."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.sandbox.woocommerce.state import Coupon, Customer, Hook, Item, Order, Product, Site

Body = dict[str, Any]


def write(value: Any) -> bytes:
    """PHP escapes slashes and everything beyond ASCII; a signature covers exactly these bytes."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def error(status: int, code: str, message: str) -> Body:
    return {"code": code, "message": message, "data": {"status": status}}


def order(site: Site, record: Order, decimals: int | None = None) -> Body:
    def money(amount: Decimal) -> str:
        return _money(amount, site.settings.decimals if decimals is None else decimals)

    pay = f"{site.url}/checkout/order-pay/{record.id}/?pay_for_order=true&key={record.order_key}"
    return {
        "id": record.id,
        "parent_id": 0,
        "status": record.status,
        "currency": site.settings.currency,
        "version": site.settings.version,
        **_dates(site, "created", record.created),
        **_dates(site, "modified", record.modified),
        **_dates(site, "paid", record.paid),
        "discount_total": money(record.discount),
        "shipping_total": money(Decimal(0)),
        "total": money(record.total),
        "total_tax": money(Decimal(0)),
        "customer_id": record.customer_id,
        "order_key": record.order_key,
        "billing": dict(record.billing),
        "created_via": record.created_via,
        "cart_hash": "",
        "number": str(record.id),
        "meta_data": _meta(record.meta),
        "line_items": [_item(item, money) for item in record.items],
        "coupon_lines": _coupon_lines(record, money),
        "refunds": [
            {"id": refund.id, "reason": "", "total": f"-{money(refund.amount)}"}
            for refund in record.refunds
        ],
        "payment_url": pay,
        "needs_payment": record.status in {"pending", "failed", "checkout-draft"},
        "_links": _links(site, "orders", record.id),
    }


def _item(item: Item, money: Any) -> Body:
    return {
        "id": item.id,
        "name": item.product.name,
        "product_id": item.product.id,
        "variation_id": 0,
        "quantity": item.quantity,
        "subtotal": money(item.subtotal),
        "total": money(item.total),
        "sku": f"SKU-{item.product.id}",
        "price": float(item.subtotal / item.quantity),
        "image": {"id": "", "src": ""},
        "meta_data": [],
    }


def _coupon_lines(record: Order, money: Any) -> list[Body]:
    if record.coupon is None:
        return []
    return [{"id": record.id * 10, "code": record.coupon, "discount": money(record.discount)}]


def customer(site: Site, record: Customer) -> Body:
    billing = {
        "first_name": record.first_name,
        "last_name": record.last_name,
        "email": record.email,
        "phone": record.phone,
        "country": record.country,
        "state": "",
    }
    return {
        "id": record.id,
        **_dates(site, "created", record.created),
        **_dates(site, "modified", record.modified),
        "email": record.email,
        "first_name": record.first_name,
        "last_name": record.last_name,
        "role": record.role,
        "username": record.email.partition("@")[0],
        "billing": billing,
        "is_paying_customer": any(o.customer_id == record.id for o in site.orders.values()),
        "meta_data": _meta(record.meta),
        "_links": _links(site, "customers", record.id),
    }


def product(site: Site, record: Product) -> Body:
    price = _money(record.price, site.settings.decimals)
    return {
        "id": record.id,
        "name": record.name,
        "slug": f"product-{record.id}",
        "permalink": product_url(site, record),
        **_dates(site, "created", record.created),
        **_dates(site, "modified", record.modified),
        "type": "simple",
        "status": record.status,
        "catalog_visibility": "visible",
        "purchasable": True,
        "sku": f"SKU-{record.id}",
        "price": price,
        "regular_price": price,
        "sale_price": "",
        "stock_quantity": record.stock if site.settings.manages_stock else None,
        "stock_status": "instock" if record.stock > 0 else "outofstock",
        "categories": [{"id": 1, "name": record.category, "slug": record.category.lower()}],
        "images": [],
        "_links": _links(site, "products", record.id),
    }


def product_url(site: Site, record: Product) -> str:
    return f"{site.url}/product/product-{record.id}/"


def coupon(site: Site, record: Coupon) -> Body:
    return {
        "id": record.id,
        "code": record.code,
        "amount": _money(Decimal(record.amount), 2),
        "status": "publish",
        **_dates(site, "created", record.created),
        "discount_type": record.discount_type,
        "description": record.description,
        **_dates(site, "expires", record.expires),
        "usage_count": len(record.used_by),
        "individual_use": record.individual_use,
        "usage_limit": record.usage_limit,
        "usage_limit_per_user": record.usage_limit_per_user,
        "free_shipping": record.free_shipping,
        "email_restrictions": record.email_restrictions,
        "used_by": record.used_by,
        "meta_data": [],
        "_links": _links(site, "coupons", record.id),
    }


def hook(site: Site, record: Hook) -> Body:
    """The secret is never told again."""
    resource, _, event = record.topic.partition(".")
    return {
        "id": record.id,
        "name": record.name,
        "status": record.status,
        "topic": record.topic,
        "resource": resource,
        "event": event,
        "delivery_url": record.url,
        "_links": _links(site, "webhooks", record.id),
    }


def _dates(site: Site, name: str, at: datetime | None) -> dict[str, str | None]:
    """The site's time without its offset, and UTC without its Z."""
    form = "%Y-%m-%dT%H:%M:%S"
    return {
        f"date_{name}": site.local(at).strftime(form) if at else None,
        f"date_{name}_gmt": at.astimezone(UTC).strftime(form) if at else None,
    }


def _meta(values: Mapping[str, str]) -> list[Body]:
    return [{"id": n, "key": k, "value": v} for n, (k, v) in enumerate(values.items(), 1)]


def _links(site: Site, collection: str, object_id: int) -> Body:
    base = f"{site.url}/wp-json/wc/v3/{collection}"
    return {"self": [{"href": f"{base}/{object_id}"}], "collection": [{"href": base}]}


def _money(amount: Decimal, decimals: int) -> str:
    return f"{amount:.{decimals}f}"
