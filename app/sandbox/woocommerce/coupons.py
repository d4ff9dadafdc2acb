"""Whether a coupon may be used now, by this shopper, and what it takes off an order."""

from decimal import ROUND_HALF_UP, Decimal

from app.sandbox.woocommerce.state import Coupon, Order, Site, now


class CouponRefused(Exception):
    """The sentence the shopper reads at the checkout."""


def check(site: Site, code: str, email: str) -> Coupon:
    """The usable coupon of this code. Raises CouponRefused."""
    found = [coupon for coupon in site.coupons.values() if coupon.code == code.lower()]
    if not found:
        raise CouponRefused(f'Coupon "{code}" does not exist!')
    coupon = found[0]
    if coupon.expires is not None and now() >= coupon.expires:
        raise CouponRefused("This coupon has expired.")
    if coupon.usage_limit is not None and len(coupon.used_by) >= coupon.usage_limit:
        raise CouponRefused("Coupon usage limit has been reached.")
    own_uses = coupon.used_by.count(email.lower())
    if coupon.usage_limit_per_user is not None and own_uses >= coupon.usage_limit_per_user:
        raise CouponRefused("Coupon usage limit has been reached.")
    if coupon.email_restrictions and email.lower() not in coupon.email_restrictions:
        raise CouponRefused(f"Please enter a valid email at checkout to use coupon code {code}.")
    return coupon


def use(site: Site, coupon: Coupon, order: Order) -> None:
    """Count the use and lower the lines. No coupon.updated is sent for it."""
    coupon.used_by.append(order.billing["email"].lower())
    order.coupon = coupon.code
    subtotal = order.total
    left = min(_discount(coupon, subtotal, site.settings.decimals), subtotal)
    for item in order.items:
        # What rounding leaves over falls to the last line.
        share = left if item is order.items[-1] else left * item.subtotal / (subtotal or 1)
        taken = min(_round(share, site.settings.decimals), item.subtotal)
        item.total = item.subtotal - taken
        left, subtotal = left - taken, subtotal - item.subtotal


def _discount(coupon: Coupon, subtotal: Decimal, decimals: int) -> Decimal:
    amount = Decimal(coupon.amount)
    if coupon.discount_type == "percent":
        return _round(subtotal * amount / 100, decimals)
    return amount


def _round(amount: Decimal, decimals: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
