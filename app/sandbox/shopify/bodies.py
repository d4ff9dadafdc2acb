"""Records as webhook bodies: snake case, numeric ids, money as text in the shop's currency."""

from datetime import datetime
from typing import Any

from app.money import major_units
from app.sandbox.shopify.records import Cart, Consent, Customer, Item, Order, Product, Refund

Body = dict[str, Any]


def order_body(order: Order, currency: str) -> Body:
    money = _money(currency)
    return {
        "id": order.key,
        "admin_graphql_api_id": f"gid://shopify/Order/{order.key}",
        "buyer_accepts_marketing": False,
        "cancelled_at": text(order.cancelled_at),
        "cart_token": order.cart_token,
        "checkout_token": order.checkout_token,
        "contact_email": order.email,
        "created_at": text(order.created_at),
        "currency": currency,
        "customer": order.customer and _embedded(order.customer, currency),
        "customer_locale": order.customer.locale if order.customer else None,
        "discount_codes": _codes(order, currency),
        "email": order.email,
        "financial_status": order.financial_status.lower(),
        "landing_site": order.landing_site,
        "line_items": [_order_line(item, currency) for item in order.items],
        "name": f"#{order.number}",
        "note": None,
        "order_number": order.number,
        "phone": order.phone,
        "presentment_currency": currency,
        "processed_at": text(order.created_at),
        "refunds": [refund_body(order, refund, currency) for refund in order.refunds],
        "shipping_address": order.customer and _place(order.customer),
        "source_name": "web",
        "test": order.test,
        "total_price": money(order.total_minor),
        "updated_at": text(order.updated_at),
    }


def refund_body(order: Order, refund: Refund, currency: str) -> Body:
    transaction = {
        "id": refund.key + 1,
        "order_id": order.key,
        "kind": "refund",
        "status": "success",
        "amount": major_units(refund.amount_minor, currency),
        "currency": currency,
        "created_at": text(refund.at),
    }
    return {
        "id": refund.key,
        "order_id": order.key,
        "created_at": text(refund.at),
        "processed_at": text(refund.at),
        "note": None,
        "order_adjustments": [],
        "refund_line_items": [],
        "transactions": [transaction],
        "admin_graphql_api_id": f"gid://shopify/Refund/{refund.key}",
    }


def cart_body(cart: Cart, currency: str) -> Body:
    return {
        "id": cart.token,
        "token": cart.token,
        "line_items": [_cart_line(item, currency) for item in cart.items],
        "note": None,
        "created_at": text(cart.created_at),
        "updated_at": text(cart.updated_at),
    }


def checkout_body(cart: Cart, currency: str, domain: str) -> Body:
    money = _money(currency)
    token = cart.checkout_token
    return {
        "token": token,
        "cart_token": cart.token,
        "email": cart.email,
        "phone": cart.phone,
        "buyer_accepts_marketing": False,
        "created_at": text(cart.started_at),
        "updated_at": text(cart.updated_at),
        "completed_at": text(cart.completed_at),
        "closed_at": None,
        "currency": currency,
        "presentment_currency": currency,
        "customer_locale": cart.customer.locale if cart.customer else None,
        "customer": cart.customer and _embedded(cart.customer, currency),
        "line_items": [_cart_line(item, currency) for item in cart.items],
        "discount_codes": [],
        "note": None,
        "abandoned_checkout_url": f"https://{domain}/checkouts/ac/{token}/recover?key=sandbox",
        "shipping_address": cart.customer and _place(cart.customer),
        "sms_marketing_phone": None,
        "subtotal_price": money(cart.total_minor),
        "total_price": money(cart.total_minor),
    }


def customer_body(customer: Customer, currency: str) -> Body:
    return _embedded(customer, currency) | {
        "created_at": text(customer.created_at),
        "updated_at": text(customer.updated_at),
        "addresses": [],
    }


def consent_body(customer: Customer, channel: str, consent: Consent) -> Body:
    """Each channel's topic names the person in its own way."""
    state, level, at = consent.state.lower(), consent.level, text(consent.updated_at)
    choice = {"state": state, "opt_in_level": level and level.lower(), "consent_updated_at": at}
    if channel == "email":
        return {
            "customer_id": customer.key,
            "email_address": customer.email,
            "email_marketing_consent": choice,
        }
    choice["consent_collected_from"] = "OTHER"
    if channel == "sms":
        return {"id": customer.key, "phone": customer.phone, "sms_marketing_consent": choice}
    return {
        "customer_id": customer.key,
        "phone": customer.phone,
        "whats_app_marketing_consent": choice,
    }


def product_body(product: Product, currency: str) -> Body:
    stock = product.stock
    return {
        "id": product.key,
        "admin_graphql_api_id": f"gid://shopify/Product/{product.key}",
        "title": product.title,
        "handle": product.handle,
        "product_type": product.kind,
        "category": None,
        "status": "active" if product.active else "draft",
        "published_at": text(product.created_at),
        "created_at": text(product.created_at),
        "updated_at": text(product.updated_at),
        "tags": "",
        "image": None,
        "variants": [
            {
                "id": product.variant_key,
                "title": "Default Title",
                "price": major_units(product.price_minor, currency),
                "inventory_policy": "continue" if product.oversells else "deny",
                "inventory_management": None if stock is None else "shopify",
                "inventory_quantity": stock or 0,
            }
        ],
    }


def text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _embedded(customer: Customer, currency: str) -> Body:
    return {
        "id": customer.key,
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer.key}",
        "email": customer.email,
        "phone": customer.phone,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "currency": currency,
        "state": "disabled",
        "default_address": _place(customer),
    }


def _place(customer: Customer) -> Body | None:
    if customer.country is None:
        return None
    return {
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "country_code": customer.country,
        "province_code": customer.region,
    }


def _codes(order: Order, currency: str) -> list[Body]:
    if order.code is None:
        return []
    saved = sum(item.discount_minor for item in order.items)
    return [{"code": order.code, "amount": major_units(saved, currency), "type": "fixed_amount"}]


def _order_line(item: Item, currency: str) -> Body:
    cut = {"amount": major_units(item.discount_minor, currency), "discount_application_index": 0}
    return {
        "id": item.key,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{item.key}",
        "title": item.product.title,
        "quantity": item.quantity,
        "price": major_units(item.product.price_minor, currency),
        "product_id": item.product.key,
        "variant_id": item.product.variant_key,
        "discount_allocations": [cut] if item.discount_minor else [],
    }


def _cart_line(item: Item, currency: str) -> Body:
    total = major_units(item.total_minor, currency)
    return {
        "id": item.product.variant_key,
        "key": f"{item.product.variant_key}:{item.key:x}",
        "title": item.product.title,
        "quantity": item.quantity,
        "product_id": item.product.key,
        "variant_id": item.product.variant_key,
        "price": major_units(item.product.price_minor, currency),
        "line_price": total,
        "line_price_set": {
            "shop_money": {"amount": total, "currency_code": currency},
            "presentment_money": {"amount": total, "currency_code": currency},
        },
    }


def _money(currency: str) -> Any:
    return lambda minor: major_units(minor, currency)
