"""Shop domains: the only names we ever call, so that nothing typed or sent leads us elsewhere."""

import re

from app.errors import InvalidInput

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com")


def shop_domain(text: str) -> str:
    """`text` as a shop's permanent domain, lower case. Raises InvalidInput."""
    domain = text.strip().lower().removeprefix("https://").rstrip("/")
    if not _DOMAIN.fullmatch(domain):
        raise InvalidInput("shop", "give the shop's own address, such as name.myshopify.com")
    return domain


def is_shop_domain(text: str) -> bool:
    return _DOMAIN.fullmatch(text) is not None
