"""wc-auth: the consent page, and what the shop's server posts to the callback before the browser
comes back. The post is unsigned and its answer must be exactly 200."""

from html import escape
from urllib.parse import urlencode, urlsplit

import httpx
from werkzeug.wrappers import Request, Response

from app.sandbox.woocommerce.bodies import write
from app.sandbox.woocommerce.state import Key

_FIELDS = ("app_name", "scope", "user_id", "return_url", "callback_url")
_LOOPBACK = {"127.0.0.1", "localhost"}


def refuse(request: Request) -> Response | None:
    """The 401 page for a request that lacks something; None when it may be shown."""
    for name in _FIELDS:
        if not request.args.get(name):
            return Response(f"Error: Missing parameter {name}", status=401)
    if request.args["scope"] not in {"read", "write", "read_write"}:
        return Response(f"Error: Invalid scope {escape(request.args['scope'])}", status=401)
    callback = urlsplit(request.args["callback_url"])
    # The real shop takes https only. A demo on one machine has no certificate.
    if callback.scheme != "https" and callback.hostname not in _LOOPBACK:
        return Response("Error: The callback_url needs to be over SSL", status=401)
    return None


def consent_page(request: Request, nonce: str) -> Response:
    """Names the app and where the keys will go. Its link works again while the nonce lives."""
    approve = urlencode({**request.args.to_dict(), "wc_auth_nonce": nonce})
    host = urlsplit(request.args["callback_url"]).netloc
    return Response(
        f"<h1>{escape(request.args['app_name'])} would like to connect to your store</h1>"
        f"<p>The keys will be sent to {escape(host)}.</p>"
        f'<a id="approve" href="/wc-auth/v1/access_granted?{escape(approve)}">Approve</a> '
        f'<a id="deny" href="{escape(returned(request, approved=False))}">No thanks</a>',
        content_type="text/html; charset=UTF-8",
    )


def returned(request: Request, *, approved: bool) -> str:
    """Where the browser goes. It proves nothing."""
    url = request.args["return_url"]
    query = urlencode({"success": int(approved), "user_id": request.args["user_id"]})
    return f"{url}{'&' if '?' in url else '?'}{query}"


def post_keys(request: Request, key: Key, site_url: str) -> bool:
    """Whether the callback took them."""
    body = {
        "key_id": 1,
        "user_id": request.args["user_id"],
        "consumer_key": key.consumer_key,
        "consumer_secret": key.consumer_secret,
        "key_permissions": key.scope,
    }
    headers = {
        "Content-Type": "application/json;charset=UTF-8",
        "User-Agent": f"WordPress/6.8.8; {site_url}",
    }
    try:
        answer = httpx.post(
            request.args["callback_url"], content=write(body), headers=headers, timeout=60
        )
    except httpx.HTTPError:
        return False
    return answer.status_code == 200
