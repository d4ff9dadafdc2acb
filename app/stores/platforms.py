"""The pure half of every shop software we know, by its name on a store's row."""

from app.platforms import Platform
from app.platforms.shopify.payloads import Shopify
from app.platforms.woocommerce import WooCommerce, is_ping

PLATFORMS: dict[str, Platform] = {"shopify": Shopify(), "woocommerce": WooCommerce()}

__all__ = ["PLATFORMS", "is_ping"]
