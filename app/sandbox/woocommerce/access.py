"""Who may call the API: Basic or keys in the query over https, one-legged OAuth 1.0a over http.

The signature is checked for real, with the same oddities of escaping that WooCommerce has.
https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication-over-http
"""

import hmac
from base64 import b64encode
from urllib.parse import quote, unquote

from werkzeug.wrappers import Request

from app.crypto import fresh, same
from app.sandbox.woocommerce.bodies import Body, error
from app.sandbox.woocommerce.state import Key, Site

_TOLERANCE = 15 * 60
_SCOPES = {"GET": {"read", "read_write"}}
_WRITERS = {"write", "read_write"}


def refusal(site: Site, request: Request) -> Body | None:
    """The 401 body for this request; None when it may pass."""
    key = _secure(site, request) if _is_secure(request) else _signed(site, request)
    if not isinstance(key, Key):
        return key
    if key.scope in _SCOPES.get(request.method, _WRITERS):
        return None
    kind = "read" if request.method == "GET" else "write"
    return _denied(f"The API key provided does not have {kind} permissions.")


def _is_secure(request: Request) -> bool:
    """A proxy that ends TLS has to say so, or the shop takes the request for plain http."""
    return request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"


def _secure(site: Site, request: Request) -> Key | Body:
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        name, secret = basic.username or "", basic.password or ""
    else:
        name = request.args.get("consumer_key", "")
        secret = request.args.get("consumer_secret", "")
    key = site.keys.get(name)
    if key is None:
        return _anonymous()
    return key if same(key.consumer_secret, secret) else _denied("Consumer secret is invalid.")


def _signed(site: Site, request: Request) -> Key | Body:
    given = {name: values[-1] for name, values in request.args.lists()}
    if "oauth_consumer_key" not in given:
        return _anonymous()
    key = site.keys.get(given["oauth_consumer_key"])
    if key is None:
        return _denied("Consumer key is invalid.")
    signature = given.pop("oauth_signature", "")
    if not same(_signature(request, given, key), signature):
        return _denied("Invalid signature - provided signature does not match.")
    stamp = given.get("oauth_timestamp", "")
    # The caller's clock is the machine's, also while a demo runs on a faster one.
    if not stamp.isdecimal() or not fresh(float(stamp), _TOLERANCE):
        return _denied("Invalid timestamp.")
    return key


def _signature(request: Request, given: dict[str, str], key: Key) -> str:
    pairs = "%26".join(f"{_twice(n)}%3D{_twice(v)}" for n, v in sorted(given.items()))
    text = f"{request.method}&{quote(request.base_url, safe='')}&{pairs}"
    digest = hmac.digest(f"{key.consumer_secret}&".encode(), text.encode(), "sha256")
    return b64encode(digest).decode()


def _twice(value: str) -> str:
    return quote(unquote(value), safe="").replace("%", "%25")


def _anonymous() -> Body:
    return error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")


def _denied(message: str) -> Body:
    return error(401, "woocommerce_rest_authentication_error", message)
