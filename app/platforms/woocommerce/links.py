"""Addresses that rebuild a cart on any device, as far as the shop's version can.

It must never hand out an address that this version answers with a 404.
"""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from app.events import Line

_FIRST_WITH_CHECKOUT_LINKS = 10


def cart_link(
    base: str, lines: Sequence[Line], code: str | None, version: str | None
) -> str | None:
    """None when a line names no product, or an older shop would have to take several."""
    products = [(line.variant_key or line.product_key, line.quantity) for line in lines]
    if not products or any(product is None for product, _ in products):
        return None
    if _has_checkout_links(version):
        wanted = ",".join(f"{product}:{quantity}" for product, quantity in products)
        coupon = f"&coupon={quote(code, safe='')}" if code else ""
        return f"{base}/checkout-link/?products={wanted}{coupon}"
    if len(products) > 1:
        return None
    product, quantity = products[0]
    return f"{base}/?{urlencode({'add-to-cart': product, 'quantity': quantity})}"


def _has_checkout_links(version: str | None) -> bool:
    """All that is uncertain stands here: the links came with 10.0 and 9.9.5 has none (seen).
    https://github.com/woocommerce/woocommerce/pull/58140. An unknown version counts as new."""
    major = (version or "").partition(".")[0]
    return not major.isdecimal() or int(major) >= _FIRST_WITH_CHECKOUT_LINKS
