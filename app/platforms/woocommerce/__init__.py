"""WooCommerce's words turned into ours and back; knows nothing of other shop software."""

from app.platforms.woocommerce.platform import WooCommerce, is_ping

__all__ = ["WooCommerce", "is_ping"]
