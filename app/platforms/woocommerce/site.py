"""What a WordPress site says about itself to anybody: where its API really is, and its time zone.

It must never go on from an address that redirects, nor call one that our network should not reach.
"""

from dataclasses import dataclass
from typing import Any

from app.errors import AccessLost, InvalidInput
from app.http import call
from app.platforms.woocommerce.answers import Rejected, receive
from app.platforms.woocommerce.client import TIMEOUT, reach
from app.reach import guard_url

_FIELD = "store_url"
# WordPress lets an owner choose an offset in place of a place; these are the fractional ones that
# a place without summer time stands for.
_FRACTIONS = {
    3.5: "Asia/Tehran",
    4.5: "Asia/Kabul",
    5.5: "Asia/Kolkata",
    5.75: "Asia/Kathmandu",
    6.5: "Asia/Yangon",
    8.75: "Australia/Eucla",
    9.5: "Australia/Darwin",
    -9.5: "Pacific/Marquesas",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`url` is the canonical base: every later call starts with it."""

    url: str
    name: str
    timezone: str


def find_site(url: str, *, allow_private: bool = False) -> Site:
    """The shop at a merchant's address. Raises InvalidInput, or Unreachable, which names the
    address that this one redirects to."""
    base = guard_url(url.strip().rstrip("/"), field=_FIELD, allow_private=allow_private)
    index = _index(base, allow_private)
    if "wc/v3" not in (index.get("namespaces") or ()):
        raise InvalidInput(_FIELD, "WooCommerce is not active on this site")
    home = str(index.get("home") or base).rstrip("/")
    guard_url(home, field=_FIELD, allow_private=allow_private)
    return Site(url=home, name=str(index.get("name") or home), timezone=_timezone(index))


def _index(base: str, allow_private: bool) -> dict[str, Any]:
    try:
        answer = receive(
            lambda: call(
                "GET",
                f"{base}/wp-json/",
                reach=reach(allow_private),
                params={"_fields": "name,home,gmt_offset,timezone_string,namespaces"},
                timeout=TIMEOUT,
            )
        )
    except (Rejected, AccessLost):
        raise InvalidInput(_FIELD, "this site's WordPress API is not open") from None
    if not isinstance(answer.body, dict):
        raise InvalidInput(_FIELD, "this is not a WordPress site")
    return answer.body


def _timezone(index: dict[str, Any]) -> str:
    if index.get("timezone_string"):
        return str(index["timezone_string"])
    offset = float(index.get("gmt_offset") or 0)
    if offset in _FRACTIONS:
        return _FRACTIONS[offset]
    # The names in Etc count westwards.
    return f"Etc/GMT{-round(offset):+d}" if round(offset) else "UTC"
