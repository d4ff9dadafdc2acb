"""Single-use coupons.

A coupon is never bound to an e-mail: the block checkout refuses a bound one until the shopper has
typed that address, so a link could not apply it. One use, once per person, and an end protect it.
"""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.events import CodeGone, Fact
from app.money import major_units
from app.platforms import CodeCreated, CodeRefused, CodeRequest
from app.platforms.woocommerce.answers import Rejected
from app.platforms.woocommerce.client import Client
from app.platforms.woocommerce.payload import Body, moment, required_key, text

_CLASH = "woocommerce_rest_coupon_code_already_exists"


def create(client: Client, request: CodeRequest) -> CodeCreated | CodeRefused:
    """Make the coupon, or find the one that an earlier attempt made."""
    try:
        return CodeCreated(required_key(client.post("coupons", _coupon(request)).body, "id"))
    except Rejected as refusal:
        if refusal.code != _CLASH:
            return CodeRefused(reason=str(refusal))
    existing = client.get("coupons", code=request.code).body
    if existing and _equals(existing[0], request):
        return CodeCreated(required_key(existing[0], "id"))
    return CodeRefused(reason=f"The shop has another coupon {request.code} already.", taken=True)


def revoke(client: Client, platform_key: str) -> None:
    try:
        client.delete(f"coupons/{int(platform_key)}")
    except Rejected as refusal:
        if refusal.status != 404 and not refusal.code.endswith("_invalid_id"):
            raise


def coupon_facts(body: Body, received_at: datetime) -> list[Fact]:
    """What a change of a coupon means for whoever was promised it: nothing, or that it is gone."""
    expires_at = moment(body, "date_expires_gmt")
    usable = text(body, "status") == "publish" and (expires_at is None or expires_at > received_at)
    gone = CodeGone(code_key=required_key(body, "id"), updated_at=received_at)
    return [] if usable else [gone]


def _coupon(request: CodeRequest) -> dict[str, Any]:
    return {
        "code": request.code,
        "description": request.title,
        "discount_type": _kind(request),
        "amount": _amount(request),
        "free_shipping": _is_free_shipping(request),
        "individual_use": True,
        "usage_limit": 1,
        "usage_limit_per_user": 1,
        # `date_expires_gmt` is documented as writable and silently ignored: no setter exists for
        # it. A date with its offset is taken as it is meant.
        "date_expires": request.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _kind(request: CodeRequest) -> str:
    return "percent" if request.percent is not None else "fixed_cart"


def _amount(request: CodeRequest) -> str:
    if request.percent is not None:
        return str(request.percent)
    return major_units(request.amount_minor or 0, request.currency)


def _is_free_shipping(request: CodeRequest) -> bool:
    return request.percent is None and request.amount_minor is None


def _equals(coupon: Body, request: CodeRequest) -> bool:
    """Whether this coupon is what the request asks for, so that ours it must be."""
    try:
        amount = Decimal(text(coupon, "amount") or "0")
    except InvalidOperation:
        return False
    return (
        text(coupon, "discount_type") == _kind(request)
        and amount == Decimal(_amount(request))
        and coupon.get("free_shipping") is _is_free_shipping(request)
        and coupon.get("usage_limit") == 1
        and text(coupon, "description") == (request.title.strip() or None)
        and moment(coupon, "date_expires_gmt") == request.expires_at.replace(microsecond=0)
    )
