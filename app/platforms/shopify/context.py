"""What a payload does not say and its reader must know."""

from dataclasses import dataclass
from datetime import datetime

from app.platforms import ShopFacts
from app.platforms.shopify.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`received_at` stands in for the source's clock in the few bodies that carry none."""

    topic: str
    shop: ShopFacts
    received_at: datetime


def same_shop(body: Fields, name: str, context: Context) -> None:
    """All shops of an app share one secret, and the headers with shop and topic are not signed: a
    body that names another shop, or none, has been replayed against this one."""
    named = body.must(body.text, name)
    ours = context.shop.domain
    if ours.endswith(".myshopify.com") and named.lower() != ours.lower():
        body.fail(name, f"is not {ours}")
