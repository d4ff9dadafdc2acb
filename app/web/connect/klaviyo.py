"""Signing in at Klaviyo: out of our page, back through one address, finished by who began it.

The way back carries a code and our one-time state. It is only believed inside the session, or the
admin's frame, of the store that began: else a stranger's account could be joined to it.
"""

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.channels.klaviyo import oauth
from app.crypto import Vault
from app.errors import BadSignature
from app.platforms.shopify.bounce import leave_frame
from app.stores.adapters import klaviyo_secret
from app.web import pending
from app.web.access import current_store
from app.web.connect.channels import channels, keep
from app.web.limits import CONNECTIONS, limiter
from app.web.request import config, our_url

connect_klaviyo = Blueprint("connect_klaviyo", __name__, url_prefix="/connect/klaviyo")

KIND = "klaviyo"
LIVES = timedelta(hours=1)


@channels.post("/klaviyo/sign-in")
def begin() -> ResponseReturnValue:
    """Send the merchant to Klaviyo, out of any frame."""
    verifier = oauth.new_verifier()
    details = {
        "store_id": str(current_store()),
        "verifier": Vault(config().keys).seal(verifier).decode(),
        "shop": g.store.domain if g.get("is_embedded") else "",
    }
    state = pending.begin(KIND, details, LIVES)
    target = oauth.authorize_url(config(), state, verifier, _way_back())
    if not g.get("is_embedded"):
        return redirect(target)
    reply = leave_frame(config(), target, document=False)
    return Response(reply.body, status=reply.status, headers=reply.headers)


@connect_klaviyo.get("/callback")
@limiter.limit(CONNECTIONS)
def callback() -> ResponseReturnValue:
    """Back from Klaviyo: on to the page of whoever began, which alone may finish."""
    begun = pending.look(KIND, request.args.get("state", ""))
    if begun is None:
        raise BadSignature("This sign-in is too old. Begin again.")
    kept = ("code", "state", "error")
    query = {name: request.args[name] for name in kept if name in request.args}
    shop = begun.details["shop"]
    if not shop:
        return redirect(f"{url_for('channels.finish')}?{urlencode(query)}")
    handle = shop.removesuffix(".myshopify.com")
    admin = f"https://admin.shopify.com/store/{handle}/apps/{config().shopify_api_key}"
    return redirect(f"{admin}/channels/klaviyo/finish?{urlencode(query)}")


@channels.get("/klaviyo/finish")
def finish() -> ResponseReturnValue:
    """Trade the code for tokens. The state works once, and only for the store that made it."""
    state = request.args.get("state", "")
    begun = pending.look(KIND, state)
    if begun is None or begun.details["store_id"] != str(current_store()):
        abort(404)
    if pending.take(KIND, state) is None:
        raise BadSignature("This sign-in has been used already. Begin again.")
    if "code" not in request.args:
        return redirect(url_for("channels.page", declined=1))
    verifier = Vault(config().keys).open(begun.details["verifier"].encode())
    tokens = oauth.exchange(config(), request.args["code"], verifier, _way_back())
    return keep(klaviyo_secret(tokens))


def _way_back() -> str:
    return our_url("/connect/klaviyo/callback")
