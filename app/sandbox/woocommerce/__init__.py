"""A WooCommerce shop on loopback as the real one was seen to behave, quirks included."""

from app.sandbox.woocommerce.coupons import CouponRefused
from app.sandbox.woocommerce.deliveries import Sent
from app.sandbox.woocommerce.shoppers import Shopper
from app.sandbox.woocommerce.state import Settings, at
from app.sandbox.woocommerce.world import WooWorld

__all__ = ["CouponRefused", "Sent", "Settings", "Shopper", "WooWorld", "at"]
