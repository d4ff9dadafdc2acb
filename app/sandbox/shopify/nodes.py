"""Records as the Admin API's objects: camel case, global ids, money in nested bags."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.money import major_units
from app.sandbox.shopify.bodies import text
from app.sandbox.shopify.records import Consent, Customer, Discount, Item, Order, Product

Node = dict[str, Any]


def order_node(order: Order, currency: str) -> Node:
    """The order without its lines, which are a connection of their own."""
    return {
        "id": f"gid://shopify/Order/{order.key}",
        "name": f"#{order.number}",
        "email": order.email,
        "phone": order.phone,
        "customerLocale": order.customer.locale if order.customer else None,
        "createdAt": text(order.created_at),
        "processedAt": text(order.created_at),
        "updatedAt": text(order.updated_at),
        "cancelledAt": text(order.cancelled_at),
        "displayFinancialStatus": order.financial_status,
        "test": order.test,
        "cartToken": order.cart_token,
        "checkoutToken": order.checkout_token,
        "discountCodes": [order.code] if order.code else [],
        "totalPriceSet": _bag(order.total_minor, currency),
        "customer": order.customer and _buyer(order.customer),
        "shippingAddress": order.customer and _place(order.customer),
        "customerJourneySummary": _journey(order.landing_site),
        "refunds": [
            {
                "id": f"gid://shopify/Refund/{refund.key}",
                "createdAt": text(refund.at),
                "processedAt": text(refund.at),
                "totalRefundedSet": _bag(refund.amount_minor, currency),
            }
            for refund in order.refunds
        ],
    }


def line_node(item: Item, currency: str) -> Node:
    return {
        "id": f"gid://shopify/LineItem/{item.key}",
        "title": item.product.title,
        "quantity": item.quantity,
        "discountedTotalSet": _bag(item.total_minor, currency),
        "product": {"id": f"gid://shopify/Product/{item.product.key}"},
        "variant": {"id": f"gid://shopify/ProductVariant/{item.product.variant_key}"},
    }


def customer_node(customer: Customer) -> Node:
    email, sms, whatsapp = (customer.consent[name] for name in ("email", "sms", "whatsapp"))
    return {
        "id": f"gid://shopify/Customer/{customer.key}",
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "locale": customer.locale,
        "tags": list(customer.tags),
        "createdAt": text(customer.created_at),
        "updatedAt": text(customer.updated_at),
        "defaultAddress": _place(customer),
        "defaultEmailAddress": customer.email
        and {
            "emailAddress": customer.email,
            "marketingState": email.state,
            "marketingOptInLevel": email.level,
            "marketingUpdatedAt": text(email.updated_at),
        },
        "defaultPhoneNumber": customer.phone
        and {
            "phoneNumber": customer.phone,
            "smsMarketingConsent": _choice(sms),
            "whatsAppMarketingConsent": _choice(whatsapp),
        },
    }


def product_node(product: Product, currency: str) -> Node:
    return {
        "id": f"gid://shopify/Product/{product.key}",
        "title": product.title,
        "handle": product.handle,
        "productType": product.kind,
        "status": "ACTIVE" if product.active else "DRAFT",
        "publishedAt": text(product.created_at),
        "updatedAt": text(product.updated_at),
        "totalInventory": product.stock or 0,
        "tracksInventory": product.stock is not None,
        "category": None,
        "priceRangeV2": {
            "minVariantPrice": {
                "amount": major_units(product.price_minor, currency),
                "currencyCode": currency,
            }
        },
        "featuredMedia": None,
    }


def variant_node(product: Product) -> Node:
    gid = f"gid://shopify/ProductVariant/{product.variant_key}"
    return {"id": gid, "availableForSale": product.is_for_sale}


def discount_node(discount: Discount, currency: str) -> Node:
    customers = [{"id": f"gid://shopify/Customer/{key}"} for key in sorted(discount.customers)]
    shared = {
        "title": discount.title,
        "endsAt": text(discount.ends_at),
        "usageLimit": discount.usage_limit,
        "context": {"customers": customers} if customers else {},
    }
    if discount.percent is not None:
        value: Node = {"__typename": "DiscountPercentage", "percentage": discount.percent}
    elif discount.amount_minor is not None:
        amount = major_units(discount.amount_minor, currency)
        money = {"amount": amount, "currencyCode": currency}
        value = {"__typename": "DiscountAmount", "amount": money}
    else:
        return shared | {"__typename": "DiscountCodeFreeShipping"}
    return shared | {"__typename": "DiscountCodeBasic", "customerGets": {"value": value}}


def connection(nodes: Sequence[Node], first: int, after: str | None) -> Node:
    """A page of `nodes`; the cursor is the position."""
    start = int(after) if after else 0
    page = list(nodes[start : start + first])
    more = start + first < len(nodes)
    info = {"hasNextPage": more, "endCursor": str(start + len(page)) if page else None}
    return {"nodes": page, "pageInfo": info}


def _bag(minor: int, currency: str) -> Node:
    return {"shopMoney": {"amount": major_units(minor, currency), "currencyCode": currency}}


def _buyer(customer: Customer) -> Node:
    return {
        "id": f"gid://shopify/Customer/{customer.key}",
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "defaultEmailAddress": customer.email and {"emailAddress": customer.email},
        "defaultPhoneNumber": customer.phone and {"phoneNumber": customer.phone},
    }


def _place(customer: Customer) -> Node | None:
    if customer.country is None:
        return None
    return {
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "countryCodeV2": customer.country,
        "provinceCode": customer.region,
    }


def _choice(consent: Consent) -> Node:
    state = "NEVER_SUBSCRIBED" if consent.state == "NOT_SUBSCRIBED" else consent.state
    return {
        "state": state,
        "optInLevel": consent.level,
        "updatedAt": text(consent.updated_at),
        "collectedFrom": "OTHER",
    }


def _journey(landing_site: str | None) -> Node:
    found = dict(parse_qsl(urlsplit(landing_site or "").query))
    names = ("campaign", "content", "medium", "source", "term")
    utm = {name: found.get(f"utm_{name}") for name in names}
    return {"lastVisit": {"utmParameters": utm if any(utm.values()) else None}}
