"""WooCommerce's words turned into ours and back; knows nothing of other shop software."""

from app.platforms.woocommerce.client import Access
from app.platforms.woocommerce.connect import Keys, authorize_url, read_callback
from app.platforms.woocommerce.platform import WooCommerce, is_ping
from app.platforms.woocommerce.shop import WooCommerceShop
from app.platforms.woocommerce.site import Site, find_site

__all__ = [
    "Access",
    "Keys",
    "Site",
    "WooCommerce",
    "WooCommerceShop",
    "authorize_url",
    "find_site",
    "is_ping",
    "read_callback",
]
