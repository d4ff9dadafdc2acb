"""Products and the shop itself as webhooks tell them."""

from app.events import (
    BackfillReady,
    ProductDeleted,
    ProductSeen,
    StoreChanged,
    StoreUninstalled,
)
from app.platforms.shopify.context import Context, same_shop
from app.platforms.shopify.fields import Fields


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
    same_shop(body, "myshopify_domain", context)
    return [StoreUninstalled(updated_at=context.received_at)]


def shop(body: Fields, context: Context) -> list[StoreChanged]:
    same_shop(body, "myshopify_domain", context)
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


def _in_stock(variant: Fields) -> bool:
    if not variant.has("inventory_quantity"):
        return True
    tracked = variant.text("inventory_management") is not None
    oversells = variant.text("inventory_policy") == "continue"
    return oversells or not tracked or variant.count("inventory_quantity") > 0
