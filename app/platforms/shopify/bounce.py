"""Answers for a page inside the admin's frame that arrives without a valid id token.

A document is sent through a page that holds App Bridge alone, which fetches a token and reloads
the document; a script's request is told to try again. Framework-free: `web` sends them on.
"""

from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from app.config import Config
from app.errors import InvalidInput
from app.platforms.shopify.domains import is_shop_domain

APP_BRIDGE = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
POLARIS = "https://cdn.shopify.com/shopifycloud/polaris.js"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response for `web` to send as it is."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


def to_bounce_page(public_url: str, bounce_path: str, requested: str) -> Reply:
    """Send the document `requested` (path and query) to the bounce page and back.

    The address is built on our public one, never on the request's own scheme and host: behind a
    proxy those say http, and the admin's frame then loops.
    """
    parts = urlsplit(_own_path(requested))
    query = [pair for pair in parse_qsl(parts.query) if pair[0] not in {"id_token", "hmac"}]
    back = parts.path + (f"?{urlencode(query)}" if query else "")
    aim = urlencode([*query, ("shopify-reload", back)])
    return Reply(status=302, headers={"Location": f"{public_url.rstrip('/')}{bounce_path}?{aim}"})


def bounce_page(config: Config, query: str) -> Reply:
    """The page itself, for its own query string. Raises InvalidInput for one we did not make."""
    values = dict(parse_qsl(query))
    shop = values.get("shop", "").lower()
    if not is_shop_domain(shop):
        raise InvalidInput("shop", "open the app from the shop's admin")
    _own_path(values.get("shopify-reload", ""))
    key = escape(config.shopify_api_key, quote=True)
    return Reply(
        status=200,
        headers={
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": frame_ancestors(shop),
            "Link": f'<{APP_BRIDGE}>; rel="preload"; as="script"',
            "Cache-Control": "no-store",
        },
        body=f'<!doctype html><script data-api-key="{key}" src="{APP_BRIDGE}"></script>',
    )


def retry_with_new_token() -> Reply:
    """For a script's request: App Bridge gets a new token and repeats it once."""
    return Reply(status=401, headers={"X-Shopify-Retry-Invalid-Session-Request": "1"})


def leave_frame(config: Config, url: str, *, document: bool) -> Reply:
    """Open `url` in the whole window: for pages that refuse to be framed."""
    if not url.startswith("https://"):
        raise InvalidInput("url", "leave the frame only for an https address")
    if not document:
        headers = {"X-Shopify-API-Request-Failure-Reauthorize-Url": url}
        return Reply(status=401, headers=headers)
    key = escape(config.shopify_api_key, quote=True)
    aim = escape(url, quote=True)
    body = (
        f'<!doctype html><script data-api-key="{key}" src="{APP_BRIDGE}"></script>'
        f'<a id="out" href="{aim}" target="_top"></a>'
        '<script>window.open(document.getElementById("out").href, "_top")</script>'
    )
    return Reply(status=200, headers={"Content-Type": "text/html; charset=utf-8"}, body=body)


def frame_ancestors(shop_domain: str) -> str:
    """The header value of every page. `shop_domain` comes from a verified token."""
    if not is_shop_domain(shop_domain):
        raise InvalidInput("shop", "open the app from the shop's admin")
    return f"frame-ancestors https://{quote(shop_domain)} https://admin.shopify.com;"


def _own_path(path: str) -> str:
    """A path of ours: `//host`, `/\\host` and control characters lead a browser elsewhere."""
    if not path.startswith("/") or path[1:2] in {"/", "\\"} or any(c < " " for c in path):
        raise InvalidInput("shopify-reload", "open the app from the shop's admin")
    return path
