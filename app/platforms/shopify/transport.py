"""HTTP to Shopify: one pool of connections for all shops, with timeouts, and no memory of any.

It must never follow a redirect, keep a cookie, or let a token reach a log.
"""

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
import structlog

from app import clock
from app.backoff import asked_wait
from app.config import Config
from app.errors import AccessLost, Unreachable
from app.platforms.shopify.domains import shop_domain

log = structlog.get_logger()

_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_ENDED = {
    401: "Shopify no longer accepts our access to this shop. Open the app in the shop again.",
    402: "Shopify has frozen this shop until its bill is paid.",
    403: "Shopify refuses our access to this shop. Open the app in the shop's admin again.",
    404: "Shopify knows no shop at this address.",
    423: "Shopify has locked this shop.",
}


class Transport:
    """Requests to shops by domain. `endpoint` sends all of them to one address, for a sandbox."""

    def __init__(self, endpoint: str | None = None) -> None:
        self._endpoint = endpoint.rstrip("/") if endpoint else None
        # A pool is shared by all shops, so a cookie set by one would be shown to the next.
        nowhere = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.Client(
            timeout=_TIMEOUT,
            cookies=nowhere,
            # A proxy of the environment leads to Shopify, never to a sandbox on this machine.
            trust_env=endpoint is None,
            headers={"User-Agent": "Comeback", "Accept": "application/json"},
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
        )

    @classmethod
    def from_config(cls, config: Config) -> "Transport":
        return cls(config.shopify_endpoint)

    def post(
        self, domain: str, path: str, body: dict[str, Any], *, token: str | None = None
    ) -> httpx.Response:
        """POST `body` as JSON to a shop, its domain in the Host header. Raises Unreachable."""
        shop = shop_domain(domain)
        headers = {"Host": shop} | ({"X-Shopify-Access-Token": token} if token else {})
        url = f"{self._endpoint or f'https://{shop}'}{path}"
        try:
            return self._client.post(url, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unreachable(f"{shop} did not answer ({type(error).__name__}).") from error

    def download(self, url: str, offset: int) -> httpx.Response:
        """The bytes of a finished export from `offset` on, still to be read; close it after."""
        request = self._client.build_request("GET", url, headers=_plain_from(offset))
        try:
            return self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise Unreachable(f"The export did not download ({type(error).__name__}).") from error

    def close(self) -> None:
        self._client.close()


def _plain_from(offset: int) -> dict[str, str]:
    """Uncompressed, because an offset counts the file's own bytes."""
    return {"Range": f"bytes={offset}-", "Accept-Encoding": "identity"}


def check(response: httpx.Response, domain: str, token: str | None = None) -> None:
    """Raise what a status other than 200 means: AccessLost, or Unreachable with its pause."""
    status = response.status_code
    if status == 200:
        return
    answer = response.text[:500]
    if token:
        answer = answer.replace(token, "[token]")
    # Shopify explains a refusal, such as a token kind it no longer accepts, only in the body.
    tell = log.error if status in _ENDED else log.warning
    tell("shopify_refused", shop=domain, status=status, answer=answer)
    if status in _ENDED:
        raise AccessLost(_ENDED[status])
    wait = asked_wait(response.headers.get("Retry-After"), clock.now())
    raise Unreachable(f"{domain} answered {status}.", wait)
