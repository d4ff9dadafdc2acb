"""The security headers of every answer. A page may state its own policy; none goes without one."""

from flask import Flask, Response, g, request

from app.config import Config
from app.platforms.shopify.bounce import frame_ancestors

_SHOPIFY = "https://cdn.shopify.com"


def install_headers(app: Flask, config: Config) -> None:
    """Headers are set where they are missing, so that a stricter page keeps its own."""

    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Content-Security-Policy", _policy(config))
        if config.public_url.startswith("https://"):
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static":
            # Pages hold people's data: neither a proxy nor a shared computer may keep them.
            headers.setdefault("Cache-Control", "no-store")
        return response

    app.after_request(protect)


def _policy(config: Config) -> str:
    shop: str | None = g.get("framed_by")
    scripts = f"'self' {_SHOPIFY}" if shop else "'self'"
    # Forms may end at a shop's own consent page, on any address; over http only in a sandbox.
    targets = "'self' https: http:" if config.allow_private_addresses else "'self' https:"
    parts = [
        f"script-src {scripts}",
        "object-src 'none'",
        "base-uri 'none'",
        f"form-action {targets}",
        "img-src 'self' data: https: http:",
    ]
    if shop:
        # App Bridge brings styles and connections of its own, so only scripts are named.
        return "; ".join([*parts, frame_ancestors(shop)])
    styles = "'self' 'unsafe-inline'" if g.get("shows_mail") else "'self'"
    return "; ".join(
        ["default-src 'self'", f"style-src {styles}", *parts, "frame-ancestors 'none'"]
    )
