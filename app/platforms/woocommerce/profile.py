"""Who the shop is. Only the currency must be known; a key that may not read the rest costs the
rest."""

from typing import Any
from urllib.parse import urlsplit

from app.errors import AccessLost, InvalidInput, Unreachable
from app.platforms import ShopProfile
from app.platforms.woocommerce.answers import Rejected
from app.platforms.woocommerce.client import Client
from app.platforms.woocommerce.payload import inner, text
from app.platforms.woocommerce.site import Site, find_site


def describe(client: Client, *, allow_private: bool) -> ShopProfile:
    site = _site(client.url, allow_private=allow_private)
    general = {row.get("id"): row for row in _optional(client, "settings/general", "id,value", [])}
    country = text(general.get("woocommerce_default_country", {}), "value")
    system = _optional(client, "system_status", "environment", {})
    sender = _optional(client, "settings/email/woocommerce_email_from_address", "value", {})
    return ShopProfile(
        name=site.name,
        domain=urlsplit(site.url).netloc,
        currency=text(general.get("woocommerce_currency", {}), "value") or _currency(client),
        timezone=site.timezone,
        country=country.partition(":")[0] if country else None,  # "IT:BO" names the province too.
        locale=(text(inner(system, "environment"), "language") or "en").replace("_", "-"),
        contact_email=text(sender, "value"),
    )


def _site(url: str, *, allow_private: bool) -> Site:
    try:
        return find_site(url, allow_private=allow_private)
    except InvalidInput as error:
        raise Unreachable(f"The shop's address does not work any more: {error.problem}.") from error


def _currency(client: Client) -> str:
    currency = text(client.get("data/currencies/current", _fields="code").body, "code")
    if currency is None:
        raise Unreachable("The shop did not tell its currency.")
    return currency


def _optional(client: Client, path: str, fields: str, otherwise: Any) -> Any:
    try:
        return client.get(path, _fields=fields).body
    except (AccessLost, Rejected):
        return otherwise
