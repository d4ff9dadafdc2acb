"""Discount codes for one person: made once, found again after a lost reply, taken back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.errors import InvalidInput
from app.money import major_units, minor_units
from app.platforms import CodeCreated, CodeRefused, CodeRequest
from app.platforms.shopify.graphql import Access
from app.platforms.shopify.identifiers import gid


def create_code(access: Access, request: CodeRequest) -> CodeCreated | CodeRefused:
    """Make the code. A code that is taken by an identical discount is ours from a lost reply."""
    name = "create_free_shipping_code" if _ships_free(request) else "create_code"
    made = access.run(name, discount=_discount(request)).need("created") or {}
    errors: Sequence[Mapping[str, Any]] = made.get("userErrors") or ()
    if not errors:
        return CodeCreated(made["codeDiscountNode"]["id"])
    if any(error.get("code") == "TAKEN" for error in errors):
        return _taken(access, request)
    return CodeRefused(" ".join(str(error["message"]) for error in errors))


def revoke_code(access: Access, platform_key: str) -> None:
    """Delete the discount: orders that used it keep its code, shoppers can use it no more."""
    discount = gid("DiscountCodeNode", platform_key)
    errors = (access.run("delete_code", id=discount).need("deleted") or {}).get("userErrors") or ()
    # The only argument is the id, so an error about it means that there is nothing left to delete.
    others = [error for error in errors if list(error.get("field") or ()) != ["id"]]
    if others:
        raise InvalidInput("code", str(others[0]["message"]))


def _ships_free(request: CodeRequest) -> bool:
    return request.percent is None and request.amount_minor is None


def _discount(request: CodeRequest) -> dict[str, Any]:
    key = request.platform_customer_key
    buyers: dict[str, Any] = (
        {"customers": {"add": [gid("Customer", key)]}} if key else {"all": "ALL"}
    )
    discount = {
        "title": request.title,
        "code": request.code,
        "startsAt": _text(request.starts_at),
        "endsAt": _text(request.expires_at),
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": buyers,
    }
    if _ships_free(request):
        return discount | {"destination": {"all": True}}
    return discount | {"customerGets": {"value": _value(request), "items": {"all": True}}}


def _value(request: CodeRequest) -> dict[str, Any]:
    if request.percent is not None:
        return {"percentage": request.percent / 100}
    amount = major_units(request.amount_minor or 0, request.currency)
    return {"discountAmount": {"amount": amount, "appliesOnEachItem": False}}


def _taken(access: Access, request: CodeRequest) -> CodeCreated | CodeRefused:
    node = access.run("find_code", code=request.code).need("codeDiscountNodeByCode")
    if node and _is_ours(node["codeDiscount"], request):
        return CodeCreated(node["id"])
    return CodeRefused(f"The code {request.code} is already used by another discount.", taken=True)


def _is_ours(found: Mapping[str, Any], request: CodeRequest) -> bool:
    ends_at = found.get("endsAt")
    buyers = {buyer["id"] for buyer in (found.get("context") or {}).get("customers") or ()}
    key = request.platform_customer_key
    return (
        found.get("title") == request.title
        and found.get("usageLimit") == 1
        and ends_at is not None
        and _text(datetime.fromisoformat(ends_at)) == _text(request.expires_at)
        and buyers == ({gid("Customer", key)} if key else set())
        and _same_value(found, request)
    )


def _same_value(found: Mapping[str, Any], request: CodeRequest) -> bool:
    if found["__typename"] == "DiscountCodeFreeShipping" or _ships_free(request):
        return found["__typename"] == "DiscountCodeFreeShipping" and _ships_free(request)
    value = (found.get("customerGets") or {}).get("value") or {}
    if request.percent is not None:
        share = Decimal(str(value.get("percentage") or 0))
        return round(share * 100) == request.percent
    money = value.get("amount") or {}
    return (
        money.get("currencyCode") == request.currency
        and minor_units(str(money.get("amount")), request.currency) == request.amount_minor
    )


def _text(moment: datetime) -> str:
    """Whole seconds, as Shopify keeps them, so that what comes back compares equal."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
