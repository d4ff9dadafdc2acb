"""Inside the Shopify admin: id tokens in place of cookies, which its frame would lose.

A shop is installed here, on the first page it opens, and never again while its pair works: a new
pair would take the old one from the workers that hold it (shopify.md 2.5).
"""

from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError

from app import jobs
from app.errors import BadSignature
from app.platforms.shopify import tokens
from app.platforms.shopify.bounce import Reply, bounce_page, retry_with_new_token, to_bounce_page
from app.platforms.shopify.id_tokens import IdToken, read_id_token
from app.stores.adapters import shopify_secret
from app.stores.directory import usable_shop
from app.stores.install import Newcomer, connect
from app.web.limits import PAGES, limiter
from app.web.request import config

embedded = Blueprint("embedded", __name__)
limiter.limit(PAGES)(embedded)

BOUNCE = "/shopify/id-token"
_INSTALL_SECONDS = 60
_ALONE = (
    "script-src https://cdn.shopify.com; object-src 'none'; base-uri 'none'; form-action 'none'"
)


@embedded.get(BOUNCE)
def patch_id_token() -> Response:
    """App Bridge alone: it fetches a token and opens the wanted page again."""
    page = _send(bounce_page(config(), request.query_string.decode(errors="replace")))
    page.headers["Content-Security-Policy"] += f" {_ALONE}"
    return page


@embedded.get("/shopify")
def app_address() -> ResponseReturnValue:
    """The address an older app file names; the token stays out of the one we send on."""
    query = {name: value for name, value in request.args.items() if name != "id_token"}
    query.setdefault("embedded", "1")
    return redirect(f"/?{urlencode(query)}")


def bearer_token() -> str | None:
    """The id token App Bridge adds to a script's request."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def bounce() -> Response:
    """Fetch a token for this document, then come back to it."""
    requested = request.full_path.rstrip("?")
    return _send(to_bounce_page(config().public_url, BOUNCE, requested))


def open_store(token: str, *, document: bool) -> UUID | Response:
    """The store the token's shop has here, installed now if it is new; else what to answer."""
    try:
        opened = read_id_token(config(), token)
        known = usable_shop("shopify", opened.shop_domain)
        store_id = known or _install(opened, token)
    except BadSignature:
        return bounce() if document else _send(retry_with_new_token())
    # Another request is installing this very shop: by the next token it is done.
    return store_id or (bounce() if document else _send(retry_with_new_token()))


def _install(opened: IdToken, token: str) -> UUID | None:
    if not _begin(opened.shop_domain):
        return None
    try:
        pair = tokens.exchange(config(), opened.shop_domain, token)
        newcomer = Newcomer(
            platform="shopify",
            domain=opened.shop_domain,
            url=f"https://{opened.shop_domain}",
            secret=shopify_secret(pair),
        )
        return connect(config(), newcomer).store_id
    finally:
        _end(opened.shop_domain)


def _begin(domain: str) -> bool:
    """Become the one request that installs this shop. Without a queue everybody may."""
    try:
        return bool(jobs.redis().set(f"install:{domain}", 1, nx=True, ex=_INSTALL_SECONDS))
    except RedisError:
        return True


def _end(domain: str) -> None:
    try:
        jobs.redis().delete(f"install:{domain}")
    except RedisError:
        return


def _send(reply: Reply) -> Response:
    return Response(reply.body, status=reply.status, headers=reply.headers)
