"""The one place that calls a WooCommerce site: the `woocommerce` package with what it lacks.

It must never follow a redirect (a POST would arrive as an empty GET), repeat a write, or let a key
into a log.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import woocommerce.api
from woocommerce import API

from app import http
from app.errors import AccessLost
from app.platforms.woocommerce.answers import Answer, Passing, receive
from app.reach import Reach

_FIELD = "store_url"
TIMEOUT = 30.0
_LONGEST = 90.0
"""Seconds of silence, and of a whole answer that arrives drop by drop."""
_PAUSES = (0.25, 0.75)
_LONGEST_PAUSE = 2.0

# The package puts keys and signatures into the address over http, and urllib3's debug lines show
# addresses.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

# The package sends through this name. Ours connects to checked addresses only, and takes options
# that the package's own would refuse: a version that sends in another way fails at the first call.
woocommerce.api.request = http.call

Value = str | int | bool | Sequence[str]


def reach(allow_private: bool) -> Reach:
    """How far a call to a merchant's site may go."""
    return Reach(field=_FIELD, allow_private=allow_private, seconds=_LONGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A site and the key pair for it. `url` is the canonical base, see `site.find_site`."""

    url: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    allow_private: bool = False


class Client:
    """One site's REST API v3. Reads are repeated when the trouble may pass, writes never are."""

    def __init__(self, access: Access, pause: Callable[[float], object] | None = None) -> None:
        self.url = access.url.rstrip("/")
        self._reach = reach(access.allow_private)
        self._pause = pause or Event().wait
        self._api = API(
            self.url, access.consumer_key, access.consumer_secret, version="wc/v3", timeout=TIMEOUT
        )

    def get(self, path: str, **parameters: Value) -> Answer:
        for pause in _PAUSES:
            try:
                return self._call("get", path, parameters, None)
            except Passing as trouble:
                if (trouble.retry_after or 0) > _LONGEST_PAUSE:
                    raise
                self._pause(max(pause, trouble.retry_after or 0))
        return self._call("get", path, parameters, None)

    def every(self, path: str, **parameters: Value) -> Iterator[dict[str, Any]]:
        """All rows of a short list, page by page."""
        page, rows = 1, self.get(path, **parameters, per_page=100, page=1).body
        while rows:
            yield from rows
            page += 1
            rows = (
                self.get(path, **parameters, per_page=100, page=page).body
                if len(rows) == 100
                else []
            )

    def post(self, path: str, data: dict[str, Any]) -> Answer:
        return self._call("post", path, {}, data)

    def put(self, path: str, data: dict[str, Any]) -> Answer:
        return self._call("put", path, {}, data)

    def delete(self, path: str) -> Answer:
        """Remove for good: without `force` some resources refuse and others go to the trash."""
        return self._call("delete", path, {"force": True}, None)

    def _call(self, method: str, path: str, parameters: dict[str, Value], data: Any) -> Answer:
        query = {name: _as_text(value) for name, value in parameters.items()}
        body = () if data is None else (data,)
        send = getattr(self._api, method)

        def attempt() -> Answer:
            return receive(lambda: send(path, *body, params=dict(query), reach=self._reach))

        try:
            return attempt()
        except AccessLost:
            # Some hosts strip the Authorization header: the keys in the query then work.
            # https://github.com/woocommerce/woocommerce/issues/17271
            if not self._api.is_ssl or self._api.query_string_auth:
                raise
            self._api.query_string_auth = True
            try:
                return attempt()
            except AccessLost:
                self._api.query_string_auth = False
                raise


def _as_text(value: Value) -> str:
    """One text per parameter: of a list `requests` would keep the last value only, and over http
    it would break the signature."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else ",".join(value)
