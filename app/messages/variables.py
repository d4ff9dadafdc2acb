"""The variables copy may use, with what each says: the list the validator and the pages show.

`context.py` makes their values; `tests/unit/messages` compares the two.
"""

from collections.abc import Mapping
from types import MappingProxyType

ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "greeting": "Hi Ana, (or only Hi, when the name is not known)",
        "customer.first_name": "the first name; empty when not known",
        "store.name": "the shop's name",
        "store.url": "the shop's address",
        "link": "the link this text names in its `link` field",
        "links.shop": "the shop",
        "links.offer": "the shop, with the offer's code applied where the shop can",
        "links.support": "where to get help",
        "links.survey": "the 0 to 10 question",
        "links.share": "an address to pass on to a friend",
        "links.unsubscribe": "the way out",
        "recommendations": "a list of products with title, price, url, image_url; may be empty",
        "recommendations.replenish": "of them what the person buys again and is due",
        "recommendations.discover": "of them what goes with what they have and is new to them",
        "offer.code": "the code (needs a step that names its offer)",
        "offer.percent": "how many percent; empty for amounts and free shipping",
        "offer.what": "10%, €5.00 or free shipping",
        "offer.expires_on": "the last whole day of the code, like 12 March",
        "offer.expires_short": "the same, shorter, for texts, like 12 Mar",
    }
)
"""Variables every purpose has; `offer` where the step names one."""

_ORDER = MappingProxyType(
    {
        "order.number": "the order's number",
        "order.first": "the first product's title",
        "order.count": "how many different products",
        "order.total": "the total, like 49,50 €",
        "order.lines": "a list of products with title",
    }
)
BY_PURPOSE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "cart": {
            "cart.lines": "a list of products with title, quantity, price, url, image_url",
            "cart.first": "the first product's title",
            "cart.count": "how many different products",
            "cart.total": "the total, like 49,50 €",
            "cart.url": "the address that brings the cart back on any device",
            "links.cart": "the same",
        },
        **dict.fromkeys(("post_sale", "upsell", "referral", "survey", "service"), _ORDER),
    }
)
"""Variables that only some purposes have."""
