"""How a person is named in a question to Shopify."""

import re
from typing import Any

NOBODY = {"id": "gid://shopify/Customer/0"}
"""For an argument that must be given although its part of the question is left out."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def gid(kind: str, key: str) -> str:
    """Shopify's global id for a key of ours, which may be one already."""
    return key if key.startswith("gid://") else f"gid://shopify/{kind}/{key}"


def by_email(email: str | None) -> dict[str, Any] | None:
    """None for what Shopify would refuse as an address, and fail the whole question over."""
    return {"emailAddress": email} if email and _EMAIL.fullmatch(email) else None


def by_phone(phone: str | None) -> dict[str, Any] | None:
    """None for a number that is not in the one form Shopify keeps numbers in."""
    return {"phoneNumber": phone} if phone and _E164.fullmatch(phone) else None
