"""The pure half of every shop software we know, by its name on a store's row, and of acts."""

from app.platforms import Platform, Reader
from app.platforms.acts import TOPIC, Acts
from app.platforms.shopify.payloads import Shopify
from app.platforms.woocommerce import WooCommerce, is_ping

PLATFORMS: dict[str, Platform] = {"shopify": Shopify(), "woocommerce": WooCommerce()}
ACTS = Acts()


def reader(platform: str, topic: str) -> Reader:
    """Who understands a webhook of this topic of a store on `platform`."""
    return ACTS if topic == TOPIC else PLATFORMS[platform]


__all__ = ["ACTS", "PLATFORMS", "is_ping", "reader"]
