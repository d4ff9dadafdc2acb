"""Reading what a shop answered: data, a refusal with its reason, or trouble that may pass.

It must never take a web page for data or for a verdict on our keys, nor let an address, which over
http carries keys, into an error's text.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import requests

from app import clock
from app.backoff import asked_wait
from app.errors import AccessLost, ComebackError, InvalidInput, Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the shop said; `total` counts all rows of a list, not only this page's."""

    body: Any
    total: int | None


class Rejected(ComebackError):
    """The shop understood the request and will not do it. `code` is WooCommerce's own."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Passing(Unreachable):
    """A refusal that may be over in a moment: reading again at once is worth it."""


def receive(send: Callable[[], requests.Response]) -> Answer:
    """Call and read. Raises Unreachable, AccessLost or Rejected; no text holds the address,
    which may carry keys, so the causes are cut off."""
    try:
        response = send()
        return _read(response, response.content)
    except InvalidInput as error:
        raise Unreachable(f"The shop's address cannot be called: {error.problem}.") from None
    except requests.exceptions.SSLError:
        raise Unreachable("The shop's certificate is not valid; renew it.") from None
    except requests.exceptions.ConnectionError:
        raise Passing("The shop did not accept the connection.") from None
    except requests.RequestException as error:
        raise Unreachable(f"The shop did not answer ({type(error).__name__}).") from None


def _read(response: requests.Response, content: bytes) -> Answer:
    status = response.status_code
    if 300 <= status < 400:
        there = urlsplit(response.headers.get("location", ""))
        raise Unreachable(
            f"The shop's address leads to {there.scheme}://{there.netloc}: connect the store again "
            "with that address."
        )
    try:
        body = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError):
        body = None
    if status == 429 or status >= 500:
        wait = asked_wait(response.headers.get("retry-after"), clock.now())
        raise Passing(f"The shop answered {status}.", wait)
    if not isinstance(body, dict | list):
        # A firewall's, a maintenance or an error page: never data, and no verdict on our keys.
        raise Unreachable(f"The shop answered {status} with a web page in place of data.")
    if status >= 400:
        _refuse(status, body if isinstance(body, dict) else {})
    total = response.headers.get("x-wp-total", "")
    return Answer(body=body, total=int(total) if total.isdecimal() else None)


def _refuse(status: int, body: dict[str, Any]) -> None:
    code, message = str(body.get("code", "")), str(body.get("message", ""))[:300]
    if status in {401, 403}:
        raise AccessLost(
            f"The shop refuses our key: {message or code or status} Connect the store again with a "
            "key that may read and write, made by a user who manages the shop."
        )
    raise Rejected(status, code, message or f"The shop answered {status}.")
