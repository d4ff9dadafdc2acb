"""Products, the shop itself, and what the law makes Shopify tell us."""

from app.events import (
    BackfillReady,
    DataRequested,
    ErasureRequested,
    Person,
    ProductDeleted,
    ProductSeen,
    StoreChanged,
    StoreErasureRequested,
    StoreUninstalled,
)
from app.platforms.shopify.context import Context
from app.platforms.shopify.fields import Fields
from app.platforms.shopify.people_payloads import address


def product(body: Fields, context: Context) -> list[ProductSeen]:
    currency, handle = context.shop.currency, body.text("handle")
    variants = body.rows("variants")
    prices = [p for row in variants if (p := row.money("price", currency)) is not None]
    on_sale = (body.text("status") or "active") == "active" and body.has("published_at")
    return [
        ProductSeen(
            product_key=body.must(body.key, "id"),
            title=body.text("title") or "",
            url=f"https://{context.shop.domain}/products/{handle}" if handle else None,
            image_url=body.sub("image").text("src"),
            price_minor=min(prices, default=None),
            currency=currency,
            available=on_sale and any(_in_stock(row) for row in variants),
            categories=tuple(
                word
                for word in (body.text("product_type"), body.sub("category").text("name"))
                if word
            ),
            updated_at=body.must(body.moment, "updated_at"),
        )
    ]


def product_deleted(body: Fields, context: Context) -> list[ProductDeleted]:
    key = body.must(body.key, "id")
    return [ProductDeleted(product_key=key, updated_at=context.received_at)]


def uninstalled(body: Fields, context: Context) -> list[StoreUninstalled]:
    """The body is the shop as it was; its own `updated_at` says nothing about the uninstall."""
    _same_shop(body, "myshopify_domain", context)
    return [StoreUninstalled(updated_at=context.received_at)]


def shop(body: Fields, context: Context) -> list[StoreChanged]:
    _same_shop(body, "myshopify_domain", context)
    return [
        StoreChanged(
            name=body.text("name"),
            currency=body.text("currency"),
            timezone=body.text("iana_timezone"),
            country=body.text("country_code"),
            locale=body.text("primary_locale"),
            updated_at=body.must(body.moment, "updated_at"),
        )
    ]


def bulk_finished(body: Fields, context: Context) -> list[BackfillReady]:
    """The whole gid is the operation's key. What a bulk mutation did is of no interest here."""
    if body.text("type") == "mutation":
        return []
    key = body.must(body.text, "admin_graphql_api_id")
    ready_at = body.moment("completed_at") or context.received_at
    return [BackfillReady(operation_key=key, updated_at=ready_at)]


def data_requested(body: Fields, context: Context) -> list[DataRequested]:
    _same_shop(body, "shop_domain", context)
    request = body.sub("data_request")
    return [
        DataRequested(
            request_key=request.must(request.key, "id"),
            person=_subject(body),
            updated_at=context.received_at,
        )
    ]


def erasure(body: Fields, context: Context) -> list[ErasureRequested]:
    _same_shop(body, "shop_domain", context)
    return [
        ErasureRequested(
            person=_subject(body),
            order_keys=body.keys("orders_to_redact"),
            updated_at=context.received_at,
        )
    ]


def shop_erasure(body: Fields, context: Context) -> list[StoreErasureRequested]:
    body.must(body.text, "shop_domain")
    _same_shop(body, "shop_domain", context)
    return [StoreErasureRequested(updated_at=context.received_at)]


def _subject(body: Fields) -> Person:
    """Whom the law is about: sometimes only an address is given."""
    customer = body.sub("customer")
    person = Person(
        platform_key=customer.key("id"),
        email=address(customer.text("email")),
        phone=customer.text("phone"),
    )
    if not (person.platform_key or person.email or person.phone):
        body.fail("customer", "names nobody: it has no id, email or phone")
    return person


def _same_shop(body: Fields, name: str, context: Context) -> None:
    """All shops of an app share one secret and the shop's header is not signed, so a body that
    names another shop has been replayed against this one."""
    named = body.text(name)
    ours = context.shop.domain
    if named and ours.endswith(".myshopify.com") and named.lower() != ours.lower():
        body.fail(name, f"is not {ours}")


def _in_stock(variant: Fields) -> bool:
    if not variant.has("inventory_quantity"):
        return True
    tracked = variant.text("inventory_management") is not None
    oversells = variant.text("inventory_policy") == "continue"
    return oversells or not tracked or variant.count("inventory_quantity") > 0
