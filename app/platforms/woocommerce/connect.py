"""WooCommerce's one-click connection, the pure part: the address to send the merchant to, and the
keys the shop's server posts back.

The post is unsigned and does not say whose it is. Only its one-time state ties it to a store, and
only a call to that store with the key proves it: it must never be believed before that.
https://developer.woocommerce.com/docs/apis/rest-api/authentication
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from app.errors import InvalidInput, MalformedPayload
from app.platforms.woocommerce.payload import parse, required

# The login detour drops every other character from it.
_STATE = re.compile(r"[A-Za-z0-9_-]{1,200}")
_KEY = re.compile(r"ck_\w{1,200}")
_SECRET = re.compile(r"cs_\w{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A fresh key pair and the state it answers. Neither is proof of anything yet."""

    state: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    permissions: str


def authorize_url(site: str, app_name: str, state: str, return_url: str, callback_url: str) -> str:
    """Where the merchant approves us. A real shop posts to an https callback only."""
    if not _STATE.fullmatch(state):
        raise InvalidInput("state", "use up to 200 letters, digits, - and _ only")
    query = {
        "app_name": app_name,
        "scope": "read_write",
        "user_id": state,
        "return_url": return_url,
        "callback_url": callback_url,
    }
    return f"{site.rstrip('/')}/wc-auth/v1/authorize?{urlencode(query)}"


def read_callback(body: bytes) -> Keys:
    """The keys in the shop's post. Raises MalformedPayload naming the field."""
    payload = parse(body)
    permissions = required(payload, "key_permissions")
    if permissions != "read_write":
        raise MalformedPayload("key_permissions: must be read_write; approve the connection again")
    return Keys(
        state=_matching(_STATE, required(payload, "user_id"), "user_id"),
        consumer_key=_matching(_KEY, required(payload, "consumer_key"), "consumer_key"),
        consumer_secret=_matching(_SECRET, required(payload, "consumer_secret"), "consumer_secret"),
        permissions=permissions,
    )


def _matching(shape: re.Pattern[str], value: str, name: str) -> str:
    if not shape.fullmatch(value):
        raise MalformedPayload(f"{name}: has not the shape that WooCommerce gives it")
    return value
